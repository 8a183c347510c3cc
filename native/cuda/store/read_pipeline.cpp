/// @file
/// Chunks of a reading batch in flight.

#include <algorithm>
#include <array>
#include <cstring>

#include "read_batch.hpp"

namespace predis::cuda {

BatchStatus ReadBatch::runPacked() noexcept {
  Tallies::add(core_.tallies.packedCalls, 1);
  const std::size_t count = source_.keys.count;
  std::size_t chunks = 0;
  for (std::size_t first = 0; first < count; first += chunkAt(first).count) ++chunks;
  const SlotLoan slots(core_.slots,
                       static_cast<unsigned>(std::min<std::size_t>(chunks, core_.tuning.chunksInFlight)));
  if (sink_.lentBytes != 0) {
    Target lent{sink_.lent, sink_.lentBytes, core_.pinned->contains(sink_.lent, sink_.lentBytes)};
    const BatchStatus status = pipeline(slots, lent);
    if (status == BatchStatus::kOk) {
      std::uint8_t* const answer = askForMemory(total_);
      if (answer == nullptr && total_ != 0) return BatchStatus::kOutOfMemory;
      if (answer != sink_.lent && total_ != 0) std::memcpy(answer, sink_.lent, total_);
      return status;
    }
    if (status != BatchStatus::kTooLarge) return status;
  }
  if (chunks <= slots.count()) return runTogether(slots, chunks);
  if (const BatchStatus status = pipeline(slots, {}); status != BatchStatus::kOk) return status;
  std::uint8_t* const answer = askForMemory(total_);
  if (answer == nullptr && total_ != 0) return BatchStatus::kOutOfMemory;
  if (total_ == 0) return BatchStatus::kOk;
  return pipeline(slots, {answer, total_, core_.pinned->contains(answer, total_)});
}

BatchStatus ReadBatch::runTogether(const SlotLoan& slots, std::size_t chunks) noexcept {
  std::array<Flight, SlotLoan::kMost> flights;
  std::size_t first = 0;
  BatchStatus status = BatchStatus::kOk;
  std::size_t launched = 0;
  for (; launched < chunks && status == BatchStatus::kOk; ++launched) {
    Flight& flight = flights[launched];
    flight.slot = &slots[launched];
    flight.chunk = chunkAt(first);
    first += flight.chunk.count;
    mark(flight, 0);
    status = stage(core_, *flight.slot, source_, flight.chunk, false, flight.view)
                 ? launch(flight, expectedBytes(flight.chunk.count))
                 : BatchStatus::kOutOfMemory;
  }
  // All are waited for in any case: their slots are given back.
  hits_ = total_ = 0;
  for (std::size_t i = 0; i < launched; ++i) {
    if (!flights[i].launched) {
      (void)core_.wait(flights[i].slot->stream);
      continue;
    }
    const BatchStatus waited = awaitHead(flights[i]);
    if (status == BatchStatus::kOk) status = waited;
    flights[i].base = total_;
    total_ += flights[i].total;
  }
  if (status != BatchStatus::kOk) return status;
  if (total_ > UINT32_MAX) return BatchStatus::kTooLarge;
  for (std::size_t i = 0; i < chunks; ++i) writeHead(flights[i]);
  std::uint8_t* const answer = askForMemory(total_);
  if (answer == nullptr && total_ != 0) return BatchStatus::kOutOfMemory;
  if (total_ == 0) return BatchStatus::kOk;
  const Target target{answer, total_, core_.pinned->contains(answer, total_)};
  for (std::size_t i = 0; i < chunks && status == BatchStatus::kOk; ++i) status = fetch(flights[i], target);
  for (std::size_t i = 0; i < chunks; ++i) {
    const BatchStatus finished = finish(flights[i], target);
    if (status == BatchStatus::kOk) status = finished;
  }
  return status;
}

BatchStatus ReadBatch::pipeline(const SlotLoan& slots, const Target& target) noexcept {
  std::array<Flight, SlotLoan::kMost> flights;
  const std::size_t inFlight = slots.count();
  const std::size_t count = source_.keys.count;
  std::size_t first = 0;
  // Chunks are numbered through: `started` of them were launched, `asked` have their values under way,
  // `done` are finished.
  std::size_t started = 0, asked = 0, done = 0;
  BatchStatus status = BatchStatus::kOk;
  hits_ = total_ = 0;
  while (status == BatchStatus::kOk && (first < count || done < started)) {
    if (first < count && started - done < inFlight) {
      Flight& flight = flights[started % inFlight];
      flight = {};
      flight.slot = &slots[started % inFlight];
      flight.chunk = chunkAt(first);
      first += flight.chunk.count;
      ++started;
      mark(flight, 0);
      if (!stage(core_, *flight.slot, source_, flight.chunk, false, flight.view)) {
        status = BatchStatus::kOutOfMemory;
      } else {
        status = launch(flight, target.memory != nullptr ? expectedBytes(flight.chunk.count) : 0);
      }
      continue;
    }
    // One chunk's values are under way while the next one's are asked for, so that the copy engine never
    // waits for the host.
    if (asked < started && asked - done < 2) {
      Flight& flight = flights[asked % inFlight];
      status = awaitHead(flight);
      if (status != BatchStatus::kOk) break;
      flight.base = total_;
      total_ += flight.total;
      if (total_ > UINT32_MAX || (target.memory != nullptr && total_ > target.bytes)) {
        status = BatchStatus::kTooLarge;
        break;
      }
      writeHead(flight);
      ++asked;
      if (target.memory != nullptr) status = fetch(flight, target);
      continue;
    }
    status = finish(flights[done % inFlight], target);
    ++done;
  }
  // Nothing may be under way when slots go back.
  if (status != BatchStatus::kOk) {
    for (unsigned i = 0; i < slots.count(); ++i) {
      if (!core_.wait(slots[i].stream)) return BatchStatus::kDeviceFailed;
    }
  }
  return status;
}

BatchStatus ReadBatch::fetch(Flight& flight, const Target& target) noexcept {
  Slot& slot = *flight.slot;
  std::uint8_t* const to = target.memory + flight.base;
  flight.toPinnedSlot = false;
  if (flight.total == 0) return BatchStatus::kOk;
  if (flight.total > slot.deviceValues.bytes()) {
    if (flight.total > core_.tuning.mostOutputBytes) return fetchInParts(flight, target);
    if (!slot.deviceValues.ensure(flight.total)) return BatchStatus::kOutOfMemory;
    core_.backend.mget(slot.stream, table_, flight.view,
                       {flight.device.offsets, flight.device.found, slot.deviceValues.data(),
                        slot.deviceValues.bytes(), 0, flight.device.total, false});
  }
  mark(flight, 4);
  if (target.pinned) {
    core_.backend.copyFromDevice(slot.stream, to, slot.deviceValues.data(), flight.total);
  } else if (flight.total <= core_.tuning.pieceBytes) {
    if (!slot.pinnedValues.ensure(flight.total)) return BatchStatus::kOutOfMemory;
    core_.backend.copyFromDevice(slot.stream, slot.pinnedValues.data(), slot.deviceValues.data(),
                                 flight.total);
    flight.toPinnedSlot = true;
  } else {
    return copyOut(slot, to, flight.total, false);
  }
  mark(flight, 5);
  flight.copyMarked = true;
  return BatchStatus::kOk;
}

BatchStatus ReadBatch::copyOut(Slot& slot, std::uint8_t* to, std::uint64_t bytes, bool pinned) noexcept {
  if (pinned) {
    core_.backend.copyFromDevice(slot.stream, to, slot.deviceValues.data(), bytes);
    return core_.wait(slot.stream) ? BatchStatus::kOk : BatchStatus::kDeviceFailed;
  }
  const std::uint64_t piece = std::min<std::uint64_t>(bytes, core_.tuning.pieceBytes);
  if (!slot.pinnedValues.ensure(piece)) return BatchStatus::kOutOfMemory;
  for (std::uint64_t at = 0; at < bytes; at += piece) {
    const std::uint64_t here = std::min(piece, bytes - at);
    core_.backend.copyFromDevice(slot.stream, slot.pinnedValues.data(), slot.deviceValues.data() + at, here);
    if (!core_.wait(slot.stream)) return BatchStatus::kDeviceFailed;
    std::memcpy(to + at, slot.pinnedValues.data(), here);
  }
  return BatchStatus::kOk;
}

BatchStatus ReadBatch::fetchInParts(Flight& flight, const Target& target) noexcept {
  Slot& slot = *flight.slot;
  const std::uint32_t* const offsets = flight.host.offsets;
  const std::uint32_t count = flight.chunk.count;
  for (std::uint32_t from = 0; from < count;) {
    std::uint32_t to = from + 1;
    while (to < count && offsets[to + 1] - offsets[from] <= core_.tuning.mostOutputBytes) ++to;
    const std::uint64_t bytes = offsets[to] - offsets[from];
    if (bytes != 0) {
      if (!slot.deviceValues.ensure(bytes)) return BatchStatus::kOutOfMemory;
      BatchView part = flight.view;
      part.keyOffsets += from;
      part.count = to - from;
      core_.backend.mget(slot.stream, table_, part,
                         {flight.device.offsets, flight.device.found, slot.deviceValues.data(),
                          slot.deviceValues.bytes(), 0, flight.device.total, false});
      const BatchStatus status =
          copyOut(slot, target.memory + flight.base + offsets[from], bytes, target.pinned);
      if (status != BatchStatus::kOk) return status;
    }
    from = to;
  }
  return BatchStatus::kOk;
}

BatchStatus ReadBatch::finish(Flight& flight, const Target& target) noexcept {
  if (!core_.wait(flight.slot->stream)) return BatchStatus::kDeviceFailed;
  if (flight.toPinnedSlot)
    std::memcpy(target.memory + flight.base, flight.slot->pinnedValues.data(), flight.total);
  noteTimes(flight);
  return BatchStatus::kOk;
}

void ReadBatch::noteTimes(const Flight& flight) noexcept {
  if (!timed_) return;
  Backend& backend = core_.backend;
  const Stream stream = flight.slot->stream;
  Tallies::add(core_.tallies.toDeviceNs, backend.nsBetween(stream, 0, 1));
  Tallies::add(core_.tallies.kernelNs, backend.nsBetween(stream, 1, 2));
  std::uint64_t back = backend.nsBetween(stream, 2, 3);
  if (flight.copyMarked) back += backend.nsBetween(stream, 4, 5);
  Tallies::add(core_.tallies.fromDeviceNs, back);
}

}  // namespace predis::cuda
