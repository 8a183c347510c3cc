/// @file
/// Creating and replacing keys.
#pragma once

#include <cstdint>

#include "group.hpp"
#include "log.hpp"

namespace predis::cuda {

namespace detail {

/// True when the new record can be written over the old one: it takes the same units and leaves the key where
/// it is.
PREDIS_HD bool fitsInPlace(const Found& found, const RecordParts& parts) noexcept {
  if (found.place == nullptr || (parts.expiresAtMs != 0 && !found.head.hasExpiry())) return false;
  return unitsOf(recordBytes(parts.keyBytes, parts.valueBytes, found.head.hasExpiry())) ==
         unitsOf(found.head);
}

template <typename Tile>
PREDIS_HD void overwrite(const Tile& tile, const TableView& table, Found& found, const RecordParts& parts,
                         Tally& tally) noexcept {
  std::uint8_t* const record = table.recordAt(found.unit);
  RecordHead head = found.head;
  tile.sync();  // All lanes have read what is written now.
  head.valueAndFlags = (head.valueAndFlags & ~RecordHead::kValueMask) | parts.valueBytes;
  tally.keyValueBytes += std::uint64_t{parts.valueBytes} - found.head.valueBytes();
  tally.expiringKeys += (parts.expiresAtMs != 0 ? 1ULL : 0ULL) - (found.expiresAtMs != 0 ? 1ULL : 0ULL);
  if (tile.rank() == 0) writeHead(record, head);
  copyBytes(tile, record + head.valueAt(), parts.value, parts.valueBytes);
  if (head.hasExpiry()) writeExpiry(tile, record, parts.expiresAtMs);
  atomic::fence();
  tile.sync();
  found.head = head;
}

/// True when one of the buckets of a key that has no entry yet has a free place.
template <typename Tile>
PREDIS_HD bool hasPlaceFor(const Tile& tile, const TableView& table, std::uint64_t hash,
                           const Found& found) noexcept {
  return found.firstHasPlace || hasPlace(tile, table.buckets[table.firstBucket(hash)]) ||
         hasPlace(tile, table.buckets[table.secondBucket(hash)]);
}

}  // namespace detail

/// Units of new room that a put needs: 0 when it writes in place. @param reason out: why it cannot be done
/// now
template <typename Tile>
PREDIS_HD std::uint64_t unitsForPut(const Tile& tile, const TableView& table, std::uint64_t hash,
                                    const Found& found, const RecordParts& parts,
                                    DeferReason& reason) noexcept {
  reason = DeferReason::kNone;
  if (isLarge(parts.keyBytes, parts.valueBytes)) {
    reason = DeferReason::kLarge;
    return 0;
  }
  if (detail::fitsInPlace(found, parts)) return 0;
  // Asked before room is taken, which would be lost.
  if (found.place == nullptr && !detail::hasPlaceFor(tile, table, hash, found))
    reason = DeferReason::kIndexFull;
  return parts.units();
}

/// Does what unitsForPut found possible. @param units its answer @param found brought up to date
/// @return kNone, kLogFull or kIndexFull
template <typename Tile, typename Room>
PREDIS_HD_LARGE DeferReason putWithUnits(const Tile& tile, const TableView& table, std::uint64_t hash,
                                         Found& found, const RecordParts& parts, std::uint64_t units,
                                         const Room& room, std::int64_t nowMs, Tally& tally) noexcept {
  if (units == 0) {
    tally.expired += found.expired ? 1 : 0;
    detail::overwrite(tile, table, found, parts, tally);
  } else {
    const std::uint64_t unit = room.take(tile, units);
    if (unit == 0) return DeferReason::kLogFull;
    writeRecord(tile, table.recordAt(unit), parts);
    const std::uint64_t entry = Entry::make(hash, unit);
    if (found.place != nullptr) {
      tally.expired += found.expired ? 1 : 0;
      uncountRecord(tile, table, found.unit, found.head, found.expiresAtMs, tally);
      replaceEntry(tile, found.place, entry);
    } else {
      found.place = insertEntry(tile, table, hash, entry);
      if (found.place == nullptr) return DeferReason::kIndexFull;
    }
    found.unit = unit;
    found.head = RecordHead::make(parts.keyBytes, parts.space, parts.valueBytes, parts.expiresAtMs != 0);
    countRecord(tile, table, unit, found.head, parts.expiresAtMs, tally);
  }
  found.expiresAtMs = parts.expiresAtMs;
  found.expired = isExpired(found.expiresAtMs, nowMs);
  return DeferReason::kNone;
}

/// Creates or replaces. @return kNone, or why nothing was done
template <typename Tile, typename Room>
PREDIS_HD DeferReason putRecord(const Tile& tile, const TableView& table, std::uint64_t hash, Found& found,
                                const RecordParts& parts, const Room& room, std::int64_t nowMs,
                                Tally& tally) noexcept {
  DeferReason reason = DeferReason::kNone;
  const std::uint64_t units = unitsForPut(tile, table, hash, found, parts, reason);
  if (reason != DeferReason::kNone) return reason;
  return putWithUnits(tile, table, hash, found, parts, units, room, nowMs, tally);
}

/// Backend::put for one operation; in two steps for those who take the room of many at once.
struct PutKernel {
  TableView table;
  LogView log;
  BatchView batch;
  GroupScratch scratch;
  const std::uint32_t* operations;
  Deferred deferred;
  std::uint8_t* statuses;

  struct Plan {
    std::uint32_t operation = 0;
    std::uint32_t units = 0;  ///< Of new room.
    bool acts = false;        ///< There is something for `commit` to do.
    Found found;
  };

  /// Looks the key up and says what room it needs.
  template <typename Tile>
  PREDIS_HD_LARGE Plan plan(const Tile& tile, std::uint64_t index, Tally& tally) const noexcept {
    Plan plan;
    plan.operation = operations != nullptr ? operations[index] : static_cast<std::uint32_t>(index);
    const Status status = checkOperation(batch, plan.operation);
    if (status != Status::kOk || !actsForKey(scratch, plan.operation)) {
      finish(tile, plan, status);
      tally.failed += status != Status::kOk ? 1 : 0;
      return plan;
    }
    const std::uint64_t hash = scratch.hashes[plan.operation];
    plan.found = find(tile, table, hash, keyOf(batch, plan.operation), batch.nowMs);
    DeferReason reason = DeferReason::kNone;
    plan.units = static_cast<std::uint32_t>(
        unitsForPut(tile, table, hash, plan.found, partsOf(batch, plan.operation), reason));
    plan.acts = reason == DeferReason::kNone;
    if (!plan.acts) {
      plan.units = 0;
      leave(tile, plan, reason);
    }
    return plan;
  }

  /// @param unit room of plan.units units taken for it (see logUnitAt), or 0 to take it here
  template <typename Tile>
  PREDIS_HD_LARGE void commit(const Tile& tile, Plan& plan, std::uint64_t unit, Tally& tally) const noexcept {
    if (!plan.acts) return;
    const std::uint64_t room = unit != 0 ? unit : takeLogUnits(tile, *table.counters, log, plan.units);
    const DeferReason reason =
        putWithUnits(tile, table, scratch.hashes[plan.operation], plan.found, partsOf(batch, plan.operation),
                     plan.units, GivenRoom{room}, batch.nowMs, tally);
    if (reason == DeferReason::kNone) {
      finish(tile, plan, Status::kOk);
    } else {
      leave(tile, plan, reason);
    }
  }

  template <typename Tile>
  PREDIS_HD void operator()(const Tile& tile, std::uint64_t index, Tally& tally) const noexcept {
    Plan planned = plan(tile, index, tally);
    commit(tile, planned, 0, tally);
  }

 private:
  template <typename Tile>
  PREDIS_HD void finish(const Tile& tile, const Plan& plan, Status status) const noexcept {
    if (tile.rank() == 0) statuses[plan.operation] = static_cast<std::uint8_t>(status);
  }
  /// The status stands when nobody tries again.
  template <typename Tile>
  PREDIS_HD void leave(const Tile& tile, const Plan& plan, DeferReason reason) const noexcept {
    finish(tile, plan, Status::kOutOfMemory);
    defer(tile, *table.counters, deferred, plan.operation, reason);
  }
};

/// Backend::erase for one operation.
struct EraseKernel {
  TableView table;
  BatchView batch;
  GroupScratch scratch;
  std::uint8_t* statuses;

  template <typename Tile>
  PREDIS_HD void operator()(const Tile& tile, std::uint64_t index, Tally& tally) const noexcept {
    const auto i = static_cast<std::uint32_t>(index);
    Status status = checkOperation(batch, i);
    if (status != Status::kOk) {
      tally.failed += 1;
    } else {
      status = Status::kNotFound;
      if (actsForKey(scratch, i)) {
        const Found found = find(tile, table, scratch.hashes[i], keyOf(batch, i), batch.nowMs);
        if (found.exists()) status = Status::kOk;
        if (found.place != nullptr) {
          tally.expired += found.expired ? 1 : 0;
          removeFound(tile, table, found, tally);
        }
      }
    }
    if (tile.rank() == 0) statuses[i] = static_cast<std::uint8_t>(status);
  }
};

}  // namespace predis::cuda
