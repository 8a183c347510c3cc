/// Mixed batches.
#include <array>
#include <cstring>

#include "../engine/checks.hpp"
#include "../engine/decimal.hpp"
#include "cpu_engine.hpp"

namespace predis::cpu {

namespace {

/// What a mixed batch counts while it runs.
struct Tally {
  std::array<std::uint64_t, kOpKinds> kinds{};
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  bool someFailed = false;

  [[nodiscard]] std::uint64_t of(OpKind kind) const noexcept { return kinds[static_cast<std::size_t>(kind)]; }
  void report(Counters& counters) const noexcept {
    Counters::add(counters.hits, hits);
    Counters::add(counters.misses, misses);
    Counters::add(counters.puts, of(OpKind::kPut) + of(OpKind::kCompareAndSet) + of(OpKind::kPutIfAbsent));
    Counters::add(counters.deletes, of(OpKind::kDelete));
    Counters::add(counters.increments, of(OpKind::kIncrement));
  }
};

/// Hands the values that were kept to the caller. Where there is no memory for them, the gets fail.
void answer(const OpResults& results, std::size_t count, Scratch& scratch, Tally& tally) noexcept {
  const MgetSink& sink = results.values;
  const std::size_t bytes = scratch.values.size();
  std::uint8_t* const memory = sink.memory.allocate(sink.memory.context, bytes);
  if (bytes == 0) {
    // Values of 0 bytes were found, perhaps, and their ranges are empty already.
    return;
  }
  if (memory != nullptr) {
    scratch.arrange(count, sink.offsets, memory);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (sink.found[i] != 0) results.statuses[i] = static_cast<std::uint8_t>(Status::kOutOfMemory);
    sink.found[i] = 0;
    sink.offsets[i + 1] = 0;
  }
  tally.someFailed = true;
}

}  // namespace

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
  const std::uint64_t touched = hashAll(scope, batch.keys, scratch->hashes.data());
  std::uint64_t written = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (isWrite(static_cast<OpKind>(batch.kinds[i]))) written |= shardBit(scratch->hashes[i]);
  }
  CallTime time(nowMs_);
  Tally tally;

  // A value read may be overwritten later in the batch, so it is kept at once; the size of the answer is
  // known at the end only. Until then its length stands where its end will.
  const auto get = [&](std::size_t i, const KeyRef& key) noexcept {
    Record* const record = shardOf(key.hash).find(key, time);
    ++(record != nullptr ? tally.hits : tally.misses);
    if (record == nullptr) return Status::kNotFound;
    noteRead(*record);
    const std::string_view value = record->value();
    if (value.size() > UINT32_MAX - scratch->values.size()) return Status::kOutOfMemory;
    scratch->places[i] = scratch->values.size();
    if (!scratch->keep(value)) return Status::kOutOfMemory;
    sink.offsets[i + 1] = static_cast<std::uint32_t>(value.size());
    sink.found[i] = 1;
    return Status::kOk;
  };
  const auto run = [&](std::size_t i, std::uint64_t held) noexcept {
    const KeyRef key{scratch->hashes[i], batch.keys[i], scope.space};
    const std::string_view value = batch.values[i];
    const std::int64_t amount = batch.amounts[i];
    std::int64_t& number = results.numbers[i];
    Shard& shard = shardOf(key.hash);
    if (const Status status = checkPair(key.bytes, value); status != Status::kOk) return status;
    const auto writing = [&](std::size_t valueBytes, const auto& attempt) noexcept {
      return withRoom(key, valueBytes, held, time, attempt);
    };
    switch (static_cast<OpKind>(batch.kinds[i])) {
      case OpKind::kGet:
        return get(i, key);
      case OpKind::kPut:
        return writing(value.size(), [&]() noexcept { return shard.put(key, value, amount, time); });
      case OpKind::kDelete:
        return shard.remove(key, time);
      case OpKind::kIncrement:
        return writing(kMaxDecimalBytes,
                       [&]() noexcept { return shard.increment(key, amount, time, number); });
      case OpKind::kCompareAndSet:
        return writing(value.size(), [&]() noexcept {
          return shard.compareAndSet(key, batch.expected[i], value, amount, time);
        });
      case OpKind::kPutIfAbsent:
        return writing(value.size(), [&]() noexcept { return shard.putIfAbsent(key, value, amount, time); });
      case OpKind::kExpire:
        return writing(0, [&]() noexcept { return shard.expire(key, amount, time); });
      case OpKind::kExpiry:
        break;
    }
    return shard.expiry(key, time, number);
  };
  const auto runOne = [&](std::size_t i, std::uint64_t held) noexcept {
    const Status status = run(i, held);
    ++tally.kinds[batch.kinds[i] % kOpKinds];
    results.statuses[i] = static_cast<std::uint8_t>(status);
    tally.someFailed |= isFailure(status);
  };
  if (isGrouped(scope, count)) {
    shardByShard(*scratch, count, written,
                 [&](std::size_t i) noexcept { runOne(i, written & shardBit(scratch->hashes[i])); });
  } else {
    const BatchLock lock(shards_, touched, written);
    inOrder(*scratch, count, [&](std::size_t i) noexcept { runOne(i, written); });
  }
  tally.report(counters_);
  answer(results, count, *scratch, tally);
  return tally.someFailed ? BatchStatus::kSomeFailed : BatchStatus::kOk;
}

}  // namespace predis::cpu
