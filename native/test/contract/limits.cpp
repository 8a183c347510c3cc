/// @file
/// The memory limit without eviction: never passed, old values kept, room again after removal.

#include <cstdint>
#include <string>
#include <vector>

#include "../check.hpp"
#include "subject.hpp"

namespace {

using namespace predis;
using namespace predis::test;

/// Puts until memory is out. @return keys that fitted
std::size_t fill(Engine& engine, std::size_t valueBytes) {
  std::size_t count = 0;
  while (engine.put(kPlain, keyOf(count), valueOf(count, valueBytes)) == Status::kOk) ++count;
  return count;
}

}  // namespace

TEST("limits: filled to the limit, nothing passes it and nothing is lost") {
  const std::uint64_t limit = subject().limitBytes;
  const auto engine = makeEngine(limitedOptions(limit));
  const std::size_t count = fill(*engine, 100);
  CHECK(engine->stats().memoryBytes <= limit);
  CHECK(engine->stats().keyValueBytes > limit / 10);
  CHECK_EQ(engine->stats().keys, count);
  CHECK_EQ(engine->stats().evictedKeys, 0U);
  for (std::size_t i = 0; i < count; ++i) CHECK(get(*engine, keyOf(i)) == valueOf(i, 100));
  CHECK(get(*engine, keyOf(count)) == std::nullopt);
  // what is removed makes room
  for (std::size_t i = 0; i < count; ++i) CHECK_EQ(engine->remove(kPlain, keyOf(i)), Status::kOk);
  CHECK(fill(*engine, 1000) * 1000 > limit / 10);
  CHECK(engine->stats().memoryBytes <= limit);
}

TEST("limits: out of memory in the middle of a batch is told by index and keeps old values") {
  const std::uint64_t limit = subject().limitBytes;
  const auto engine = makeEngine(limitedOptions(limit));
  engine->put(kPlain, "old", "old value");
  const std::string big(limit * 6 / 10, 'b');
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
                                          {OpKind::kCompareAndSet, "old", big, 0, "old value"},
                                          {OpKind::kPutIfAbsent, "fresh", big}});
  CHECK_EQ(outcomes[0].status, Status::kOutOfMemory);
  CHECK(outcomes[1].value == "old value");
  CHECK_EQ(outcomes[2].status, Status::kOutOfMemory);
  CHECK_EQ(outcomes[3].status, Status::kOutOfMemory);
  CHECK(get(*engine, "old") == "old value");
  CHECK(get(*engine, "fresh") == std::nullopt);
  CHECK(engine->stats().memoryBytes <= limit);
  CHECK_EQ(engine->remove(kPlain, "big1"), Status::kOk);
  CHECK_EQ(engine->put(kPlain, "old", big), Status::kOk);
  CHECK(get(*engine, "old") == big);
}

TEST("limits: overwriting with other lengths for ever does not leak") {
  const auto engine = makeEngine(limitedOptions(subject().limitBytes));
  Random random(4);
  const std::size_t longest = subject().limitBytes / 80;
  for (std::size_t i = 0; i < scaled(200'000); ++i) {
    const std::size_t length = random.below(100) == 0 ? random.below(longest) : random.below(600);
    CHECK_EQ(engine->put(kPlain, keyOf(random.below(200)), std::string(length, 'x')), Status::kOk);
  }
  CHECK(engine->stats().keys <= 200);
}
