/// @file
/// Making room in full buckets: cuckoo displacement by random walks (Pagh and Rodler 2004), with paths found
/// first and moved from their end, as in libcuckoo (Li et al., EuroSys 2014): no entry is ever without a
/// place, and giving up at any moment leaves a good table.
///
/// Each move locks its two buckets by the flag of their second entry. A tile that finds a lock taken lets go
/// of what it has and tries again, a few times only: no tile ever waits while it holds a lock, so none can
/// wait for another for ever.
#pragma once

#include <cstdint>

#include "group.hpp"

namespace predis::cuda {

/// Locks of one bucket or two, by one lane for its tile.
template <typename Tile>
class BucketLocks {
 public:
  /// Tries to lock both, which may be the same.
  PREDIS_HD BucketLocks(const Tile& tile, Bucket& a, Bucket& b) noexcept : tile_(tile), a_(&a), b_(&b) {
    unsigned locked = 0;
    if (tile.rank() == 0) {
      for (int attempt = 0; attempt < kAttempts && locked == 0; ++attempt) {
        if (!tryLock(a)) continue;
        if (&a == &b || tryLock(b)) {
          locked = 1;
        } else {
          unlock(a);
        }
      }
      atomic::fence();
    }
    tile.sync();
    locked_ = tile.from(locked, 0) != 0;
  }
  BucketLocks(const BucketLocks&) = delete;
  BucketLocks& operator=(const BucketLocks&) = delete;
  PREDIS_HD ~BucketLocks() {
    tile_.sync();
    if (!locked_ || tile_.rank() != 0) return;
    atomic::fence();
    unlock(*a_);
    if (a_ != b_) unlock(*b_);
  }
  PREDIS_HD bool locked() const noexcept { return locked_; }

 private:
  static constexpr int kAttempts = 16;

  PREDIS_HD static bool tryLock(Bucket& bucket) noexcept {
    std::uint64_t* const word = &bucket.entries[Bucket::kLockEntry];
    return (atomic::load(word) & Entry::kFlag) == 0 &&
           (atomic::bitOr(word, Entry::kFlag) & Entry::kFlag) == 0;
  }
  PREDIS_HD static void unlock(Bucket& bucket) noexcept {
    atomic::bitAnd(&bucket.entries[Bucket::kLockEntry], ~Entry::kFlag);
  }

  const Tile& tile_;
  Bucket* a_;
  Bucket* b_;
  bool locked_ = false;
};

/// Backend::displace for one operation.
struct DisplaceKernel {
  static constexpr int kMaxSteps = 64;  ///< Of one path.
  static constexpr int kWalks = 8;      ///< Paths tried.

  TableView table;
  GroupScratch scratch;
  const std::uint32_t* operations;

  template <typename Tile>
  PREDIS_HD_LARGE void operator()(const Tile& tile, std::uint64_t index, Tally&) const noexcept {
    const std::uint32_t i = operations != nullptr ? operations[index] : static_cast<std::uint32_t>(index);
    if (scratch.slotOf[i] == kNoSlot) return;
    const std::uint64_t hash = scratch.hashes[i];
    const std::uint64_t first = table.firstBucket(hash);
    const std::uint64_t second = table.secondBucket(hash);
    std::uint64_t random = hash ^ (index + 1) * 0x9E3779B97F4A7C15U;
    for (int walk = 0; walk < kWalks; ++walk) {
      if (hasPlace(tile, table.buckets[first]) || hasPlace(tile, table.buckets[second])) return;
      if (makePlace(tile, (walk & 1) == 0 ? first : second, random)) return;
    }
    if (!moveToStash(tile, first, random) && tile.rank() == 0)
      atomic::add(&table.counters->deferred, std::uint64_t{1});
  }

 private:
  /// xorshift (Marsaglia 2003), multiplied: where to walk on.
  PREDIS_HD static unsigned nextRandom(std::uint64_t& state) noexcept {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<unsigned>(state * 0x2545F4914F6CDD1DU >> 40);
  }

  /// The other bucket of an entry that lies in `bucket`.
  PREDIS_HD std::uint64_t otherBucket(std::uint64_t hash, std::uint64_t bucket) const noexcept {
    const std::uint64_t first = table.firstBucket(hash);
    return first == bucket ? table.secondBucket(hash) : first;
  }

  /// A random walk from a full bucket to one with a free place, then the moves along it from its end.
  /// @return whether `start` has a free place now
  template <typename Tile>
  PREDIS_HD bool makePlace(const Tile& tile, std::uint64_t start, std::uint64_t& random) const noexcept {
    std::uint64_t path[kMaxSteps + 1];  // Bucket << 3 | entry that goes on to the next.
    int steps = 0;
    std::uint64_t bucket = start;
    for (;; ++steps) {
      const BucketView<Tile> view(tile, table.buckets[bucket].entries);
      if (view.free() != 0) {
        path[steps] = bucket << 3;
        break;
      }
      if (steps == kMaxSteps) return false;
      // Entries whose buckets are the same cannot go anywhere.
      const unsigned from = nextRandom(random);
      std::uint64_t next = bucket;
      unsigned e = 0;
      for (unsigned tried = 0; tried < Bucket::kEntries && next == bucket; ++tried) {
        e = (from + tried) % Bucket::kEntries;
        next = otherBucket(hashOfRecord(table, Entry::unitOf(view.entry(e))), bucket);
      }
      if (next == bucket) return false;
      path[steps] = bucket << 3 | e;
      bucket = next;
    }
    for (int step = steps - 1; step >= 0; --step) {
      if (!move(tile, path[step] >> 3, static_cast<unsigned>(path[step] & 7), path[step + 1] >> 3))
        return false;
    }
    return true;
  }

  /// Moves an entry on, if all is still as it was when the path was found.
  template <typename Tile>
  PREDIS_HD bool move(const Tile& tile, std::uint64_t from, unsigned e, std::uint64_t to) const noexcept {
    const BucketLocks<Tile> locks(tile, table.buckets[from], table.buckets[to]);
    if (!locks.locked()) return false;
    const BucketView<Tile> source(tile, table.buckets[from].entries);
    const std::uint64_t entry = source.entry(e) & ~Entry::kFlag;
    if (source.free() != 0) return true;
    const std::uint64_t hash = hashOfRecord(table, Entry::unitOf(entry));
    const BucketView<Tile> target(tile, table.buckets[to].entries);
    const unsigned free = target.free();
    if (otherBucket(hash, from) != to || to == from || free == 0) return false;
    const std::uint64_t first = table.firstBucket(hash);
    if (to != first) setOverflowed(tile, table.buckets[first]);
    // Places are changed under locks alone, but flags are not: set and clear bits.
    if (tile.rank() == 0) {
      atomic::bitOr(target.place(lowestBit(free)), entry);
      atomic::bitAnd(source.place(e), Entry::kFlag);
    }
    tile.sync();
    return true;
  }

  /// Moves some entry of a bucket to the stash.
  template <typename Tile>
  PREDIS_HD bool moveToStash(const Tile& tile, std::uint64_t bucket, std::uint64_t& random) const noexcept {
    const BucketLocks<Tile> locks(tile, table.buckets[bucket], table.buckets[bucket]);
    if (!locks.locked()) return false;
    const BucketView<Tile> source(tile, table.buckets[bucket].entries);
    if (source.free() != 0) return true;
    const unsigned e = nextRandom(random) % Bucket::kEntries;
    const std::uint64_t entry = source.entry(e) & ~Entry::kFlag;
    const std::uint64_t hash = hashOfRecord(table, Entry::unitOf(entry));
    if (!putInStash(tile, table, hash, entry)) return false;
    if (tile.rank() == 0) atomic::bitAnd(source.place(e), Entry::kFlag);
    tile.sync();
    return true;
  }
};

}  // namespace predis::cuda
