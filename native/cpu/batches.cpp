/// Batches of one kind. Strong ones hold all of their locks from before the first key until after the last;
/// relaxed ones go shard by shard.
#include <cstring>

#include "../engine/checks.hpp"
#include "cpu_engine.hpp"

namespace predis::cpu {

BatchStatus CpuEngine::mget(const Scope& scope, const PackedView& keys, const MgetSink& sink) noexcept {
  const Call call(*this, keys.count);
  const bool grouped = isGrouped(scope, keys.count);
  const ScratchLoan scratch(keys.count, grouped);
  if (!scratch.ready()) return BatchStatus::kOutOfMemory;
  const std::uint64_t touched = hashAll(scope, keys, scratch->hashes.data());
  if (grouped) return mgetGrouped(scope, keys, sink, *scratch);

  const BatchLock lock(shards_, touched, 0);
  CallTime time(nowMs_);
  std::uint64_t hits = 0;
  std::uint64_t bytes = 0;
  if (sink.offsets != nullptr) sink.offsets[0] = 0;
  // Copies of what does not change: a byte stored to `found` might be part of anything, for all the compiler
  // knows.
  inOrder(*scratch, keys.count,
          [&, keys, hashes = scratch->hashes.data(), records = scratch->records.data(),
           sources = scratch->sources.data(), found = sink.found, offsets = sink.offsets, space = scope.space,
           noting = evicting_](std::size_t i) noexcept {
            Record* const record = settle(records[i], {hashes[i], keys[i], space}, time);
            found[i] = record != nullptr;
            if (record != nullptr) {
              if (noting) record->markRead();
              const std::string_view value = record->value();
              sources[i] = value.data();
              bytes += value.size();
              ++hits;
            }
            offsets[i + 1] = static_cast<std::uint32_t>(bytes);
          });
  Counters::add(counters_.hits, hits);
  Counters::add(counters_.misses, keys.count - hits);
  if (bytes > UINT32_MAX) return BatchStatus::kTooLarge;
  std::uint8_t* const answer = sink.memory.allocate(sink.memory.context, bytes);
  if (bytes == 0) return BatchStatus::kOk;
  if (answer == nullptr) return BatchStatus::kOutOfMemory;
  const char* const* const sources = scratch->sources.data();
  const std::uint32_t* const offsets = sink.offsets;
  for (std::size_t i = 0, count = keys.count; i < count; ++i) {
    const std::uint32_t begin = offsets[i];
    const std::uint32_t length = offsets[i + 1] - begin;
    if (length != 0) std::memcpy(answer + begin, sources[i], length);
  }
  return BatchStatus::kOk;
}

BatchStatus CpuEngine::mgetGrouped(const Scope& scope, const PackedView& keys, const MgetSink& sink,
                                   Scratch& scratch) noexcept {
  CallTime time(nowMs_);
  std::uint64_t hits = 0;
  std::uint64_t bytes = 0;
  BatchStatus status = BatchStatus::kOk;
  // A value may be gone when its lock is, so it is copied twice: the answer's size is known at the end only.
  shardByShard(scratch, keys.count, 0, [&](std::size_t i) noexcept {
    Record* const record = settle(scratch.records[i], {scratch.hashes[i], keys[i], scope.space}, time);
    sink.found[i] = record != nullptr;
    sink.offsets[i + 1] = 0;
    if (record == nullptr) return;
    noteRead(*record);
    ++hits;
    const std::string_view value = record->value();
    bytes += value.size();
    if (bytes > UINT32_MAX) status = BatchStatus::kTooLarge;
    if (status != BatchStatus::kOk) return;
    scratch.places[i] = scratch.values.size();
    sink.offsets[i + 1] = static_cast<std::uint32_t>(value.size());
    if (!scratch.keep(value)) status = BatchStatus::kOutOfMemory;
  });
  Counters::add(counters_.hits, hits);
  Counters::add(counters_.misses, keys.count - hits);
  if (bytes > UINT32_MAX) return BatchStatus::kTooLarge;
  if (status != BatchStatus::kOk) return status;
  std::uint8_t* const answer = sink.memory.allocate(sink.memory.context, bytes);
  if (answer == nullptr && bytes != 0) return BatchStatus::kOutOfMemory;
  sink.offsets[0] = 0;
  scratch.arrange(keys.count, sink.offsets, answer);
  return BatchStatus::kOk;
}

template <typename Write>
BatchStatus CpuEngine::writeAll(const Scope& scope, const PackedView& keys, std::uint8_t* statuses,
                                const Write& write) noexcept {
  const bool grouped = isGrouped(scope, keys.count);
  const ScratchLoan scratch(keys.count, grouped);
  if (!scratch.ready()) {
    std::fill_n(statuses, keys.count, static_cast<std::uint8_t>(Status::kOutOfMemory));
    return BatchStatus::kSomeFailed;
  }
  const std::uint64_t touched = hashAll(scope, keys, scratch->hashes.data());
  bool someFailed = false;
  const auto writeOne = [&](std::size_t i, std::uint64_t held) noexcept {
    const Status status = write(i, KeyRef{scratch->hashes[i], keys[i], scope.space}, held);
    statuses[i] = static_cast<std::uint8_t>(status);
    someFailed |= isFailure(status);
  };
  if (grouped) {
    shardByShard(*scratch, keys.count, touched,
                 [&](std::size_t i) noexcept { writeOne(i, shardBit(scratch->hashes[i])); });
  } else {
    const BatchLock lock(shards_, touched, touched);
    inOrder(*scratch, keys.count, [&](std::size_t i) noexcept { writeOne(i, touched); });
  }
  return someFailed ? BatchStatus::kSomeFailed : BatchStatus::kOk;
}

BatchStatus CpuEngine::mput(const Scope& scope, const PackedView& keys, const PackedView& values,
                            const std::int64_t* expiresAtMs, std::uint8_t* statuses) noexcept {
  const Call call(*this, keys.count);
  Counters::add(counters_.puts, keys.count);
  CallTime time(nowMs_);
  return writeAll(scope, keys, statuses, [&](std::size_t i, const KeyRef& key, std::uint64_t held) noexcept {
    const std::string_view value = values[i];
    const Status status = checkPair(key.bytes, value);
    if (status != Status::kOk) return status;
    const std::int64_t expires = expiresAtMs == nullptr ? 0 : expiresAtMs[i];
    Shard& shard = shardOf(key.hash);
    return withRoom(key, value.size(), held, time,
                    [&]() noexcept { return shard.put(key, value, expires, time); });
  });
}

BatchStatus CpuEngine::mremove(const Scope& scope, const PackedView& keys, std::uint8_t* statuses) noexcept {
  const Call call(*this, keys.count);
  Counters::add(counters_.deletes, keys.count);
  CallTime time(nowMs_);
  return writeAll(scope, keys, statuses, [&](std::size_t, const KeyRef& key, std::uint64_t) noexcept {
    const Status status = checkKey(key.bytes);
    return status == Status::kOk ? shardOf(key.hash).remove(key, time) : status;
  });
}

void CpuEngine::prefetch(const Scope& scope, const PackedView& keys) noexcept {
  const bool grouped = isGrouped(scope, keys.count);
  const ScratchLoan scratch(keys.count, grouped);
  if (!scratch.ready()) return;
  const std::uint64_t touched = hashAll(scope, keys, scratch->hashes.data());
  const auto nothing = [](std::size_t) noexcept {};
  if (grouped) return shardByShard(*scratch, keys.count, 0, nothing);
  const BatchLock lock(shards_, touched, 0);
  inOrder(*scratch, keys.count, nothing);
}

}  // namespace predis::cpu
