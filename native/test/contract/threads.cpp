/// @file
/// Several threads at once: strong batches are seen whole, increments add up, clear, growth and eviction
/// disturb nobody.

#include "../threads.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "../check.hpp"
#include "subject.hpp"

namespace {

using namespace predis;
using namespace predis::test;

constexpr unsigned kThreads = 4;

}  // namespace

TEST("threads: pairs written by mput and execute are seen whole by mget and execute") {
  const auto engine = makeEngine();
  std::vector<std::string> keys;
  for (int i = 0; i < 20; ++i) keys.push_back("pair:" + std::to_string(i));
  mput(*engine, keys, std::vector<std::string>(keys.size(), "0"));
  std::atomic<bool> over{false};
  std::atomic<int> torn{0};
  std::atomic<int> reads{0};
  inThreads(kThreads, [&](unsigned t) {
    if (t < 2) {
      for (int i = 0; i < static_cast<int>(scaled(3000)); ++i) {
        // other lengths each time: records move while others read
        const std::string value(static_cast<std::size_t>(i % 200 + 1), static_cast<char>('a' + t));
        const std::vector<std::string> values(keys.size(), value + std::to_string(i));
        if (i % 2 == 0) {
          mput(*engine, keys, values);
        } else {
          std::vector<Operation> operations;
          for (std::size_t k = 0; k < keys.size(); ++k)
            operations.push_back({OpKind::kPut, keys[k], values[k]});
          execute(*engine, operations);
        }
      }
      over = true;
    } else {
      do {
        const auto values = mget(*engine, keys);
        for (const auto& value : values) torn += value != values[0];
        reads.fetch_add(1);
        std::vector<Operation> operations;
        for (const std::string& key : keys) operations.push_back({OpKind::kGet, key});
        const auto outcomes = execute(*engine, operations);
        for (const auto& outcome : outcomes) torn += outcome.value != outcomes[0].value;
      } while (!over);
    }
  });
  CHECK_EQ(torn.load(), 0);
  CHECK(reads.load() > 0);
}

TEST("threads: concurrent increments add up, single and in batches") {
  const auto engine = makeEngine();
  const auto rounds = static_cast<unsigned>(scaled(3000));
  inThreads(kThreads, [&](unsigned t) {
    for (unsigned i = 0; i < rounds; ++i) {
      std::int64_t number = 0;
      engine->increment(kPlain, "single", 1, number);
      const std::string own = "own:" + std::to_string(t);
      execute(*engine, {{OpKind::kIncrement, "batched", "", 2}, {OpKind::kIncrement, own, "", 1}});
    }
  });
  CHECK(get(*engine, "single") == std::to_string(rounds * kThreads));
  CHECK(get(*engine, "batched") == std::to_string(2 * rounds * kThreads));
  CHECK(get(*engine, "own:0") == std::to_string(rounds));
  CHECK_EQ(engine->stats().increments, std::uint64_t{3} * rounds * kThreads);
}

TEST("threads: growth under readers and removers loses nothing") {
  const auto engine = makeEngine();
  const std::size_t keysEach = scaled(15'000);
  std::atomic<int> wrong{0};
  inThreads(kThreads, [&](unsigned t) {
    Random random(t);
    const auto key = [](unsigned owner, std::size_t i) {
      return std::to_string(owner) + ":" + std::to_string(i);
    };
    for (std::size_t i = 0; i < keysEach; ++i) {
      engine->put(kPlain, key(t, i), std::to_string(i));
      // own keys are there as they were written, keys of others whole or not yet
      const std::size_t earlier = random.below(i + 1);
      wrong += get(*engine, key(t, earlier)) != std::to_string(earlier) && earlier % 5 != 4;
      const auto other = get(*engine, key((t + 1) % kThreads, earlier));
      wrong += other.has_value() && *other != std::to_string(earlier);
      if (i % 5 == 4) wrong += engine->remove(kPlain, key(t, i)) != Status::kOk;
    }
  });
  CHECK_EQ(wrong.load(), 0);
  CHECK_EQ(engine->stats().keys, kThreads * keysEach * 4 / 5);
}

TEST("threads: clear, statistics and prefetch beside readers and writers") {
  const auto engine = makeEngine();
  std::atomic<int> wrong{0};
  inThreads(kThreads, [&](unsigned t) {
    for (int i = 0; i < 600; ++i) {
      std::vector<std::string> keys;
      std::vector<std::string> values;
      for (int k = 0; k < 30; ++k) {
        keys.push_back(std::to_string((i * 7 + k) % 500));
        values.push_back(keys.back() + std::string(static_cast<std::size_t>(k * 10), '.'));
      }
      if (t == 0 && i % 20 == 0) engine->clearAll();
      if (t == 1) engine->stats();
      if (t == 2) {
        Packed packed(keys);
        engine->prefetch(kPlain, packed.view());
      }
      if (t == 3 && i % 50 == 0) engine->resetStats();
      for (const Status status : mput(*engine, keys, values)) wrong += status != Status::kOk;
      for (const auto& value : mget(*engine, keys)) wrong += value.has_value() && value->empty();
    }
  });
  CHECK_EQ(wrong.load(), 0);
  engine->clearAll();
  CHECK_EQ(engine->stats().keys, 0U);
}

TEST("threads: relaxed batches are whole in the end, and each thread reads what it wrote") {
  const auto engine = makeEngine();
  const std::size_t keysEach = 400;
  std::atomic<int> wrong{0};
  inThreads(kThreads, [&](unsigned t) {
    const Scope relaxed{0, Consistency::kRelaxed};
    std::vector<std::string> own;
    for (std::size_t i = 0; i < keysEach; ++i) own.push_back(std::to_string(t) + ":" + std::to_string(i));
    for (std::size_t round = 0; round < scaled(100); ++round) {
      const std::vector<std::string> values(keysEach, std::string(round % 70, 'v') + std::to_string(round));
      for (const Status status : mput(*engine, own, values, relaxed)) wrong += status != Status::kOk;
      for (const auto& value : mget(*engine, own, relaxed)) wrong += value != values[0];
      std::vector<Operation> operations;
      for (std::size_t i = 0; i < 100; ++i) {
        operations.push_back({OpKind::kIncrement, "shared:" + std::to_string(i % 10), "", 1});
      }
      execute(*engine, operations, relaxed);
    }
  });
  CHECK_EQ(wrong.load(), 0);
  for (int i = 0; i < 10; ++i) {
    CHECK(get(*engine, "shared:" + std::to_string(i)) == std::to_string(kThreads * scaled(100) * 10));
  }
}

TEST("threads: compare-and-set lets one of several win") {
  const auto engine = makeEngine();
  const auto rounds = static_cast<unsigned>(scaled(2000));
  engine->put(kPlain, "n", "0");
  std::atomic<unsigned> wins{0};
  inThreads(kThreads, [&](unsigned) {
    for (unsigned i = 0; i < rounds; ++i) {
      const Value before = get(*engine, "n");
      if (!before.has_value()) continue;
      const std::string next = std::to_string(std::stoul(*before) + 1);
      wins += executeOne(*engine, {OpKind::kCompareAndSet, "n", next, 0, *before}).status == Status::kOk;
    }
  });
  CHECK(wins.load() > 0);
  CHECK(get(*engine, "n") == std::to_string(wins.load()));
}

TEST("threads: eviction, expiry and namespaces under readers and writers of all kinds") {
  const auto engine = makeEngine(limitedOptions(subject().limitBytes, Eviction::kClock));
  std::uint16_t space = 0;
  engine->openSpace("second", space);
  std::atomic<int> wrong{0};
  const std::size_t keys = subject().limitBytes / 150;
  inThreads(kThreads, [&](unsigned t) {
    Random random(t + 50);
    for (std::size_t round = 0; round < scaled(300); ++round) {
      const Scope scope{t % 2 == 0 ? std::uint16_t{0} : space,
                        random.below(2) == 0 ? Consistency::kStrong : Consistency::kRelaxed};
      std::vector<std::string> names;
      std::vector<std::string> values;
      std::vector<std::int64_t> times;
      for (int i = 0; i < 100; ++i) {
        const std::size_t k = random.below(keys);
        names.push_back(keyOf(k));
        values.push_back(valueOf(k, 100));
        times.push_back(random.below(3) == 0 ? clockMs.load() + static_cast<std::int64_t>(random.below(20))
                                             : 0);
      }
      for (const Status status : mput(*engine, names, values, scope, times)) wrong += status != Status::kOk;
      const auto got = mget(*engine, names, scope);
      for (std::size_t i = 0; i < got.size(); ++i) wrong += got[i].has_value() && got[i] != values[i];
      if (t == 0 && round % 10 == 0) clockMs += 7;
      if (t == 1 && round % 50 == 0) engine->sweepExpired();
      if (t == 2 && round % 100 == 99) engine->clear(0);
      if (t == 3 && round % 100 == 50) wrong += engine->countKeys(space) > keys;
    }
  });
  CHECK_EQ(wrong.load(), 0);
  CHECK(engine->stats().memoryBytes <= subject().limitBytes);
}
