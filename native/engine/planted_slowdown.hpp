/// @file
/// A slowdown planted on purpose, to prove that the regression gate sees one. Built in only when
/// PREDIS_PLANTED_SLOWDOWN_PERCENT is greater than 0 (scripts/build-native.mjs --planted-slowdown <percent>).
#pragma once

#ifndef PREDIS_PLANTED_SLOWDOWN_PERCENT
#define PREDIS_PLANTED_SLOWDOWN_PERCENT 0
#endif

#if PREDIS_PLANTED_SLOWDOWN_PERCENT > 0
#include <chrono>
#endif

namespace predis {

/// Lives through one engine call; in a slowed build its end busy-waits the planted share of the call's own
/// duration, else it is nothing.
class PlantedSlowdown {
#if PREDIS_PLANTED_SLOWDOWN_PERCENT > 0
 public:
  PlantedSlowdown() noexcept : begin_(Clock::now()) {}
  ~PlantedSlowdown() {
    const auto wait = (Clock::now() - begin_) * PREDIS_PLANTED_SLOWDOWN_PERCENT / 100;
    const auto until = Clock::now() + wait;
    while (Clock::now() < until) {
    }
  }
  PlantedSlowdown(const PlantedSlowdown&) = delete;
  PlantedSlowdown& operator=(const PlantedSlowdown&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin_;
#else
 public:
  PlantedSlowdown() noexcept {}  // user-provided, so that an instance does not count as unused
#endif
};

}  // namespace predis
