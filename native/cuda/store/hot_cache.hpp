/// @file
/// A cache of hot keys in host memory, in front of the device: a hit costs no request.
///
/// Coherence (strong): the engine has one lock, shared for reads of the device and exclusive for writes.
///  1. `fill` is called under the shared lock, after the device was read under the same hold of it, so the
///     value filled in is the key's at that moment.
///  2. A write drops or replaces its keys (`drop`, `replace`), or makes all entries stale (`dropAll`), before
///     it releases the exclusive lock; no fill runs meanwhile.
///  3. `get` takes no lock.
/// So an entry is the key's value from when it was filled until the next write of the key takes effect, and a
/// hit at time t, of an entry that is there at t, returns what was current at t or, while a write of the key
/// is between its effect on the device and its drop, what was current before a write that has not returned
/// yet: that hit is ordered before the write. Nobody can have seen the write's effect by then: reads of the
/// device wait for the exclusive lock, and hits see the old value until the drop. After it, no hit sees the
/// old one. Single writes are therefore linearizable with hits, key by key, which is enough for operations on
/// one key (linearizability is local: Herlihy and Wing 1990).
///
/// Batches write several keys at one moment: they only ever drop, never replace. A thread that has seen one
/// key of the batch as new has read the device, after the lock was released; by then all keys of the batch
/// were dropped. A thread that hits an old one of them comes before the batch. `dropAll` is the same for all
/// keys at once: a get reads the epoch before the entry, so an entry that it accepts was valid at some moment
/// of the get.
///
/// Data races: entries are sequence locks whose words are atomics (Boehm, MSPC 2012): readers load data with
/// acquire, writers store it with release, so neither passes the sequence number.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "../../engine/engine.hpp"
#include "../../engine/hash.hpp"

namespace predis::cuda {

/// Thread-safe as said above. Four entries a set; of a full set an entry not hit since the last look goes.
class HotCache {
 public:
  static constexpr std::size_t kMostBytes = 256;  ///< Key and value of an entry.

  /// @param keys entries, rounded up to a power of two; 0 for none @throws std::bad_alloc
  HotCache(std::uint32_t keys, const HashSeed& seed);

  [[nodiscard]] bool isOn() const noexcept { return !entries_.empty(); }
  [[nodiscard]] std::uint64_t hashOf(std::string_view key, std::uint16_t space) const noexcept {
    return hashBytes(key, seed_, space);
  }

  /// What a get needs to know.
  struct Hit {
    std::uint32_t valueBytes = 0;
    std::uint8_t value[kMostBytes];
  };
  /// @param nowMs asked for keys that expire alone @return whether there is a value, in `hit`
  template <typename Clock>
  [[nodiscard]] bool get(std::uint64_t hash, std::string_view key, std::uint16_t space, Clock& time,
                         Hit& hit) noexcept {
    const std::uint64_t epoch = epoch_.load(std::memory_order_acquire);
    const std::size_t set = setOf(hash);
    for (std::size_t at = set; at < set + kWays; ++at) {
      if (hashes_[at].load(std::memory_order_relaxed) != hash) continue;
      std::int64_t expiresAtMs = 0;
      if (!read(at, epoch, hash, key, space, hit, expiresAtMs) || time.reached(expiresAtMs)) continue;
      Entry& entry = entries_[at];
      if (entry.recent.load(std::memory_order_relaxed) == 0) entry.recent.store(1, std::memory_order_relaxed);
      return true;
    }
    return false;
  }

  /// Whether a key that was just read from the device is worth an entry: it was read before, not long ago.
  [[nodiscard]] bool wants(std::uint64_t hash, std::size_t bytes) noexcept;
  /// @pre the engine's lock is held, shared at least
  void fill(std::uint64_t hash, std::string_view key, std::uint16_t space, std::string_view value,
            std::int64_t expiresAtMs) noexcept;
  /// A single write: the entry, if there is one, gets the new value. @pre the exclusive lock is held
  void replace(std::uint64_t hash, std::string_view key, std::uint16_t space,
               std::string_view value) noexcept;
  /// @pre the exclusive lock is held
  void drop(std::uint64_t hash) noexcept;
  /// @pre the exclusive lock is held
  void dropAll() noexcept { epoch_.fetch_add(1, std::memory_order_acq_rel); }

 private:
  static constexpr std::size_t kWays = 4;
  static constexpr std::size_t kWords = kMostBytes / 8;

  struct alignas(64) Entry {
    std::atomic<std::uint64_t> sequence{0};  ///< Odd while it is written.
    std::atomic<std::uint64_t> epoch{0};
    std::atomic<std::int64_t> expiresAtMs{0};
    std::atomic<std::uint64_t> lengths{0};  ///< Key's, value's, namespace: 20, 20, 16 bits.
    std::atomic<std::uint32_t> recent{0};   ///< Hit since the last look for an entry to give up.
    std::atomic<std::uint64_t> words[kWords]{};
  };

  /// Number of the first entry of a set.
  [[nodiscard]] std::size_t setOf(std::uint64_t hash) const noexcept {
    return ((hash >> 20) & setMask_) * kWays;
  }
  [[nodiscard]] bool read(std::size_t at, std::uint64_t epoch, std::uint64_t hash, std::string_view key,
                          std::uint16_t space, Hit& hit, std::int64_t& expiresAtMs) const noexcept;
  void dropAt(std::size_t at) noexcept;
  void write(std::size_t at, std::uint64_t hash, std::string_view key, std::uint16_t space,
             std::string_view value, std::int64_t expiresAtMs) noexcept;
  /// @return false when somebody else writes the entry
  static bool tryLock(Entry& entry, std::uint64_t& sequence) noexcept;

  const HashSeed seed_;
  /// By entry: the hash of its key, 0 for none. Apart from the entries, so that a set's four lie in one cache
  /// line: a batch that drops its keys reads nothing else.
  std::vector<std::atomic<std::uint64_t>> hashes_;
  std::vector<Entry> entries_;
  std::vector<std::atomic<std::uint16_t>> seen_;  ///< Of keys read lately: bits of the hash.
  std::uint64_t setMask_ = 0;
  std::atomic<std::uint64_t> epoch_{1};
};

}  // namespace predis::cuda
