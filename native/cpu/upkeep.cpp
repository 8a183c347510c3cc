/// What concerns the engine as a whole: namespaces, clearing, sweeping, statistics.
#include <mutex>
#include <shared_mutex>

#include "../engine/aligned_memory.hpp"
#include "cpu_engine.hpp"

namespace predis::cpu {

Status CpuEngine::openSpace(std::string_view name, std::uint16_t& space) noexcept {
  return spaces_.open(name, space);
}

std::uint64_t CpuEngine::countKeys(std::uint16_t space) const noexcept {
  std::uint64_t count = 0;
  for (const auto& shard : shards_) {
    const std::shared_lock lock(shard->lock);
    // A key of a namespace was put after its namespace was opened, which is then seen under the lock.
    count += space == 0 && spaces_.count() == 1 ? shard->keys() : shard->countKeys(space);
  }
  return count;
}

void CpuEngine::clear(std::uint16_t space) noexcept {
  const BatchLock lock(shards_, allShards(), allShards());
  const bool isAll = space == 0 && spaces_.count() == 1;
  for (const auto& shard : shards_) {
    if (isAll) {
      shard->forgetAll();
    } else {
      shard->clear(space);
    }
  }
  if (isAll) arena_.releaseAll();
}

void CpuEngine::clearAll() noexcept {
  const BatchLock lock(shards_, allShards(), allShards());
  for (const auto& shard : shards_) shard->forgetAll();
  arena_.releaseAll();
}

std::uint64_t CpuEngine::sweepExpired() noexcept {
  CallTime time(nowMs_);
  std::uint64_t removed = 0;
  for (const auto& shard : shards_) {
    const std::unique_lock lock(shard->lock);
    removed += shard->sweepExpired(time);
  }
  return removed;
}

Stats CpuEngine::stats() const noexcept {
  Stats stats;
  const auto count = [&stats](const Counters& counters) noexcept {
    stats.hits += counters.hits.load(std::memory_order_relaxed);
    stats.misses += counters.misses.load(std::memory_order_relaxed);
    stats.puts += counters.puts.load(std::memory_order_relaxed);
    stats.deletes += counters.deletes.load(std::memory_order_relaxed);
    stats.increments += counters.increments.load(std::memory_order_relaxed);
    stats.expiredKeys += counters.expired.load(std::memory_order_relaxed);
    stats.evictedKeys += counters.evicted.load(std::memory_order_relaxed);
  };
  count(counters_);
  for (const auto& shard : shards_) {
    count(shard->counters);
    const std::shared_lock lock(shard->lock);
    stats.keys += shard->keys();
    stats.keyValueBytes += shard->keyValueBytes();
  }
  stats.gets = stats.hits + stats.misses;
  stats.memoryBytes = budget_.usedBytes();
  sampler_.report(stats);
  return stats;
}

void CpuEngine::resetStats() noexcept {
  const auto reset = [](Counters& counters) noexcept {
    for (auto* const counter : {&counters.hits, &counters.misses, &counters.puts, &counters.deletes,
                                &counters.increments, &counters.expired, &counters.evicted}) {
      counter->store(0, std::memory_order_relaxed);
    }
  };
  reset(counters_);
  for (const auto& shard : shards_) reset(shard->counters);
  sampler_.reset();
}

std::shared_ptr<std::uint8_t> CpuEngine::allocatePinned(std::size_t bytes) noexcept {
  return alignedMemory(bytes);
}

}  // namespace predis::cpu
