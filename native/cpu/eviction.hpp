/// @file
/// Making room for a write that the memory limit refused.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "arena.hpp"
#include "batch_lock.hpp"
#include "shard.hpp"

namespace predis::cpu {

/// Evicts for one write, a little more at each call of `make`, until the write succeeds or there is no hope.
///
/// First single keys of the write's own shard, where a key of about the same length most probably leaves its
/// place; then memory by the chunk, which any shard can use, from this shard and the others in turn.
/// Belongs to one thread, which holds the lock of the key's shard.
class RoomMaker {
 public:
  /// @param nextVictim the shard whose turn it is, for all threads @param own the key's shard
  /// @param key never evicted itself @param held a bit for each shard whose lock the thread holds exclusively
  RoomMaker(const Shards& shards, const MemoryBudget& budget, std::atomic<std::uint32_t>& nextVictim,
            std::size_t own, const KeyRef& key, std::size_t valueBytes, std::uint64_t held,
            CallTime& time) noexcept
      : shards_(shards),
        budget_(budget),
        nextVictim_(nextVictim),
        own_(own),
        key_(key),
        valueBytes_(valueBytes),
        held_(held),
        time_(time) {}

  /// Evicts something. @return false when the write cannot succeed: it would not fit into an empty engine, or
  /// nothing more can be evicted
  [[nodiscard]] bool make() noexcept;

 private:
  /// Single keys that are tried before memory is freed by the chunk.
  static constexpr unsigned kSingleKeys = 16;

  /// Bounds the calls, and whether there is any sense in them. Sets `mostSteps_`.
  void plan() noexcept;
  [[nodiscard]] bool freeMemoryOf(std::size_t shard) noexcept;

  const Shards& shards_;
  const MemoryBudget& budget_;
  std::atomic<std::uint32_t>& nextVictim_;
  const std::size_t own_;
  const KeyRef& key_;
  const std::size_t valueBytes_;
  const std::uint64_t held_;
  CallTime& time_;
  bool planned_ = false;
  bool isLong_ = false;
  std::uint64_t steps_ = 0;
  std::uint64_t mostSteps_ = 0;
};

}  // namespace predis::cpu
