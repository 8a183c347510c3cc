/// @file
/// Operations of a batch as kernels take them.
#pragma once

#include <cstdint>

#include "../backend.hpp"
#include "find.hpp"

namespace predis::cuda {

PREDIS_HD KeyRef keyOf(const BatchView& batch, std::uint64_t i) noexcept {
  const std::uint32_t from = batch.keyOffsets[i];
  return {batch.keyBlob + from, batch.keyOffsets[i + 1] - from, batch.space};
}

PREDIS_HD OpKind kindOf(const BatchView& batch, std::uint64_t i) noexcept {
  return batch.kinds != nullptr ? static_cast<OpKind>(batch.kinds[i]) : OpKind::kPut;
}

PREDIS_HD bool writesValue(OpKind kind) noexcept {
  return kind == OpKind::kPut || kind == OpKind::kCompareAndSet || kind == OpKind::kPutIfAbsent;
}

PREDIS_HD Status checkKey(std::uint64_t keyBytes) noexcept {
  if (keyBytes == 0) return Status::kKeyEmpty;
  return keyBytes > kMaxKeyBytes ? Status::kKeyTooLong : Status::kOk;
}

/// kOk, or why an operation can never be done.
PREDIS_HD Status checkOperation(const BatchView& batch, std::uint64_t i) noexcept {
  const Status status = checkKey(batch.keyOffsets[i + 1] - batch.keyOffsets[i]);
  if (status != Status::kOk || batch.valueOffsets == nullptr || !writesValue(kindOf(batch, i))) return status;
  return batch.valueOffsets[i + 1] - batch.valueOffsets[i] > kMaxValueBytes ? Status::kValueTooLong
                                                                            : Status::kOk;
}

/// The record that a put makes of operation i.
PREDIS_HD RecordParts partsOf(const BatchView& batch, std::uint64_t i) noexcept {
  RecordParts parts;
  const KeyRef key = keyOf(batch, i);
  const std::uint32_t from = batch.valueOffsets[i];
  parts.key = key.bytes;
  parts.keyBytes = key.length;
  parts.space = key.space;
  parts.value = batch.valueBlob + from;
  parts.valueBytes = batch.valueOffsets[i + 1] - from;
  parts.expiresAtMs = batch.amounts != nullptr ? batch.amounts[i] : 0;
  return parts;
}

/// Finds key i of a batch for a reader; a key that cannot exist does not.
template <typename Tile>
PREDIS_HD Found findKey(const Tile& tile, const TableView& table, const BatchView& batch,
                        std::uint64_t i) noexcept {
  const KeyRef key = keyOf(batch, i);
  if (checkKey(key.length) != Status::kOk) return {};
  return find(tile, table, hashKey(key.bytes, key.length, key.space, table.seed), key, batch.nowMs);
}

/// Writes down that an operation was left undone.
template <typename Tile>
PREDIS_HD void defer(const Tile& tile, Counters& counters, const Deferred& deferred, std::uint32_t operation,
                     DeferReason reason) noexcept {
  if (tile.rank() != 0) return;
  const std::uint64_t at = atomic::add(&counters.deferred, std::uint64_t{1});
  deferred.operations[at] = operation;
  deferred.reasons[at] = static_cast<std::uint32_t>(reason);
}

}  // namespace predis::cuda
