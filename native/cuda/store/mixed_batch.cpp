#include "mixed_batch.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "../../engine/checks.hpp"

namespace predis::cuda {

namespace {

constexpr int kMostRounds = 1000;
constexpr int kMostStalls = 4;
/// Room for values that a chunk begins with, and the most: one longest value, and some.
constexpr std::uint64_t kFirstOutputBytes = std::uint64_t{256} << 10;
constexpr std::uint64_t kMostOutputBytes = kMaxValueBytes + (std::uint64_t{64} << 20);

}  // namespace

MixedBatch::Memory MixedBatch::Memory::lay(Layout& layout, std::uint32_t count,
                                           std::size_t sortBytes) noexcept {
  Memory memory;
  memory.write = WriteMemory::lay(layout, count);
  memory.runs.order = layout.array<std::uint32_t>(count);
  memory.runs.starts = layout.array<std::uint32_t>(count + std::size_t{1});
  memory.runs.count = layout.array<std::uint32_t>(1);
  for (unsigned i = 0; i < 2; ++i) {
    memory.runEnds[i] = layout.array<std::uint32_t>(count);
    memory.write.deferred[i].runEnds = memory.runEnds[i];
  }
  memory.temporary = layout.array<std::uint8_t>(sortBytes);
  memory.counters = layout.array<Counters>(1);
  return memory;
}

MixedBatch::Answers MixedBatch::Answers::lay(Layout& layout, std::uint32_t count) noexcept {
  Answers answers;
  answers.valueAt = layout.array<std::uint64_t>(count);
  answers.numbers = layout.array<std::int64_t>(count);
  answers.valueBytes = layout.array<std::uint32_t>(count);
  answers.statuses = layout.array<std::uint8_t>(count);
  answers.found = layout.array<std::uint8_t>(count);
  return answers;
}

MixedBatch::Host MixedBatch::Host::lay(Layout& layout, std::uint32_t count) noexcept {
  Host host;
  host.answers = Answers::lay(layout, count);
  host.lists = WriteAnswers::lay(layout, count);
  host.order = layout.array<std::uint32_t>(count);
  host.counters = layout.array<Counters>(1);
  return host;
}

std::size_t MixedBatch::run(std::size_t first, std::size_t mostChunks) noexcept {
  const SlotLoan slots(core_.slots);
  Tallies::add(core_.tallies.packedCalls, 1);
  const std::size_t count = source_.keys.count;
  for (std::size_t chunks = 0; first < count && chunks < mostChunks; ++chunks) {
    const Chunk chunk = nextChunk(source_, first, core_.tuning);
    if (core_.hasFailed()) {
      setAll(chunk, Status::kDeviceFailed);
    } else {
      runChunk(slots[0], chunk);
    }
    first += chunk.count;
  }
  if (!readsOnly_ && !core_.hasFailed()) core_.table.tidy(slots[0].stream);
  (void)core_.wait(slots[0].stream);
  return first;
}

void MixedBatch::setOne(std::size_t i, Status status, std::int64_t number) noexcept {
  results_.statuses[i] = static_cast<std::uint8_t>(status);
  results_.numbers[i] = number;
  results_.values.found[i] = 0;
  results_.values.offsets[i + 1] = static_cast<std::uint32_t>(values_.size());
  someFailed_ |= isFailure(status);
}

void MixedBatch::setAll(const Chunk& chunk, Status status) noexcept {
  for (std::size_t i = chunk.first; i < chunk.first + chunk.count; ++i) setOne(i, status, 0);
}

void MixedBatch::runChunk(Slot& slot, const Chunk& chunk) noexcept {
  Backend& backend = core_.backend;
  const std::uint32_t count = chunk.count;
  const bool hasIndex = readsOnly_
                            ? core_.table.ready()
                            : core_.table.provideIndex(slot.stream, core_.table.counters().keys + count);
  if (!hasIndex && !readsOnly_) {
    (void)core_.wait(slot.stream);
    return setAll(chunk, core_.hasFailed() ? Status::kDeviceFailed : Status::kOutOfMemory);
  }
  if (!hasIndex) {
    for (std::size_t i = chunk.first; i < chunk.first + count; ++i) {
      const Status status = checkKey(source_.keys[i]);
      setOne(i, status == Status::kOk ? Status::kNotFound : status, 0);
      misses_ += status == Status::kOk && source_.kinds[i] == static_cast<std::uint8_t>(OpKind::kGet);
    }
    return;
  }
  if (chunk.large) {
    // The kernel never sees a value that is too long.
    const Status status = checkPair(source_.keys[chunk.first], source_.values[chunk.first]);
    if (status != Status::kOk) return setOne(chunk.first, status, 0);
  }
  Work work{slot, chunk, {}, {}, {}, {}, 0, readsOnly_ ? core_.table.readView() : core_.table.view(), {}};
  const std::size_t sortBytes = backend.sortBytes(count);
  Layout size;
  Answers::lay(size, count);
  work.answerBytes = size.bytes();
  Memory::lay(size, count, sortBytes);
  Layout hostSize;
  Host::lay(hostSize, count);
  if (!slot.deviceOut.ensure(size.bytes()) || !slot.pinnedOut.ensure(hostSize.bytes()) ||
      !slot.deviceValues.ensure(kFirstOutputBytes) || !stage(core_, slot, source_, chunk, false, work.view)) {
    (void)core_.wait(slot.stream);
    return setAll(chunk, core_.hasFailed() ? Status::kDeviceFailed : Status::kOutOfMemory);
  }
  Layout device(slot.deviceOut.data());
  work.answers = Answers::lay(device, count);
  work.memory = Memory::lay(device, count, sortBytes);
  Layout host(slot.pinnedOut.data());
  work.host = Host::lay(host, count);
  if (readsOnly_) {
    *work.host.counters = core_.table.counters();
    work.table.counters = work.memory.counters;
  }
  backend.group(slot.stream, work.table, work.view, work.memory.write.scratch, GroupKeeps::kFirst);
  backend.sortRuns(slot.stream, work.memory.write.scratch, count, work.memory.runs, work.memory.temporary);
  const Status status = applyAll(work);
  if (status != Status::kOk) setAll(chunk, status);
}

bool MixedBatch::pass(Work& work, const std::uint32_t* places, std::uint32_t count, unsigned which,
                      std::uint64_t units, bool last) noexcept {
  DeviceTable& table = core_.table;
  Slot& slot = work.slot;
  const std::uint64_t room = slot.deviceValues.bytes();
  // Values are numbered through over all passes, so that a number says which pass wrote the value.
  auto* const blob = reinterpret_cast<std::uint8_t*>(
      reinterpret_cast<std::uintptr_t>(slot.deviceValues.data()) - outputBase_);
  const ApplyOutput out{work.answers.statuses,   work.answers.numbers, work.answers.valueAt,
                        work.answers.valueBytes, work.answers.found,   blob,
                        outputBase_ + room,      core_.evicts};
  LogView log;
  if (readsOnly_) {
    Counters& counters = *work.host.counters;
    counters.deferred = counters.logUnits = counters.failed = 0;
    counters.outputBytes = outputBase_;
    core_.backend.copyToDevice(slot.stream, work.table.counters, &counters, sizeof counters);
  } else {
    log = table.openLog(slot.stream, units);
    table.beginPass(slot.stream, table.logStart(), outputBase_);
    work.table = table.view();
  }
  core_.backend.apply(slot.stream, work.table, log, work.view, work.memory.runs, places, count,
                      work.memory.write.deferred[which], out, last);
  if (readsOnly_) {
    core_.backend.copyFromDevice(slot.stream, work.host.counters, work.table.counters, sizeof(Counters));
    if (!core_.wait(slot.stream)) return false;
    work.pass = *work.host.counters;
    return true;
  }
  if (!table.endPass(slot.stream)) return core_.fail();
  work.pass = table.counters();
  table.closeLog(work.pass.logUnits);
  return true;
}

bool MixedBatch::gather(Work& work, std::vector<std::uint8_t>& gathered) noexcept {
  Slot& slot = work.slot;
  const std::uint64_t room = slot.deviceValues.bytes();
  const std::uint64_t written = std::min(work.pass.outputBytes - outputBase_, room);
  const std::uint64_t piece = std::min<std::uint64_t>(written, core_.tuning.pieceBytes);
  try {
    gathered.resize(outputBase_ + written);
  } catch (const std::exception&) {
    return false;
  }
  if (!slot.pinnedValues.ensure(piece)) return false;
  for (std::uint64_t at = 0; at < written; at += piece) {
    const std::uint64_t here = std::min(piece, written - at);
    core_.backend.copyFromDevice(slot.stream, slot.pinnedValues.data(), slot.deviceValues.data() + at, here);
    if (!core_.wait(slot.stream)) return false;
    std::memcpy(gathered.data() + outputBase_ + at, slot.pinnedValues.data(), here);
  }
  outputBase_ += room;
  return true;
}

Status MixedBatch::applyAll(Work& work) noexcept {
  std::vector<std::uint8_t> gathered;
  const std::uint32_t* places = nullptr;
  std::uint32_t count = work.chunk.count;
  std::uint64_t units =
      work.chunk.large ? 0 : source_.mostUnits(work.chunk.first, work.chunk.first + work.chunk.count);
  unsigned which = 0;
  int stalls = 0;
  bool last = false;
  outputBase_ = 0;
  for (int round = 0;; ++round) {
    if (!pass(work, places, count, which, units, last)) return Status::kDeviceFailed;
    if (!gather(work, gathered)) return core_.hasFailed() ? Status::kDeviceFailed : Status::kOutOfMemory;
    const auto undone = static_cast<std::uint32_t>(work.pass.deferred);
    if (undone == 0 || last || work.chunk.large) break;
    stalls = undone == count && round > 0 ? stalls + 1 : 0;
    bool better = false;
    if (!makeRoom(work, which, undone, better)) return Status::kDeviceFailed;
    last = !better || stalls >= kMostStalls || round >= kMostRounds;
    places = work.memory.write.deferred[which].operations;
    count = undone;
    which ^= 1;
  }
  core_.backend.copyFromDevice(work.slot.stream, work.slot.pinnedOut.data(), work.slot.deviceOut.data(),
                               work.answerBytes);
  if (!core_.wait(work.slot.stream)) return Status::kDeviceFailed;
  if (work.chunk.large && work.pass.deferred != 0) {
    // Its condition holds; the record is the host's to write.
    const std::size_t i = work.chunk.first;
    setOne(i, LargeRecords(core_).put(work.slot, source_, i), 0);
    return Status::kOk;
  }
  takeAnswers(work, gathered);
  return Status::kOk;
}

bool MixedBatch::makeRoom(Work& work, unsigned which, std::uint32_t count, bool& better) noexcept {
  Slot& slot = work.slot;
  const WriteAnswers& lists = work.host.lists;
  const Deferred& undone = work.memory.write.deferred[which];
  core_.backend.copyFromDevice(slot.stream, lists.operations, undone.operations,
                               count * sizeof(std::uint32_t));
  core_.backend.copyFromDevice(slot.stream, lists.reasons, undone.reasons, count * sizeof(std::uint32_t));
  core_.backend.copyFromDevice(slot.stream, work.host.order, work.memory.runs.order,
                               work.chunk.count * sizeof(std::uint32_t));
  if (!core_.wait(slot.stream)) return false;
  std::uint64_t units = 0;
  std::uint32_t picked = 0;
  bool output = false;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t operation = work.host.order[lists.operations[i]];
    switch (static_cast<DeferReason>(lists.reasons[i])) {
      case DeferReason::kIndexFull:
        lists.picked[picked++] = operation;
        break;
      case DeferReason::kOutputFull:
        output = true;
        break;
      default: {
        // Setting an expiry time writes a record of any size again.
        const std::size_t at = work.chunk.first + operation;
        units += static_cast<OpKind>(source_.kinds[at]) == OpKind::kExpire ? kMaxSmallRecordBytes / kUnitBytes
                                                                           : source_.mostUnits(at, at + 1);
      }
    }
  }
  if (output) {
    const std::uint64_t had = slot.deviceValues.bytes();
    const std::uint64_t wanted =
        std::clamp(work.pass.outputBytes - (outputBase_ - had), had + 1, kMostOutputBytes);
    // As large as before will do, when something was done with it; a value longer than all of it needs more.
    better = (slot.deviceValues.ensure(wanted) || slot.deviceValues.ensure(had)) && had < kMostOutputBytes;
  }
  if (units != 0) better |= core_.table.makeRoom(slot.stream, units, source_.nowMs);
  if (picked != 0) {
    core_.backend.copyToDevice(slot.stream, work.memory.write.picked, lists.picked,
                               picked * sizeof(std::uint32_t));
    better |= core_.table.makePlaces(slot.stream, work.view, work.memory.write.scratch,
                                     work.memory.write.picked, picked, source_.nowMs);
  }
  return core_.wait(slot.stream);
}

}  // namespace predis::cuda
