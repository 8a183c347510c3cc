/// @file
/// Batches of the device engine: locks, sections of relaxed ones, and coherence.

#include <algorithm>
#include <cstring>
#include <limits>

#include "../../engine/checks.hpp"
#include "engine_impl.hpp"
#include "mixed_batch.hpp"
#include "read_batch.hpp"
#include "write_batch.hpp"

namespace predis::cuda {

namespace {

/// A writing batch that fails before it begins.
BatchStatus failAll(std::uint8_t* statuses, std::size_t count) noexcept {
  std::fill_n(statuses, count, static_cast<std::uint8_t>(Status::kDeviceFailed));
  return BatchStatus::kDeviceFailed;
}

/// When memory was refused because the device failed: says so of every operation concerned.
/// @return whether the device has failed
bool failRefused(Core& core, std::uint8_t* statuses, std::size_t count) noexcept {
  if (!core.noticeFailure()) return false;
  std::replace(statuses, statuses + count, static_cast<std::uint8_t>(Status::kOutOfMemory),
               static_cast<std::uint8_t>(Status::kDeviceFailed));
  return true;
}

/// Chunks that a call may do before it lets go of the lock.
std::size_t chunksPerSection(const Scope& scope, const Tuning& tuning) noexcept {
  return scope.consistency == Consistency::kRelaxed ? tuning.relaxedChunks
                                                    : std::numeric_limits<std::size_t>::max();
}

}  // namespace

BatchStatus DeviceEngine::mget(const Scope& scope, const PackedView& keys, const MgetSink& sink) noexcept {
  const Call call(*this, keys.count);
  if (core_.hasFailed()) return BatchStatus::kDeviceFailed;
  if (sink.offsets != nullptr) sink.offsets[0] = 0;
  CallTime time(nowMs_);
  const std::shared_lock lock(lock_);
  if (keys.count == 0 || !core_.table.ready()) {
    std::fill_n(sink.found, keys.count, std::uint8_t{0});
    if (sink.offsets != nullptr) std::fill_n(sink.offsets, keys.count + 1, 0U);
    core_.tallies.countReads(0, keys.count);
    (void)sink.memory.allocate(sink.memory.context, 0);
    return BatchStatus::kOk;
  }
  BatchSource source;
  source.keys = keys;
  source.space = scope.space;
  source.nowMs = time.nowMs();
  source.notePinned(*core_.pinned);
  ReadBatch batch(core_, source, sink);
  const BatchStatus status = batch.run();
  if (status == BatchStatus::kOk) core_.tallies.countReads(batch.hits(), keys.count);
  if (status == BatchStatus::kOutOfMemory && core_.noticeFailure()) return BatchStatus::kDeviceFailed;
  return status;
}

BatchStatus DeviceEngine::mput(const Scope& scope, const PackedView& keys, const PackedView& values,
                               const std::int64_t* expiresAtMs, std::uint8_t* statuses) noexcept {
  const Call call(*this, keys.count);
  Tallies::add(core_.tallies.puts, keys.count);
  if (core_.hasFailed()) return failAll(statuses, keys.count);
  CallTime time(nowMs_);
  BatchSource source;
  source.keys = keys;
  source.values = values;
  source.amounts = expiresAtMs;
  source.space = scope.space;
  source.nowMs = time.nowMs();
  source.notePinned(*core_.pinned);
  WriteBatch batch(core_, WriteBatch::Kind::kPut, source, statuses);
  for (std::size_t from = 0; from < keys.count;) {
    Writing writing(*this);
    mayExpire_ |= expiresAtMs != nullptr;
    upkeep(source.nowMs);
    const std::size_t to = batch.run(from, chunksPerSection(scope, core_.tuning));
    writing.wrote(keys, scope.space, from, to);
    from = to;
  }
  if (failRefused(core_, statuses, keys.count)) return BatchStatus::kDeviceFailed;
  return batch.someFailed() ? BatchStatus::kSomeFailed : BatchStatus::kOk;
}

BatchStatus DeviceEngine::mremove(const Scope& scope, const PackedView& keys,
                                  std::uint8_t* statuses) noexcept {
  const Call call(*this, keys.count);
  Tallies::add(core_.tallies.deletes, keys.count);
  if (core_.hasFailed()) return failAll(statuses, keys.count);
  CallTime time(nowMs_);
  BatchSource source;
  source.keys = keys;
  source.space = scope.space;
  source.nowMs = time.nowMs();
  source.notePinned(*core_.pinned);
  WriteBatch batch(core_, WriteBatch::Kind::kErase, source, statuses);
  for (std::size_t from = 0; from < keys.count;) {
    Writing writing(*this);
    const std::size_t to = batch.run(from, chunksPerSection(scope, core_.tuning));
    writing.wrote(keys, scope.space, from, to);
    from = to;
  }
  if (failRefused(core_, statuses, keys.count)) return BatchStatus::kDeviceFailed;
  return batch.someFailed() ? BatchStatus::kSomeFailed : BatchStatus::kOk;
}

BatchStatus DeviceEngine::execute(const Scope& scope, const OpBatch& batch,
                                  const OpResults& results) noexcept {
  const std::size_t count = batch.keys.count;
  const Call call(*this, count);
  const MgetSink& sink = results.values;
  if (sink.offsets != nullptr) sink.offsets[0] = 0;
  std::size_t kinds[kOpKinds] = {};
  bool setsExpiry = false;
  for (std::size_t i = 0; i < count; ++i) {
    const auto kind = static_cast<OpKind>(batch.kinds[i]);
    ++kinds[batch.kinds[i] % kOpKinds];
    setsExpiry |= isWrite(kind) && kind != OpKind::kIncrement && batch.amounts[i] != 0;
  }
  const auto of = [&kinds](OpKind kind) noexcept { return kinds[static_cast<std::size_t>(kind)]; };
  Tallies::add(core_.tallies.puts, of(OpKind::kPut) + of(OpKind::kCompareAndSet) + of(OpKind::kPutIfAbsent));
  Tallies::add(core_.tallies.deletes, of(OpKind::kDelete));
  Tallies::add(core_.tallies.increments, of(OpKind::kIncrement));
  if (core_.hasFailed()) {
    std::fill_n(results.numbers, count, std::int64_t{0});
    std::fill_n(sink.found, count, std::uint8_t{0});
    if (sink.offsets != nullptr) std::fill_n(sink.offsets, count + 1, 0U);
    return failAll(results.statuses, count);
  }
  if (count == 1) {
    if (const std::optional<BatchStatus> done = executeOne(scope, batch, results)) return *done;
  }
  CallTime time(nowMs_);
  BatchSource source;
  source.keys = batch.keys;
  source.values = batch.values;
  source.expected = batch.expected;
  source.kinds = batch.kinds;
  source.amounts = batch.amounts;
  source.space = scope.space;
  source.nowMs = time.nowMs();
  source.notePinned(*core_.pinned);
  const bool readsOnly = of(OpKind::kGet) + of(OpKind::kExpiry) == count;
  MixedBatch mixed(core_, source, results, readsOnly);
  const auto finish = [&]() noexcept {
    const BatchStatus status = mixed.finish();
    return failRefused(core_, results.statuses, count) ? BatchStatus::kDeviceFailed : status;
  };
  if (readsOnly) {
    const std::shared_lock lock(lock_);
    (void)mixed.run(0, std::numeric_limits<std::size_t>::max());
    return finish();
  }
  for (std::size_t from = 0; from < count;) {
    Writing writing(*this);
    mayExpire_ |= setsExpiry;
    upkeep(source.nowMs);
    const std::size_t to = mixed.run(from, chunksPerSection(scope, core_.tuning));
    writing.wrote(batch.keys, scope.space, from, to);
    from = to;
    if (from == count) return finish();
  }
  return finish();
}

}  // namespace predis::cuda
