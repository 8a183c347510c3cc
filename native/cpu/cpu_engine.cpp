/// @file
/// The CPU engine: shards behind the interface, and batches that keep many memory accesses in flight.

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <random>
#include <shared_mutex>
#include <vector>

#include "../engine/engine.hpp"
#include "../engine/hash.hpp"
#include "../engine/planted_slowdown.hpp"
#include "../engine/spaces.hpp"
#include "arena.hpp"
#include "call_sampler.hpp"
#include "shard.hpp"

namespace predis::cpu {

namespace {

constexpr std::size_t kMaxShards = std::size_t{1} << Index::kShardBits;
/// Memory that a shard should be able to have: a shard takes whole chunks, so a small engine gets fewer
/// shards.
constexpr std::uint64_t kLimitPerShard = std::uint64_t{4} << 20;
/// Engines with a smaller limit do without huge pages.
constexpr std::uint64_t kHugePageLimit = std::uint64_t{32} << 20;
/// Keys that are worked on at once: enough misses in flight for any core, few enough to stay in its L1 cache.
constexpr std::size_t kGroup = 32;

HashSeed randomSeed() {
  std::random_device device;
  const auto word = [&device] { return std::uint64_t{device()} << 32 | device(); };
  HashSeed seed;
  seed.start = word();
  for (std::uint64_t& secret : seed.words) secret = word();
  return seed;
}

std::size_t shardCount(std::uint64_t limitBytes) noexcept {
  if (limitBytes == 0) return kMaxShards;
  return std::bit_floor(std::clamp<std::uint64_t>(limitBytes / kLimitPerShard, 1, kMaxShards));
}

Status checkKey(std::string_view key) noexcept {
  if (key.empty()) return Status::kKeyEmpty;
  return key.size() > kMaxKeyBytes ? Status::kKeyTooLong : Status::kOk;
}

Status checkPair(std::string_view key, std::string_view value) noexcept {
  const Status status = checkKey(key);
  if (status != Status::kOk) return status;
  return value.size() > kMaxValueBytes ? Status::kValueTooLong : Status::kOk;
}

/// `expectedKeys` is a hint: the index is sized in advance for no more keys than could be kept within the
/// limit, nor for so many that a mistyped hint takes the machine's memory.
std::uint64_t mostExpectedKeys(std::uint64_t limitBytes) noexcept {
  constexpr std::uint64_t kSmallestRecordBytes = 32;                // header, key, its entry in the index
  constexpr std::uint64_t kMostUnlimited = std::uint64_t{1} << 28;  // an index of about 3 GiB
  return limitBytes == 0 ? kMostUnlimited : limitBytes / kSmallestRecordBytes;
}

bool isAllowed(std::string_view key) noexcept { return key.size() - 1 < kMaxKeyBytes; }

/// Memory whose end is the caller's business.
std::shared_ptr<std::uint8_t> alignedMemory(std::size_t bytes) noexcept {
  constexpr std::size_t kAlignment = 64;
  if (bytes > SIZE_MAX - kAlignment) return nullptr;
  const std::size_t rounded = std::max(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
  try {
    auto* const memory = static_cast<std::uint8_t*>(std::aligned_alloc(kAlignment, rounded));
    return memory == nullptr ? nullptr : std::shared_ptr<std::uint8_t>(memory, std::free);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

/// What makes a batch's status kSomeFailed: not finding a key, or another value than expected, is an answer.
bool failed(Status status) noexcept {
  return status != Status::kOk && status != Status::kNotFound && status != Status::kMismatch;
}

/// Holds the locks of a set of shards, taken in ascending order, so that no two batches wait for each other.
class BatchLock {
 public:
  /// @param touched one bit per shard; @param written those of them that are locked exclusively
  BatchLock(const std::vector<std::unique_ptr<Shard>>& shards, std::uint64_t touched,
            std::uint64_t written) noexcept
      : shards_(shards), touched_(touched), written_(written) {
    for (std::uint64_t left = touched_; left != 0; left &= left - 1) {
      const auto i = static_cast<unsigned>(std::countr_zero(left));
      if ((written_ >> i & 1) != 0) {
        shards_[i]->lock.lock();
      } else {
        shards_[i]->lock.lock_shared();
      }
    }
  }
  ~BatchLock() {
    for (std::uint64_t left = touched_; left != 0; left &= left - 1) {
      const auto i = static_cast<unsigned>(std::countr_zero(left));
      if ((written_ >> i & 1) != 0) {
        shards_[i]->lock.unlock();
      } else {
        shards_[i]->lock.unlock_shared();
      }
    }
  }
  BatchLock(const BatchLock&) = delete;
  BatchLock& operator=(const BatchLock&) = delete;

 private:
  const std::vector<std::unique_ptr<Shard>>& shards_;
  const std::uint64_t touched_;
  const std::uint64_t written_;
};

/// Working memory of batches, kept by each thread from call to call up to a bound.
struct Scratch {
  static constexpr std::size_t kKeptKeys = std::size_t{1} << 16;

  std::vector<std::uint64_t> hashes;
  std::vector<const Record*> records;

  /// @throws std::bad_alloc
  void prepare(std::size_t keys, bool withRecords) {
    if (hashes.size() < keys) hashes.resize(keys);
    if (withRecords && records.size() < keys) records.resize(keys);
  }
  void trim() noexcept {
    if (hashes.size() > kKeptKeys) hashes = {};
    if (records.size() > kKeptKeys) records = {};
  }
};

/// Borrows the thread's scratch memory for one batch.
class ScratchLoan {
 public:
  /// `ready()` is false when there is no memory.
  ScratchLoan(std::size_t keys, bool withRecords) noexcept : scratch_(ofThread()) {
    try {
      scratch_.prepare(keys, withRecords);
      ready_ = true;
    } catch (const std::bad_alloc&) {
    }
  }
  ~ScratchLoan() { scratch_.trim(); }
  ScratchLoan(const ScratchLoan&) = delete;
  ScratchLoan& operator=(const ScratchLoan&) = delete;

  [[nodiscard]] bool ready() const noexcept { return ready_; }
  [[nodiscard]] std::uint64_t* hashes() const noexcept { return scratch_.hashes.data(); }
  [[nodiscard]] const Record** records() const noexcept { return scratch_.records.data(); }

 private:
  static Scratch& ofThread() noexcept {
    thread_local Scratch scratch;
    return scratch;
  }
  Scratch& scratch_;
  bool ready_ = false;
};

class CpuEngine final : public Engine {
 public:
  explicit CpuEngine(const EngineOptions& options)
      : seed_(randomSeed()),
        nowMs_(options.nowMs),
        budget_(options.memoryLimitBytes),
        arena_(budget_, options.memoryLimitBytes == 0 || options.memoryLimitBytes >= kHugePageLimit),
        shardMask_(shardCount(options.memoryLimitBytes) - 1) {
    shards_.reserve(shardMask_ + 1);
    const std::uint64_t expectedKeys =
        std::min(options.expectedKeys, mostExpectedKeys(options.memoryLimitBytes));
    for (std::size_t i = 0; i <= shardMask_; ++i) {
      shards_.push_back(std::make_unique<Shard>(budget_, arena_));
      shards_.back()->reserve(expectedKeys / (shardMask_ + 1));
    }
  }

  [[nodiscard]] std::string_view kind() const noexcept override { return "cpu"; }

  Status get(const Scope& scope, std::string_view key, const AnswerMemory& memory) noexcept override {
    const Call call(*this, 1);
    if (const Status status = checkKey(key); status != Status::kOk) return status;
    const KeyRef ref = refOf(scope, key);
    CallTime time(nowMs_);
    Shard& shard = shardOf(ref.hash);
    const std::shared_lock lock(shard.lock);
    const Record* const record = shard.find(ref, time);
    if (record == nullptr) {
      Counters::add(shard.counters.misses, 1);
      return Status::kNotFound;
    }
    Counters::add(shard.counters.hits, 1);
    const std::string_view value = record->value();
    std::uint8_t* const answer = memory.allocate(memory.context, value.size());
    if (value.empty()) return Status::kOk;
    if (answer == nullptr) return Status::kOutOfMemory;
    std::memcpy(answer, value.data(), value.size());
    return Status::kOk;
  }

  Status put(const Scope& scope, std::string_view key, std::string_view value) noexcept override {
    const Call call(*this, 1);
    if (const Status status = checkPair(key, value); status != Status::kOk) return status;
    const KeyRef ref = refOf(scope, key);
    CallTime time(nowMs_);
    Shard& shard = shardOf(ref.hash);
    Counters::add(shard.counters.puts, 1);
    const std::unique_lock lock(shard.lock);
    return shard.put(ref, value, 0, time);
  }

  Status remove(const Scope& scope, std::string_view key) noexcept override {
    const Call call(*this, 1);
    if (const Status status = checkKey(key); status != Status::kOk) return status;
    const KeyRef ref = refOf(scope, key);
    CallTime time(nowMs_);
    Shard& shard = shardOf(ref.hash);
    Counters::add(shard.counters.deletes, 1);
    const std::unique_lock lock(shard.lock);
    return shard.remove(ref, time);
  }

  Status increment(const Scope& scope, std::string_view key, std::int64_t amount,
                   std::int64_t& result) noexcept override {
    const Call call(*this, 1);
    if (const Status status = checkKey(key); status != Status::kOk) return status;
    const KeyRef ref = refOf(scope, key);
    CallTime time(nowMs_);
    Shard& shard = shardOf(ref.hash);
    Counters::add(shard.counters.increments, 1);
    const std::unique_lock lock(shard.lock);
    return shard.increment(ref, amount, time, result);
  }

  BatchStatus mget(const Scope& scope, const PackedView& keys, const MgetSink& sink) noexcept override {
    const Call call(*this, keys.count);
    const ScratchLoan scratch(keys.count, true);
    if (!scratch.ready()) return BatchStatus::kOutOfMemory;
    const std::uint64_t* const hashes = scratch.hashes();
    const Record** const records = scratch.records();
    const BatchLock lock(shards_, hashAll(scope, keys, scratch.hashes()), 0);

    CallTime time(nowMs_);
    std::uint64_t hits = 0;
    std::uint64_t bytes = 0;
    pipeline(hashes, keys.count, records, [&](std::size_t i) noexcept {
      const KeyRef key{hashes[i], keys[i], scope.space};
      const Record* record = records[i];
      if (record == nullptr || !isAllowed(key.bytes) || !record->isOf(key) || Shard::isGone(*record, time))
          [[unlikely]] {
        // The guess was wrong, or the key's time has come.
        record = isAllowed(key.bytes) ? shardOf(key.hash).find(key, time) : nullptr;
        records[i] = record;
      }
      sink.found[i] = record != nullptr;
      hits += record != nullptr;
      bytes += record != nullptr ? record->valueBytes() : 0;
    });
    Counters::add(counters_.hits, hits);
    Counters::add(counters_.misses, keys.count - hits);
    if (bytes > UINT32_MAX) return BatchStatus::kTooLarge;
    std::uint8_t* answer = sink.memory.allocate(sink.memory.context, bytes);
    if (answer == nullptr && bytes != 0) return BatchStatus::kOutOfMemory;

    std::uint32_t offset = 0;
    if (sink.offsets != nullptr) sink.offsets[0] = 0;
    for (std::size_t i = 0; i < keys.count; ++i) {
      if (const Record* const record = records[i]) {
        const std::string_view value = record->value();
        if (!value.empty()) std::memcpy(answer + offset, value.data(), value.size());
        offset += static_cast<std::uint32_t>(value.size());
      }
      sink.offsets[i + 1] = offset;
    }
    return BatchStatus::kOk;
  }

  BatchStatus mput(const Scope& scope, const PackedView& keys, const PackedView& values,
                   const std::int64_t* expiresAtMs, std::uint8_t* statuses) noexcept override {
    const Call call(*this, keys.count);
    Counters::add(counters_.puts, keys.count);
    CallTime time(nowMs_);
    return writeAll(scope, keys, statuses, [&](std::size_t i, const KeyRef& key) noexcept {
      const std::string_view value = values[i];
      const Status status = checkPair(key.bytes, value);
      if (status != Status::kOk) return status;
      return shardOf(key.hash).put(key, value, expiresAtMs == nullptr ? 0 : expiresAtMs[i], time);
    });
  }

  BatchStatus mremove(const Scope& scope, const PackedView& keys, std::uint8_t* statuses) noexcept override {
    const Call call(*this, keys.count);
    Counters::add(counters_.deletes, keys.count);
    CallTime time(nowMs_);
    return writeAll(scope, keys, statuses, [&](std::size_t, const KeyRef& key) noexcept {
      const Status status = checkKey(key.bytes);
      return status == Status::kOk ? shardOf(key.hash).remove(key, time) : status;
    });
  }

  BatchStatus execute(const Scope& scope, const OpBatch& batch, const OpResults& results) noexcept override;

  void prefetch(const Scope& scope, const PackedView& keys) noexcept override {
    const ScratchLoan scratch(keys.count, true);
    if (!scratch.ready()) return;
    const BatchLock lock(shards_, hashAll(scope, keys, scratch.hashes()), 0);
    pipeline(scratch.hashes(), keys.count, scratch.records(), [](std::size_t) noexcept {});
  }

  Status openSpace(std::string_view name, std::uint16_t& space) noexcept override {
    return spaces_.open(name, space);
  }

  [[nodiscard]] std::uint64_t countKeys(std::uint16_t space) const noexcept override {
    std::uint64_t count = 0;
    for (const auto& shard : shards_) {
      const std::shared_lock lock(shard->lock);
      count += shard->countKeys(space);
    }
    return count;
  }

  void clear(std::uint16_t space) noexcept override {
    const BatchLock lock(shards_, allShards(), allShards());
    for (const auto& shard : shards_) shard->clear(space);
  }

  std::uint64_t sweepExpired() noexcept override {
    CallTime time(nowMs_);
    std::uint64_t removed = 0;
    for (const auto& shard : shards_) {
      const std::unique_lock lock(shard->lock);
      removed += shard->sweepExpired(time);
    }
    return removed;
  }

  [[nodiscard]] std::shared_ptr<std::uint8_t> allocatePinned(std::size_t bytes) noexcept override {
    return alignedMemory(bytes);
  }

  void clearAll() noexcept override {
    const BatchLock lock(shards_, allShards(), allShards());
    for (const auto& shard : shards_) shard->forgetAll();
    arena_.releaseAll();
  }

  [[nodiscard]] Stats stats() const noexcept override;
  void resetStats() noexcept override;

 private:
  /// Lives through one call: times a sample of them, and carries the planted slowdown of a build that has
  /// one.
  struct Call {
    Call(CpuEngine& engine, std::size_t operations) noexcept : sample(engine.sampler_, operations) {}
    CallSampler::Sample sample;
    PlantedSlowdown slowdown;
  };

  [[nodiscard]] std::size_t shardIndex(std::uint64_t hash) const noexcept {
    return hash >> (64 - Index::kShardBits) & shardMask_;
  }
  [[nodiscard]] Shard& shardOf(std::uint64_t hash) const noexcept { return *shards_[shardIndex(hash)]; }
  [[nodiscard]] std::uint64_t allShards() const noexcept {
    return ~std::uint64_t{0} >> (64 - shards_.size());
  }

  /// Hashes all keys. @return a bit for each shard touched
  std::uint64_t hashAll(const Scope& scope, const PackedView& keys, std::uint64_t* hashes) const noexcept {
    std::uint64_t touched = 0;
    for (std::size_t i = 0; i < keys.count; ++i) {
      hashes[i] = hashBytes(keys[i], seed_, scope.space);
      touched |= std::uint64_t{1} << shardIndex(hashes[i]);
    }
    return touched;
  }

  /// Calls finish(i) for each key in order, a group of keys after its buckets, and then its probable records,
  /// were asked for, so that the memory accesses of a group overlap. @param guesses out: each key's probable
  /// record as it was one group before
  template <typename Finish>
  void pipeline(const std::uint64_t* hashes, std::size_t count, const Record** guesses,
                const Finish& finish) const noexcept {
    const std::size_t groups = (count + kGroup - 1) / kGroup;
    for (std::size_t group = 0; group < groups + 2; ++group) {
      const auto each = [&](std::size_t which, const auto& stage) noexcept {
        const std::size_t end = std::min(count, (which + 1) * kGroup);
        for (std::size_t i = which * kGroup; i < end; ++i) stage(i);
      };
      if (group < groups) {
        each(group, [&](std::size_t i) noexcept { shardOf(hashes[i]).prefetchBucket(hashes[i]); });
      }
      if (group >= 1 && group - 1 < groups) {
        each(group - 1, [&](std::size_t i) noexcept {
          const Record* const guess = shardOf(hashes[i]).guess(hashes[i]);
          guesses[i] = guess;
          if (guess == nullptr) return;
          const auto* const line = reinterpret_cast<const char*>(guess);
          __builtin_prefetch(line);
          __builtin_prefetch(line + 64);
          __builtin_prefetch(line + 128);
        });
      }
      if (group >= 2) each(group - 2, finish);
    }
  }

  /// Runs write(i, key) for each key in order under exclusive locks of all shards touched.
  template <typename Write>
  BatchStatus writeAll(const Scope& scope, const PackedView& keys, std::uint8_t* statuses,
                       const Write& write) noexcept {
    const ScratchLoan scratch(keys.count, true);
    if (!scratch.ready()) {
      std::fill_n(statuses, keys.count, static_cast<std::uint8_t>(Status::kOutOfMemory));
      return BatchStatus::kSomeFailed;
    }
    const std::uint64_t* const hashes = scratch.hashes();
    const std::uint64_t touched = hashAll(scope, keys, scratch.hashes());
    const BatchLock lock(shards_, touched, touched);
    bool someFailed = false;
    pipeline(hashes, keys.count, scratch.records(), [&](std::size_t i) noexcept {
      const Status status = write(i, {hashes[i], keys[i], scope.space});
      statuses[i] = static_cast<std::uint8_t>(status);
      someFailed |= failed(status);
    });
    return someFailed ? BatchStatus::kSomeFailed : BatchStatus::kOk;
  }

  [[nodiscard]] KeyRef refOf(const Scope& scope, std::string_view key) const noexcept {
    return {hashBytes(key, seed_, scope.space), key, scope.space};
  }

  const HashSeed seed_;
  std::int64_t (*const nowMs_)() noexcept;
  Spaces spaces_;
  MemoryBudget budget_;
  Arena arena_;
  const std::size_t shardMask_;
  std::vector<std::unique_ptr<Shard>> shards_;
  CallSampler sampler_;
  alignas(64) Counters counters_;  ///< Of batches; single operations count in their shard.
};

BatchStatus CpuEngine::execute(const Scope& scope, const OpBatch& batch, const OpResults& results) noexcept {
  const std::size_t count = batch.keys.count;
  const Call call(*this, count);
  const MgetSink& sink = results.values;
  std::fill_n(results.numbers, count, std::int64_t{0});
  std::fill_n(sink.found, count, std::uint8_t{0});
  if (sink.offsets != nullptr) std::fill_n(sink.offsets, count + 1, std::uint32_t{0});

  const ScratchLoan scratch(count, true);
  if (!scratch.ready()) {
    std::fill_n(results.statuses, count, static_cast<std::uint8_t>(Status::kOutOfMemory));
    return BatchStatus::kSomeFailed;
  }
  const std::uint64_t* const hashes = scratch.hashes();
  const std::uint64_t touched = hashAll(scope, batch.keys, scratch.hashes());
  std::uint64_t written = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto kind = static_cast<OpKind>(batch.kinds[i]);
    if (kind != OpKind::kGet && kind != OpKind::kExpiry) written |= std::uint64_t{1} << shardIndex(hashes[i]);
  }

  // A value read may be overwritten later in the batch, so it is copied at once; the size of the answer is
  // known at the end only.
  std::vector<std::uint8_t> values;
  std::array<std::uint64_t, kOpKinds> kinds{};
  CallTime time(nowMs_);
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  bool someFailed = false;

  const auto get = [&](std::size_t i, const KeyRef& key) noexcept {
    const Record* const record = shardOf(key.hash).find(key, time);
    (record != nullptr ? hits : misses) += 1;
    if (record == nullptr) return Status::kNotFound;
    const std::string_view value = record->value();
    if (value.size() > UINT32_MAX - values.size()) return Status::kOutOfMemory;
    try {
      values.insert(values.end(), value.begin(), value.end());
    } catch (const std::bad_alloc&) {
      return Status::kOutOfMemory;
    }
    sink.found[i] = 1;
    return Status::kOk;
  };
  const auto run = [&](std::size_t i) noexcept {
    const KeyRef key{hashes[i], batch.keys[i], scope.space};
    const std::string_view value = batch.values[i];
    const std::int64_t amount = batch.amounts[i];
    Shard& shard = shardOf(key.hash);
    if (const Status status = checkPair(key.bytes, value); status != Status::kOk) return status;
    switch (static_cast<OpKind>(batch.kinds[i])) {
      case OpKind::kGet:
        return get(i, key);
      case OpKind::kPut:
        return shard.put(key, value, amount, time);
      case OpKind::kDelete:
        return shard.remove(key, time);
      case OpKind::kIncrement:
        return shard.increment(key, amount, time, results.numbers[i]);
      case OpKind::kCompareAndSet:
        return shard.compareAndSet(key, batch.expected[i], value, amount, time);
      case OpKind::kPutIfAbsent:
        return shard.putIfAbsent(key, value, amount, time);
      case OpKind::kExpire:
        return shard.expire(key, amount, time);
      case OpKind::kExpiry:
        break;
    }
    return shard.expiry(key, time, results.numbers[i]);
  };

  const BatchLock lock(shards_, touched, written);
  pipeline(hashes, count, scratch.records(), [&](std::size_t i) noexcept {
    const Status status = run(i);
    ++kinds[batch.kinds[i] % kOpKinds];
    results.statuses[i] = static_cast<std::uint8_t>(status);
    someFailed |= failed(status);
    sink.offsets[i + 1] = static_cast<std::uint32_t>(values.size());
  });
  Counters::add(counters_.hits, hits);
  Counters::add(counters_.misses, misses);
  Counters::add(counters_.puts, kinds[1] + kinds[4] + kinds[5]);
  Counters::add(counters_.deletes, kinds[2]);
  Counters::add(counters_.increments, kinds[3]);

  std::uint8_t* const answer = sink.memory.allocate(sink.memory.context, values.size());
  if (answer != nullptr && !values.empty()) {
    std::memcpy(answer, values.data(), values.size());
  } else if (!values.empty()) {
    for (std::size_t i = 0; i < count; ++i) {
      if (sink.found[i] != 0) results.statuses[i] = static_cast<std::uint8_t>(Status::kOutOfMemory);
      sink.found[i] = 0;
      sink.offsets[i + 1] = 0;
    }
    someFailed = true;
  }
  return someFailed ? BatchStatus::kSomeFailed : BatchStatus::kOk;
}

Stats CpuEngine::stats() const noexcept {
  Stats stats;
  const auto count = [&stats](const Counters& counters) noexcept {
    stats.hits += counters.hits.load(std::memory_order_relaxed);
    stats.misses += counters.misses.load(std::memory_order_relaxed);
    stats.puts += counters.puts.load(std::memory_order_relaxed);
    stats.deletes += counters.deletes.load(std::memory_order_relaxed);
    stats.increments += counters.increments.load(std::memory_order_relaxed);
  };
  count(counters_);
  for (const auto& shard : shards_) {
    count(shard->counters);
    stats.expiredKeys += shard->expiredKeys.load(std::memory_order_relaxed);
    const std::shared_lock lock(shard->lock);
    stats.keys += shard->keys();
    stats.keyValueBytes += shard->keyValueBytes();
  }
  stats.gets = stats.hits + stats.misses;
  stats.memoryBytes = budget_.usedBytes();
  sampler_.report(stats);
  return stats;
}

void CpuEngine::resetStats() noexcept {
  const auto reset = [](Counters& counters) noexcept {
    for (auto* const counter :
         {&counters.hits, &counters.misses, &counters.puts, &counters.deletes, &counters.increments}) {
      counter->store(0, std::memory_order_relaxed);
    }
  };
  reset(counters_);
  for (const auto& shard : shards_) {
    reset(shard->counters);
    shard->expiredKeys.store(0, std::memory_order_relaxed);
  }
  sampler_.reset();
}

}  // namespace

}  // namespace predis::cpu

namespace predis {

std::unique_ptr<Engine> makeCpuEngine(const EngineOptions& options) {
  return std::make_unique<cpu::CpuEngine>(options);
}

}  // namespace predis
