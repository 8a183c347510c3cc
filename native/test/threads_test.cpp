/// @file
/// Several threads at once: batches are seen whole, increments add up, clear and growth disturb nobody.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "../engine/engine.hpp"
#include "../engine/shared_lock.hpp"
#include "check.hpp"
#include "store.hpp"

using predis::Engine;
using predis::makeCpuEngine;
using predis::OpKind;
using predis::SharedLock;
using predis::Status;
using predis::test::execute;
using predis::test::get;
using predis::test::kPlain;
using predis::test::limited;
using predis::test::mget;
using predis::test::mput;
using predis::test::Random;

namespace {

constexpr unsigned kThreads = 4;

template <typename Body>
void inThreads(unsigned count, const Body& body) {
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < count; ++t) threads.emplace_back([&body, t] { body(t); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST("threads: the lock keeps writers alone and lets nobody sleep for ever") {
  SharedLock lock;
  std::uint64_t plain = 0;  // guarded by the lock: the thread sanitizer watches
  std::atomic<int> torn{0};
  inThreads(kThreads, [&](unsigned t) {
    for (int i = 0; i < 20'000; ++i) {
      if (t % 2 == 0) {
        const std::unique_lock hold(lock);
        plain += 2;
      } else {
        const std::shared_lock hold(lock);
        if (plain % 2 != 0) torn.fetch_add(1);
      }
    }
  });
  CHECK_EQ(plain, 2U * 20'000 * (kThreads / 2));
  CHECK_EQ(torn.load(), 0);
}

TEST("threads: whoever sleeps at the lock is woken when it comes free") {
  // The sleep makes the waiting thread give up spinning; a lost wake-up would end the program by its time
  // limit.
  const auto waitWhile = [](auto&& hold, auto&& wait) {
    SharedLock lock;
    std::atomic<bool> through{false};
    auto held = hold(lock);
    std::thread waiting([&] {
      const auto got = wait(lock);
      through = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    CHECK(!through);
    held.unlock();
    waiting.join();
    CHECK(through);
  };
  const auto shared = [](SharedLock& lock) { return std::shared_lock(lock); };
  const auto exclusive = [](SharedLock& lock) { return std::unique_lock(lock); };
  waitWhile(shared, exclusive);
  waitWhile(exclusive, shared);
  waitWhile(exclusive, exclusive);
}

TEST("threads: pairs written by mput and execute are seen whole by mget and execute") {
  const auto engine = makeCpuEngine({});
  std::vector<std::string> keys;
  for (int i = 0; i < 20; ++i) keys.push_back("pair:" + std::to_string(i));
  mput(*engine, keys, std::vector<std::string>(keys.size(), "0"));
  std::atomic<bool> over{false};
  std::atomic<int> torn{0};
  std::atomic<int> reads{0};
  inThreads(kThreads, [&](unsigned t) {
    if (t < 2) {
      for (int i = 0; i < 3000; ++i) {
        // other lengths each time: records move while others read
        const std::string value(static_cast<std::size_t>(i % 200 + 1), static_cast<char>('a' + t));
        const std::vector<std::string> values(keys.size(), value + std::to_string(i));
        if (i % 2 == 0) {
          mput(*engine, keys, values);
        } else {
          std::vector<predis::test::Operation> operations;
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
        std::vector<predis::test::Operation> operations;
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
  const auto engine = makeCpuEngine({});
  constexpr int kRounds = 3000;
  inThreads(kThreads, [&](unsigned t) {
    for (int i = 0; i < kRounds; ++i) {
      std::int64_t number = 0;
      engine->increment(kPlain, "single", 1, number);
      const std::string own = "own:" + std::to_string(t);
      execute(*engine, {{OpKind::kIncrement, "batched", "", 2}, {OpKind::kIncrement, own, "", 1}});
    }
  });
  CHECK(get(*engine, "single") == std::to_string(kRounds * kThreads));
  CHECK(get(*engine, "batched") == std::to_string(2 * kRounds * kThreads));
  CHECK(get(*engine, "own:0") == std::to_string(kRounds));
  CHECK_EQ(engine->stats().increments, std::uint64_t{3} * kRounds * kThreads);
}

TEST("threads: growth under readers and removers loses nothing") {
  const auto engine = makeCpuEngine({});
  constexpr std::size_t kKeysEach = 15'000;
  std::atomic<int> wrong{0};
  inThreads(kThreads, [&](unsigned t) {
    Random random(t);
    const auto key = [](unsigned owner, std::size_t i) {
      return std::to_string(owner) + ":" + std::to_string(i);
    };
    for (std::size_t i = 0; i < kKeysEach; ++i) {
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
  CHECK_EQ(engine->stats().keys, kThreads * kKeysEach * 4 / 5);
}

TEST("threads: clear, statistics and prefetch beside readers and writers") {
  const auto engine = makeCpuEngine(limited(std::uint64_t{64} << 20, 0));
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
        predis::test::Packed packed(keys);
        engine->prefetch(kPlain, packed.view());
      }
      if (t == 3 && i % 50 == 0) engine->resetStats();
      for (const Status status : mput(*engine, keys, values)) wrong += status != Status::kOk;
      for (const auto& value : mget(*engine, keys)) wrong += value.has_value() && value->empty();
    }
  });
  CHECK_EQ(wrong.load(), 0);
  engine->clearAll();
  CHECK_EQ(engine->stats().memoryBytes, 0U);
}

int main() { return predis::test::runAll(); }
