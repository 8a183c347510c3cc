/// @file
/// One operation of any kind on one key.
#pragma once

#include <cstdint>

#include "../../engine/decimal.hpp"
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

}  // namespace predis::cuda
