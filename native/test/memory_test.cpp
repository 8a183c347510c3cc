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
using predis::OpKind;
using predis::Status;
using predis::test::execute;
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

TEST("memory: out of memory in the middle of a batch is told by index and keeps old values") {
  const std::uint64_t limit = std::uint64_t{1} << 20;
  const auto engine = makeCpuEngine(limited(limit, 0));
  engine->put(kPlain, "old", "old value");
  const std::string big(700'000, 'b');
  const auto statuses = mput(*engine, {"a", "big1", "old", "b", "big2"}, {"1", big, big, "2", big});
  const Status expected[] = {Status::kOk, Status::kOk, Status::kOutOfMemory, Status::kOk,
                             Status::kOutOfMemory};
  for (std::size_t i = 0; i < 5; ++i) CHECK_EQ(statuses[i], expected[i]);
  CHECK(get(*engine, "old") == "old value");
  CHECK(get(*engine, "big1") == big);
  CHECK(get(*engine, "b") == "2");
  CHECK(get(*engine, "big2") == std::nullopt);
  const auto outcomes = execute(*engine, {{OpKind::kPut, "old", big},
                                          {OpKind::kGet, "old"},
                                          {OpKind::kDelete, "big1"},
                                          {OpKind::kPut, "old", big}});
  CHECK_EQ(outcomes[0].status, Status::kOutOfMemory);
  CHECK(outcomes[1].value == "old value");
  CHECK_EQ(outcomes[3].status, Status::kOk);
  CHECK(engine->stats().memoryBytes <= limit);
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

int main() { return predis::test::runAll(); }
