#include "cpu_engine.hpp"

#include <cstring>
#include <mutex>
#include <shared_mutex>

#include "../engine/checks.hpp"
#include "../engine/decimal.hpp"
#include "../engine/random_seed.hpp"

namespace predis::cpu {

namespace {

/// Memory that a shard should be able to have: a shard takes whole chunks, so a small engine gets fewer
/// shards.
constexpr std::uint64_t kLimitPerShard = std::uint64_t{4} << 20;
/// Engines with a smaller limit do without huge pages.
constexpr std::uint64_t kHugePageLimit = std::uint64_t{32} << 20;

std::size_t shardCount(std::uint64_t limitBytes, std::size_t most) noexcept {
  if (limitBytes == 0) return most;
  return std::bit_floor(std::clamp<std::uint64_t>(limitBytes / kLimitPerShard, 1, most));
}

/// `expectedKeys` is a hint: the index is sized in advance for no more keys than could be kept within the
/// limit, nor for so many that a mistyped hint takes the machine's memory.
std::uint64_t mostExpectedKeys(std::uint64_t limitBytes) noexcept {
  constexpr std::uint64_t kSmallestRecordBytes = 32;                // header, key, its entry in the index
  constexpr std::uint64_t kMostUnlimited = std::uint64_t{1} << 28;  // an index of about 3 GiB
  return limitBytes == 0 ? kMostUnlimited : limitBytes / kSmallestRecordBytes;
}

}  // namespace

CpuEngine::CpuEngine(const EngineOptions& options)
    : seed_(randomSeed()),
      nowMs_(options.nowMs),
      evicting_(options.eviction == Eviction::kClock && options.memoryLimitBytes != 0),
      shardMask_(shardCount(options.memoryLimitBytes, kMaxShards) - 1),
      budget_(options.memoryLimitBytes),
      arena_(budget_, options.memoryLimitBytes == 0 || options.memoryLimitBytes >= kHugePageLimit) {
  shards_.reserve(shardMask_ + 1);
  const std::uint64_t expectedKeys =
      std::min(options.expectedKeys, mostExpectedKeys(options.memoryLimitBytes));
  for (std::size_t i = 0; i <= shardMask_; ++i) {
    shards_.push_back(std::make_unique<Shard>(budget_, arena_, evicting_));
    shards_.back()->reserve(expectedKeys / (shardMask_ + 1));
  }
}

Status CpuEngine::get(const Scope& scope, std::string_view key, const AnswerMemory& memory) noexcept {
  const Call call(*this, 1);
  if (const Status status = checkKey(key); status != Status::kOk) return status;
  const KeyRef ref = refOf(scope, key);
  CallTime time(nowMs_);
  Shard& shard = shardOf(ref.hash);
  const std::shared_lock lock(shard.lock);
  Record* const record = shard.find(ref, time);
  if (record == nullptr) {
    Counters::add(shard.counters.misses, 1);
    return Status::kNotFound;
  }
  Counters::add(shard.counters.hits, 1);
  noteRead(*record);
  const std::string_view value = record->value();
  std::uint8_t* const answer = memory.allocate(memory.context, value.size());
  if (value.empty()) return Status::kOk;
  if (answer == nullptr) return Status::kOutOfMemory;
  std::memcpy(answer, value.data(), value.size());
  return Status::kOk;
}

Status CpuEngine::put(const Scope& scope, std::string_view key, std::string_view value) noexcept {
  const Call call(*this, 1);
  if (const Status status = checkPair(key, value); status != Status::kOk) return status;
  const KeyRef ref = refOf(scope, key);
  CallTime time(nowMs_);
  Shard& shard = shardOf(ref.hash);
  Counters::add(shard.counters.puts, 1);
  const std::unique_lock lock(shard.lock);
  return withRoom(ref, value.size(), shardBit(ref.hash), time,
                  [&]() noexcept { return shard.put(ref, value, 0, time); });
}

Status CpuEngine::remove(const Scope& scope, std::string_view key) noexcept {
  const Call call(*this, 1);
  if (const Status status = checkKey(key); status != Status::kOk) return status;
  const KeyRef ref = refOf(scope, key);
  CallTime time(nowMs_);
  Shard& shard = shardOf(ref.hash);
  Counters::add(shard.counters.deletes, 1);
  const std::unique_lock lock(shard.lock);
  return shard.remove(ref, time);
}

Status CpuEngine::increment(const Scope& scope, std::string_view key, std::int64_t amount,
                            std::int64_t& result) noexcept {
  const Call call(*this, 1);
  if (const Status status = checkKey(key); status != Status::kOk) return status;
  const KeyRef ref = refOf(scope, key);
  CallTime time(nowMs_);
  Shard& shard = shardOf(ref.hash);
  Counters::add(shard.counters.increments, 1);
  const std::unique_lock lock(shard.lock);
  return withRoom(ref, kMaxDecimalBytes, shardBit(ref.hash), time,
                  [&]() noexcept { return shard.increment(ref, amount, time, result); });
}

}  // namespace predis::cpu

namespace predis {

std::unique_ptr<Engine> makeCpuEngine(const EngineOptions& options) {
  return std::make_unique<cpu::CpuEngine>(options);
}

}  // namespace predis
