/// @file
/// A bucket (or eight places of the stash) as the lanes of a tile see it, and changes of single entries.
#pragma once

#include <cstdint>

#include "../layout.hpp"

namespace predis::cuda {

/// Eight entries, spread over the lanes: lane r has entries r, r + kLanes, ...
template <typename Tile>
class BucketView {
 public:
  static constexpr unsigned kPerLane = Tile::kLanes >= Bucket::kEntries ? 1 : Bucket::kEntries / Tile::kLanes;

  /// Reads all entries. @param entries eight of them
  PREDIS_HD BucketView(const Tile& tile, std::uint64_t* entries) noexcept : tile_(tile), entries_(entries) {
    for (unsigned i = 0; i < kPerLane; ++i) {
      const unsigned number = i * Tile::kLanes + tile.rank();
      mine_[i] = number < Bucket::kEntries ? atomic::load(entries + number) : Entry::kFlag;
    }
  }

  /// Bit e: entry e has this tag.
  PREDIS_HD unsigned withTag(std::uint64_t tag) const noexcept {
    return which([tag](std::uint64_t entry) { return Entry::hasTag(entry, tag); });
  }
  PREDIS_HD unsigned free() const noexcept {
    return which([](std::uint64_t entry) { return Entry::isFree(entry); });
  }
  PREDIS_HD unsigned taken() const noexcept { return ~free() & kAll; }
  PREDIS_HD bool overflowed() const noexcept { return (entry(Bucket::kOverflowedEntry) & Entry::kFlag) != 0; }
  /// Entry e as it was read, for all lanes.
  PREDIS_HD std::uint64_t entry(unsigned e) const noexcept {
    std::uint64_t mine = mine_[0];
    for (unsigned i = 1; i < kPerLane; ++i) {
      if (e / Tile::kLanes == i) mine = mine_[i];
    }
    return tile_.from(mine, e % Tile::kLanes);
  }
  PREDIS_HD std::uint64_t* place(unsigned e) const noexcept { return entries_ + e; }

 private:
  static constexpr unsigned kAll = (1U << Bucket::kEntries) - 1;

  template <typename Predicate>
  PREDIS_HD unsigned which(const Predicate& holds) const noexcept {
    unsigned all = 0;
    for (unsigned i = 0; i < kPerLane; ++i) all |= tile_.ballot(holds(mine_[i])) << i * Tile::kLanes;
    return all & kAll;
  }

  const Tile& tile_;
  std::uint64_t* entries_;
  std::uint64_t mine_[kPerLane];
};

/// Number of the lowest bit set. @pre bits != 0
PREDIS_HD unsigned lowestBit(unsigned bits) noexcept {
#if defined(__CUDA_ARCH__)
  return static_cast<unsigned>(__ffs(static_cast<int>(bits))) - 1;
#else
  return static_cast<unsigned>(__builtin_ctz(bits));
#endif
}

/// compareAndSwap by one lane, its answer for all.
template <typename Tile>
PREDIS_HD std::uint64_t compareAndSwap(const Tile& tile, std::uint64_t* word, std::uint64_t expected,
                                       std::uint64_t desired) noexcept {
  std::uint64_t seen = 0;
  if (tile.rank() == 0) seen = atomic::compareAndSwap(word, expected, desired);
  return tile.from(seen, 0);
}

/// Makes an entry point to another record (unit 0: frees its place); the bucket's flag stays as it is.
/// @param place of an entry that nobody but the caller changes, its flag excepted: flags are only ever set,
/// so that two attempts are enough
template <typename Tile>
PREDIS_HD void replaceEntry(const Tile& tile, std::uint64_t* place, std::uint64_t entry) noexcept {
  if (tile.rank() == 0) {
    std::uint64_t expected = atomic::load(place);
    for (int attempt = 0; attempt < 4; ++attempt) {
      const std::uint64_t seen = atomic::compareAndSwap(place, expected, (expected & Entry::kFlag) | entry);
      if (seen == expected) break;
      expected = seen;
    }
  }
  tile.sync();
}

/// Says of a bucket that keys which have it as their first may lie elsewhere.
template <typename Tile>
PREDIS_HD void setOverflowed(const Tile& tile, Bucket& bucket) noexcept {
  if (tile.rank() == 0) {
    std::uint64_t* const word = &bucket.entries[Bucket::kOverflowedEntry];
    if ((atomic::load(word) & Entry::kFlag) == 0) atomic::bitOr(word, Entry::kFlag);
  }
  tile.sync();
}

/// Puts an entry into the first free place of a bucket. Bounded: each attempt that fails has seen another
/// place taken, or the bucket's flag set. @return its place, or null when the bucket is full
template <typename Tile>
PREDIS_HD std::uint64_t* takePlace(const Tile& tile, Bucket& bucket, std::uint64_t entry) noexcept {
  for (unsigned attempt = 0; attempt < 2 * Bucket::kEntries; ++attempt) {
    const BucketView<Tile> view(tile, bucket.entries);
    const unsigned free = view.free();
    if (free == 0) return nullptr;
    const unsigned e = lowestBit(free);
    const std::uint64_t seen = view.entry(e);
    if (compareAndSwap(tile, view.place(e), seen, seen | entry) == seen) return view.place(e);
  }
  return nullptr;
}

/// True when the bucket has a free place.
template <typename Tile>
PREDIS_HD bool hasPlace(const Tile& tile, Bucket& bucket) noexcept {
  return BucketView<Tile>(tile, bucket.entries).free() != 0;
}

/// Enters a key that the table does not have: into its first bucket, else into its second.
/// @return its place, or null when both are full
template <typename Tile>
PREDIS_HD_LARGE std::uint64_t* insertEntry(const Tile& tile, const TableView& table, std::uint64_t hash,
                                           std::uint64_t entry) noexcept {
  Bucket& first = table.buckets[table.firstBucket(hash)];
  if (std::uint64_t* const place = takePlace(tile, first, entry)) return place;
  Bucket& second = table.buckets[table.secondBucket(hash)];
  if (&second == &first || !hasPlace(tile, second)) return nullptr;
  setOverflowed(tile, first);
  return takePlace(tile, second, entry);
}

/// Puts an entry into a place of the stash that was never used. @return false when there is none
template <typename Tile>
PREDIS_HD_LARGE bool putInStash(const Tile& tile, const TableView& table, std::uint64_t hash,
                                std::uint64_t entry) noexcept {
  std::uint64_t place = Stash::kPlaces;
  if (tile.rank() == 0) {
    std::uint64_t* const stashed = &table.counters->stashed;
    // Never counts past the last place: swapped, not added. Each failed attempt is a place somebody else
    // took.
    std::uint64_t seen = atomic::load(stashed);
    for (std::uint32_t attempt = 0; attempt < Stash::kPlaces && seen < Stash::kPlaces; ++attempt) {
      const std::uint64_t before = atomic::compareAndSwap(stashed, seen, seen + 1);
      if (before == seen) {
        place = seen;
        break;
      }
      seen = before;
    }
  }
  place = tile.from(place, 0);
  if (place == Stash::kPlaces) return false;
  setOverflowed(tile, table.buckets[table.firstBucket(hash)]);
  if (tile.rank() == 0) atomic::store(&table.stash->entries[place], entry);
  tile.sync();
  return true;
}

}  // namespace predis::cuda
