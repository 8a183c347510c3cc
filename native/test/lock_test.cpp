/// @file
/// The lock of several threads.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "../engine/shared_lock.hpp"
#include "check.hpp"
#include "threads.hpp"

using predis::SharedLock;
using predis::test::inThreads;

namespace {

constexpr unsigned kThreads = 4;

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

int main() { return predis::test::runAll(); }
