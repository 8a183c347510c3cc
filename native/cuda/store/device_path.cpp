/// @file
/// The device engine for consumers on the device.

#include <algorithm>
#include <cstring>

#include "engine_impl.hpp"
#include "write_batch.hpp"

namespace predis::cuda {

namespace {

BatchView viewOf(const Scope& scope, const DeviceBatch& batch, std::int64_t nowMs) noexcept {
  BatchView view;
  view.keyBlob = batch.keyBlob;
  view.keyOffsets = batch.keyOffsets;
  view.valueBlob = batch.valueBlob;
  view.valueOffsets = batch.valueOffsets;
  view.amounts = batch.expiresAtMs;
  view.count = batch.count;
  view.space = scope.space;
  view.nowMs = nowMs;
  return view;
}

}  // namespace

BatchStatus DeviceEngine::lookupOnDevice(const Scope& scope, const DeviceBatch& batch,
                                         std::uint8_t* found) noexcept {
  const Call call(*this, batch.count);
  Tallies::add(core_.tallies.deviceCalls, 1);
  if (core_.hasFailed()) return BatchStatus::kDeviceFailed;
  CallTime time(nowMs_);
  const std::shared_lock lock(lock_);
  const SlotLoan slots(core_.slots);
  const Stream stream = slots[0].stream;
  if (core_.table.ready()) {
    core_.backend.lookup(stream, core_.table.readView(), viewOf(scope, batch, time.nowMs()), found);
  } else {
    core_.backend.fill(stream, found, 0, batch.count);
  }
  return core_.wait(stream) ? BatchStatus::kOk : BatchStatus::kDeviceFailed;
}

BatchStatus DeviceEngine::gatherOnDevice(const Scope& scope, const DeviceBatch& batch, std::uint8_t* out,
                                         std::uint32_t strideBytes, std::uint32_t* valueBytes) noexcept {
  const Call call(*this, batch.count);
  Tallies::add(core_.tallies.deviceCalls, 1);
  if (core_.hasFailed()) return BatchStatus::kDeviceFailed;
  CallTime time(nowMs_);
  const std::shared_lock lock(lock_);
  const SlotLoan slots(core_.slots);
  const Stream stream = slots[0].stream;
  if (core_.table.ready()) {
    core_.backend.gather(stream, core_.table.readView(), viewOf(scope, batch, time.nowMs()), out, strideBytes,
                         valueBytes);
  } else {
    core_.backend.fill(stream, valueBytes, 0xFF, batch.count * sizeof *valueBytes);
  }
  return core_.wait(stream) ? BatchStatus::kOk : BatchStatus::kDeviceFailed;
}

BatchStatus DeviceEngine::mgetOnDevice(const Scope& scope, const DeviceBatch& batch,
                                       const MgetOutput& out) noexcept {
  const Call call(*this, batch.count);
  Tallies::add(core_.tallies.deviceCalls, 1);
  if (core_.hasFailed()) return BatchStatus::kDeviceFailed;
  CallTime time(nowMs_);
  const std::shared_lock lock(lock_);
  const SlotLoan slots(core_.slots);
  const Stream stream = slots[0].stream;
  if (core_.table.ready()) {
    MgetOutput marked = out;
    marked.markReferenced = core_.evicts;
    if (!core_.backend.mget(stream, core_.table.readView(), viewOf(scope, batch, time.nowMs()), marked))
      return core_.wait(stream) ? BatchStatus::kOutOfMemory : BatchStatus::kDeviceFailed;
  } else {
    core_.backend.fill(stream, out.found, 0, batch.count);
    core_.backend.fill(stream, out.offsets, 0, (batch.count + std::size_t{1}) * sizeof *out.offsets);
    core_.backend.fill(stream, out.totalBytes, 0, sizeof *out.totalBytes);
  }
  return core_.wait(stream) ? BatchStatus::kOk : BatchStatus::kDeviceFailed;
}

BatchStatus DeviceEngine::insertOnDevice(const Scope& scope, const DeviceBatch& batch,
                                         std::uint8_t* statuses) noexcept {
  const Call call(*this, batch.count);
  Tallies::add(core_.tallies.deviceCalls, 1);
  Tallies::add(core_.tallies.puts, batch.count);
  if (core_.hasFailed()) return BatchStatus::kDeviceFailed;
  CallTime time(nowMs_);
  const Writing writing(*this);
  cache_.dropAll();
  mayExpire_ |= batch.expiresAtMs != nullptr;
  const SlotLoan slots(core_.slots);
  Slot& slot = slots[0];
  DeviceTable& table = core_.table;
  Layout size;
  WriteMemory::lay(size, batch.count);
  const bool ready = slot.deviceOut.ensure(size.bytes()) &&
                     table.provideIndex(slot.stream, table.counters().keys + batch.count);
  if (!ready) {
    core_.backend.fill(slot.stream, statuses, static_cast<std::uint8_t>(Status::kOutOfMemory), batch.count);
    return core_.wait(slot.stream) ? BatchStatus::kSomeFailed : BatchStatus::kDeviceFailed;
  }
  Layout device(slot.deviceOut.data());
  const WriteMemory memory = WriteMemory::lay(device, batch.count);
  const BatchView view = viewOf(scope, batch, time.nowMs());
  core_.backend.group(slot.stream, table.view(), view, memory.scratch, GroupKeeps::kLast);
  // Of rounding up to units, and of the heads.
  std::uint64_t units = (batch.blobBytes + batch.count * std::uint64_t{16 + kUnitBytes - 1}) / kUnitBytes + 1;
  const std::uint32_t* operations = nullptr;
  std::uint32_t count = batch.count;
  bool failed = false;
  unsigned which = 0;
  constexpr int kMostRounds = 100;
  int stalls = 0;
  for (int round = 0; round < kMostRounds; ++round) {
    const LogView log = table.openLog(slot.stream, units);
    table.beginPass(slot.stream, table.logStart());
    core_.backend.put(slot.stream, table.view(), log, view, memory.scratch, operations, count,
                      memory.deferred[which], statuses);
    if (!table.endPass(slot.stream)) {
      core_.fail();
      return BatchStatus::kDeviceFailed;
    }
    table.closeLog(table.counters().logUnits);
    failed |= table.counters().failed != 0;
    const auto undone = static_cast<std::uint32_t>(table.counters().deferred);
    if (undone == 0) break;
    stalls = undone == count ? stalls + 1 : 0;
    // Why does not matter: both are seen to, and one without need does little.
    units = std::max<std::uint64_t>(units * undone / count, kSegmentUnits);
    const bool roomier = table.makeRoom(slot.stream, units, view.nowMs);
    const bool better = table.makePlaces(slot.stream, view, memory.scratch, memory.deferred[which].operations,
                                         undone, view.nowMs);
    if (!core_.wait(slot.stream)) return BatchStatus::kDeviceFailed;
    if ((!roomier && !better) || stalls > 3) {
      failed = true;
      break;
    }
    operations = memory.deferred[which].operations;
    count = undone;
    which ^= 1;
  }
  table.tidy(slot.stream);
  if (!core_.wait(slot.stream)) return BatchStatus::kDeviceFailed;
  return failed ? BatchStatus::kSomeFailed : BatchStatus::kOk;
}

BatchStatus DeviceEngine::mgetToDevice(const Scope& scope, const PackedView& keys, std::uint8_t* out,
                                       std::uint32_t strideBytes, std::uint32_t* valueBytes) noexcept {
  const Call call(*this, keys.count);
  Tallies::add(core_.tallies.deviceCalls, 1);
  if (core_.hasFailed()) return BatchStatus::kDeviceFailed;
  CallTime time(nowMs_);
  const std::shared_lock lock(lock_);
  if (!core_.table.ready() || keys.count == 0) {
    std::fill_n(valueBytes, keys.count, UINT32_MAX);
    core_.tallies.countReads(0, keys.count);
    return BatchStatus::kOk;
  }
  BatchSource source;
  source.keys = keys;
  source.space = scope.space;
  source.nowMs = time.nowMs();
  source.notePinned(*core_.pinned);
  const SlotLoan slots(core_.slots);
  Slot& slot = slots[0];
  std::uint64_t hits = 0;
  for (std::size_t first = 0; first < keys.count;) {
    const Chunk chunk = nextChunk(source, first, core_.tuning);
    const std::size_t bytes = chunk.count * sizeof *valueBytes;
    BatchView view;
    if (!slot.deviceOut.ensure(bytes) || !slot.pinnedOut.ensure(bytes) ||
        !stage(core_, slot, source, chunk, false, view)) {
      return core_.wait(slot.stream) ? BatchStatus::kOutOfMemory : BatchStatus::kDeviceFailed;
    }
    auto* const lengths = reinterpret_cast<std::uint32_t*>(slot.deviceOut.data());
    core_.backend.gather(slot.stream, core_.table.readView(), view, out + first * strideBytes, strideBytes,
                         lengths);
    core_.backend.copyFromDevice(slot.stream, slot.pinnedOut.data(), lengths, bytes);
    if (!core_.wait(slot.stream)) return BatchStatus::kDeviceFailed;
    std::memcpy(valueBytes + first, slot.pinnedOut.data(), bytes);
    hits += static_cast<std::uint64_t>(std::count_if(valueBytes + first, valueBytes + first + chunk.count,
                                                     [](std::uint32_t n) { return n != UINT32_MAX; }));
    first += chunk.count;
  }
  core_.tallies.countReads(hits, keys.count);
  return BatchStatus::kOk;
}

std::shared_ptr<std::uint8_t> DeviceEngine::allocateOnDevice(std::size_t bytes) noexcept try {
  std::uint8_t* const memory = core_.backend.allocateDevice(std::max<std::size_t>(bytes, 1));
  if (memory == nullptr) return nullptr;
  return {memory, [owner = core_.owner](std::uint8_t* freed) noexcept {
            if (Mailbox* const mailbox = owner->mailbox()) mailbox->leave();
            owner->freeDevice(freed);
          }};
} catch (const std::bad_alloc&) {
  return nullptr;
}

bool DeviceEngine::zeroOnDevice(std::uint8_t* device, std::size_t bytes) noexcept {
  const std::shared_lock lock(lock_);
  const SlotLoan slots(core_.slots);
  core_.backend.fill(slots[0].stream, device, 0, bytes);
  return core_.wait(slots[0].stream);
}

bool DeviceEngine::copyIn(std::uint8_t* device, const std::uint8_t* host, std::size_t bytes) noexcept {
  const std::shared_lock lock(lock_);
  const SlotLoan slots(core_.slots);
  Slot& slot = slots[0];
  const std::size_t piece = std::min(bytes, core_.tuning.pieceBytes);
  if (!slot.pinnedIn.ensure(piece)) return false;
  for (std::size_t at = 0; at < bytes; at += piece) {
    const std::size_t here = std::min(piece, bytes - at);
    std::memcpy(slot.pinnedIn.data(), host + at, here);
    core_.backend.copyToDevice(slot.stream, device + at, slot.pinnedIn.data(), here);
    if (!core_.wait(slot.stream)) return false;
  }
  return true;
}

bool DeviceEngine::copyOut(std::uint8_t* host, const std::uint8_t* device, std::size_t bytes) noexcept {
  const std::shared_lock lock(lock_);
  const SlotLoan slots(core_.slots);
  Slot& slot = slots[0];
  const std::size_t piece = std::min(bytes, core_.tuning.pieceBytes);
  if (!slot.pinnedOut.ensure(piece)) return false;
  for (std::size_t at = 0; at < bytes; at += piece) {
    const std::size_t here = std::min(piece, bytes - at);
    core_.backend.copyFromDevice(slot.stream, slot.pinnedOut.data(), device + at, here);
    if (!core_.wait(slot.stream)) return false;
    std::memcpy(host + at, slot.pinnedOut.data(), here);
  }
  return true;
}

}  // namespace predis::cuda
