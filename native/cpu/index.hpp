/// @file
/// The index of one shard: an extendible hash table of 64-byte buckets.
///
/// A directory, addressed by the leading hash bits, points to segments of 256 buckets. A key has two
/// candidate buckets in its segment (the second follows from the first and the tag, as in a cuckoo filter:
/// Fan et al., CoNEXT 2014) and lies in one of them, so that every search ends after two buckets, whatever
/// was deleted before. A segment without room is split in two, as in extendible hashing (Fagin et al., TODS
/// 1979): that touches its own 2,048 records at most, so no operation waits for the whole table to grow.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "../engine/record.hpp"
#include "arena.hpp"

namespace predis::cpu {

/// Eight entries of a 16-bit tag (upper bits, never 0) and a 48-bit record address; 0 is an empty one.
/// Records start at multiples of 16 bytes, so that the lowest bits are free: see `Index`.
struct alignas(64) Bucket {
  static constexpr unsigned kEntries = 8;
  std::uint64_t entries[kEntries];

  /// One bit for each entry whose tag is this; tag 0 finds the empty ones.
  [[nodiscard]] unsigned match(std::uint16_t tag) const noexcept {
#if defined(__SSE2__)
    const auto* const p = reinterpret_cast<const __m128i*>(entries);
    // The upper halves of two pairs of entries side by side, then their upper halves: the tags.
    const auto upper = [p](int i) noexcept {
      const __m128 a = _mm_castsi128_ps(_mm_load_si128(p + i));
      const __m128 b = _mm_castsi128_ps(_mm_load_si128(p + i + 1));
      return _mm_srai_epi32(_mm_castps_si128(_mm_shuffle_ps(a, b, 0xDD)), 16);
    };
    const __m128i tags = _mm_packs_epi32(upper(0), upper(2));
    const __m128i equal = _mm_cmpeq_epi16(tags, _mm_set1_epi16(static_cast<short>(tag)));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(equal, _mm_setzero_si128())));
#else
    unsigned found = 0;
    for (unsigned i = 0; i < kEntries; ++i) found |= unsigned{(entries[i] >> 48) == tag} << i;
    return found;
#endif
  }
};

/// Not thread-safe by itself: reads need the shard's lock shared, changes need it exclusive.
///
/// Bits of a hash, from the top: 6 the shard, 24 the directory; from the bottom: 8 the bucket, 16 the tag.
class Index {
 public:
  static constexpr unsigned kShardBits = 6;
  static constexpr unsigned kMaxDepth = 24;

  Index(MemoryBudget& budget, Arena& arena) noexcept : budget_(budget), arena_(arena) {}
  ~Index() { forgetAll(); }
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  /// The entry of a key, or null. Valid until the next change.
  [[nodiscard]] std::uint64_t* find(const KeyRef& key) const noexcept {
    Bucket* const segment = segmentOf(key.hash);
    if (segment == nullptr) return nullptr;
    const std::uint16_t tag = tagOf(key.hash);
    const std::size_t first = firstBucket(key.hash);
    if (std::uint64_t* const entry = findIn(segment[first], tag, key)) return entry;
    return findIn(segment[otherBucket(first, tag)], tag, key);
  }

  /// The record that a key most probably has, without looking at it: the first whose tag agrees. Null when
  /// there is surely none.
  [[nodiscard]] Record* guess(std::uint64_t hash) const noexcept {
    const Bucket* const segment = segmentOf(hash);
    if (segment == nullptr) return nullptr;
    const std::uint16_t tag = tagOf(hash);
    const Bucket* bucket = segment + firstBucket(hash);
    unsigned found = bucket->match(tag);
    if (found == 0) [[unlikely]] {
      bucket = segment + otherBucket(firstBucket(hash), tag);
      found = bucket->match(tag);
      if (found == 0) return nullptr;
    }
    return recordOf(bucket->entries[std::countr_zero(found)]);
  }

  /// Brings the first bucket of a key near.
  void prefetchBucket(std::uint64_t hash) const noexcept {
    if (const Bucket* const segment = segmentOf(hash)) __builtin_prefetch(segment + firstBucket(hash));
  }

  /// Whether an entry's record expires some day: sweeping need not look at the others.
  [[nodiscard]] static bool expires(std::uint64_t entry) noexcept { return (entry & kExpires) != 0; }
  /// A new entry is young, until the hand of the clock passes it.
  [[nodiscard]] static bool isYoung(std::uint64_t entry) noexcept { return (entry & kYoung) != 0; }
  static void forgetYoung(std::uint64_t& entry) noexcept { entry &= ~kYoung; }

  /// A place in the index that stays meaningful while the index grows and shrinks: the leading hash bits of a
  /// segment, and a bucket of it. Whoever walks from one place on until `Cursor::laps` has risen has seen
  /// every entry that was there all the time, and each once if there were no changes.
  struct Cursor {
    std::uint32_t prefix = 0;  ///< kMaxDepth bits.
    std::uint32_t bucket = 0;
    std::uint64_t laps = 0;
  };
  /// The bucket at a place, or null when the index is empty.
  [[nodiscard]] Bucket* at(const Cursor& cursor) const noexcept {
    return directory_ == nullptr ? nullptr
                                 : directory_[cursor.prefix >> (kMaxDepth - depth_)] + cursor.bucket;
  }
  /// The same, and moves the place one bucket on.
  Bucket* walk(Cursor& cursor) const noexcept {
    Bucket* const bucket = at(cursor);
    if (bucket == nullptr) {
      ++cursor.laps;
    } else if (++cursor.bucket == kBuckets) {
      cursor.bucket = 0;
      const unsigned below = kMaxDepth - Arena::infoOf(bucket).localDepth;
      cursor.prefix = ((cursor.prefix >> below) + 1) << below;
      if (cursor.prefix >> kMaxDepth != 0) {
        cursor.prefix = 0;
        ++cursor.laps;
      }
    }
    return bucket;
  }

  /// Changes whenever segments are merged or given back: pointers into the index are then of no use.
  [[nodiscard]] std::uint64_t shape() const noexcept { return shape_; }
  /// The first place of the segment that a place lies in.
  [[nodiscard]] Cursor beginOfSegment(const Cursor& place) const noexcept {
    if (directory_ == nullptr) return place;
    const Bucket* const segment = directory_[place.prefix >> (kMaxDepth - depth_)];
    const unsigned below = kMaxDepth - Arena::infoOf(segment).localDepth;
    return {place.prefix >> below << below, 0, place.laps};
  }

  /// Adds the record of a key that has none. False when memory for growth is missing; nothing changed then.
  [[nodiscard]] bool insert(Record* record) noexcept;
  /// Lets an entry point to another record of the same key.
  static void replace(std::uint64_t* entry, const Record* record) noexcept {
    *entry = entryOf(tagOf(record->hash()), record);
  }
  /// Removes an entry found by `find` with this hash. Segments that became sparse are merged, and the last
  /// entry gives all of the index's memory back.
  void erase(std::uint64_t* entry, std::uint64_t hash) noexcept;

  /// Makes room for so many keys in an empty index, as far as memory allows.
  void reserve(std::uint64_t keys) noexcept;
  /// Forgets all, and the segments too, which the caller has given back through the arena, or will.
  void forgetAll() noexcept;

  [[nodiscard]] std::uint64_t keys() const noexcept { return keys_; }
  [[nodiscard]] static Record* recordOf(std::uint64_t entry) noexcept {
    return reinterpret_cast<Record*>(entry & kAddressMask);
  }

 private:
  static constexpr std::uint64_t kAddressMask = (std::uint64_t{1} << 48) - 16;
  // Bits of an entry below the record's address.
  static constexpr std::uint64_t kExpires = 1;
  static constexpr std::uint64_t kYoung = 2;
  static constexpr std::size_t kBuckets = kChunkBytes / sizeof(Bucket);
  static_assert(kBuckets == 256, "firstBucket takes 8 bits");
  /// Entries of a segment above which it is split: fuller ones send more keys to their second bucket.
  static constexpr std::uint32_t kSplitAbove = kBuckets * Bucket::kEntries * 4 / 5;
  /// Two halves of a former segment are merged when they have no more entries than this together: far from
  /// splitting again.
  static constexpr std::uint32_t kMergeBelow = kBuckets * Bucket::kEntries / 4;
  /// A merge is tried once in so many removals from a segment, since it reads both.
  static constexpr std::uint32_t kMergeEvery = 64;

  [[nodiscard]] static std::uint16_t tagOf(std::uint64_t hash) noexcept {
    const auto tag = static_cast<std::uint16_t>(hash >> 8);
    return static_cast<std::uint16_t>(tag + (tag == 0));
  }
  [[nodiscard]] static std::size_t firstBucket(std::uint64_t hash) noexcept { return hash & (kBuckets - 1); }
  /// The other candidate; of the second, the first. Never the same.
  [[nodiscard]] static std::size_t otherBucket(std::size_t bucket, std::uint16_t tag) noexcept {
    return bucket ^ ((tag * 0x9E3779B1U >> 24) | 1);
  }
  [[nodiscard]] static std::uint64_t entryOf(std::uint16_t tag, const Record* record) noexcept {
    return std::uint64_t{tag} << 48 | reinterpret_cast<std::uintptr_t>(record) | kYoung |
           (record->expires() ? kExpires : 0);
  }
  [[nodiscard]] std::size_t directoryIndex(std::uint64_t hash) const noexcept {
    return (hash << kShardBits) >> 1 >> (63 - depth_);
  }
  [[nodiscard]] Bucket* segmentOf(std::uint64_t hash) const noexcept {
    return directory_ == nullptr ? nullptr : directory_[directoryIndex(hash)];
  }
  [[nodiscard]] static std::uint64_t* findIn(Bucket& bucket, std::uint16_t tag, const KeyRef& key) noexcept {
    for (unsigned found = bucket.match(tag); found != 0; found &= found - 1) {
      std::uint64_t* const entry = &bucket.entries[std::countr_zero(found)];
      if (recordOf(*entry)->isOf(key)) return entry;
    }
    return nullptr;
  }

  [[nodiscard]] static bool place(Bucket& bucket, std::uint64_t entry) noexcept;
  [[nodiscard]] static bool placeByMoving(Bucket* segment, std::size_t first, std::uint64_t entry) noexcept;
  [[nodiscard]] bool resizeDirectory(unsigned depth) noexcept;
  [[nodiscard]] Bucket* takeSegment(unsigned localDepth) noexcept;
  [[nodiscard]] bool split(std::uint64_t hash) noexcept;
  void mergeIfSparse(std::uint64_t hash) noexcept;
  void releaseAll() noexcept;

  Bucket** directory_ = nullptr;  ///< Of `pointers_`; null while there is no segment.
  unsigned depth_ = 0;            ///< The directory has 2^depth entries.
  std::uint64_t keys_ = 0;
  std::uint64_t shape_ = 0;
  std::vector<Bucket*> pointers_;
  MemoryBudget& budget_;
  Arena& arena_;
};

}  // namespace predis::cpu
