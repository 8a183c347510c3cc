/// @file
/// One shard of the CPU engine: an index, its records and their lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "../engine/call_time.hpp"
#include "../engine/engine.hpp"
#include "../engine/record.hpp"
#include "../engine/shared_lock.hpp"
#include "arena.hpp"
#include "index.hpp"
#include "record_memory.hpp"

namespace predis::cpu {

/// Counters; relaxed, so that they cost little.
struct Counters {
  std::atomic<std::uint64_t> hits{0}, misses{0}, puts{0}, deletes{0}, increments{0}, expired{0}, evicted{0};

  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t count) noexcept {
    counter.fetch_add(count, std::memory_order_relaxed);
  }
};

/// Operations on keys whose lengths were checked. The caller holds `lock`: shared for the const members,
/// exclusive for the rest. A key whose time has come is no key any more, for every member.
class alignas(64) Shard {
 public:
  /// @param evicting whether what is written counts as young again
  Shard(MemoryBudget& budget, Arena& arena, bool evicting) noexcept
      : index_(budget, arena), evicting_(evicting), records_(budget, arena) {}

  /// The record of a key, or null.
  [[nodiscard]] Record* find(const KeyRef& key, CallTime& time) const noexcept {
    const std::uint64_t* const entry = index_.find(key);
    if (entry == nullptr) return nullptr;
    Record* const record = Index::recordOf(*entry);
    return isGone(*record, time) ? nullptr : record;
  }
  /// The record that a key most probably has, or null; whether it is the key's own, and there still, is to be
  /// seen.
  [[nodiscard]] Record* guess(std::uint64_t hash) const noexcept { return index_.guess(hash); }
  [[nodiscard]] static bool isGone(const Record& record, CallTime& time) noexcept {
    return record.expires() && time.reached(record.expiresAtMs());
  }
  void prefetchBucket(std::uint64_t hash) const noexcept { index_.prefetchBucket(hash); }
  /// kOk or kNotFound. @param result out: when the key expires, 0 for never
  Status expiry(const KeyRef& key, CallTime& time, std::int64_t& result) const noexcept;

  /// kOk or kOutOfMemory. @param expiresAtMs 0 for never
  Status put(const KeyRef& key, std::string_view value, std::int64_t expiresAtMs, CallTime& time) noexcept;
  /// kOk, kOutOfMemory or kMismatch.
  Status compareAndSet(const KeyRef& key, std::string_view expected, std::string_view value,
                       std::int64_t expiresAtMs, CallTime& time) noexcept;
  /// kOk, kOutOfMemory or kMismatch.
  Status putIfAbsent(const KeyRef& key, std::string_view value, std::int64_t expiresAtMs,
                     CallTime& time) noexcept;
  /// kOk or kNotFound.
  Status remove(const KeyRef& key, CallTime& time) noexcept;
  /// kOk, kOutOfMemory, kNotInteger or kOverflow. The key keeps its expiry.
  Status increment(const KeyRef& key, std::int64_t amount, CallTime& time, std::int64_t& result) noexcept;
  /// kOk, kOutOfMemory or kNotFound. @param expiresAtMs 0 for never
  Status expire(const KeyRef& key, std::int64_t expiresAtMs, CallTime& time) noexcept;

  void reserve(std::uint64_t keys) noexcept { index_.reserve(keys); }
  /// Removes what has expired. @return how many keys
  std::uint64_t sweepExpired(CallTime& time) noexcept;
  /// Removes the keys of a namespace.
  void clear(std::uint16_t space) noexcept;

  // eviction.cpp
  /// Evicts the key that the hand of the clock comes to, or finds expired. False when there is none but
  /// `kept`.
  bool evictOne(const KeyRef& kept, CallTime& time) noexcept;
  /// The same, and all the other keys of its chunk, so that memory comes back.
  bool evictChunk(const KeyRef& kept, CallTime& time) noexcept;
  /// Looks at so many buckets for expired keys, as far as the first that has some. @return whether there were
  bool sweepBuckets(unsigned buckets, CallTime& time) noexcept;
  /// Of the key's record, 0 when it has none; see RecordMemory.
  [[nodiscard]] std::uint64_t chargedBytes(const KeyRef& key) const noexcept;

  /// Forgets all; the caller gives the arena's chunks back.
  void forgetAll() noexcept;

  [[nodiscard]] std::uint64_t keys() const noexcept { return index_.keys(); }
  /// Keys of a namespace. O(all keys).
  [[nodiscard]] std::uint64_t countKeys(std::uint16_t space) const noexcept;
  [[nodiscard]] std::uint64_t keyValueBytes() const noexcept { return keyValueBytes_; }

  // What every operation touches comes first, in two cache lines.
  mutable SharedLock lock;

 private:
  Index index_;
  const bool evicting_;
  std::uint64_t expiringKeys_ = 0;  ///< Records with a time.
  std::uint64_t keyValueBytes_ = 0;

 public:
  Counters counters;

 private:
  /// The entry of a key, or null; one whose time has come is removed.
  std::uint64_t* liveEntry(const KeyRef& key, CallTime& time) noexcept;
  /// What every write begins with: looks for what has expired, a little further each time.
  void beginWrite(CallTime& time) noexcept {
    if (expiringKeys_ != 0) [[unlikely]]
      sweepSome(time);
  }
  Status store(std::uint64_t* entry, const KeyRef& key, std::string_view value, std::int64_t expiresAtMs,
               CallTime& time) noexcept;
  Status insert(const KeyRef& key, std::string_view value, std::int64_t expiresAtMs) noexcept;
  Status overwrite(std::uint64_t* entry, std::string_view value, std::int64_t expiresAtMs) noexcept;
  void removeEntry(std::uint64_t* entry) noexcept;
  void removeExpired(std::uint64_t* entry) noexcept;
  void sweepSome(CallTime& time) noexcept;
  std::uint64_t sweepBucket(CallTime& time) noexcept;
  std::uint64_t* nextVictim(const KeyRef& kept, CallTime& time) noexcept;
  void evict(std::uint64_t* entry, CallTime& time) noexcept;
  /// Removes entries of a bucket until the index changes its shape. @return how many
  template <typename Unwanted>
  std::uint64_t removeFrom(Bucket& bucket, const Unwanted& unwanted) noexcept;
  template <typename Unwanted>
  std::uint64_t removeIf(const Unwanted& unwanted) noexcept;

  RecordMemory records_;
  Index::Cursor sweep_;       ///< Where the next look for what has expired goes.
  std::uint32_t writes_ = 0;  ///< Since that mattered.
  Index::Cursor hand_;        ///< Of the clock.
  unsigned handEntry_ = 0;    ///< The entry of the bucket there that comes next.
};

}  // namespace predis::cpu
