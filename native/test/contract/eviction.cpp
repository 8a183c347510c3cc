/// @file
/// Eviction by the clock.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "../check.hpp"
#include "subject.hpp"

namespace {

using namespace predis;
using namespace predis::test;

/// At this length a time finds room in the record's place on the CPU engine, so that giving keys one frees
/// none.
constexpr std::size_t kValueBytes = 90;

std::unique_ptr<Engine> evicting() {
  return makeEngine(limitedOptions(subject().limitBytes, Eviction::kClock));
}

/// Keys of one write: most are loaded by batches, the last one of each alone.
constexpr std::size_t kBatchKeys = 256;

/// Puts keys [first, end).
void putRange(Engine& engine, std::size_t first, std::size_t end) {
  while (first < end) {
    const std::size_t last = std::min(end, first + kBatchKeys) - 1;
    std::vector<std::string> keys;
    std::vector<std::string> values;
    for (; first < last; ++first) {
      keys.push_back(keyOf(first));
      values.push_back(valueOf(first, kValueBytes));
    }
    if (!keys.empty()) {
      for (const Status status : mput(engine, keys, values)) CHECK_EQ(status, Status::kOk);
    }
    CHECK_EQ(engine.put(kPlain, keyOf(last), valueOf(last, kValueBytes)), Status::kOk);
    ++first;
  }
}

/// Puts keys from `first` on until some were evicted. @return the next key
std::size_t fillUp(Engine& engine, std::size_t first = 0) {
  const std::uint64_t before = engine.stats().evictedKeys;
  std::size_t i = first;
  // no engine keeps more keys than its limit has values
  const std::size_t end = first + subject().limitBytes / kValueBytes;
  for (; i < end && engine.stats().evictedKeys == before; i += kBatchKeys)
    putRange(engine, i, i + kBatchKeys);
  CHECK(i < end);
  return i;
}

std::size_t countPresent(Engine& engine, std::size_t first, std::size_t end) {
  std::size_t present = 0;
  while (first < end) {
    std::vector<std::string> keys;
    const std::size_t start = first;
    for (; first < end && keys.size() < 1000; ++first) keys.push_back(keyOf(first));
    const std::vector<Value> values = mget(engine, keys);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      present += values[i].has_value();
      if (values[i].has_value()) CHECK(values[i] == valueOf(start + i, kValueBytes));
    }
  }
  return present;
}

}  // namespace

TEST("eviction: every write finds room, the limit holds, and all that is gone was counted") {
  const auto engine = evicting();
  const std::size_t capacity = fillUp(*engine);
  const std::size_t total = capacity * 3;
  for (std::size_t i = capacity; i < total; i += kBatchKeys) {
    const std::size_t end = std::min(total, i + kBatchKeys);
    putRange(*engine, i, end);
    for (const std::size_t k : {i, (i + end) / 2, end - 1})
      CHECK(get(*engine, keyOf(k)) == valueOf(k, kValueBytes));
    CHECK(engine->stats().memoryBytes <= subject().limitBytes);
  }
  const Stats stats = engine->stats();
  CHECK(stats.memoryBytes <= subject().limitBytes);
  CHECK_EQ(stats.evictedKeys + stats.keys, total);
  CHECK(stats.keys > capacity / 2);
  CHECK_EQ(countPresent(*engine, 0, total), stats.keys);
  engine->resetStats();
  CHECK_EQ(engine->stats().evictedKeys, 0U);
}

TEST("eviction: keys that are read stay while others go") {
  const auto engine = evicting();
  const std::size_t capacity = fillUp(*engine);
  const std::size_t hot = capacity / 50;
  for (std::size_t i = 0; i < hot; ++i) {
    CHECK_EQ(engine->put(kPlain, "hot" + std::to_string(i), "h"), Status::kOk);
  }
  std::vector<std::string> hotKeys;
  for (std::size_t i = 0; i < hot; ++i) hotKeys.push_back("hot" + std::to_string(i));
  const std::size_t step = capacity / 8;
  for (std::size_t round = 0; round < 32; ++round) {
    putRange(*engine, capacity + round * step, capacity + (round + 1) * step);
    // by each way of reading
    for (std::size_t k = 0; k < hot / 2; ++k) get(*engine, hotKeys[k]);
    mget(*engine, {hotKeys.begin() + static_cast<std::ptrdiff_t>(hot / 2), hotKeys.end()},
         {0, round % 2 == 0 ? Consistency::kStrong : Consistency::kRelaxed});
  }
  std::size_t kept = 0;
  for (const std::string& key : hotKeys) kept += get(*engine, key).has_value();
  CHECK(kept >= hot * 95 / 100);
}

TEST("eviction: the oldest go before the younger") {
  const auto engine = evicting();
  const std::size_t first = fillUp(*engine);
  const std::size_t added = first / 4;
  putRange(*engine, first, first + added);
  CHECK(countPresent(*engine, first, first + added) >= added * 95 / 100);
}

TEST("eviction: what has expired goes first, though it is younger than what stays") {
  const auto engine = evicting();
  const std::size_t capacity = fillUp(*engine);
  std::vector<Operation> operations;
  for (std::size_t i = 0; i < capacity; i += 2) {
    operations.push_back({OpKind::kExpire, keyOf(i), "", clockMs.load() + 10});
  }
  execute(*engine, operations);
  engine->resetStats();
  clockMs += 10;
  // Until something has to go: how much room the expiry times took before is the engine's own affair.
  std::size_t added = 0;
  const auto removed = [&] { return engine->stats().evictedKeys + engine->stats().expiredKeys; };
  while (added < capacity / 4 || (removed() == 0 && added < 2 * capacity)) {
    putRange(*engine, capacity + added, capacity + added + kBatchKeys);
    added += kBatchKeys;
  }
  // An engine of several shards makes room in the shard that a key falls into, and one of them may have
  // nothing expired left while others have: a few living keys may go. Blind to what expired, about half of
  // all would.
  const Stats stats = engine->stats();
  CHECK(stats.expiredKeys > 0);
  CHECK(stats.evictedKeys <= added / 20);
  CHECK(countPresent(*engine, capacity, capacity + added) >= added - added / 20);
}

TEST("eviction: a write larger than the limit fails and evicts nothing") {
  const auto engine = evicting();
  fillUp(*engine);
  const Stats before = engine->stats();
  const std::string huge(subject().limitBytes + 1, 'x');
  CHECK_EQ(engine->put(kPlain, "huge", huge), Status::kOutOfMemory);
  CHECK_EQ(engine->put(kPlain, keyOf(0), huge), Status::kOutOfMemory);
  CHECK_EQ(mput(*engine, {"huge"}, {huge})[0], Status::kOutOfMemory);
  CHECK_EQ(engine->stats().evictedKeys, before.evictedKeys);
  CHECK_EQ(engine->stats().keys, before.keys);
}

TEST("eviction: longer values push shorter ones out, and the other way round") {
  const auto engine = evicting();
  fillUp(*engine);
  const std::string big(subject().limitBytes / 4, 'b');
  for (int i = 0; i < 6; ++i) {
    CHECK_EQ(engine->put(kPlain, "big" + std::to_string(i), big), Status::kOk);
    CHECK(get(*engine, "big" + std::to_string(i)) == big);
    CHECK(engine->stats().memoryBytes <= subject().limitBytes);
  }
  Random random(9);
  for (const std::size_t most : {3000U, 60U, 20'000U, 300U}) {
    for (std::size_t i = 0; i < 3 * subject().limitBytes / most && i < scaled(30'000); ++i) {
      const std::string key = keyOf(random.below(100'000));
      const std::string value(random.below(most), 'v');
      CHECK_EQ(engine->put(kPlain, key, value), Status::kOk);
      CHECK(get(*engine, key) == value);
    }
    CHECK(engine->stats().memoryBytes <= subject().limitBytes);
  }
}

TEST("eviction: the key that is written is not evicted for its own new value") {
  const auto engine = evicting();
  std::size_t next = fillUp(*engine);
  for (int round = 0; round < 20; ++round) {
    const std::string old = valueOf(next, kValueBytes);
    CHECK_EQ(engine->put(kPlain, "own", old), Status::kOk);
    next = fillUp(*engine, next);
    if (get(*engine, "own") != old) continue;
    const std::string grown(subject().limitBytes / 4, 'g');
    CHECK_EQ(executeOne(*engine, {OpKind::kCompareAndSet, "own", grown, 0, old}).status, Status::kOk);
    CHECK(get(*engine, "own") == grown);
  }
}

TEST("eviction: values of any length up to six tenths of the limit find room among all others") {
  const auto engine = evicting();
  std::size_t next = fillUp(*engine);
  Random random(11);
  const std::size_t most = subject().limitBytes * 6 / 10;
  for (std::size_t round = 0; round < 40; ++round) {
    const std::size_t bytes = round % 4 == 3 ? most : random.below(most >> 2 * random.below(5)) + 1;
    const std::string key = "long" + std::to_string(round % 6);
    const std::string value(bytes, static_cast<char>('a' + round % 26));
    CHECK_EQ(engine->put(kPlain, key, value), Status::kOk);
    CHECK(get(*engine, key) == value);
    CHECK(engine->stats().memoryBytes <= subject().limitBytes);
    // Short ones settle wherever there is room.
    const std::size_t others = random.below(40) * kBatchKeys;
    putRange(*engine, next, next + others);
    next += others;
  }
}

TEST("eviction: one batch may be larger than the limit: the last of it stays") {
  for (const Consistency consistency : {Consistency::kStrong, Consistency::kRelaxed}) {
    const auto engine = evicting();
    const std::size_t capacity = fillUp(*engine);
    std::vector<std::string> keys;
    std::vector<std::string> values;
    for (std::size_t i = capacity; i < capacity * 3; ++i) {
      keys.push_back(keyOf(i));
      values.push_back(valueOf(i, kValueBytes));
    }
    for (const Status status : mput(*engine, keys, values, {0, consistency})) CHECK_EQ(status, Status::kOk);
    CHECK(engine->stats().memoryBytes <= subject().limitBytes);
    CHECK(countPresent(*engine, capacity * 3 - capacity / 20, capacity * 3) >= capacity / 20 * 9 / 10);
  }
}

TEST("eviction: mixed batches at the limit give right answers or none") {
  const auto engine = evicting();
  const std::size_t capacity = fillUp(*engine);
  Random random(10);
  for (std::size_t round = 0; round < scaled(300); ++round) {
    std::vector<Operation> operations;
    for (int i = 0; i < 100; ++i) {
      const std::size_t k = random.below(capacity * 2);
      operations.push_back({OpKind::kPutIfAbsent, keyOf(k), valueOf(k, kValueBytes)});
      operations.push_back({OpKind::kGet, keyOf(random.below(capacity * 2))});
      operations.push_back({OpKind::kExpire, keyOf(k), "", clockMs.load() + 1000});
      operations.push_back({OpKind::kIncrement, "n" + std::to_string(k), "", 5});
    }
    const Scope scope{0, round % 2 == 0 ? Consistency::kStrong : Consistency::kRelaxed};
    const auto outcomes = execute(*engine, operations, scope);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      CHECK(outcomes[i].status != Status::kOutOfMemory);
      if (operations[i].kind == OpKind::kIncrement) CHECK(outcomes[i].number % 5 == 0);
      if (!outcomes[i].value.has_value()) continue;
      CHECK(outcomes[i].value->size() == kValueBytes &&
            operations[i].key == "key:" + outcomes[i].value->substr(0, operations[i].key.size() - 4));
    }
    CHECK(engine->stats().memoryBytes <= subject().limitBytes);
  }
}
