/// @file
/// What all parts of the device engine share.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "../../engine/random_seed.hpp"
#include "../backend.hpp"
#include "budget.hpp"
#include "device_table.hpp"
#include "pinned_ranges.hpp"
#include "slots.hpp"
#include "tuning.hpp"

namespace predis::cuda {

/// Numbers of Stats and DeviceStats that the engine counts itself, from answers: kernels that run twice for
/// one answer would count twice. Relaxed: they order nothing.
struct Tallies {
  using Count = std::atomic<std::uint64_t>;
  Count hits{0}, misses{0}, puts{0}, deletes{0}, increments{0};
  Count hotCacheHits{0}, mailboxCalls{0}, directCalls{0}, packedCalls{0}, deviceCalls{0};
  Count timedCalls{0}, kernelNs{0}, toDeviceNs{0}, fromDeviceNs{0}, totalNs{0};
  Count calls{0};  ///< Of batches, to choose those that are timed.

  static void add(Count& count, std::uint64_t n) noexcept { count.fetch_add(n, std::memory_order_relaxed); }
  static std::uint64_t read(const Count& count) noexcept { return count.load(std::memory_order_relaxed); }

  void countReads(std::uint64_t found, std::uint64_t all) noexcept {
    if (found != 0) add(hits, found);
    if (found != all) add(misses, all - found);
  }
  /// One call of batches in so many is timed.
  static constexpr std::uint64_t kTimedOneIn = 64;
  [[nodiscard]] bool startsTimedCall() noexcept {
    return calls.fetch_add(1, std::memory_order_relaxed) % kTimedOneIn == 0;
  }
  void endTimedCall(std::chrono::steady_clock::time_point begin) noexcept {
    const auto time = std::chrono::steady_clock::now() - begin;
    add(timedCalls, 1);
    add(totalNs,
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count()));
  }
  void reset() noexcept {
    for (Count* const count :
         {&hits, &misses, &puts, &deletes, &increments, &hotCacheHits, &mailboxCalls, &directCalls,
          &packedCalls, &deviceCalls, &timedCalls, &kernelNs, &toDeviceNs, &fromDeviceNs, &totalNs})
      count->store(0, std::memory_order_relaxed);
  }
};

struct Core {
  /// @throws std::bad_alloc
  Core(std::unique_ptr<Backend> device, const EngineOptions& options, const Tuning& sizes)
      : owner(std::move(device)),
        backend(*owner),
        tuning(sizes),
        evicts(options.eviction != Eviction::kNone),
        path(options.path),
        seed(randomSeed()),
        budget(options.memoryLimitBytes),
        pinned(std::make_shared<PinnedRanges>(owner)),
        slots(backend, tuning.keptBufferBytes),
        table(backend, budget, options, tuning, seed) {}

  /// Waits for a stream's work. @return false when the device failed: nothing can be trusted any more
  [[nodiscard]] bool wait(Stream stream) noexcept { return backend.wait(stream) || fail(); }
  [[nodiscard]] bool await(Stream stream, std::uint32_t ticket) noexcept {
    return backend.await(stream, ticket) || fail();
  }
  /// Notes that the device failed. @return false
  bool fail() noexcept {
    failed.store(true, std::memory_order_release);
    return false;
  }
  /// Whether memory was refused because the device failed. A refusal alone is no failure, and nothing waits
  /// for the device after it. @return hasFailed()
  [[nodiscard]] bool noticeFailure() noexcept {
    if (!hasFailed() && backend.hasFailed()) fail();
    return hasFailed();
  }
  [[nodiscard]] bool hasFailed() const noexcept { return failed.load(std::memory_order_acquire); }

  const std::shared_ptr<Backend> owner;
  Backend& backend;
  const Tuning tuning;
  const bool evicts;
  const Path path;
  const HashSeed seed;
  Budget budget;
  std::shared_ptr<PinnedRanges> pinned;
  SlotPool slots;
  DeviceTable table;
  Tallies tallies;
  std::atomic<bool> failed{false};
};

}  // namespace predis::cuda
