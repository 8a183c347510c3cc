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

constexpr std::size_t kBatchKeys = 256;

/// Puts until memory is out, by batches and then one by one. @return numbers of the keys that fitted
std::vector<std::size_t> fill(Engine& engine, std::size_t valueBytes) {
  std::vector<std::size_t> fitted;
  // No engine keeps more than its limit.
  const std::size_t end = subject().limitBytes / valueBytes + kBatchKeys;
  bool isFull = false;
  std::size_t next = 0;
  while (!isFull && next < end) {
    std::vector<std::string> keys;
    std::vector<std::string> values;
    for (std::size_t i = next; i < next + kBatchKeys; ++i) {
      keys.push_back(keyOf(i));
      values.push_back(valueOf(i, valueBytes));
    }
    for (const Status status : mput(engine, keys, values)) {
      if (status == Status::kOk) fitted.push_back(next);
      isFull |= status == Status::kOutOfMemory;
      CHECK(status == Status::kOk || status == Status::kOutOfMemory);
      ++next;
    }
  }
  while (next < end && engine.put(kPlain, keyOf(next), valueOf(next, valueBytes)) == Status::kOk)
    fitted.push_back(next++);
  CHECK(isFull && next < end);
  return fitted;
}

/// Removes the keys of these numbers by batches.
void removeAll(Engine& engine, const std::vector<std::size_t>& numbers) {
  std::vector<std::string> keys;
  for (const std::size_t number : numbers) {
    keys.push_back(keyOf(number));
    if (keys.size() < kBatchKeys && number != numbers.back()) continue;
    for (const Status status : mremove(engine, keys)) CHECK_EQ(status, Status::kOk);
    keys.clear();
  }
}

/// Checks that these keys are there and no others of the same names.
void checkValues(Engine& engine, const std::vector<std::size_t>& numbers, std::size_t valueBytes) {
  std::vector<std::string> keys;
  for (const std::size_t number : numbers) keys.push_back(keyOf(number));
  const std::vector<Value> values = mget(engine, keys);
  for (std::size_t i = 0; i < keys.size(); ++i) CHECK(values[i] == valueOf(numbers[i], valueBytes));
}

}  // namespace

TEST("limits: filled to the limit, nothing passes it and nothing is lost") {
  const std::uint64_t limit = subject().limitBytes;
  const auto engine = makeEngine(limitedOptions(limit));
  const std::vector<std::size_t> fitted = fill(*engine, 100);
  CHECK(engine->stats().memoryBytes <= limit);
  CHECK(engine->stats().keyValueBytes > limit / 10);
  CHECK_EQ(engine->stats().keys, fitted.size());
  CHECK_EQ(engine->stats().evictedKeys, 0U);
  checkValues(*engine, fitted, 100);
  CHECK(get(*engine, keyOf(fitted.back() + 1)) == std::nullopt);
  // what is removed makes room
  removeAll(*engine, fitted);
  CHECK_EQ(engine->stats().keys, 0U);
  CHECK(fill(*engine, 1000).size() * 1000 > limit / 10);
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
