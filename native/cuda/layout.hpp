/// @file
/// Layout of the table in device memory: records, buckets and where a key may lie. Shared by kernels, by the
/// host's view of them, and by the host-compiled build of the same code.
///
/// Two random reads a look-up: a 64-byte bucket, then the record, whose header and key of up to 24 bytes lie
/// in one 32-byte sector, because records start at multiples of 32 bytes and the header has 8. (A sector or
/// two, 64 bytes cost the same: ceilings in NOTES.md.) The hash is not kept: on a device it is cheaper to
/// compute it again than to read it.
#pragma once

#include "../engine/hash.hpp"
#include "platform.hpp"

namespace predis::cuda {

/// Records start at multiples of this, and an address in an entry counts these.
inline constexpr std::size_t kUnitBytes = 32;
/// Records lie in segments of the log; a record that does not fit in one gets a run of whole segments.
inline constexpr std::size_t kSegmentBytes = std::size_t{2} << 20;
inline constexpr std::uint32_t kSegmentUnits = kSegmentBytes / kUnitBytes;
/// Records above this are not written by batches' kernels but into runs of segments of their own.
inline constexpr std::size_t kMaxSmallRecordBytes = std::size_t{128} << 10;

/// Head of a record. Behind it: the expiry time (int64, Unix ms, 0 for never) when it has a place for one,
/// the key, the value.
struct alignas(8) RecordHead {
  std::uint16_t keyBytesLessOne;
  std::uint16_t space;
  std::uint32_t valueAndFlags;  ///< Bits 0 to 29 the value's bytes, then kHasExpiry and kReferenced.

  static constexpr std::uint32_t kValueMask = (std::uint32_t{1} << 30) - 1;
  static constexpr std::uint32_t kHasExpiry = std::uint32_t{1} << 30;
  static constexpr std::uint32_t kReferenced = std::uint32_t{1} << 31;

  /// The head of a new record.
  PREDIS_HD static RecordHead make(std::uint32_t keyBytes, std::uint16_t space, std::uint32_t valueBytes,
                                   bool hasExpiry) noexcept {
    return {static_cast<std::uint16_t>(keyBytes - 1), space, valueBytes | (hasExpiry ? kHasExpiry : 0)};
  }
  PREDIS_HD std::uint32_t keyBytes() const noexcept { return std::uint32_t{keyBytesLessOne} + 1; }
  PREDIS_HD std::uint32_t valueBytes() const noexcept { return valueAndFlags & kValueMask; }
  PREDIS_HD bool hasExpiry() const noexcept { return (valueAndFlags & kHasExpiry) != 0; }
  /// Bytes before the key.
  PREDIS_HD std::uint32_t keyAt() const noexcept { return hasExpiry() ? 16 : 8; }
  PREDIS_HD std::uint32_t valueAt() const noexcept { return keyAt() + keyBytes(); }
};
static_assert(sizeof(RecordHead) == 8);

/// Bytes of a record, and the units that it takes.
PREDIS_HD std::uint64_t recordBytes(std::uint64_t keyBytes, std::uint64_t valueBytes,
                                    bool hasExpiry) noexcept {
  return (hasExpiry ? 16U : 8U) + keyBytes + valueBytes;
}
PREDIS_HD std::uint64_t unitsOf(std::uint64_t bytes) noexcept {
  return (bytes + kUnitBytes - 1) / kUnitBytes;
}

/// True for records that kernels do not write themselves. Counted with an expiry time, whether it has one or
/// not: such a record always has a place for one (kHasExpiry, and 0 for never), so that a large one never has
/// to be written again because it shall expire.
PREDIS_HD bool isLarge(std::uint64_t keyBytes, std::uint64_t valueBytes) noexcept {
  return recordBytes(keyBytes, valueBytes, true) > kMaxSmallRecordBytes;
}

/// An entry of a bucket: bit 63 a flag of the bucket, 28 bits of tag, 35 bits of the record's unit address (1
/// TiB). An entry without its flag is 0 when its place is free; unit 0 is never a record's.
struct Entry {
  static constexpr unsigned kAddressBits = 35;
  static constexpr std::uint64_t kAddressMask = (std::uint64_t{1} << kAddressBits) - 1;
  static constexpr std::uint64_t kFlag = std::uint64_t{1} << 63;
  static constexpr std::uint64_t kTagMask = ~kFlag & ~kAddressMask;

  /// The tag in its place: the upper bits of the hash, of which no bucket number is made.
  PREDIS_HD static std::uint64_t tagOf(std::uint64_t hash) noexcept { return hash >> 1 & kTagMask; }
  PREDIS_HD static std::uint64_t make(std::uint64_t hash, std::uint64_t unit) noexcept {
    return tagOf(hash) | unit;
  }
  PREDIS_HD static std::uint64_t unitOf(std::uint64_t entry) noexcept { return entry & kAddressMask; }
  PREDIS_HD static bool isFree(std::uint64_t entry) noexcept { return (entry & ~kFlag) == 0; }
  PREDIS_HD static bool hasTag(std::uint64_t entry, std::uint64_t tag) noexcept {
    return (entry & kTagMask) == tag && !isFree(entry);
  }
};

/// A cache line and a half-line pair of DRAM: read in one go by eight lanes.
struct alignas(64) Bucket {
  static constexpr unsigned kEntries = 8;
  /// Flag of entry 0: a key that has this as its first bucket may lie elsewhere (second bucket or stash).
  /// Kept until the table is rebuilt, so that a miss, and most hits, need one bucket.
  static constexpr unsigned kOverflowedEntry = 0;
  /// Flag of entry 1: somebody moves entries of this bucket (see displacement).
  static constexpr unsigned kLockEntry = 1;
  std::uint64_t entries[kEntries];
};
static_assert(sizeof(Bucket) == 64);

/// Entries for which no bucket had room, looked at when the first bucket overflowed.
struct alignas(64) Stash {
  static constexpr std::uint32_t kPlaces = 4096;
  std::uint64_t entries[kPlaces];
};

/// Counts kept by kernels; `keys` to `liveUnits` are the truth about the table, the others are reset by the
/// host.
struct Counters {
  std::uint64_t keys;
  std::uint64_t keyValueBytes;
  std::uint64_t liveUnits;     ///< Of records that an entry points to.
  std::uint64_t stashed;       ///< Places of the stash in use (never reused before a rebuild).
  std::uint64_t expiringKeys;  ///< Records with an expiry time.
  std::uint64_t hits, misses;
  std::uint64_t evicted, expired;
  std::uint64_t deferred;     ///< Operations that a pass left undone, see Deferred.
  std::uint64_t logUnits;     ///< Taken of the segments that a batch may fill, see LogView.
  std::uint64_t outputBytes;  ///< Taken of a batch's output memory.
  std::uint64_t failed;       ///< Operations with a failure status.
};

/// The table as kernels see it; passed by value. Linear hashing (Litwin, VLDB 1980): buckets [0, level +
/// split) exist, those below `split` were already split in two, so the index grows in place and in small
/// steps.
struct TableView {
  Bucket* buckets;
  std::uint8_t* records;  ///< Unit u is at records + u * kUnitBytes.
  Stash* stash;
  Counters* counters;
  std::uint32_t* segmentLiveUnits;  ///< By segment: units of its live records.
  std::uint64_t level;              ///< A power of two.
  std::uint64_t split;              ///< 0 to level - 1.
  HashSeed seed;

  PREDIS_HD std::uint64_t bucketCount() const noexcept { return level + split; }
  /// The bucket that a number chosen by hash bits stands for.
  PREDIS_HD std::uint64_t bucketOf(std::uint64_t bits) const noexcept {
    const std::uint64_t fine = bits & (2 * level - 1);
    return fine < level + split ? fine : fine & (level - 1);
  }
  /// The bits that choose the two candidates of a key.
  PREDIS_HD static std::uint64_t firstBits(std::uint64_t hash) noexcept { return hash; }
  PREDIS_HD static std::uint64_t secondBits(std::uint64_t hash) noexcept {
    return (hash ^ hash >> 32) * 0x9E3779B97F4A7C15U >> 24;
  }
  /// The two candidates of a key. They may be the same bucket.
  PREDIS_HD std::uint64_t firstBucket(std::uint64_t hash) const noexcept { return bucketOf(firstBits(hash)); }
  PREDIS_HD std::uint64_t secondBucket(std::uint64_t hash) const noexcept {
    return bucketOf(secondBits(hash));
  }
  PREDIS_HD std::uint8_t* recordAt(std::uint64_t unit) const noexcept { return records + unit * kUnitBytes; }
};

/// Hash of a key in a namespace.
PREDIS_HD std::uint64_t hashKey(const std::uint8_t* key, std::uint32_t keyBytes, std::uint16_t space,
                                const HashSeed& seed) noexcept {
  return hashBytes(key, keyBytes, seed, space);
}

}  // namespace predis::cuda
