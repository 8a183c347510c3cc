#include "index.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

namespace predis::cpu {

bool Index::place(Bucket& bucket, std::uint64_t entry) noexcept {
  const unsigned empty = bucket.match(0);
  if (empty == 0) return false;
  bucket.entries[std::countr_zero(empty)] = entry;
  return true;
}

bool Index::placeByMoving(Bucket* segment, std::size_t first, std::uint64_t entry) noexcept {
  const auto tag = static_cast<std::uint16_t>(entry >> 48);
  for (const std::size_t from : {first, otherBucket(first, tag)}) {
    for (std::uint64_t& moved : segment[from].entries) {
      const auto movedTag = static_cast<std::uint16_t>(moved >> 48);
      if (place(segment[otherBucket(from, movedTag)], moved)) {
        moved = entry;
        return true;
      }
    }
  }
  return false;
}

bool Index::insert(Record* record) noexcept {
  if ((reinterpret_cast<std::uintptr_t>(record) & ~kAddressMask) != 0) return false;
  const std::uint64_t hash = record->hash();
  if (directory_ == nullptr) {
    if (!resizeDirectory(0)) return false;
    pointers_[0] = takeSegment(0);
    if (pointers_[0] == nullptr) {
      releaseAll();
      return false;
    }
  }
  const std::uint64_t entry = entryOf(tagOf(hash), record);
  for (;;) {
    Bucket* const segment = segmentOf(hash);
    ChunkInfo& info = Arena::infoOf(segment);
    // A segment that cannot be split may fill up further.
    if (info.entries >= kSplitAbove && split(hash)) continue;
    const std::size_t first = firstBucket(hash);
    if (place(segment[first], entry) || place(segment[otherBucket(first, tagOf(hash))], entry) ||
        placeByMoving(segment, first, entry)) {
      ++info.entries;
      ++keys_;
      return true;
    }
    if (!split(hash)) return false;
  }
}

void Index::erase(std::uint64_t* entry, std::uint64_t hash) noexcept {
  *entry = 0;
  const std::uint32_t left = --Arena::infoOf(entry).entries;
  if (--keys_ == 0) {
    releaseAll();
  } else if (left <= kMergeBelow && left % kMergeEvery == 0) {
    mergeIfSparse(hash);
  }
}

void Index::reserve(std::uint64_t keys) noexcept {
  const std::uint64_t segments = keys / (kSplitAbove * 9 / 10) + 1;
  const auto depth = std::min<unsigned>(static_cast<unsigned>(std::bit_width(segments - 1)), kMaxDepth);
  if (directory_ != nullptr || keys == 0 || !resizeDirectory(depth)) return;
  for (Bucket*& segment : pointers_) {
    segment = takeSegment(depth);
    if (segment == nullptr) return releaseAll();
  }
}

void Index::forgetAll() noexcept {
  budget_.refund(pointers_.size() * sizeof(Bucket*));
  pointers_ = {};
  directory_ = nullptr;
  depth_ = 0;
  keys_ = 0;
  ++shape_;
}

void Index::releaseAll() noexcept {
  // A segment of a smaller local depth stands in the directory several times, side by side.
  Bucket* last = nullptr;
  for (Bucket* const segment : pointers_) {
    if (segment != nullptr && segment != last) arena_.give(reinterpret_cast<std::byte*>(segment));
    last = segment;
  }
  forgetAll();
}

bool Index::resizeDirectory(unsigned depth) noexcept {
  const std::size_t entries = std::size_t{1} << depth;
  const std::size_t before = pointers_.size();
  if (!budget_.charge(entries * sizeof(Bucket*))) return false;
  try {
    std::vector<Bucket*> larger(entries);
    for (std::size_t i = 0; before != 0 && i < entries; ++i) larger[i] = pointers_[i >> (depth - depth_)];
    pointers_ = std::move(larger);
  } catch (const std::bad_alloc&) {
    budget_.refund(entries * sizeof(Bucket*));
    return false;
  }
  budget_.refund(before * sizeof(Bucket*));
  directory_ = pointers_.data();
  depth_ = depth;
  return true;
}

Bucket* Index::takeSegment(unsigned localDepth) noexcept {
  std::byte* const chunk = arena_.take();
  if (chunk == nullptr) return nullptr;
  std::memset(chunk, 0, kChunkBytes);
  Arena::infoOf(chunk).localDepth = localDepth;
  return reinterpret_cast<Bucket*>(chunk);
}

bool Index::split(std::uint64_t hash) noexcept {
  Bucket* const old = segmentOf(hash);
  ChunkInfo& oldInfo = Arena::infoOf(old);
  const unsigned localDepth = oldInfo.localDepth;
  if (localDepth == kMaxDepth) return false;
  if (localDepth == depth_ && !resizeDirectory(depth_ + 1)) return false;
  Bucket* const fresh = takeSegment(localDepth + 1);
  if (fresh == nullptr) return false;
  ChunkInfo& freshInfo = Arena::infoOf(fresh);
  oldInfo.localDepth = localDepth + 1;

  // Entries keep their bucket number, so that every one finds its place.
  const std::uint64_t decides = std::uint64_t{1} << (63 - kShardBits - localDepth);
  constexpr std::size_t kAhead = 2;  // buckets whose records are on their way
  std::array<std::uint64_t*, kBuckets * Bucket::kEntries> displaced;
  std::size_t displacedCount = 0;
  for (std::size_t b = 0; b < kBuckets + kAhead; ++b) {
    if (b < kBuckets) {
      for (const std::uint64_t entry : old[b].entries) __builtin_prefetch(recordOf(entry));
    }
    if (b < kAhead) continue;
    const std::size_t at = b - kAhead;
    for (unsigned i = 0; i < Bucket::kEntries; ++i) {
      std::uint64_t* slot = &old[at].entries[i];
      if (*slot == 0) continue;
      const std::uint64_t entryHash = recordOf(*slot)->hash();
      if ((entryHash & decides) != 0) {
        std::uint64_t* const moved = &fresh[at].entries[i];
        *moved = *slot;
        *slot = 0;
        slot = moved;
        ++freshInfo.entries;
      }
      if (firstBucket(entryHash) != at) displaced[displacedCount++] = slot;
    }
  }
  oldInfo.entries -= freshInfo.entries;
  // Who had to lie in the second bucket may now find room in the first.
  for (std::size_t i = 0; i < displacedCount; ++i) {
    const std::uint64_t entryHash = recordOf(*displaced[i])->hash();
    if (place(((entryHash & decides) != 0 ? fresh : old)[firstBucket(entryHash)], *displaced[i])) {
      *displaced[i] = 0;
    }
  }

  const std::size_t span = std::size_t{1} << (depth_ - localDepth);
  const std::size_t begin = directoryIndex(hash) / span * span;
  std::fill_n(directory_ + begin + span / 2, span / 2, fresh);
  return true;
}

void Index::mergeIfSparse(std::uint64_t hash) noexcept {
  Bucket* const kept = segmentOf(hash);
  ChunkInfo& keptInfo = Arena::infoOf(kept);
  const unsigned localDepth = keptInfo.localDepth;
  if (localDepth == 0) return;
  const std::size_t span = std::size_t{1} << (depth_ - localDepth);
  const std::size_t twinBegin = (directoryIndex(hash) ^ span) / span * span;
  Bucket* const twin = directory_[twinBegin];
  const ChunkInfo& twinInfo = Arena::infoOf(twin);
  if (twinInfo.localDepth != localDepth || keptInfo.entries + twinInfo.entries > kMergeBelow) return;
  // Entries keep their bucket number; where one bucket cannot take both, a later removal tries again.
  const auto used = [](const Bucket& bucket) noexcept {
    return Bucket::kEntries - std::popcount(bucket.match(0));
  };
  for (std::size_t b = 0; b < kBuckets; ++b) {
    if (used(kept[b]) + used(twin[b]) > Bucket::kEntries) return;
  }
  for (std::size_t b = 0; b < kBuckets; ++b) {
    for (const std::uint64_t entry : twin[b].entries) {
      if (entry != 0) static_cast<void>(place(kept[b], entry));
    }
  }
  keptInfo.entries += twinInfo.entries;
  keptInfo.localDepth = localDepth - 1;
  std::fill_n(directory_ + twinBegin, span, kept);
  arena_.give(reinterpret_cast<std::byte*>(twin));
  ++shape_;
}

}  // namespace predis::cpu
