/// @file
/// The device engine on the host's backend, made small, for tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../../cuda/host_backend.hpp"
#include "../../cuda/store/device_engine.hpp"
#include "../../cuda/store/device_path.hpp"
#include "../check.hpp"
#include "../random.hpp"
#include "../store.hpp"

namespace predis::cuda::test {

using namespace predis::test;

inline constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

struct Device {
  explicit Device(const EngineOptions& options, const Tuning& tuning = {},
                  std::uint64_t bytes = 2048 * kMiB) {
    auto owned = makeHostBackend(bytes, 2);
    backend = static_cast<HostBackend*>(owned.get());
    engine = makeDeviceEngine(std::move(owned), options, tuning);
  }
  Engine& operator*() const { return *engine; }
  Engine* operator->() const { return engine.get(); }
  HostBackend* backend;
  std::unique_ptr<Engine> engine;
};

/// An index of few buckets and chunks of few keys.
inline Tuning small() {
  Tuning tuning;
  tuning.smallestLevel = 64;
  tuning.chunkKeys = 256;
  tuning.firstChunkKeys = 128;
  tuning.chunkBytes = 64 << 10;
  tuning.directKeys = 16;
  tuning.mostOutputBytes = 48 << 10;
  tuning.pieceBytes = 16 << 10;
  tuning.writesBetweenReadings = 50;
  tuning.deadSegments = 1;
  return tuning;
}

inline std::string keyOf(std::size_t i) { return "key:" + std::to_string(i); }
inline std::string valueOf(std::size_t i, std::size_t bytes) {
  std::string value = std::to_string(i) + "-";
  value.resize(std::max(bytes, value.size()), static_cast<char>('a' + i % 26));
  return value;
}

using Map = std::map<std::string, std::string>;

inline void checkAll(Engine& engine, const Map& model) {
  std::vector<std::string> keys;
  std::uint64_t bytes = 0;
  for (const auto& [key, value] : model) {
    keys.push_back(key);
    bytes += key.size() + value.size();
  }
  keys.push_back("nobody");
  const auto values = mget(engine, keys);
  CHECK_EQ(values.size(), keys.size());
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < values.size() && i + 1 < keys.size(); ++i)
    wrong += values[i] != model.at(keys[i]);
  CHECK_EQ(wrong, 0U);
  CHECK(values.empty() || !values.back().has_value());
  CHECK_EQ(engine.stats().keys, model.size());
  CHECK_EQ(engine.stats().keyValueBytes, bytes);
}

}  // namespace predis::cuda::test
