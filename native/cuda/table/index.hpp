/// @file
/// Kernels over the whole index: one bucket (or eight places of the stash) a tile.
#pragma once

#include <cstdint>

#include "find.hpp"
#include "log.hpp"

namespace predis::cuda {

/// Tiles that see all entries of an index.
PREDIS_HD std::uint64_t allEights(const TableView& table) noexcept {
  return table.bucketCount() + Stash::kPlaces / Bucket::kEntries;
}

/// The eight entries of tile `index`.
PREDIS_HD std::uint64_t* eightAt(const TableView& table, std::uint64_t index) noexcept {
  const std::uint64_t buckets = table.bucketCount();
  return index < buckets ? table.buckets[index].entries
                         : table.stash->entries + (index - buckets) * Bucket::kEntries;
}

/// Backend::splitBuckets for one bucket: index 0 is table.split.
struct SplitKernel {
  TableView table;

  /// An entry goes where its key's first bucket is now, if it lay there as in its first, else to the second.
  /// Both halves fit, and both inherit the flag: entries elsewhere may belong to either.
  template <typename Tile>
  PREDIS_HD_LARGE void operator()(const Tile& tile, std::uint64_t index, Tally&) const noexcept {
    const std::uint64_t low = table.split + index;
    const std::uint64_t coarse = table.level - 1;
    const std::uint64_t fine = 2 * table.level - 1;
    const BucketView<Tile> view(tile, table.buckets[low].entries);
    std::uint64_t* const high = table.buckets[low + table.level].entries;
    const std::uint64_t flag = view.overflowed() ? Entry::kFlag : 0;
    unsigned count = 0;
    // The upper half may be memory with anything in it.
    for (unsigned left = view.taken(); left != 0; left &= left - 1) {
      const unsigned e = lowestBit(left);
      const std::uint64_t entry = view.entry(e) & ~Entry::kFlag;
      const std::uint64_t hash = hashOfRecord(table, Entry::unitOf(entry));
      const std::uint64_t first = TableView::firstBits(hash);
      const std::uint64_t bits = (first & coarse) == low ? first : TableView::secondBits(hash);
      if ((bits & fine) == low) continue;
      if (tile.rank() == 0) {
        atomic::store(high + count, entry | (count == Bucket::kOverflowedEntry ? flag : 0));
        atomic::store(view.place(e), e == Bucket::kOverflowedEntry ? flag : 0);
      }
      ++count;
    }
    if (tile.rank() == 0) {
      for (; count < Bucket::kEntries; ++count)
        atomic::store(high + count, count == Bucket::kOverflowedEntry ? flag : 0);
    }
    tile.sync();
  }
};

/// Backend::rebuild for eight entries of `from`.
struct RebuildKernel {
  TableView from;
  TableView to;

  template <typename Tile>
  PREDIS_HD_LARGE void operator()(const Tile& tile, std::uint64_t index, Tally&) const noexcept {
    const BucketView<Tile> view(tile, eightAt(from, index));
    for (unsigned left = view.taken(); left != 0; left &= left - 1) {
      const std::uint64_t unit = Entry::unitOf(view.entry(lowestBit(left)));
      const std::uint64_t hash = hashOfRecord(to, unit);
      const std::uint64_t entry = Entry::make(hash, unit);
      if (insertEntry(tile, to, hash, entry) != nullptr || putInStash(tile, to, hash, entry)) continue;
      if (tile.rank() == 0) atomic::add(&to.counters->deferred, std::uint64_t{1});
    }
  }
};

/// Backend::maintain for eight entries.
struct MaintainKernel {
  TableView table;
  MaintainTask task;

  template <typename Tile>
  PREDIS_HD_LARGE void operator()(const Tile& tile, std::uint64_t index, Tally& tally) const noexcept {
    const BucketView<Tile> view(tile, eightAt(table, index));
    for (unsigned left = view.taken(); left != 0; left &= left - 1) {
      const unsigned e = lowestBit(left);
      Found found;
      found.place = view.place(e);
      found.unit = Entry::unitOf(view.entry(e));
      const bool leaves = task.victims != nullptr && task.victims[found.unit / kSegmentUnits] != 0;
      if (!leaves && !task.dropExpired && !task.dropSpace) continue;
      const std::uint8_t* const record = table.recordAt(found.unit);
      found.head = readHead(record);
      found.expiresAtMs = expiryOf(record, found.head);
      if (task.dropExpired && isExpired(found.expiresAtMs, task.nowMs)) {
        tally.expired += 1;
        removeFound(tile, table, found, tally);
      } else if (task.dropSpace && found.head.space == task.space) {
        removeFound(tile, table, found, tally);
      } else if (leaves && task.evict && (found.head.valueAndFlags & RecordHead::kReferenced) == 0) {
        tally.evicted += 1;
        removeFound(tile, table, found, tally);
      } else if (leaves) {
        moveRecord(tile, found, view.entry(e) & Entry::kTagMask, tally);
      }
    }
  }

 private:
  template <typename Tile>
  PREDIS_HD void moveRecord(const Tile& tile, const Found& found, std::uint64_t tag,
                            Tally& tally) const noexcept {
    std::uint8_t* const record = table.recordAt(found.unit);
    RecordHead head = found.head;
    if (task.evict) head.valueAndFlags &= ~RecordHead::kReferenced;
    if (isLarge(head.keyBytes(), head.valueBytes())) {
      tile.sync();
      if (tile.rank() == 0) writeHead(record, head);
      return;
    }
    const std::uint64_t units = unitsOf(head);
    const std::uint64_t unit = takeLogUnits(tile, *table.counters, task.log, units);
    if (unit == 0) {
      if (tile.rank() == 0) atomic::add(&table.counters->deferred, std::uint64_t{1});
      return;
    }
    std::uint8_t* const moved = table.recordAt(unit);
    copyBytes(tile, moved, record, recordBytes(head.keyBytes(), head.valueBytes(), head.hasExpiry()));
    tile.sync();
    if (tile.rank() == 0) writeHead(moved, head);
    atomic::fence();
    tile.sync();
    countUnits(tile, table, found.unit, units, ~std::uint32_t{0}, tally);
    countUnits(tile, table, unit, units, 1, tally);
    replaceEntry(tile, found.place, tag | unit);
  }
};

/// Backend::publish, by one tile. A record that is replaced is not counted as expired, whatever its time.
struct PublishKernel {
  TableView table;
  std::uint64_t unit;
  std::uint8_t* status;

  template <typename Tile>
  PREDIS_HD_LARGE void operator()(const Tile& tile, std::uint64_t, Tally& tally) const noexcept {
    const std::uint8_t* const record = table.recordAt(unit);
    const RecordHead head = readHead(record);
    const KeyRef key{record + head.keyAt(), head.keyBytes(), head.space};
    const std::uint64_t hash = hashKey(key.bytes, key.length, key.space, table.seed);
    const std::uint64_t entry = Entry::make(hash, unit);
    const Found found = find(tile, table, hash, key, 0);
    bool done = true;
    if (found.place != nullptr) {
      uncountRecord(tile, table, found.unit, found.head, found.expiresAtMs, tally);
      replaceEntry(tile, found.place, entry);
    } else {
      done = insertEntry(tile, table, hash, entry) != nullptr;
    }
    if (done) countRecord(tile, table, unit, head, expiryOf(record, head), tally);
    if (tile.rank() == 0) *status = static_cast<std::uint8_t>(done ? Status::kOk : Status::kOutOfMemory);
  }
};

/// Backend::countSpace for eight entries.
struct CountSpaceKernel {
  TableView table;
  std::uint16_t space;
  std::uint64_t* count;

  template <typename Tile>
  PREDIS_HD void operator()(const Tile& tile, std::uint64_t index, Tally&) const noexcept {
    const BucketView<Tile> view(tile, eightAt(table, index));
    std::uint64_t here = 0;
    for (unsigned left = view.taken(); left != 0; left &= left - 1) {
      const std::uint64_t unit = Entry::unitOf(view.entry(lowestBit(left)));
      here += readHead(table.recordAt(unit)).space == space ? 1 : 0;
    }
    if (here != 0 && tile.rank() == 0) atomic::add(count, here);
  }
};

}  // namespace predis::cuda
