/// @file
/// Bringing entries into buckets.
#pragma once

#include "find.cuh"

namespace predis::cuda::hot {

/// Enters a record in a free place of a bucket. Bounded: a place lost to another thread is a place filled.
/// @param freePlaces as seen some time ago
__device__ __forceinline__ bool enterIn(Bucket& bucket, std::uint64_t entry, std::uint32_t freePlaces) {
  for (; freePlaces != 0; freePlaces &= freePlaces - 1) {
    std::uint64_t* const place = &bucket.entries[__ffs(static_cast<int>(freePlaces)) - 1];
    std::uint64_t seen = 0;
    // A free place is 0 but for its flag, which may be set, or become so meanwhile.
    for (int attempt = 0; attempt < 3; ++attempt) {
      const std::uint64_t before = atomic::compareAndSwap(place, seen, entry | (seen & Entry::kFlag));
      if (before == seen) return true;
      if (!Entry::isFree(before)) break;
      seen = before;
    }
  }
  return false;
}

__device__ __forceinline__ void markOverflowed(Bucket& bucket) {
  std::uint64_t* const entry = &bucket.entries[Bucket::kOverflowedEntry];
  if ((atomic::load(entry) & Entry::kFlag) == 0) atomic::bitOr(entry, Entry::kFlag);
}

/// Enters a new record, first bucket preferred. Places do not become free while puts run, so those seen are
/// all there are.
__device__ __forceinline__ bool enter(const TableView& table, std::uint64_t hash, std::uint64_t unit,
                                      std::uint32_t freePlaces) {
  const std::uint64_t entry = Entry::make(hash, unit);
  const std::uint64_t first = table.firstBucket(hash);
  if (freePlaces != 0 && enterIn(table.buckets[first], entry, freePlaces)) return true;
  const std::uint64_t second = table.secondBucket(hash);
  if (first == second) return false;
  Bucket& bucket = table.buckets[second];
  const Matches seen = matchesIn<Reads::kChanging>(&bucket, Entry::tagOf(hash));
  if (seen.freePlaces == 0) return false;
  markOverflowed(table.buckets[first]);
  return enterIn(bucket, entry, seen.freePlaces);
}

/// Enters a record whose buckets are full by a random walk: it takes another entry's place, that one goes to
/// its own other bucket, and so on until a bucket has room (cuckoo hashing with buckets: Dietzfelbinger and
/// Weidling, TCS 2007). Every step is one atomic exchange of the entry carried for the one met, so that any
/// number of walks may cross and none is lost. While walks run, nobody may look for keys.
/// @return 0, or the entry that is still without a place after kSteps: somebody else's, as a rule
__device__ inline std::uint64_t enterByMoving(const TableView& table, std::uint64_t hash,
                                              std::uint64_t unit) {
  constexpr int kSteps = 256;
  std::uint64_t carried = Entry::make(hash, unit);
  std::uint64_t first = table.firstBucket(hash);
  std::uint64_t number = table.secondBucket(hash);
  auto random = static_cast<std::uint32_t>(hash >> 20) | 1;
  for (int step = 0; step < kSteps; ++step) {
    if (number != first) markOverflowed(table.buckets[first]);
    Bucket& bucket = table.buckets[number];
    if (enterIn(bucket, carried, matchesIn<Reads::kChanging>(&bucket, 0).freePlaces)) return 0;
    random = random * 1664525 + 1013904223;  // Numerical Recipes' generator; its upper bits choose
    std::uint64_t* const place = &bucket.entries[random >> 29];
    std::uint64_t met = atomic::load(place);
    // Fails only when somebody else's step came first: one of us always gets on.
    for (;;) {
      const std::uint64_t before = atomic::compareAndSwap(place, met, carried | (met & Entry::kFlag));
      if (before == met) break;
      met = before;
    }
    if (Entry::isFree(met)) return 0;
    carried = met & ~Entry::kFlag;
    const std::uint8_t* const record = table.recordAt(Entry::unitOf(carried));
    const RecordHead head = *reinterpret_cast<const RecordHead*>(record);
    const std::uint64_t its = hashKey(record + head.keyAt(), head.keyBytes(), head.space, table.seed);
    first = table.firstBucket(its);
    number = number == first ? table.secondBucket(its) : first;
  }
  return carried;
}

}  // namespace predis::cuda::hot
