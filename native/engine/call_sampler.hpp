/// @file
/// Times a sample of the calls: two readings of the clock would cost as much as a get, so one call in 64, on
/// average, is timed.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "engine.hpp"

namespace predis {

/// Thread-safe.
class CallSampler {
  using Clock = std::chrono::steady_clock;

 public:
  /// Lives through one call and counts it when it belongs to the sample.
  class Sample {
   public:
    Sample(CallSampler& sampler, std::size_t operations) noexcept {
      if (--countdown() > 0 && sampler.calls_.load(std::memory_order_relaxed) != 0) [[likely]]
        return;
      countdown() = nextGap();
      sampler_ = &sampler;
      operations_ = operations;
      begin_ = Clock::now();
    }
    ~Sample() {
      if (sampler_ == nullptr) [[likely]]
        return;
      sampler_->calls_.fetch_add(1, std::memory_order_relaxed);
      sampler_->operations_.fetch_add(operations_, std::memory_order_relaxed);
      sampler_->ns_.fetch_add(nsSince(begin_), std::memory_order_relaxed);
    }
    Sample(const Sample&) = delete;
    Sample& operator=(const Sample&) = delete;

   private:
    CallSampler* sampler_ = nullptr;
    std::size_t operations_ = 0;
    Clock::time_point begin_;
  };

  /// Fills in the sample and the time of `stats`.
  void report(Stats& stats) const noexcept {
    stats.sampledCalls = calls_.load(std::memory_order_relaxed);
    stats.sampledOps = operations_.load(std::memory_order_relaxed);
    stats.sampledNs = ns_.load(std::memory_order_relaxed);
    stats.elapsedNs = nsSince(Clock::time_point(Clock::duration(since_.load(std::memory_order_relaxed))));
  }

  void reset() noexcept {
    calls_.store(0, std::memory_order_relaxed);
    operations_.store(0, std::memory_order_relaxed);
    ns_.store(0, std::memory_order_relaxed);
    since_.store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
  }

 private:
  [[nodiscard]] static std::uint64_t nsSince(Clock::time_point begin) noexcept {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count());
  }

  /// Calls of this thread until the next of the sample. An engine's first call is always one.
  static int& countdown() noexcept {
    thread_local int calls = 1;
    return calls;
  }

  /// 1 to 127, so that a pattern of 64 calls does not always show the same call.
  static int nextGap() noexcept {
    thread_local std::uint32_t state = 0x2545F491;
    state ^= state << 13;  // xorshift32 (Marsaglia 2003)
    state ^= state >> 17;
    state ^= state << 5;
    return static_cast<int>(state % 127) + 1;
  }

  std::atomic<std::uint64_t> calls_{0}, operations_{0}, ns_{0};
  std::atomic<Clock::rep> since_{Clock::now().time_since_epoch().count()};
};

}  // namespace predis
