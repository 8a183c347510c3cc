/// @file
/// Mailbox requests: one operation, its room given by the host.
#pragma once

#include <cstdint>

#include "../mailbox.hpp"
#include "operation.hpp"

namespace predis::cuda {

/// Does one mailbox request. Nobody else writes the key, or reads it in batches, meanwhile.
/// @param value out, room for Mailbox::kMaxValueBytes
template <typename Tile>
PREDIS_HD_LARGE MailAnswer applyOne(const Tile& tile, const TableView& table, const MailRequest& request,
                                    std::uint8_t* value, Tally& tally) noexcept {
  MailAnswer answer;
  answer.status = checkKey(request.keyBytes);
  if (answer.status != Status::kOk) {
    tally.failed += 1;
    return answer;
  }
  Operation operation;
  operation.kind = request.kind;
  operation.key = {request.key, request.keyBytes, request.space};
  operation.value = request.value;
  operation.valueBytes = request.valueBytes;
  operation.expected = request.expected;
  operation.expectedBytes = request.expectedBytes;
  operation.amount = request.amount;
  operation.nowMs = request.nowMs;
  const std::uint64_t hash = hashKey(request.key, request.keyBytes, request.space, table.seed);
  Found found = find(tile, table, hash, operation.key, request.nowMs);
  const std::uint64_t unitBefore = found.unit;
  const Outcome outcome = applyOperation(tile, table, hash, found, operation,
                                         SpareRoom{request.spareUnit, request.spareUnits}, tally);
  answer.undone = outcome.undone;
  answer.status = outcome.status;
  answer.number = outcome.number;
  answer.tookSpare = outcome.undone == DeferReason::kNone && found.unit != unitBefore &&
                     found.unit == request.spareUnit && found.place != nullptr;
  if (request.kind == OpKind::kGet && outcome.status == Status::kOk) {
    answer.valueBytes = found.head.valueBytes();
    if (answer.valueBytes > Mailbox::kMaxValueBytes) {
      answer.undone = DeferReason::kOutputFull;
      return answer;
    }
    copyBytes(tile, value, table.recordAt(found.unit) + found.head.valueAt(), answer.valueBytes);
    if (request.markReferenced) markReferenced(tile, table.recordAt(found.unit), found.head);
  }
  if (request.kind == OpKind::kGet) {
    tally.hits += outcome.status == Status::kOk ? 1 : 0;
    tally.misses += outcome.status == Status::kOk ? 0 : 1;
  }
  tally.failed += isFailure(outcome.status) ? 1 : 0;
  return answer;
}

}  // namespace predis::cuda
