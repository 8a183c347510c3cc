/// @file
/// The CPU engine: shards behind the interface, and batches that keep many memory accesses in flight.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "../engine/call_sampler.hpp"
#include "../engine/call_time.hpp"
#include "../engine/checks.hpp"
#include "../engine/engine.hpp"
#include "../engine/hash.hpp"
#include "../engine/planted_slowdown.hpp"
#include "../engine/spaces.hpp"
#include "arena.hpp"
#include "batch_lock.hpp"
#include "eviction.hpp"
#include "scratch.hpp"
#include "shard.hpp"

namespace predis::cpu {

class CpuEngine final : public Engine {
 public:
  /// @throws std::bad_alloc
  explicit CpuEngine(const EngineOptions& options);

  [[nodiscard]] std::string_view kind() const noexcept override { return "cpu"; }

  // cpu_engine.cpp
  Status get(const Scope& scope, std::string_view key, const AnswerMemory& memory) noexcept override;
  Status put(const Scope& scope, std::string_view key, std::string_view value) noexcept override;
  Status remove(const Scope& scope, std::string_view key) noexcept override;
  Status increment(const Scope& scope, std::string_view key, std::int64_t amount,
                   std::int64_t& result) noexcept override;

  // batches.cpp
  BatchStatus mget(const Scope& scope, const PackedView& keys, const MgetSink& sink) noexcept override;
  BatchStatus mput(const Scope& scope, const PackedView& keys, const PackedView& values,
                   const std::int64_t* expiresAtMs, std::uint8_t* statuses) noexcept override;
  BatchStatus mremove(const Scope& scope, const PackedView& keys, std::uint8_t* statuses) noexcept override;
  void prefetch(const Scope& scope, const PackedView& keys) noexcept override;

  // mixed_batch.cpp
  BatchStatus execute(const Scope& scope, const OpBatch& batch, const OpResults& results) noexcept override;

  // upkeep.cpp
  Status openSpace(std::string_view name, std::uint16_t& space) noexcept override;
  [[nodiscard]] std::uint64_t countKeys(std::uint16_t space) const noexcept override;
  void clear(std::uint16_t space) noexcept override;
  void clearAll() noexcept override;
  std::uint64_t sweepExpired() noexcept override;
  [[nodiscard]] Stats stats() const noexcept override;
  void resetStats() noexcept override;
  [[nodiscard]] std::shared_ptr<std::uint8_t> allocatePinned(std::size_t bytes) noexcept override;

 private:
  /// Keys that are worked on at once: enough misses in flight for any core, few enough to stay in its L1
  /// cache.
  static constexpr std::size_t kGroup = 32;
  /// Batches of up to so many keys hold their locks shortly enough for anybody.
  static constexpr std::size_t kSmallBatch = 32;
  /// Keys for which a relaxed batch holds a lock at most.
  static constexpr std::size_t kKeysPerLock = 512;
  static constexpr std::size_t kMaxShards = std::size_t{1} << Index::kShardBits;

  /// Lives through one call: times a sample of them, and carries the planted slowdown of a build that has
  /// one.
  struct Call {
    Call(CpuEngine& engine, std::size_t operations) noexcept : sample(engine.sampler_, operations) {}
    CallSampler::Sample sample;
    PlantedSlowdown slowdown;
  };

  /// Whether a batch goes shard by shard.
  [[nodiscard]] static bool isGrouped(const Scope& scope, std::size_t count) noexcept {
    return scope.consistency == Consistency::kRelaxed && count > kSmallBatch;
  }

  [[nodiscard]] std::size_t shardIndex(std::uint64_t hash) const noexcept {
    return hash >> (64 - Index::kShardBits) & shardMask_;
  }
  [[nodiscard]] std::uint64_t shardBit(std::uint64_t hash) const noexcept {
    return std::uint64_t{1} << shardIndex(hash);
  }
  [[nodiscard]] Shard& shardOf(std::uint64_t hash) const noexcept { return *shards_[shardIndex(hash)]; }
  [[nodiscard]] std::uint64_t allShards() const noexcept {
    return ~std::uint64_t{0} >> (64 - shards_.size());
  }
  [[nodiscard]] KeyRef refOf(const Scope& scope, std::string_view key) const noexcept {
    return {hashBytes(key, seed_, scope.space), key, scope.space};
  }

  /// What every read does with the record that it found.
  void noteRead(Record& record) const noexcept {
    if (evicting_) record.markRead();
  }

  /// Tries a write, and again each time that something was evicted for it. @param held a bit for each shard
  /// whose lock is held exclusively
  template <typename Attempt>
  Status withRoom(const KeyRef& key, std::size_t valueBytes, std::uint64_t held, CallTime& time,
                  const Attempt& attempt) noexcept {
    Status status = attempt();
    if (status != Status::kOutOfMemory || !evicting_) [[likely]]
      return status;
    RoomMaker room(shards_, budget_, nextVictim_, shardIndex(key.hash), key, valueBytes, held, time);
    while (status == Status::kOutOfMemory && room.make()) status = attempt();
    return status;
  }

  /// Hashes all keys. @return a bit for each shard touched
  std::uint64_t hashAll(const Scope& scope, const PackedView& keys, std::uint64_t* hashes) const noexcept {
    std::uint64_t touched = 0;
    for (std::size_t i = 0; i < keys.count; ++i) {
      hashes[i] = hashBytes(keys[i], seed_, scope.space);
      touched |= shardBit(hashes[i]);
    }
    return touched;
  }

  /// Calls finish(at(j)) for each j < count in order, a group of keys after their buckets, and then their
  /// probable records, were asked for, so that the memory accesses of a group overlap. The caller holds the
  /// locks. In scratch.records: each key's probable record as it was one group before.
  template <typename At, typename Finish>
  void pipeline(Scratch& scratch, std::size_t count, const At& at, const Finish& finish) const noexcept {
    const std::uint64_t* const hashes = scratch.hashes.data();
    Record** const guesses = scratch.records.data();
    const std::size_t groups = (count + kGroup - 1) / kGroup;
    for (std::size_t group = 0; group < groups + 2; ++group) {
      const auto each = [&](std::size_t which, const auto& stage) noexcept {
        const std::size_t end = std::min(count, (which + 1) * kGroup);
        for (std::size_t j = which * kGroup; j < end; ++j) stage(at(j));
      };
      if (group < groups) {
        each(group, [&](std::size_t i) noexcept { shardOf(hashes[i]).prefetchBucket(hashes[i]); });
      }
      if (group >= 1 && group - 1 < groups) {
        each(group - 1, [&](std::size_t i) noexcept {
          Record* const guess = shardOf(hashes[i]).guess(hashes[i]);
          guesses[i] = guess;
          if (guess == nullptr) return;
          const auto* const line = reinterpret_cast<const char*>(guess);
          __builtin_prefetch(line);
          __builtin_prefetch(line + 64);
          __builtin_prefetch(line + 128);
        });
      }
      if (group >= 2) each(group - 2, finish);
    }
  }

  /// All keys in the order of the batch. The caller holds all locks.
  template <typename Finish>
  void inOrder(Scratch& scratch, std::size_t count, const Finish& finish) const noexcept {
    pipeline(
        scratch, count, [](std::size_t j) noexcept { return j; }, finish);
  }

  /// All keys shard by shard, those of a shard in the order of the batch; a lock is held for some of its keys
  /// at a time. @param written a bit for each shard to lock exclusively
  template <typename Finish>
  void shardByShard(Scratch& scratch, std::size_t count, std::uint64_t written,
                    const Finish& finish) const noexcept {
    const std::uint64_t* const hashes = scratch.hashes.data();
    std::uint32_t* const order = scratch.order.data();
    std::array<std::size_t, kMaxShards + 1> ends{};  // first where the keys of each shard begin
    for (std::size_t i = 0; i < count; ++i) ++ends[shardIndex(hashes[i]) + 1];
    for (std::size_t s = 0; s < kMaxShards; ++s) ends[s + 1] += ends[s];
    for (std::size_t i = 0; i < count; ++i)
      order[ends[shardIndex(hashes[i])]++] = static_cast<std::uint32_t>(i);
    for (std::size_t begin = 0, s = 0; begin < count; ++s) {
      for (; begin < ends[s]; begin += std::min(kKeysPerLock, ends[s] - begin)) {
        const std::uint64_t bit = std::uint64_t{1} << s;
        const BatchLock lock(shards_, bit, written & bit);
        const std::uint32_t* const part = order + begin;
        pipeline(
            scratch, std::min(kKeysPerLock, ends[s] - begin),
            [part](std::size_t j) noexcept { return std::size_t{part[j]}; }, finish);
      }
    }
  }

  /// The record of a key, or null: the pipeline's guess when it was right.
  [[nodiscard]] Record* settle(Record* guess, const KeyRef& key, CallTime& time) const noexcept {
    if (!isAllowedKey(key.bytes)) [[unlikely]]
      return nullptr;
    if (guess != nullptr && guess->isOf(key) && !Shard::isGone(*guess, time)) [[likely]]
      return guess;
    return shardOf(key.hash).find(key, time);
  }

  /// Runs write(i, key, held) for each key.
  template <typename Write>
  BatchStatus writeAll(const Scope& scope, const PackedView& keys, std::uint8_t* statuses,
                       const Write& write) noexcept;
  BatchStatus mgetGrouped(const Scope& scope, const PackedView& keys, const MgetSink& sink,
                          Scratch& scratch) noexcept;

  const HashSeed seed_;
  std::int64_t (*const nowMs_)() noexcept;
  const bool evicting_;
  const std::size_t shardMask_;
  Spaces spaces_;
  MemoryBudget budget_;
  Arena arena_;
  Shards shards_;
  CallSampler sampler_;
  std::atomic<std::uint32_t> nextVictim_{0};  ///< The shard that is next to give memory to others.
  alignas(64) Counters counters_;             ///< Of batches; single operations count in their shard.
};

}  // namespace predis::cpu
