/// @file
/// The engine that the contract's tests are put to. A program defines `subject` and `main`, and is linked
/// with all of native/test/contract: the same tests for every engine.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "../store.hpp"

namespace predis::test {

struct Subject {
  std::string_view kind;  ///< What `Engine::kind` says.
  std::unique_ptr<Engine> (*make)(const EngineOptions&) = nullptr;
  /// A memory limit that is soon reached. An empty engine of this limit has room for one value of six tenths
  /// of it, and for values of 100 bytes that make up a tenth. An engine that takes memory by segments needs
  /// twelve of them for that.
  std::uint64_t limitBytes = 0;
  /// Operations of the long tests, in thousandths: 1000 for an engine at full speed, less for a simulated
  /// one.
  std::uint64_t permille = 1000;
};

/// Defined by the program.
const Subject& subject();

/// One at least: a test of nothing shows nothing.
inline std::size_t scaled(std::size_t operations) {
  return std::max<std::size_t>(1, operations * subject().permille / 1000);
}

/// The time of engines made by `timedOptions`, set by hand.
inline std::atomic<std::int64_t> clockMs{1'000'000};

inline EngineOptions timedOptions() {
  EngineOptions options;
  options.nowMs = []() noexcept { return clockMs.load(); };
  return options;
}
inline EngineOptions limitedOptions(std::uint64_t memoryLimitBytes, Eviction eviction = Eviction::kNone) {
  EngineOptions options = timedOptions();
  options.memoryLimitBytes = memoryLimitBytes;
  options.eviction = eviction;
  return options;
}
inline std::unique_ptr<Engine> makeEngine(const EngineOptions& options = timedOptions()) {
  return subject().make(options);
}

inline std::string keyOf(std::size_t i) { return "key:" + std::to_string(i); }
inline std::string valueOf(std::size_t i, std::size_t bytes) {
  std::string value = std::to_string(i);
  value.resize(bytes, 'v');
  return value;
}

}  // namespace predis::test
