/// @file
/// The memory limit and the memory itself: never passed, given back, and out-of-memory leaves old values.

#include <cstdint>
#include <string>
#include <vector>

#include "../engine/engine.hpp"
#include "check.hpp"
#include "store.hpp"

using predis::Engine;
using predis::makeCpuEngine;
using predis::Status;
using predis::test::get;
using predis::test::kPlain;
using predis::test::limited;
using predis::test::mput;
using predis::test::Random;

namespace {

std::string keyOf(std::size_t i) { return "key:" + std::to_string(i); }
std::string valueOf(std::size_t i, std::size_t bytes) {
  std::string value = std::to_string(i);
  value.resize(bytes, 'v');
  return value;
}

/// Puts until memory is out. @return keys that fitted
std::size_t fill(Engine& engine, std::size_t valueBytes, std::size_t most = SIZE_MAX) {
  std::size_t count = 0;
  while (count < most && engine.put(kPlain, keyOf(count), valueOf(count, valueBytes)) == Status::kOk) ++count;
  return count;
}

}  // namespace

TEST("memory: filled to the limit, nothing passes it and nothing is lost") {
  for (const std::uint64_t limit :
       {std::uint64_t{1} << 20, std::uint64_t{16} << 20, std::uint64_t{64} << 20}) {
    const auto engine = makeCpuEngine(limited(limit, 0));
    const std::size_t count = fill(*engine, 100);
    CHECK(engine->stats().memoryBytes <= limit);
    // at least six tenths of the limit are keys and values, of 100 + 10 bytes
    CHECK(engine->stats().keyValueBytes > limit * 6 / 10);
    CHECK_EQ(engine->stats().keys, count);
    for (std::size_t i = 0; i < count; ++i) CHECK(get(*engine, keyOf(i)) == valueOf(i, 100));
    CHECK(get(*engine, keyOf(count)) == std::nullopt);
    // a value of the same length always finds its place again, a shorter one too
    CHECK_EQ(engine->put(kPlain, keyOf(0), valueOf(7, 100)), Status::kOk);
    CHECK_EQ(engine->put(kPlain, keyOf(1), ""), Status::kOk);
    CHECK(get(*engine, keyOf(1)) == "");
    // and what is removed makes room
    for (std::size_t i = 0; i < count; ++i) CHECK_EQ(engine->remove(kPlain, keyOf(i)), Status::kOk);
    CHECK_EQ(engine->stats().memoryBytes, 0U);
    CHECK(fill(*engine, 1000) * 1000 > limit / 2);
    CHECK(engine->stats().memoryBytes <= limit);
  }
}

TEST("memory: a limit too small for anything refuses everything") {
  const auto engine = makeCpuEngine(limited(1000, 1'000'000));
  CHECK_EQ(engine->put(kPlain, "a", "1"), Status::kOutOfMemory);
  std::int64_t number = 0;
  CHECK_EQ(engine->increment(kPlain, "a", 1, number), Status::kOutOfMemory);
  CHECK(get(*engine, "a") == std::nullopt);
  CHECK_EQ(engine->stats().memoryBytes, 0U);
}

TEST("memory: growth from one key to many and back to nothing") {
  const auto engine = makeCpuEngine({});
  CHECK_EQ(engine->stats().memoryBytes, 0U);
  constexpr std::size_t kKeys = 300'000;
  CHECK_EQ(fill(*engine, 20, kKeys), kKeys);
  CHECK_EQ(engine->stats().keys, kKeys);
  const std::uint64_t keyValueBytes = engine->stats().keyValueBytes;
  CHECK(engine->stats().memoryBytes < keyValueBytes + kKeys * 60);
  for (std::size_t i = 0; i < kKeys; i += 7) CHECK(get(*engine, keyOf(i)) == valueOf(i, 20));
  for (std::size_t i = 0; i < kKeys; ++i) CHECK_EQ(engine->remove(kPlain, keyOf(i)), Status::kOk);
  CHECK_EQ(engine->stats().memoryBytes, 0U);
  CHECK_EQ(engine->stats().keyValueBytes, 0U);
}

TEST("memory: most keys removed, most memory back") {
  const auto engine = makeCpuEngine({});
  fill(*engine, 100, 300'000);
  const std::uint64_t before = engine->stats().memoryBytes;
  for (std::size_t i = 1000; i < 300'000; ++i) engine->remove(kPlain, keyOf(i));
  CHECK(engine->stats().memoryBytes < before / 5);
  for (std::size_t i = 0; i < 1000; ++i) CHECK(get(*engine, keyOf(i)) == valueOf(i, 100));
}

TEST("memory: overwriting with other lengths for ever does not leak") {
  const auto engine = makeCpuEngine(limited(std::uint64_t{8} << 20, 0));
  Random random(4);
  for (int i = 0; i < 200'000; ++i) {
    const std::size_t length = random.below(100) == 0 ? random.below(100'000) : random.below(600);
    CHECK_EQ(engine->put(kPlain, keyOf(random.below(200)), std::string(length, 'x')), Status::kOk);
  }
  for (std::size_t i = 0; i < 200; ++i) engine->remove(kPlain, keyOf(i));
  CHECK_EQ(engine->stats().memoryBytes, 0U);
}

TEST("memory: clear gives everything back, long values too, and the engine lives on") {
  const auto engine = makeCpuEngine({});
  for (int round = 0; round < 3; ++round) {
    fill(*engine, 50, 100'000);
    engine->put(kPlain, "long", std::string(1'000'000, 'l'));
    engine->clearAll();
    CHECK_EQ(engine->stats().keys, 0U);
    CHECK_EQ(engine->stats().memoryBytes, 0U);
    CHECK(get(*engine, "long") == std::nullopt);
  }
  engine->put(kPlain, "a", "1");
  CHECK(get(*engine, "a") == "1");
}

TEST("memory: expected keys size the index in advance and change nothing else") {
  const auto engine = makeCpuEngine(limited(0, 200'000));
  const std::uint64_t before = engine->stats().memoryBytes;
  CHECK(before > 200'000 * 8);
  CHECK(before < 200'000 * 40);
  CHECK_EQ(fill(*engine, 10, 200'000), 200'000U);
  for (std::size_t i = 0; i < 200'000; i += 11) CHECK(get(*engine, keyOf(i)) == valueOf(i, 10));
}

TEST("memory: what has expired goes as others are written, though nobody asks for it") {
  static std::int64_t nowMs = 1000;
  predis::EngineOptions options;
  options.nowMs = []() noexcept { return nowMs; };
  const auto engine = makeCpuEngine(options);
  constexpr std::size_t kKeys = 60'000;
  std::vector<std::string> keys;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < kKeys; ++i) {
    keys.push_back(keyOf(i));
    values.push_back(valueOf(i, 100));
  }
  mput(*engine, keys, values, kPlain, std::vector<std::int64_t>(kKeys, 2000));
  const std::uint64_t before = engine->stats().memoryBytes;
  nowMs = 2000;
  CHECK_EQ(engine->stats().keys, kKeys);
  // as many writes as there are keys: each looks at two of them, more or less
  for (std::size_t i = 0; i < 2 * kKeys; ++i) engine->put(kPlain, "other" + std::to_string(i % 1000), "1");
  CHECK(engine->stats().keys < 1000 + kKeys / 50);
  CHECK(engine->stats().memoryBytes < before / 2);
  CHECK_EQ(engine->stats().expiredKeys + engine->stats().keys, 1000 + kKeys);
}

TEST("memory: eviction takes from every shard what one shard has not") {
  predis::EngineOptions options = limited(std::uint64_t{32} << 20);
  options.eviction = predis::Eviction::kClock;
  const auto engine = makeCpuEngine(options);
  std::size_t next = 0;
  const auto fillUp = [&] {
    const std::uint64_t before = engine->stats().evictedKeys;
    while (engine->stats().evictedKeys < before + 100) {
      CHECK_EQ(engine->put(kPlain, keyOf(next), valueOf(next, 100)), Status::kOk);
      ++next;
    }
  };
  for (const std::size_t megabytes : {1U, 20U, 5U, 28U}) {
    fillUp();
    // one shard has 4 MiB or so; single, and in a batch that holds a few of the shards' locks
    const std::string big(megabytes << 20, 'b');
    CHECK_EQ(engine->put(kPlain, "big", big), Status::kOk);
    CHECK(get(*engine, "big") == big);
    CHECK_EQ(engine->remove(kPlain, "big"), Status::kOk);
    fillUp();
    for (const Status status : mput(*engine, {"a", "big2", "b"}, {"1", big, "2"}))
      CHECK_EQ(status, Status::kOk);
    CHECK(get(*engine, "big2") == big);
    CHECK(engine->stats().memoryBytes <= options.memoryLimitBytes);
    CHECK_EQ(engine->remove(kPlain, "big2"), Status::kOk);
  }
  // an old value stays when the new one has no room beside it
  const std::string large(std::size_t{20} << 20, 'l');
  CHECK_EQ(engine->put(kPlain, "large", large), Status::kOk);
  const std::uint64_t evicted = engine->stats().evictedKeys;
  CHECK_EQ(engine->put(kPlain, "large", large + large.substr(0, 1 << 20)), Status::kOutOfMemory);
  CHECK(get(*engine, "large") == large);
  CHECK_EQ(engine->stats().evictedKeys, evicted);
}

int main() { return predis::test::runAll(); }
