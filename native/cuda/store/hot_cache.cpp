#include "hot_cache.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace predis::cuda {

namespace {

constexpr std::uint32_t kMostKeys = std::uint32_t{1} << 24;
/// Readings remembered for each entry.
constexpr std::size_t kSeenPerEntry = 4;

std::uint64_t packLengths(std::size_t keyBytes, std::size_t valueBytes, std::uint16_t space) noexcept {
  return std::uint64_t{space} << 40 | std::uint64_t{valueBytes} << 20 | keyBytes;
}

}  // namespace

HotCache::HotCache(std::uint32_t keys, const HashSeed& seed) : seed_(seed) {
  if (keys == 0) return;
  const std::size_t count = std::bit_ceil(std::max<std::size_t>(std::min(keys, kMostKeys), kWays));
  hashes_ = std::vector<std::atomic<std::uint64_t>>(count);
  entries_ = std::vector<Entry>(count);
  seen_ = std::vector<std::atomic<std::uint16_t>>(count * kSeenPerEntry);
  setMask_ = count / kWays - 1;
}

bool HotCache::read(std::size_t at, std::uint64_t epoch, std::uint64_t hash, std::string_view key,
                    std::uint16_t space, Hit& hit, std::int64_t& expiresAtMs) const noexcept {
  const Entry& entry = entries_[at];
  const std::uint64_t sequence = entry.sequence.load(std::memory_order_acquire);
  if ((sequence & 1) != 0) return false;
  const std::uint64_t lengths = entry.lengths.load(std::memory_order_acquire);
  const std::size_t keyBytes = lengths & 0xFFFFF;
  const std::size_t valueBytes = lengths >> 20 & 0xFFFFF;
  if (keyBytes != key.size() || lengths >> 40 != space || keyBytes + valueBytes > kMostBytes ||
      entry.epoch.load(std::memory_order_acquire) != epoch)
    return false;
  expiresAtMs = entry.expiresAtMs.load(std::memory_order_acquire);
  std::uint64_t words[kWords];
  const std::size_t count = (keyBytes + valueBytes + 7) / 8;
  for (std::size_t i = 0; i < count; ++i) words[i] = entry.words[i].load(std::memory_order_acquire);
  if (hashes_[at].load(std::memory_order_acquire) != hash ||
      entry.sequence.load(std::memory_order_relaxed) != sequence)
    return false;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(words);
  if (std::memcmp(bytes, key.data(), keyBytes) != 0) return false;
  hit.valueBytes = static_cast<std::uint32_t>(valueBytes);
  std::memcpy(hit.value, bytes + keyBytes, valueBytes);
  return true;
}

bool HotCache::wants(std::uint64_t hash, std::size_t bytes) noexcept {
  if (bytes > kMostBytes) return false;
  std::atomic<std::uint16_t>& seen = seen_[hash % seen_.size()];
  const auto mark = static_cast<std::uint16_t>(hash >> 48 | 1);
  if (seen.load(std::memory_order_relaxed) == mark) return true;
  seen.store(mark, std::memory_order_relaxed);
  return false;
}

bool HotCache::tryLock(Entry& entry, std::uint64_t& sequence) noexcept {
  sequence = entry.sequence.load(std::memory_order_relaxed);
  return (sequence & 1) == 0 &&
         entry.sequence.compare_exchange_strong(sequence, sequence + 1, std::memory_order_acquire,
                                                std::memory_order_relaxed);
}

void HotCache::write(std::size_t at, std::uint64_t hash, std::string_view key, std::uint16_t space,
                     std::string_view value, std::int64_t expiresAtMs) noexcept {
  Entry& entry = entries_[at];
  std::uint64_t sequence = 0;
  if (!tryLock(entry, sequence)) return;
  std::uint64_t words[kWords];
  const std::size_t bytes = key.size() + value.size();
  words[bytes == 0 ? 0 : (bytes - 1) / 8] = 0;
  std::memcpy(words, key.data(), key.size());
  if (!value.empty())
    std::memcpy(reinterpret_cast<std::uint8_t*>(words) + key.size(), value.data(), value.size());
  for (std::size_t i = 0; i < (bytes + 7) / 8; ++i) entry.words[i].store(words[i], std::memory_order_release);
  entry.lengths.store(packLengths(key.size(), value.size(), space), std::memory_order_release);
  entry.expiresAtMs.store(expiresAtMs, std::memory_order_release);
  entry.epoch.store(epoch_.load(std::memory_order_relaxed), std::memory_order_release);
  hashes_[at].store(hash, std::memory_order_release);
  entry.sequence.store(sequence + 2, std::memory_order_release);
}

void HotCache::fill(std::uint64_t hash, std::string_view key, std::uint16_t space, std::string_view value,
                    std::int64_t expiresAtMs) noexcept {
  if (hash == 0 || key.size() + value.size() > kMostBytes) return;
  const std::size_t set = setOf(hash);
  const std::uint64_t epoch = epoch_.load(std::memory_order_relaxed);
  constexpr std::size_t kNone = ~std::size_t{0};
  std::size_t victim = kNone;
  for (std::size_t at = set; at < set + kWays; ++at) {
    const std::uint64_t has = hashes_[at].load(std::memory_order_relaxed);
    if (has == hash) {
      victim = at;
      break;
    }
    if (victim == kNone && (has == 0 || entries_[at].epoch.load(std::memory_order_relaxed) != epoch))
      victim = at;
  }
  // All in use: one that was not hit since the last look here. The hash says where to begin.
  for (std::size_t step = 0; step < 2 * kWays && victim == kNone; ++step) {
    const std::size_t at = set + (hash + step) % kWays;
    if (entries_[at].recent.exchange(0, std::memory_order_relaxed) == 0) victim = at;
  }
  if (victim != kNone) write(victim, hash, key, space, value, expiresAtMs);
}

void HotCache::replace(std::uint64_t hash, std::string_view key, std::uint16_t space,
                       std::string_view value) noexcept {
  if (key.size() + value.size() > kMostBytes) return drop(hash);
  const std::size_t set = setOf(hash);
  std::size_t kept = set + kWays;
  // Two fills at once may have made two entries: the others go first, so that no hit on one of them can
  // follow a hit on the new value.
  for (std::size_t at = set; at < set + kWays; ++at) {
    if (hashes_[at].load(std::memory_order_relaxed) != hash) continue;
    if (kept != set + kWays) {
      dropAt(at);
    } else {
      kept = at;
    }
  }
  if (kept != set + kWays) write(kept, hash, key, space, value, 0);
}

void HotCache::drop(std::uint64_t hash) noexcept {
  const std::size_t set = setOf(hash);
  for (std::size_t at = set; at < set + kWays; ++at) {
    if (hashes_[at].load(std::memory_order_relaxed) == hash) dropAt(at);
  }
}

void HotCache::dropAt(std::size_t at) noexcept {
  Entry& entry = entries_[at];
  std::uint64_t sequence = 0;
  if (!tryLock(entry, sequence)) return;  // Cannot be: no fill runs under the exclusive lock.
  hashes_[at].store(0, std::memory_order_release);
  entry.sequence.store(sequence + 2, std::memory_order_release);
}

}  // namespace predis::cuda
