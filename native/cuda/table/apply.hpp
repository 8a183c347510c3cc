/// @file
/// Mixed operations, one after another on one key.
#pragma once

#include <cstdint>

#include "../../engine/decimal.hpp"
#include "../mailbox.hpp"
#include "put.hpp"

namespace predis::cuda {

/// One operation of any kind.
struct Operation {
  OpKind kind = OpKind::kGet;
  KeyRef key{};
  const std::uint8_t* value = nullptr;
  const std::uint8_t* expected = nullptr;
  std::uint32_t valueBytes = 0;
  std::uint32_t expectedBytes = 0;
  std::int64_t amount = 0;
  std::int64_t nowMs = 0;
};

/// What became of it.
struct Outcome {
  DeferReason undone = DeferReason::kNone;
  Status status = Status::kOk;
  std::int64_t number = 0;
};

namespace detail {

/// Writes another value under a key.
template <typename Tile, typename Room>
PREDIS_HD void applyPut(const Tile& tile, const TableView& table, std::uint64_t hash, Found& found,
                        const Operation& operation, const std::uint8_t* value, std::uint32_t valueBytes,
                        std::int64_t expiresAtMs, const Room& room, Outcome& outcome, Tally& tally) noexcept {
  RecordParts parts;
  parts.key = operation.key.bytes;
  parts.keyBytes = operation.key.length;
  parts.space = operation.key.space;
  parts.value = value;
  parts.valueBytes = valueBytes;
  parts.expiresAtMs = expiresAtMs;
  outcome.undone = putRecord(tile, table, hash, found, parts, room, operation.nowMs, tally);
}

template <typename Tile, typename Room>
PREDIS_HD_LARGE void applyIncrement(const Tile& tile, const TableView& table, std::uint64_t hash,
                                    Found& found, const Operation& operation, const Room& room,
                                    Outcome& outcome, Tally& tally) noexcept {
  std::int64_t before = 0;
  if (found.exists()) {
    const std::uint8_t* const text = table.recordAt(found.unit) + found.head.valueAt();
    if (!parseDecimal(text, found.head.valueBytes(), before)) {
      outcome.status = Status::kNotInteger;
      return;
    }
  }
  const std::int64_t sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(before) +
                                                     static_cast<std::uint64_t>(operation.amount));
  if ((operation.amount >= 0) != (sum >= before)) {
    outcome.status = Status::kOverflow;
    return;
  }
  alignas(8) std::uint8_t text[24];
  const auto bytes = static_cast<std::uint32_t>(formatDecimal(sum, text));
  // All lanes have read the old text before one of them writes the new.
  tile.sync();
  applyPut(tile, table, hash, found, operation, text, bytes, found.exists() ? found.expiresAtMs : 0, room,
           outcome, tally);
  if (outcome.undone == DeferReason::kNone) outcome.number = sum;
}

template <typename Tile, typename Room>
PREDIS_HD_LARGE void applyExpire(const Tile& tile, const TableView& table, std::uint64_t hash, Found& found,
                                 const Operation& operation, const Room& room, Outcome& outcome,
                                 Tally& tally) noexcept {
  if (!found.exists()) {
    outcome.status = Status::kNotFound;
    return;
  }
  const std::int64_t expiresAtMs = operation.amount;
  if (isExpired(expiresAtMs, operation.nowMs)) {
    removeFound(tile, table, found, tally);
    found = Found{};
    return;
  }
  if (!found.head.hasExpiry()) {
    if (expiresAtMs == 0) return;
    applyPut(tile, table, hash, found, operation, table.recordAt(found.unit) + found.head.valueAt(),
             found.head.valueBytes(), expiresAtMs, room, outcome, tally);
    return;
  }
  writeExpiry(tile, table.recordAt(found.unit), expiresAtMs);
  tally.expiringKeys += (expiresAtMs != 0 ? 1ULL : 0ULL) - (found.expiresAtMs != 0 ? 1ULL : 0ULL);
  found.expiresAtMs = expiresAtMs;
}

}  // namespace detail

/// Does one operation but for delivering a get's value, which stands in found's record then.
/// @param found what the table has of the key, kept up to date for the key's next operation
template <typename Tile, typename Room>
PREDIS_HD_LARGE Outcome applyOperation(const Tile& tile, const TableView& table, std::uint64_t hash,
                                       Found& found, const Operation& operation, const Room& room,
                                       Tally& tally) noexcept {
  Outcome outcome;
  switch (operation.kind) {
    case OpKind::kGet:
      if (!found.exists()) outcome.status = Status::kNotFound;
      break;
    case OpKind::kPut:
      detail::applyPut(tile, table, hash, found, operation, operation.value, operation.valueBytes,
                       operation.amount, room, outcome, tally);
      break;
    case OpKind::kDelete:
      if (!found.exists()) outcome.status = Status::kNotFound;
      if (found.place != nullptr) {
        tally.expired += found.expired ? 1 : 0;
        removeFound(tile, table, found, tally);
        found = Found{};
      }
      break;
    case OpKind::kIncrement:
      detail::applyIncrement(tile, table, hash, found, operation, room, outcome, tally);
      break;
    case OpKind::kCompareAndSet:
      if (!found.exists() || found.head.valueBytes() != operation.expectedBytes ||
          !equalBytes(tile, table.recordAt(found.unit) + found.head.valueAt(), operation.expected,
                      operation.expectedBytes)) {
        outcome.status = Status::kMismatch;
        break;
      }
      detail::applyPut(tile, table, hash, found, operation, operation.value, operation.valueBytes,
                       operation.amount, room, outcome, tally);
      break;
    case OpKind::kPutIfAbsent:
      if (found.exists()) {
        outcome.status = Status::kMismatch;
        break;
      }
      detail::applyPut(tile, table, hash, found, operation, operation.value, operation.valueBytes,
                       operation.amount, room, outcome, tally);
      break;
    case OpKind::kExpire:
      detail::applyExpire(tile, table, hash, found, operation, room, outcome, tally);
      break;
    case OpKind::kExpiry:
      if (found.exists()) {
        outcome.number = found.expiresAtMs;
      } else {
        outcome.status = Status::kNotFound;
      }
      break;
  }
  return outcome;
}

/// True for statuses that count as failures of an operation.
PREDIS_HD bool isFailure(Status status) noexcept {
  return status != Status::kOk && status != Status::kNotFound && status != Status::kMismatch;
}

/// Backend::apply for one run.
struct ApplyKernel {
  TableView table;
  LogView log;
  BatchView batch;
  Runs runs;
  const std::uint32_t* operations;
  Deferred deferred;
  ApplyOutput out;
  bool final;

  /// @param index of a run (those from *runs.count on do not exist), or into `operations`
  template <typename Tile>
  PREDIS_HD_LARGE void operator()(const Tile& tile, std::uint64_t index, Tally& tally) const noexcept {
    std::uint32_t place = 0;
    std::uint32_t end = 0;
    if (operations == nullptr) {
      if (index >= *runs.count) return;
      place = runs.starts[index];
      end = runs.starts[index + 1];
    } else {
      place = operations[index];
      if (place >= batch.count) return;
      end = runEnd(place);
    }
    Found found;
    std::uint64_t hash = 0;
    bool looked = false;
    for (; place < end; ++place) {
      const std::uint32_t i = runs.order[place];
      const Status invalid = checkOperation(batch, i);
      if (invalid != Status::kOk) {
        finish(tile, i, invalid, 0, tally);
        continue;
      }
      const Operation operation = operationOf(i);
      if (!looked) {
        hash = hashKey(operation.key.bytes, operation.key.length, operation.key.space, table.seed);
        found = find(tile, table, hash, operation.key, batch.nowMs);
        looked = true;
      }
      Outcome outcome = applyOperation(tile, table, hash, found, operation, room(), tally);
      if (operation.kind == OpKind::kGet) {
        deliver(tile, i, found, outcome, tally);
      } else if (tile.rank() == 0) {
        out.found[i] = 0;
        out.valueBytes[i] = 0;
      }
      if (outcome.undone != DeferReason::kNone) {
        if (!final || outcome.undone == DeferReason::kLarge) {
          leave(tile, place, end, outcome.undone);
          return;
        }
        outcome.status = Status::kOutOfMemory;
      }
      finish(tile, i, outcome.status, outcome.number, tally);
    }
  }

 private:
  PREDIS_HD LogRoom room() const noexcept { return {table.counters, log}; }

  /// The end of the run that a place is in: the first start behind it.
  PREDIS_HD std::uint32_t runEnd(std::uint32_t place) const noexcept {
    std::uint32_t low = 0;
    std::uint32_t high = *runs.count;
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (runs.starts[middle] <= place) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return runs.starts[low];
  }

  PREDIS_HD Operation operationOf(std::uint32_t i) const noexcept {
    Operation operation;
    operation.kind = kindOf(batch, i);
    operation.key = keyOf(batch, i);
    operation.nowMs = batch.nowMs;
    if (batch.amounts != nullptr) operation.amount = batch.amounts[i];
    if (batch.valueOffsets != nullptr) {
      operation.value = batch.valueBlob + batch.valueOffsets[i];
      operation.valueBytes = batch.valueOffsets[i + 1] - batch.valueOffsets[i];
    }
    if (batch.expectedOffsets != nullptr) {
      operation.expected = batch.expectedBlob + batch.expectedOffsets[i];
      operation.expectedBytes = batch.expectedOffsets[i + 1] - batch.expectedOffsets[i];
    }
    return operation;
  }

  template <typename Tile>
  PREDIS_HD void finish(const Tile& tile, std::uint32_t i, Status status, std::int64_t number,
                        Tally& tally) const noexcept {
    tally.failed += isFailure(status) ? 1 : 0;
    if (tile.rank() != 0) return;
    out.statuses[i] = static_cast<std::uint8_t>(status);
    out.numbers[i] = number;
    if (isFailure(status)) {
      out.found[i] = 0;
      out.valueBytes[i] = 0;
    }
  }

  /// Copies a get's value out.
  template <typename Tile>
  PREDIS_HD void deliver(const Tile& tile, std::uint32_t i, Found& found, Outcome& outcome,
                         Tally& tally) const noexcept {
    const bool exists = outcome.status == Status::kOk;
    const std::uint32_t bytes = exists ? found.head.valueBytes() : 0;
    std::uint64_t at = 0;
    if (bytes != 0) {
      if (tile.rank() == 0) at = atomic::add(&table.counters->outputBytes, bytes);
      at = tile.from(at, 0);
      if (at + bytes > out.blobBytes) {
        outcome.undone = DeferReason::kOutputFull;
        return;
      }
      copyBytes(tile, out.blob + at, table.recordAt(found.unit) + found.head.valueAt(), bytes);
      // A write of this run must not pass the copy.
      tile.sync();
    }
    if (tile.rank() == 0) {
      out.found[i] = exists ? 1 : 0;
      out.valueBytes[i] = bytes;
      out.valueAt[i] = at;
    }
    if (exists && out.markReferenced) {
      markReferenced(tile, table.recordAt(found.unit), found.head);
      found.head.valueAndFlags |= RecordHead::kReferenced;
    }
    tally.hits += exists ? 1 : 0;
    tally.misses += exists ? 0 : 1;
  }

  template <typename Tile>
  PREDIS_HD void leave(const Tile& tile, std::uint32_t place, std::uint32_t end,
                       DeferReason reason) const noexcept {
    if (tile.rank() != 0) return;
    const std::uint64_t at = atomic::add(&table.counters->deferred, std::uint64_t{1});
    deferred.operations[at] = place;
    deferred.reasons[at] = static_cast<std::uint32_t>(reason);
    if (deferred.runEnds != nullptr) deferred.runEnds[at] = end;
  }
};

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
