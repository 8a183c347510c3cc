/// @file
/// One shard of the CPU engine: an index, its records and their lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "../engine/engine.hpp"
#include "../engine/record.hpp"
#include "arena.hpp"
#include "index.hpp"
#include "record_memory.hpp"
#include "shared_lock.hpp"

namespace predis::cpu {

/// Counters of single operations; relaxed, so that they cost little.
struct Counters {
  std::atomic<std::uint64_t> hits{0}, misses{0}, puts{0}, deletes{0}, increments{0};

  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t count) noexcept {
    counter.fetch_add(count, std::memory_order_relaxed);
  }
};

/// Operations on keys whose lengths were checked. The caller holds `lock`: shared for `find` and `guess`,
/// exclusive for the rest.
class alignas(64) Shard {
 public:
  Shard(MemoryBudget& budget, Arena& arena) noexcept : index_(budget, arena), records_(budget, arena) {}

  /// The record of a key, or null.
  [[nodiscard]] const Record* find(std::uint64_t hash, std::string_view key) const noexcept {
    const std::uint64_t* const entry = index_.find(hash, key);
    return entry == nullptr ? nullptr : Index::recordOf(*entry);
  }
  [[nodiscard]] const Record* guess(std::uint64_t hash) const noexcept { return index_.guess(hash); }
  void prefetchBucket(std::uint64_t hash) const noexcept { index_.prefetchBucket(hash); }

  /// kOk or kOutOfMemory.
  Status put(std::uint64_t hash, std::string_view key, std::string_view value) noexcept;
  /// kOk or kNotFound.
  Status remove(std::uint64_t hash, std::string_view key) noexcept;
  /// kOk, kOutOfMemory, kNotInteger or kOverflow.
  Status increment(std::uint64_t hash, std::string_view key, std::int64_t amount,
                   std::int64_t& result) noexcept;

  void reserve(std::uint64_t keys) noexcept { index_.reserve(keys); }
  /// Forgets all; the caller gives the arena's chunks back.
  void forgetAll() noexcept;

  [[nodiscard]] std::uint64_t keys() const noexcept { return index_.keys(); }
  [[nodiscard]] std::uint64_t keyValueBytes() const noexcept { return keyValueBytes_; }

  mutable SharedLock lock;
  Counters counters;

 private:
  Status insert(std::uint64_t hash, std::string_view key, std::string_view value) noexcept;
  Status overwrite(std::uint64_t* entry, std::string_view value) noexcept;

  Index index_;
  std::uint64_t keyValueBytes_ = 0;
  RecordMemory records_;
};

}  // namespace predis::cpu
