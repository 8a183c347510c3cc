/// @file
/// A reader-writer lock of four bytes. std::shared_mutex would do, but costs three times as much when free,
/// and glibc's lets readers starve a writer for ever; a batch takes up to 64 of these.
#pragma once

#include <atomic>
#include <cstdint>

namespace predis {

/// Waiting writers hold new readers off. Meets the standard's SharedMutex requirements as far as
/// std::unique_lock and std::shared_lock need them. Not recursive.
class SharedLock {
 public:
  void lock_shared() noexcept {
    std::uint32_t seen = state_.load(std::memory_order_relaxed);
    if ((seen & (kWriter | kWriterWaits)) == 0 && tryChange(seen, seen + 1)) return;
    lockSharedSlowly();
  }

  void unlock_shared() noexcept {
    const std::uint32_t before = state_.fetch_sub(1, std::memory_order_release);
    if ((before & kReaders) == 1 && (before & kSleepers) != 0) wakeAll();
  }

  void lock() noexcept {
    std::uint32_t seen = 0;
    if (tryChange(seen, kWriter)) return;
    lockSlowly();
  }

  [[nodiscard]] bool try_lock() noexcept {
    std::uint32_t seen = 0;
    return state_.compare_exchange_strong(seen, kWriter, std::memory_order_acquire,
                                          std::memory_order_relaxed);
  }

  void unlock() noexcept {
    // Dropping the mark of waiting writers is harmless: they set it again when they have to wait again.
    const std::uint32_t before = state_.exchange(0, std::memory_order_release);
    if ((before & kSleepers) != 0) state_.notify_all();
  }

 private:
  static constexpr std::uint32_t kWriter = 1U << 31;
  static constexpr std::uint32_t kWriterWaits = 1U << 30;
  static constexpr std::uint32_t kSleepers = 1U << 29;
  static constexpr std::uint32_t kReaders = kSleepers - 1;
  static constexpr int kSpins = 64;

  bool tryChange(std::uint32_t& from, std::uint32_t to) noexcept {
    return state_.compare_exchange_weak(from, to, std::memory_order_acquire, std::memory_order_relaxed);
  }

  void wakeAll() noexcept {
    // Who marks itself a sleeper after this finds the value changed and does not sleep.
    state_.fetch_and(~kSleepers, std::memory_order_relaxed);
    state_.notify_all();
  }

  /// Sleeps until the state is another than `seen`, after a short spin. `seen` must block the caller.
  void pauseOrSleep(std::uint32_t seen, int& spins) noexcept {
    if (spins < kSpins) {
      ++spins;
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
      return;
    }
    if ((seen & kSleepers) == 0) {
      if (!tryChange(seen, seen | kSleepers)) return;
      seen |= kSleepers;
    }
    state_.wait(seen, std::memory_order_relaxed);
  }

  void lockSharedSlowly() noexcept {
    for (int spins = 0;;) {
      std::uint32_t seen = state_.load(std::memory_order_relaxed);
      if ((seen & (kWriter | kWriterWaits)) == 0) {
        if (tryChange(seen, seen + 1)) return;
      } else {
        pauseOrSleep(seen, spins);
      }
    }
  }

  void lockSlowly() noexcept {
    for (int spins = 0;;) {
      std::uint32_t seen = state_.load(std::memory_order_relaxed);
      if ((seen & (kWriter | kReaders)) == 0) {
        if (tryChange(seen, kWriter | (seen & kSleepers))) return;
      } else if ((seen & kWriterWaits) == 0) {
        tryChange(seen, seen | kWriterWaits);
      } else {
        pauseOrSleep(seen, spins);
      }
    }
  }

  std::atomic<std::uint32_t> state_{0};
};

}  // namespace predis
