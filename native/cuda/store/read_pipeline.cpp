/// @file
/// Chunks of a reading batch in flight.

#include <algorithm>
#include <array>
#include <cstring>

#include "read_batch.hpp"

namespace predis::cuda {

namespace {

/// Looks that find nothing to do before the driver is asked to wait: some milliseconds.
constexpr std::uint32_t kIdleLooks = 1U << 12;

}  // namespace

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
    if (!core_.await(flights[i].slot->stream, flights[i].ticket)) return BatchStatus::kDeviceFailed;
    flights[i].total = *flights[i].head.total;
    flights[i].base = total_;
    total_ += flights[i].total;
  }
  if (status != BatchStatus::kOk) return status;
  if (total_ > UINT32_MAX) return BatchStatus::kTooLarge;
  std::uint8_t* const answer = askForMemory(total_);
  if (answer == nullptr && total_ != 0) return BatchStatus::kOutOfMemory;
  const Target target{answer, total_, total_ != 0 && core_.pinned->contains(answer, total_)};
  std::size_t fetched = 0;
  while (fetched < chunks && status == BatchStatus::kOk) status = fetch(flights[fetched++], target);
  for (std::size_t i = 0; i < fetched; ++i) {
    const BatchStatus finished = finish(flights[i], target);
    if (status == BatchStatus::kOk) status = finished;
  }
  return status;
}

bool ReadBatch::advance(Pipeline& pipeline, const SlotLoan& slots, const Target& target) noexcept {
  const std::size_t inFlight = slots.count();
  // Values first: nothing is worth more than that the bus carries some.
  if (pipeline.asked < pipeline.started) {
    Flight& flight = pipeline.flights[pipeline.asked % inFlight];
    const Progress progress = lookAtHead(flight);
    if (progress == Progress::kFailed) pipeline.status = BatchStatus::kDeviceFailed;
    if (progress == Progress::kDone) {
      flight.base = total_;
      total_ += flight.total;
      ++pipeline.asked;
      const bool fits = total_ <= UINT32_MAX && (target.memory == nullptr || total_ <= target.bytes);
      pipeline.status = fits ? fetch(flight, target) : BatchStatus::kTooLarge;
    }
    if (progress != Progress::kPending) return true;
  }
  if (pipeline.first < source_.keys.count && pipeline.started - pipeline.done < inFlight) {
    const std::size_t place = pipeline.started++ % inFlight;
    Flight& flight = pipeline.flights[place];
    flight = {};
    flight.slot = &slots[place];
    flight.chunk = chunkAt(pipeline.first);
    pipeline.first += flight.chunk.count;
    mark(flight, 0);
    pipeline.status = stage(core_, *flight.slot, source_, flight.chunk, false, flight.view)
                          ? launch(flight, target.memory != nullptr ? expectedBytes(flight.chunk.count) : 0)
                          : BatchStatus::kOutOfMemory;
    return true;
  }
  for (std::size_t i = pipeline.done; i < pipeline.asked; ++i) {
    Flight& flight = pipeline.flights[i % inFlight];
    if (flight.headWritten) continue;
    writeHead(flight);
    return true;
  }
  if (pipeline.done < pipeline.asked) {
    Flight& flight = pipeline.flights[pipeline.done % inFlight];
    const Progress progress = core_.backend.look(flight.slot->stream);
    if (progress == Progress::kPending) return false;
    ++pipeline.done;
    pipeline.status = finish(flight, target);
    return true;
  }
  return false;
}

BatchStatus ReadBatch::pipeline(const SlotLoan& slots, const Target& target) noexcept {
  Pipeline pipeline;
  hits_ = total_ = 0;
  std::uint32_t idle = 0;
  while (pipeline.status == BatchStatus::kOk &&
         (pipeline.first < source_.keys.count || pipeline.done < pipeline.started)) {
    if (advance(pipeline, slots, target)) {
      idle = 0;
      continue;
    }
    // A wait that is bounded, and that knows of a device that failed, when this takes long.
    if (++idle < kIdleLooks) continue;
    idle = 0;
    if (!core_.wait(pipeline.flights[pipeline.done % slots.count()].slot->stream))
      pipeline.status = BatchStatus::kDeviceFailed;
  }
  // Nothing may be under way when slots go back.
  if (pipeline.status != BatchStatus::kOk) {
    for (unsigned i = 0; i < slots.count(); ++i) {
      if (!core_.wait(slots[i].stream)) return BatchStatus::kDeviceFailed;
    }
  }
  return pipeline.status;
}

BatchStatus ReadBatch::fetch(Flight& flight, const Target& target) noexcept {
  Slot& slot = *flight.slot;
  flight.toPinnedSlot = false;
  if (flight.total == 0 || target.memory == nullptr) return BatchStatus::kOk;
  std::uint8_t* const to = target.memory + flight.base;
  if (flight.total > slot.deviceValues.bytes()) {
    if (flight.total > core_.tuning.mostOutputBytes) return fetchInParts(flight, target);
    if (!slot.deviceValues.ensure(flight.total)) return BatchStatus::kOutOfMemory;
    if (!core_.backend.mget(slot.stream, table_, flight.view,
                            {flight.head.offsets, flight.head.found, slot.deviceValues.data(),
                             slot.deviceValues.bytes(), 0, flight.head.total, false}))
      return BatchStatus::kOutOfMemory;
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
  const std::uint32_t* const offsets = flight.head.offsets;
  const std::uint32_t count = flight.chunk.count;
  // The chunk's own head is still needed: parts write theirs elsewhere.
  Layout size;
  Head::lay(size, count);
  if (!slot.deviceOut.ensure(size.bytes())) return BatchStatus::kOutOfMemory;
  Layout layout(slot.deviceOut.data());
  const Head head = Head::lay(layout, count);
  for (std::uint32_t from = 0; from < count;) {
    std::uint32_t to = from + 1;
    while (to < count && offsets[to + 1] - offsets[from] <= core_.tuning.mostOutputBytes) ++to;
    const std::uint64_t bytes = offsets[to] - offsets[from];
    if (bytes != 0) {
      if (!slot.deviceValues.ensure(bytes)) return BatchStatus::kOutOfMemory;
      BatchView part = flight.view;
      part.keyOffsets += from;
      part.count = to - from;
      if (!core_.backend.mget(slot.stream, table_, part,
                              {head.offsets, head.found, slot.deviceValues.data(), slot.deviceValues.bytes(),
                               0, head.total, false}))
        return BatchStatus::kOutOfMemory;
      const BatchStatus status =
          copyOut(slot, target.memory + flight.base + offsets[from], bytes, target.pinned);
      if (status != BatchStatus::kOk) return status;
    }
    from = to;
  }
  return BatchStatus::kOk;
}

BatchStatus ReadBatch::finish(Flight& flight, const Target& target) noexcept {
  // While the values are under way:
  writeHead(flight);
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
  if (flight.copyMarked) Tallies::add(core_.tallies.fromDeviceNs, backend.nsBetween(stream, 4, 5));
}

}  // namespace predis::cuda
