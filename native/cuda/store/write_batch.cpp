#include "write_batch.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>

#include "../../engine/checks.hpp"

namespace predis::cuda {

namespace {

/// Attempts to find room for what was deferred. Each one but a few in a row gets something done.
constexpr int kMostRounds = 1000;
constexpr int kMostStalls = 4;
/// Chunks staged ahead of the one that is done.
constexpr unsigned kAhead = 3;

}  // namespace

WriteMemory WriteMemory::lay(Layout& layout, std::uint32_t count) noexcept {
  WriteMemory memory;
  memory.scratch.slotCount = std::bit_ceil(std::max(count, 1U) * 2);
  memory.scratch.slots = layout.array<std::uint64_t>(memory.scratch.slotCount);
  memory.scratch.slotOf = layout.array<std::uint32_t>(count);
  memory.scratch.hashes = layout.array<std::uint64_t>(count);
  for (Deferred& deferred : memory.deferred) {
    deferred.operations = layout.array<std::uint32_t>(count);
    deferred.reasons = layout.array<std::uint32_t>(count);
  }
  memory.picked = layout.array<std::uint32_t>(count);
  memory.statuses = layout.array<std::uint8_t>(count);
  return memory;
}

WriteAnswers WriteAnswers::lay(Layout& layout, std::uint32_t count) noexcept {
  WriteAnswers answers;
  answers.statuses = layout.array<std::uint8_t>(count);
  answers.operations = layout.array<std::uint32_t>(count);
  answers.reasons = layout.array<std::uint32_t>(count);
  answers.picked = layout.array<std::uint32_t>(count);
  answers.slotOf = layout.array<std::uint32_t>(count);
  return answers;
}

std::size_t WriteBatch::run(std::size_t first, std::size_t mostChunks) noexcept {
  const std::size_t count = source_.keys.count;
  const bool one =
      count - first <= core_.tuning.chunkKeys && source_.bytes(first, count) <= core_.tuning.chunkBytes;
  const SlotLoan slots(core_.slots, one ? 1 : kAhead);
  const bool direct = goesDirect(core_, count, source_.bytes(0, count));
  Tallies::add(direct ? core_.tallies.directCalls : core_.tallies.packedCalls, 1);
  std::array<Flight, SlotLoan::kMost> flights;
  std::size_t begun = 0;
  std::size_t done = 0;
  timed_ = core_.tallies.startsTimedCall();
  const auto begin = std::chrono::steady_clock::now();
  while (done < begun || (first < count && begun < mostChunks)) {
    if (first < count && begun < mostChunks && begun - done < slots.count()) {
      Flight& flight = flights[begun % slots.count()];
      flight = {};
      flight.slot = &slots[begun % slots.count()];
      flight.chunk = nextChunk(source_, first, core_.tuning);
      flight.direct = direct;
      first += flight.chunk.count;
      ++begun;
      stageChunk(flight);
      continue;
    }
    complete(flights[done % slots.count()]);
    ++done;
  }
  if (!core_.hasFailed()) core_.table.tidy(slots[0].stream);
  if (!core_.wait(slots[0].stream)) return count;
  if (timed_) core_.tallies.endTimedCall(begin);
  return first;
}

void WriteBatch::stageChunk(Flight& flight) noexcept {
  if (flight.chunk.large || core_.hasFailed()) return;
  Slot& slot = *flight.slot;
  const std::uint32_t count = flight.chunk.count;
  Layout size;
  WriteMemory::lay(size, count);
  Layout answersSize;
  WriteAnswers::lay(answersSize, count);
  if (!slot.deviceOut.ensure(size.bytes()) || !slot.pinnedOut.ensure(answersSize.bytes())) return;
  Layout device(slot.deviceOut.data());
  flight.memory = WriteMemory::lay(device, count);
  Layout pinned(slot.pinnedOut.data());
  flight.answers = WriteAnswers::lay(pinned, count);
  if (flight.direct) flight.memory.statuses = flight.answers.statuses;
  mark(flight, 0);
  flight.staged = stage(core_, slot, source_, flight.chunk, flight.direct, flight.view);
  if (!flight.staged) return;
  mark(flight, 1);
  // Grouping reads keys alone, so that it may run beside the chunk before.
  core_.backend.group(slot.stream, core_.table.view(), flight.view, flight.memory.scratch,
                      kind_ == Kind::kPut ? GroupKeeps::kLast : GroupKeeps::kFirst);
  mark(flight, 2);
}

void WriteBatch::setAll(const Chunk& chunk, Status status) noexcept {
  const bool isAnswer = status == Status::kNotFound || status == Status::kOk;
  for (std::size_t i = chunk.first; i < chunk.first + chunk.count; ++i) {
    Status own = status;
    if (status != Status::kDeviceFailed) {
      const Status checked =
          source_.hasValues() ? checkPair(source_.keys[i], source_.values[i]) : checkKey(source_.keys[i]);
      if (checked != Status::kOk) own = checked;
    }
    statuses_[i] = static_cast<std::uint8_t>(own);
    someFailed_ |= !isAnswer || isFailure(own);
  }
}

void WriteBatch::complete(Flight& flight) noexcept {
  const Chunk& chunk = flight.chunk;
  const bool erases = kind_ == Kind::kErase;
  const bool hasIndex =
      erases ? core_.table.ready()
             : !core_.hasFailed() &&
                   core_.table.provideIndex(flight.slot->stream, core_.table.counters().keys + chunk.count);
  if (hasIndex && chunk.large && !core_.hasFailed()) return completeLarge(flight);
  if (!hasIndex || !flight.staged || core_.hasFailed()) {
    // Copies of this chunk may be under way.
    const bool alive = core_.wait(flight.slot->stream);
    const Status undone = erases && flight.staged ? Status::kNotFound : Status::kOutOfMemory;
    return setAll(chunk, alive && !core_.hasFailed() ? undone : Status::kDeviceFailed);
  }
  const bool done = erases ? completeErasures(flight) : completePuts(flight);
  if (!done) return setAll(chunk, Status::kDeviceFailed);
  if (timed_) noteTimes(flight);
  std::memcpy(statuses_ + chunk.first, flight.answers.statuses, chunk.count);
}

void WriteBatch::noteTimes(const Flight& flight) noexcept {
  const Stream stream = flight.slot->stream;
  Tallies::add(core_.tallies.toDeviceNs, core_.backend.nsBetween(stream, 0, 1));
  Tallies::add(core_.tallies.kernelNs, core_.backend.nsBetween(stream, 1, 2));
  Tallies::add(core_.tallies.kernelNs, core_.backend.nsBetween(stream, 3, 4));
}

void WriteBatch::completeLarge(Flight& flight) noexcept {
  const std::size_t i = flight.chunk.first;
  Status status = checkPair(source_.keys[i], source_.values[i]);
  if (status == Status::kOk) status = LargeRecords(core_).put(*flight.slot, source_, i);
  statuses_[i] = static_cast<std::uint8_t>(status);
  someFailed_ |= isFailure(status);
}

bool WriteBatch::completeErasures(Flight& flight) noexcept {
  Slot& slot = *flight.slot;
  DeviceTable& table = core_.table;
  table.beginPass(slot.stream);
  mark(flight, 3);
  core_.backend.erase(slot.stream, table.view(), flight.view, flight.memory.scratch, flight.memory.statuses);
  mark(flight, 4);
  if (!flight.direct)
    core_.backend.copyFromDevice(slot.stream, flight.answers.statuses, flight.memory.statuses,
                                 flight.chunk.count);
  if (!table.endPass(slot.stream)) return core_.fail();
  someFailed_ |= table.counters().failed != 0;
  return true;
}

bool WriteBatch::completePuts(Flight& flight) noexcept {
  Slot& slot = *flight.slot;
  DeviceTable& table = core_.table;
  const Chunk& chunk = flight.chunk;
  const std::uint32_t* operations = nullptr;
  std::uint32_t count = chunk.count;
  std::uint64_t units = source_.mostUnits(chunk.first, chunk.first + chunk.count);
  bool failed = false;
  unsigned which = 0;
  int stalls = 0;
  for (int round = 0; round < kMostRounds; ++round) {
    const LogView log = table.openLog(slot.stream, units);
    table.beginPass(slot.stream, table.logStart());
    mark(flight, 3);
    core_.backend.put(slot.stream, table.view(), log, flight.view, flight.memory.scratch, operations, count,
                      flight.memory.deferred[which], flight.memory.statuses);
    mark(flight, 4);
    if (!table.endPass(slot.stream)) return core_.fail();
    table.closeLog(table.counters().logUnits);
    const auto undone = static_cast<std::uint32_t>(table.counters().deferred);
    failed |= table.counters().failed != 0 || undone != 0;
    if (undone == 0) break;
    stalls = undone == count ? stalls + 1 : 0;
    if (stalls == kMostStalls || !makeRoom(flight, which, undone)) {
      if (core_.hasFailed()) return false;
      break;
    }
    units = 0;
    for (std::uint32_t i = 0; i < undone; ++i) {
      const std::size_t operation = chunk.first + flight.answers.operations[i];
      units += source_.mostUnits(operation, operation + 1);
    }
    operations = flight.memory.deferred[which].operations;
    count = undone;
    which ^= 1;
  }
  if (!failed) {
    std::memset(flight.answers.statuses, static_cast<int>(Status::kOk), chunk.count);
    return true;
  }
  if (!flight.direct)
    core_.backend.copyFromDevice(slot.stream, flight.answers.statuses, flight.memory.statuses, chunk.count);
  if (!core_.wait(slot.stream)) return false;
  failWholeKeys(flight);
  return !core_.hasFailed();
}

bool WriteBatch::makeRoom(Flight& flight, unsigned deferred, std::uint32_t count) noexcept {
  Slot& slot = *flight.slot;
  const WriteAnswers& answers = flight.answers;
  const Deferred& undone = flight.memory.deferred[deferred];
  core_.backend.copyFromDevice(slot.stream, answers.operations, undone.operations,
                               count * sizeof(std::uint32_t));
  core_.backend.copyFromDevice(slot.stream, answers.reasons, undone.reasons, count * sizeof(std::uint32_t));
  if (!core_.wait(slot.stream)) return false;
  std::uint64_t units = 0;
  std::uint32_t picked = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t operation = flight.chunk.first + answers.operations[i];
    if (static_cast<DeferReason>(answers.reasons[i]) == DeferReason::kIndexFull) {
      answers.picked[picked++] = answers.operations[i];
    } else {
      units += source_.mostUnits(operation, operation + 1);
    }
  }
  bool better = false;
  if (units != 0) better = core_.table.makeRoom(slot.stream, units, source_.nowMs);
  if (picked != 0) {
    core_.backend.copyToDevice(slot.stream, flight.memory.picked, answers.picked,
                               picked * sizeof(std::uint32_t));
    better |= core_.table.makePlaces(slot.stream, flight.view, flight.memory.scratch, flight.memory.picked,
                                     picked, source_.nowMs);
  }
  return core_.wait(slot.stream) && better;
}

void WriteBatch::failWholeKeys(Flight& flight) noexcept {
  std::uint8_t* const statuses = flight.answers.statuses;
  const std::uint32_t count = flight.chunk.count;
  constexpr auto kNoMemory = static_cast<std::uint8_t>(Status::kOutOfMemory);
  someFailed_ |= std::any_of(statuses, statuses + count,
                             [](std::uint8_t status) { return isFailure(static_cast<Status>(status)); });
  if (std::find(statuses, statuses + count, kNoMemory) == statuses + count) return;
  core_.backend.copyFromDevice(flight.slot->stream, flight.answers.slotOf, flight.memory.scratch.slotOf,
                               count * sizeof(std::uint32_t));
  if (!core_.wait(flight.slot->stream)) return;
  // Slots of the keys that failed, sorted, in memory that is not needed any more.
  std::uint32_t* const slots = flight.answers.picked;
  std::uint32_t failed = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (statuses[i] == kNoMemory) slots[failed++] = flight.answers.slotOf[i];
  }
  std::sort(slots, slots + failed);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (statuses[i] == static_cast<std::uint8_t>(Status::kOk) &&
        std::binary_search(slots, slots + failed, flight.answers.slotOf[i]))
      statuses[i] = kNoMemory;
  }
}

}  // namespace predis::cuda
