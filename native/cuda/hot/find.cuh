/// @file
/// One device thread finds one key: the bucket in four 16-byte loads, the record's first sector in two. A
/// thread a key keeps 2,048 look-ups in flight a multiprocessor and computes each hash once; measured against
/// eight lanes a key, which compute it eight times: 15.7 against 5.4 G look-ups/s (NOTES.md).
#pragma once

#include <cstdint>

#include "../backend.hpp"
#include "words.cuh"

namespace predis::cuda::hot {

/// Bytes of a key where threads can read them.
struct Key {
  const std::uint8_t* bytes;
  std::uint32_t length;  ///< 1 to 65,536
  std::uint16_t space;
};

/// A record found. `unit` 0: there is none.
struct Found {
  std::uint64_t unit = 0;
  std::uint64_t* place = nullptr;  ///< Of its entry.
  std::uint32_t valueBytes = 0;
  std::uint32_t valueAt = 0;     ///< Bytes from the record's start.
  std::int64_t expiresAtMs = 0;  ///< 0: never.
  bool expired = false;
  bool referenced = false;
  bool hasExpiry = false;       ///< The record has a place for an expiry time.
  std::uint8_t freePlaces = 0;  ///< Of the first bucket, when nothing was found: one bit each, as seen then.
};

/// How a kernel reads the table: kernels during which nobody writes may use the read-only path.
enum class Reads { kStable, kChanging };

template <Reads reads>
__device__ __forceinline__ uint4 load16(const void* p) {
  if constexpr (reads == Reads::kStable) return __ldg(static_cast<const uint4*>(p));
  return __ldcg(static_cast<const uint4*>(p));
}

__device__ __forceinline__ std::uint64_t low(const uint4& v) { return std::uint64_t{v.y} << 32 | v.x; }
__device__ __forceinline__ std::uint64_t high(const uint4& v) { return std::uint64_t{v.w} << 32 | v.z; }

/// The entries of a bucket that have a tag.
struct Matches {
  std::uint32_t places = 0;  ///< One bit each.
  std::uint64_t entry = 0;   ///< Of the lowest bit.
  std::uint32_t freePlaces = 0;
  bool overflowed = false;
};

/// In 32-bit halves, which is what the device computes in: it halves the registers that comparing takes.
template <Reads reads>
__device__ __forceinline__ Matches matchesIn(const Bucket* bucket, std::uint64_t tag) {
  constexpr auto kTagHigh = static_cast<std::uint32_t>(Entry::kTagMask >> 32);
  constexpr auto kAddressHigh = static_cast<std::uint32_t>(Entry::kAddressMask >> 32);
  constexpr auto kFlagHigh = static_cast<std::uint32_t>(Entry::kFlag >> 32);
  static_assert((Entry::kTagMask & UINT32_MAX) == 0, "the tag lies in the upper half");
  const auto wanted = static_cast<std::uint32_t>(tag >> 32);
  uint4 pairs[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) pairs[i] = load16<reads>(bucket->entries + 2 * i);
  Matches found;
  std::uint32_t low = 0;
  std::uint32_t high = 0;
#pragma unroll
  for (int i = 7; i >= 0; --i) {
    const std::uint32_t itsLow = (i & 1) != 0 ? pairs[i / 2].z : pairs[i / 2].x;
    const std::uint32_t itsHigh = (i & 1) != 0 ? pairs[i / 2].w : pairs[i / 2].y;
    if (((itsHigh ^ wanted) & kTagHigh) == 0 && (itsLow | (itsHigh & kAddressHigh)) != 0) {
      found.places |= 1U << i;
      low = itsLow;
      high = itsHigh;
    }
    if ((itsLow | (itsHigh & ~kFlagHigh)) == 0) found.freePlaces |= 1U << i;
  }
  found.entry = std::uint64_t{high} << 32 | low;
  found.overflowed = (pairs[0].y & kFlagHigh) != 0;
  return found;
}

/// Whether the record at `unit` has this key; fills `found`.
template <Reads reads>
__device__ __forceinline__ bool isRecordOf(const std::uint8_t* records, std::uint64_t unit, const Key& key,
                                           std::int64_t nowMs, Found& found) {
  const std::uint8_t* const record = records + unit * kUnitBytes;
  const uint4 first = load16<reads>(record);
  const uint4 second = load16<reads>(record + 16);
  if (first.x != (key.length - 1 | std::uint32_t{key.space} << 16)) return false;
  std::uint32_t at = 0;  // bytes of the key compared
  std::uint32_t keyAt = 8;
  std::int64_t expiresAtMs = 0;
  std::uint64_t difference = 0;
  const auto compare = [&](std::uint64_t word) {
    const std::uint32_t left = key.length - at;
    if (left < 8) word &= (std::uint64_t{1} << left * 8) - 1;
    difference |= word ^ load64(key.bytes + at, left);
    at += 8;
  };
  if ((first.y & RecordHead::kHasExpiry) != 0) {
    keyAt = 16;
    expiresAtMs = static_cast<std::int64_t>(high(first));
    compare(low(second));
    if (at < key.length) compare(high(second));
  } else {
    compare(high(first));
    if (at < key.length) compare(low(second));
    if (at < key.length) compare(high(second));
  }
  while (difference == 0 && at < key.length) {
    const auto* const word = reinterpret_cast<const std::uint64_t*>(record + keyAt + at);
    compare(reads == Reads::kStable ? __ldg(word) : __ldcg(word));
  }
  if (difference != 0) return false;
  found.unit = unit;
  found.valueBytes = first.y & RecordHead::kValueMask;
  found.valueAt = keyAt + key.length;
  found.referenced = (first.y & RecordHead::kReferenced) != 0;
  found.hasExpiry = keyAt == 16;
  found.expiresAtMs = expiresAtMs;
  found.expired = expiresAtMs != 0 && expiresAtMs <= nowMs;
  return true;
}

/// Finds a key, expired or not: in its first bucket; when that overflowed, in its second and then in the
/// stash, which is looked through like so many more buckets (it is empty as a rule). Bounded by them.
template <Reads reads>
__device__ __forceinline__ Found find(const TableView& table, std::uint64_t hash, const Key& key,
                                      std::int64_t nowMs) {
  static_assert(Stash::kPlaces % Bucket::kEntries == 0);
  Found found;
  const std::uint64_t tag = Entry::tagOf(hash);
  Bucket* bucket = table.buckets + table.firstBucket(hash);
  std::uint32_t freePlaces = 0;
  std::uint32_t left = 1;  // buckets after this one
  // One loop for all, not unrolled: the code, and so its registers, exist once.
#pragma unroll 1
  for (bool isFirst = true;; isFirst = false) {
    const Matches matches = matchesIn<reads>(bucket, tag);
    if (isFirst) {
      if (!matches.overflowed) {
        left = 0;
        freePlaces = matches.freePlaces;
      }
    }
    std::uint64_t entry = matches.entry;
    for (std::uint32_t places = matches.places; places != 0;) {
      std::uint64_t* const place = &bucket->entries[__ffs(static_cast<int>(places)) - 1];
      if (isRecordOf<reads>(table.records, Entry::unitOf(entry), key, nowMs, found)) {
        found.place = place;
        return found;
      }
      places &= places - 1;
      if (places != 0) {
        const std::uint64_t* const next = &bucket->entries[__ffs(static_cast<int>(places)) - 1];
        entry = reads == Reads::kStable ? __ldg(next) : __ldcg(next);
      }
    }
    if (left == 0) break;
    if (isFirst) {
      // Computed again rather than kept: few keys come here, and registers are what limits the look-ups in
      // flight.
      bucket = table.buckets + table.secondBucket(hashKey(key.bytes, key.length, key.space, table.seed));
      left = 1 + (static_cast<std::uint32_t>(
                      min(atomic::load(&table.counters->stashed), std::uint64_t{Stash::kPlaces})) +
                  Bucket::kEntries - 1) /
                     Bucket::kEntries;
    } else {
      bucket = bucket >= reinterpret_cast<Bucket*>(table.stash->entries) &&
                       bucket < reinterpret_cast<Bucket*>(table.stash->entries + Stash::kPlaces)
                   ? bucket + 1
                   : reinterpret_cast<Bucket*>(table.stash->entries);
    }
    --left;
  }
  found.freePlaces = static_cast<std::uint8_t>(freePlaces);
  return found;
}

}  // namespace predis::cuda::hot
