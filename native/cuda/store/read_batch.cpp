#include "read_batch.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <numeric>

namespace predis::cuda {

namespace {

/// Bytes of values that a chunk should have: copies of this size run at full speed.
constexpr std::uint64_t kChunkValueBytes = std::uint64_t{16} << 20;
constexpr std::uint32_t kLeastChunkKeys = 256;
constexpr std::uint32_t kChunkStep = 1024;
constexpr std::uint64_t kLeastValueBytes = std::uint64_t{64} << 10;
constexpr std::uint64_t kMostDirectBytes = std::uint64_t{4} << 20;

}  // namespace

ReadBatch::Head ReadBatch::Head::lay(Layout& layout, std::uint32_t count) noexcept {
  Head head;
  head.total = layout.array<std::uint64_t>(1);
  head.offsets = layout.array<std::uint32_t>(count + std::size_t{1});
  head.found = layout.array<std::uint8_t>(count);
  return head;
}

ReadBatch::ReadBatch(Core& core, const BatchSource& source, const MgetSink& sink) noexcept
    : core_(core), source_(source), sink_(sink), table_(core.table.readView()) {
  const std::uint64_t perKey = std::max<std::uint64_t>(1, expectedBytes(1024) / 1024);
  chunkKeys_ = std::min(core.tuning.chunkKeys,
                        static_cast<std::uint32_t>(std::max<std::uint64_t>(
                            std::min(core.tuning.chunkKeys, kLeastChunkKeys), kChunkValueBytes / perKey)));
  // Values of one size then begin at whole lines of the host's memory in every chunk, which the copy engine
  // writes faster.
  if (chunkKeys_ > kChunkStep) chunkKeys_ -= chunkKeys_ % kChunkStep;
  firstChunkKeys_ = core.slots.allFree() ? std::min(chunkKeys_, core.tuning.firstChunkKeys) : chunkKeys_;
  timed_ = core.tallies.startsTimedCall();
}

std::uint64_t ReadBatch::expectedBytes(std::uint32_t keys) const noexcept {
  const Counters& known = core_.table.counters();
  const std::uint64_t average = known.keys == 0 ? 0 : known.keyValueBytes / known.keys;
  return std::clamp(keys * average + keys * average / 8, kLeastValueBytes, core_.tuning.mostOutputBytes);
}

Chunk ReadBatch::chunkAt(std::size_t first) const noexcept {
  std::uint32_t count = static_cast<std::uint32_t>(std::min<std::size_t>(
      std::min<std::size_t>(chunkKeys_, first + firstChunkKeys_), source_.keys.count - first));
  while (count > 1 && source_.bytes(first, first + count) > core_.tuning.chunkBytes) count /= 2;
  return {first, count, false};
}

std::uint8_t* ReadBatch::askForMemory(std::uint64_t bytes) noexcept {
  return sink_.memory.allocate(sink_.memory.context, bytes);
}

BatchStatus ReadBatch::run() noexcept {
  const auto begin = std::chrono::steady_clock::now();
  std::optional<BatchStatus> done;
  if (goesDirect(core_, source_.keys.count, source_.bytes(0, source_.keys.count))) done = runDirect();
  const BatchStatus status = done ? *done : runPacked();
  if (timed_ && status == BatchStatus::kOk) core_.tallies.endTimedCall(begin);
  return status;
}

BatchStatus ReadBatch::launch(Flight& flight, std::uint64_t valueBytes) noexcept {
  Slot& slot = *flight.slot;
  const std::uint32_t count = flight.chunk.count;
  Layout size;
  Head::lay(size, count);
  if (!slot.pinnedOut.ensure(size.bytes()) || !slot.deviceValues.ensure(valueBytes))
    return BatchStatus::kOutOfMemory;
  Layout layout(slot.pinnedOut.data());
  flight.head = Head::lay(layout, count);
  mark(flight, 1);
  if (!core_.backend.mget(
          slot.stream, table_, flight.view,
          {flight.head.offsets, flight.head.found, slot.deviceValues.data(),
           valueBytes == 0 ? 0 : slot.deviceValues.bytes(), 0, flight.head.total, core_.evicts}))
    return BatchStatus::kOutOfMemory;
  flight.launched = true;
  mark(flight, 2);
  flight.ticket = core_.backend.ticket(slot.stream);
  return BatchStatus::kOk;
}

Progress ReadBatch::lookAtHead(Flight& flight) noexcept {
  const Progress progress = core_.backend.look(flight.slot->stream, flight.ticket);
  if (progress == Progress::kDone) flight.total = *flight.head.total;
  return progress;
}

void ReadBatch::writeHead(Flight& flight) noexcept {
  if (flight.headWritten) return;
  flight.headWritten = true;
  const auto base = static_cast<std::uint32_t>(flight.base);
  std::uint32_t* const offsets = sink_.offsets + flight.chunk.first;
  for (std::uint32_t i = 0; i <= flight.chunk.count; ++i) offsets[i] = base + flight.head.offsets[i];
  std::memcpy(sink_.found + flight.chunk.first, flight.head.found, flight.chunk.count);
  hits_ += std::accumulate(flight.head.found, flight.head.found + flight.chunk.count, std::uint64_t{0});
}

std::optional<BatchStatus> ReadBatch::runDirect() noexcept {
  Tallies::add(core_.tallies.directCalls, 1);
  const SlotLoan slots(core_.slots);
  Slot& slot = slots[0];
  Flight flight;
  flight.slot = &slot;
  flight.chunk = {0, static_cast<std::uint32_t>(source_.keys.count), false};
  if (!stage(core_, slot, source_, flight.chunk, true, flight.view)) return BatchStatus::kOutOfMemory;
  Layout size;
  Head::lay(size, flight.chunk.count);
  if (!slot.pinnedOut.ensure(size.bytes())) return BatchStatus::kOutOfMemory;
  Layout host(slot.pinnedOut.data());
  flight.head = Head::lay(host, flight.chunk.count);
  const bool toLent = sink_.lentBytes != 0 && core_.pinned->contains(sink_.lent, sink_.lentBytes);
  if (!toLent && !slot.pinnedValues.ensure(std::min(expectedBytes(flight.chunk.count), kMostDirectBytes)))
    return BatchStatus::kOutOfMemory;
  // Twice at most: the first time says how much it is.
  for (int attempt = 0; attempt < 2; ++attempt) {
    flight.headWritten = false;
    const bool lent = toLent && attempt == 0;
    std::uint8_t* const blob = lent ? sink_.lent : slot.pinnedValues.data();
    const std::uint64_t room = lent ? sink_.lentBytes : slot.pinnedValues.bytes();
    mark(flight, 1);
    if (!core_.backend.mget(
            slot.stream, table_, flight.view,
            {flight.head.offsets, flight.head.found, blob, room, 0, flight.head.total, core_.evicts}))
      return BatchStatus::kOutOfMemory;
    mark(flight, 2);
    if (!core_.await(slot.stream, core_.backend.ticket(slot.stream))) return BatchStatus::kDeviceFailed;
    flight.total = *flight.head.total;
    if (flight.total > UINT32_MAX) return BatchStatus::kTooLarge;
    if (flight.total <= room) {
      std::uint8_t* const answer = askForMemory(flight.total);
      if (answer == nullptr && flight.total != 0) return BatchStatus::kOutOfMemory;
      if (answer != blob && flight.total != 0) std::memcpy(answer, blob, flight.total);
      writeHead(flight);
      if (timed_) Tallies::add(core_.tallies.kernelNs, core_.backend.nsBetween(slot.stream, 1, 2));
      return BatchStatus::kOk;
    }
    if (flight.total > kMostDirectBytes || !slot.pinnedValues.ensure(flight.total)) break;
  }
  // The values are long: copy engines are better at it. The slot goes back first, because none is held while
  // another one is waited for.
  return std::nullopt;
}

}  // namespace predis::cuda
