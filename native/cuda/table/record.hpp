/// @file
/// Records: reading and writing them by the lanes of a tile, and the counts that follow from them.
///
/// Heads are read and written as one atomic word: while a key's owner writes in place, others with the same
/// tag may look at the record to compare their key. What they need (lengths of the key, its place, its bytes)
/// never changes in place.
#pragma once

#include <cstdint>

#include "bytes.hpp"
#include "tally.hpp"

namespace predis::cuda {

PREDIS_HD RecordHead readHead(const std::uint8_t* record) noexcept {
  const std::uint64_t word = atomic::load(reinterpret_cast<const std::uint64_t*>(record));
  return {static_cast<std::uint16_t>(word), static_cast<std::uint16_t>(word >> 16),
          static_cast<std::uint32_t>(word >> 32)};
}

PREDIS_HD void writeHead(std::uint8_t* record, const RecordHead& head) noexcept {
  atomic::store(reinterpret_cast<std::uint64_t*>(record), std::uint64_t{head.keyBytesLessOne} |
                                                              std::uint64_t{head.space} << 16 |
                                                              std::uint64_t{head.valueAndFlags} << 32);
}

/// When the record expires, 0 for never.
PREDIS_HD std::int64_t expiryOf(const std::uint8_t* record, const RecordHead& head) noexcept {
  if (!head.hasExpiry()) return 0;
  return static_cast<std::int64_t>(atomic::load(reinterpret_cast<const std::uint64_t*>(record) + 1));
}

PREDIS_HD bool isExpired(std::int64_t expiresAtMs, std::int64_t nowMs) noexcept {
  return expiresAtMs != 0 && expiresAtMs <= nowMs;
}

PREDIS_HD std::uint64_t unitsOf(const RecordHead& head) noexcept {
  return unitsOf(recordBytes(head.keyBytes(), head.valueBytes(), head.hasExpiry()));
}

/// Says that a record was read, for eviction.
template <typename Tile>
PREDIS_HD void markReferenced(const Tile& tile, std::uint8_t* record, const RecordHead& head) noexcept {
  if ((head.valueAndFlags & RecordHead::kReferenced) != 0 || tile.rank() != 0) return;
  atomic::bitOr(reinterpret_cast<std::uint32_t*>(record) + 1, RecordHead::kReferenced);
}

/// Hash of the key that a record has.
PREDIS_HD std::uint64_t hashOfRecord(const TableView& table, std::uint64_t unit) noexcept {
  const std::uint8_t* const record = table.recordAt(unit);
  const RecordHead head = readHead(record);
  return hashKey(record + head.keyAt(), head.keyBytes(), head.space, table.seed);
}

/// What a record is made of. The value must not lie in the record written.
struct RecordParts {
  const std::uint8_t* key = nullptr;
  const std::uint8_t* value = nullptr;
  std::int64_t expiresAtMs = 0;  ///< 0 for never.
  std::uint32_t keyBytes = 0;
  std::uint32_t valueBytes = 0;
  std::uint16_t space = 0;

  PREDIS_HD std::uint64_t units() const noexcept {
    return unitsOf(recordBytes(keyBytes, valueBytes, expiresAtMs != 0));
  }
};

/// Writes a whole record. Everything is in memory for others when it returns (to those who learn of it by an
/// atomic written after).
template <typename Tile>
PREDIS_HD void writeRecord(const Tile& tile, std::uint8_t* record, const RecordParts& parts) noexcept {
  const RecordHead head =
      RecordHead::make(parts.keyBytes, parts.space, parts.valueBytes, parts.expiresAtMs != 0);
  if (tile.rank() == 0) {
    writeHead(record, head);
    if (head.hasExpiry())
      atomic::store(reinterpret_cast<std::uint64_t*>(record) + 1,
                    static_cast<std::uint64_t>(parts.expiresAtMs));
  }
  copyBytes(tile, record + head.keyAt(), parts.key, parts.keyBytes);
  copyBytes(tile, record + head.valueAt(), parts.value, parts.valueBytes);
  atomic::fence();
  tile.sync();
}

/// Sets the expiry time of a record that has a place for it.
template <typename Tile>
PREDIS_HD void writeExpiry(const Tile& tile, std::uint8_t* record, std::int64_t expiresAtMs) noexcept {
  tile.sync();  // All lanes have read the old one.
  if (tile.rank() == 0)
    atomic::store(reinterpret_cast<std::uint64_t*>(record) + 1, static_cast<std::uint64_t>(expiresAtMs));
  atomic::fence();
  tile.sync();
}

/// Counts a record as live, or no more. A large one spans segments; the loop has one step for all others.
/// @param sign 1, or -1 as an unsigned number
template <typename Tile>
PREDIS_HD void countUnits(const Tile& tile, const TableView& table, std::uint64_t unit, std::uint64_t units,
                          std::uint32_t sign, Tally& tally) noexcept {
  tally.liveUnits += units * static_cast<std::uint64_t>(static_cast<std::int32_t>(sign));
  if (tile.rank() != 0) return;
  while (units != 0) {
    const std::uint64_t room = kSegmentUnits - unit % kSegmentUnits;
    const std::uint64_t here = units < room ? units : room;
    atomic::add(&table.segmentLiveUnits[unit / kSegmentUnits], static_cast<std::uint32_t>(here) * sign);
    unit += here;
    units -= here;
  }
}

/// Counts the key of a record that an entry points to from now on.
template <typename Tile>
PREDIS_HD void countRecord(const Tile& tile, const TableView& table, std::uint64_t unit,
                           const RecordHead& head, std::int64_t expiresAtMs, Tally& tally) noexcept {
  tally.keys += 1;
  tally.keyValueBytes += std::uint64_t{head.keyBytes()} + head.valueBytes();
  tally.expiringKeys += expiresAtMs != 0 ? 1 : 0;
  countUnits(tile, table, unit, unitsOf(head), 1, tally);
}

/// Takes back what countRecord counted: the entry is gone.
template <typename Tile>
PREDIS_HD void uncountRecord(const Tile& tile, const TableView& table, std::uint64_t unit,
                             const RecordHead& head, std::int64_t expiresAtMs, Tally& tally) noexcept {
  tally.keys -= 1;
  tally.keyValueBytes -= std::uint64_t{head.keyBytes()} + head.valueBytes();
  tally.expiringKeys -= expiresAtMs != 0 ? 1 : 0;
  countUnits(tile, table, unit, unitsOf(head), ~std::uint32_t{0}, tally);
}

}  // namespace predis::cuda
