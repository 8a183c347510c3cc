#include "device_engine.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine_impl.hpp"

namespace predis::cuda {

namespace {

/// A batch of more keys makes the whole cache stale instead of looking for each.
constexpr std::size_t kMostDropped = 1024;
constexpr auto kBetweenSweeps = std::chrono::seconds(1);

/// Small engines get small chunks: a batch must not need more room at once than there is.
Tuning fitted(Tuning tuning, const EngineOptions& options) noexcept {
  if (options.memoryLimitBytes != 0)
    tuning.chunkBytes = std::max<std::size_t>(std::size_t{64} << 10,
                                              std::min(tuning.chunkBytes, options.memoryLimitBytes / 8));
  return tuning;
}

}  // namespace

DeviceEngine::DeviceEngine(std::unique_ptr<Backend> backend, const EngineOptions& options,
                           const Tuning& tuning)
    : core_(std::move(backend), options, fitted(tuning, options)),
      nowMs_(options.nowMs),
      mailbox_(core_.backend.mailbox()),
      cache_(options.hotCacheKeys, core_.seed),
      lastSweep_(std::chrono::steady_clock::now()) {}

DeviceEngine::Writing::Writing(DeviceEngine& engine) noexcept
    : engine_(engine), lock_(engine.lock_), evicted_(engine.core_.table.counters().evicted) {}

DeviceEngine::Writing::~Writing() {
  // What was evicted is gone, whichever keys it was.
  if (engine_.core_.table.counters().evicted != evicted_ || engine_.core_.hasFailed())
    engine_.cache_.dropAll();
}

void DeviceEngine::Writing::wrote(const PackedView& keys, std::uint16_t space, std::size_t from,
                                  std::size_t to) noexcept {
  HotCache& cache = engine_.cache_;
  if (!cache.isOn()) return;
  if (to - from > kMostDropped) return cache.dropAll();
  for (std::size_t i = from; i < to; ++i) cache.drop(cache.hashOf(keys[i], space));
}

void DeviceEngine::upkeep(std::int64_t nowMs) noexcept {
  DeviceTable& table = core_.table;
  if (core_.hasFailed() || !table.ready()) return;
  if (table.unseenWrites() == 0) mayExpire_ = table.counters().expiringKeys != 0;
  if (!mayExpire_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - lastSweep_ < kBetweenSweeps) return;
  const SlotLoan slots(core_.slots);
  if (table.sweep(slots[0].stream, nowMs) != 0) table.tidy(slots[0].stream);
  (void)core_.wait(slots[0].stream);
  lastSweep_ = std::chrono::steady_clock::now();
}

std::uint64_t DeviceEngine::countKeys(std::uint16_t space) const noexcept {
  if (spaces_.count() == 1) return space == 0 ? stats().keys : 0;
  const std::shared_lock lock(lock_);
  if (core_.hasFailed() || !core_.table.ready()) return 0;
  const SlotLoan slots(core_.slots);
  Slot& slot = slots[0];
  if (!slot.deviceOut.ensure(sizeof(std::uint64_t)) || !slot.pinnedOut.ensure(sizeof(std::uint64_t)))
    return 0;
  auto* const count = reinterpret_cast<std::uint64_t*>(slot.deviceOut.data());
  auto* const pinned = reinterpret_cast<std::uint64_t*>(slot.pinnedOut.data());
  core_.backend.fill(slot.stream, count, 0, sizeof *count);
  core_.backend.countSpace(slot.stream, core_.table.readView(), space, count);
  core_.backend.copyFromDevice(slot.stream, pinned, count, sizeof *count);
  return core_.wait(slot.stream) ? *pinned : 0;
}

void DeviceEngine::clear(std::uint16_t space) noexcept {
  const Writing writing(*this);
  cache_.dropAll();
  if (core_.hasFailed()) return;
  const SlotLoan slots(core_.slots);
  const Stream stream = slots[0].stream;
  if (space == 0 && spaces_.count() == 1) {
    core_.table.reset(stream, true);
  } else if (core_.table.dropSpace(stream, space)) {
    core_.table.tidy(stream);
  }
  (void)core_.wait(stream);
}

void DeviceEngine::clearAll() noexcept {
  const Writing writing(*this);
  cache_.dropAll();
  if (core_.hasFailed()) return;
  const SlotLoan slots(core_.slots);
  core_.table.reset(slots[0].stream, true);
  (void)core_.wait(slots[0].stream);
}

std::uint64_t DeviceEngine::sweepExpired() noexcept {
  CallTime time(nowMs_);
  const Writing writing(*this);
  if (core_.hasFailed() || !core_.table.ready()) return 0;
  const SlotLoan slots(core_.slots);
  const Stream stream = slots[0].stream;
  std::uint64_t swept = 0;
  if (core_.table.refresh(stream)) swept = core_.table.sweep(stream, time.nowMs());
  core_.table.tidy(stream);
  (void)core_.wait(stream);
  return swept;
}

Stats DeviceEngine::stats() const noexcept {
  const Tallies& tallies = core_.tallies;
  Stats stats;
  stats.hits = Tallies::read(tallies.hits);
  stats.misses = Tallies::read(tallies.misses);
  stats.gets = stats.hits + stats.misses;
  stats.puts = Tallies::read(tallies.puts);
  stats.deletes = Tallies::read(tallies.deletes);
  stats.increments = Tallies::read(tallies.increments);
  Counters counters;
  {
    const std::shared_lock lock(lock_);
    counters = core_.table.counters();
    if (core_.table.unseenWrites() != 0 && !core_.hasFailed()) {
      const SlotLoan slots(core_.slots);
      Slot& slot = slots[0];
      if (slot.pinnedOut.ensure(sizeof(Counters))) {
        auto& pinned = *reinterpret_cast<Counters*>(slot.pinnedOut.data());
        if (core_.table.readCounters(slot.stream, pinned)) {
          counters = pinned;
        } else {
          core_.fail();
        }
      }
    }
    stats.memoryBytes = core_.budget.usedBytes();
  }
  stats.keys = counters.keys;
  stats.keyValueBytes = counters.keyValueBytes;
  stats.evictedKeys = counters.evicted - evictedBefore_.load(std::memory_order_relaxed);
  stats.expiredKeys = counters.expired - expiredBefore_.load(std::memory_order_relaxed);
  sampler_.report(stats);
  return stats;
}

void DeviceEngine::resetStats() noexcept {
  const Stats now = stats();
  evictedBefore_.fetch_add(now.evictedKeys, std::memory_order_relaxed);
  expiredBefore_.fetch_add(now.expiredKeys, std::memory_order_relaxed);
  core_.tallies.reset();
  sampler_.reset();
}

DeviceStats DeviceEngine::deviceStats() const noexcept {
  const Tallies& tallies = core_.tallies;
  DeviceStats stats;
  stats.hotCacheHits = Tallies::read(tallies.hotCacheHits);
  stats.mailboxCalls = Tallies::read(tallies.mailboxCalls);
  stats.directCalls = Tallies::read(tallies.directCalls);
  stats.packedCalls = Tallies::read(tallies.packedCalls);
  stats.deviceCalls = Tallies::read(tallies.deviceCalls);
  stats.timedCalls = Tallies::read(tallies.timedCalls);
  stats.kernelNs = Tallies::read(tallies.kernelNs);
  stats.toDeviceNs = Tallies::read(tallies.toDeviceNs);
  stats.fromDeviceNs = Tallies::read(tallies.fromDeviceNs);
  stats.totalNs = Tallies::read(tallies.totalNs);
  const std::shared_lock lock(lock_);
  stats.indexSlots = core_.table.slots();
  stats.indexGrowths = core_.table.indexGrowths();
  stats.compactions = core_.table.compactions();
  stats.pinnedBytes = core_.slots.workingBytes().pinned.load(std::memory_order_relaxed) +
                      core_.pinned->totalBytes() + core_.table.pinnedBytes();
  return stats;
}

std::unique_ptr<Engine> makeDeviceEngine(std::unique_ptr<Backend> backend, const EngineOptions& options) {
  return makeDeviceEngine(std::move(backend), options, Tuning{});
}

std::unique_ptr<Engine> makeDeviceEngine(std::unique_ptr<Backend> backend, const EngineOptions& options,
                                         const Tuning& tuning) {
  if (options.memoryLimitBytes != 0 && options.memoryLimitBytes < kLeastLimitBytes) return nullptr;
  auto engine = std::make_unique<DeviceEngine>(std::move(backend), options, tuning);
  if (!engine->start()) return nullptr;
  return engine;
}

}  // namespace predis::cuda
