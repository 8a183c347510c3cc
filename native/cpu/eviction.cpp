#include "eviction.hpp"

#include <array>
#include <mutex>

namespace predis::cpu {

namespace {

/// What an engine of one key takes beside its record: the chunk that describes a region, a segment, and a
/// directory of one entry.
constexpr std::uint64_t kLeastOverheadBytes = 2 * kChunkBytes + sizeof(void*);
/// Buckets that are looked at for expired keys before a living one is evicted.
constexpr unsigned kSweptBuckets = 64;
/// Keys not read since the hand last passed go at the second time that it meets them, those read at the
/// third; one lap more, since the first may begin anywhere.
constexpr std::uint64_t kMostLaps = 4;

}  // namespace

void RoomMaker::plan() noexcept {
  planned_ = true;
  const std::size_t bytes = recordBytes(key_.bytes.size(), valueBytes_, true);
  isLong_ = RecordMemory::isLong(bytes);
  // The key's old value stays until the new one has its place.
  const std::uint64_t neededBytes = RecordMemory::chargedBytes(bytes) + shards_[own_]->chargedBytes(key_);
  if (neededBytes + kLeastOverheadBytes > budget_.limitBytes()) return;
  // Each step frees a long record, of 4 KiB at least, or most of a chunk.
  mostSteps_ = 4 * kSingleKeys + neededBytes / 1024;
}

bool RoomMaker::make() noexcept {
  if (!planned_) plan();
  if (++steps_ > mostSteps_) return false;
  if (!isLong_ && steps_ <= kSingleKeys) {
    Shard& own = *shards_[own_];
    if (own.sweepBuckets(kSweptBuckets, time_) || own.evictOne(key_, time_)) return true;
  }
  // The own shard first, unless it has little to give.
  if (!isLong_ && freeMemoryOf(own_)) return true;
  for (std::size_t tries = 0; tries < 2 * shards_.size(); ++tries) {
    if (freeMemoryOf(nextVictim_.fetch_add(1, std::memory_order_relaxed) % shards_.size())) return true;
  }
  return false;
}

bool RoomMaker::freeMemoryOf(std::size_t shard) noexcept {
  if ((held_ >> shard & 1) != 0) return shards_[shard]->evictChunk(key_, time_);
  // Out of the order in which locks are taken, so never waited for.
  const std::unique_lock lock(shards_[shard]->lock, std::try_to_lock);
  return lock.owns_lock() && shards_[shard]->evictChunk(key_, time_);
}

std::uint64_t Shard::chargedBytes(const KeyRef& key) const noexcept {
  const std::uint64_t* const entry = index_.find(key);
  return entry == nullptr ? 0 : RecordMemory::chargedBytes(*Index::recordOf(*entry));
}

bool Shard::sweepBuckets(unsigned buckets, CallTime& time) noexcept {
  if (expiringKeys_ == 0) return false;
  std::uint64_t removed = 0;
  for (unsigned i = 0; i < buckets && removed == 0; ++i) removed = sweepBucket(time);
  return removed != 0;
}

std::uint64_t* Shard::nextVictim(const KeyRef& kept, CallTime& time) noexcept {
  const std::uint64_t lastLap = hand_.laps + kMostLaps;
  while (hand_.laps < lastLap) {
    Bucket* const bucket = index_.at(hand_);
    if (bucket == nullptr) return nullptr;
    if (handEntry_ == 0) {
      for (const std::uint64_t entry : bucket->entries) {
        if (!Index::isYoung(entry)) __builtin_prefetch(Index::recordOf(entry));
      }
    }
    while (handEntry_ < Bucket::kEntries) {
      std::uint64_t& entry = bucket->entries[handEntry_++];
      if (entry == 0) continue;
      Record& record = *Index::recordOf(entry);
      if (Index::expires(entry) && isGone(record, time) && !record.isOf(kept)) return &entry;
      if (Index::isYoung(entry)) {
        Index::forgetYoung(entry);
      } else if (record.wasRead()) {
        record.forgetRead();
      } else if (!record.isOf(kept)) {
        return &entry;
      }
    }
    handEntry_ = 0;
    static_cast<void>(index_.walk(hand_));
  }
  return nullptr;
}

void Shard::evict(std::uint64_t* entry, CallTime& time) noexcept {
  Counters::add(isGone(*Index::recordOf(*entry), time) ? counters.expired : counters.evicted, 1);
  removeEntry(entry);
}

bool Shard::evictOne(const KeyRef& kept, CallTime& time) noexcept {
  std::uint64_t* const victim = nextVictim(kept, time);
  if (victim == nullptr) return false;
  evict(victim, time);
  return true;
}

bool Shard::evictChunk(const KeyRef& kept, CallTime& time) noexcept {
  std::uint64_t* const victim = nextVictim(kept, time);
  if (victim == nullptr) return false;
  std::array<Record*, RecordMemory::kMostNeighbours> neighbours;
  const std::size_t count = RecordMemory::neighbours(*Index::recordOf(*victim), neighbours);
  for (std::size_t i = 0; i < count; ++i) {
    if (neighbours[i]->isOf(kept)) continue;
    if (std::uint64_t* const entry = index_.find(neighbours[i]->keyRef())) evict(entry, time);
  }
  return true;
}

}  // namespace predis::cpu
