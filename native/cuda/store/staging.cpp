#include "staging.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace predis::cuda {

void BatchSource::notePinned(const PinnedRanges& ranges) noexcept {
  keysPinned = ranges.contains(keys.blob, keys.blobBytes);
  valuesPinned = hasValues() && ranges.contains(values.blob, values.blobBytes);
  expectedPinned = hasExpected() && ranges.contains(expected.blob, expected.blobBytes);
}

std::uint64_t BatchSource::bytes(std::size_t from, std::size_t to) const noexcept {
  std::uint64_t sum = keys.offsets[to] - keys.offsets[from];
  if (hasValues()) sum += values.offsets[to] - values.offsets[from];
  if (hasExpected()) sum += expected.offsets[to] - expected.offsets[from];
  return sum;
}

std::uint64_t BatchSource::mostUnits(std::size_t from, std::size_t to) const noexcept {
  // Head, expiry time, and what rounding up to a unit adds; a number that an increment may write.
  constexpr std::uint64_t kMostOverhead = 16 + kUnitBytes - 1;
  constexpr std::uint64_t kNumberBytes = 20;
  std::uint64_t sum = keys.offsets[to] - keys.offsets[from];
  if (hasValues()) sum += values.offsets[to] - values.offsets[from];
  sum += (to - from) * (kMostOverhead + (kinds != nullptr ? kNumberBytes : 0));
  return sum / kUnitBytes + 1;
}

Chunk nextChunk(const BatchSource& source, std::size_t first, const Tuning& tuning) noexcept {
  const std::size_t end = std::min(source.keys.count, first + tuning.chunkKeys);
  if (source.isLargeAt(first)) return {first, 1, true};
  std::uint64_t bytes = 0;
  std::size_t i = first;
  for (; i < end; ++i) {
    if (source.isLargeAt(i)) break;
    bytes += source.bytes(i, i + 1);
    if (bytes > tuning.chunkBytes && i > first) break;
  }
  return {first, static_cast<std::uint32_t>(i - first), false};
}

bool goesDirect(const Core& core, std::size_t count, std::uint64_t bytes) noexcept {
  if (core.path == Path::kPacked) return false;
  if (core.path == Path::kDirect) return count <= core.tuning.chunkKeys && bytes <= core.tuning.chunkBytes;
  return count <= core.tuning.directKeys && bytes <= core.tuning.directBytes;
}

namespace {

/// Kernels may read up to the next multiple of 16 bytes behind a blob.
constexpr std::size_t kSlack = 16;

struct Part {
  const void* source = nullptr;
  std::size_t bytes = 0;
  bool pinned = false;
  std::size_t at = 0;
};

}  // namespace

bool stage(Core& core, Slot& slot, const BatchSource& source, const Chunk& chunk, bool direct,
           BatchView& view) noexcept {
  enum : std::size_t { kKeyAt, kValueAt, kExpectedAt, kAmounts, kKinds, kKeys, kValues, kExpected, kParts };
  std::array<Part, kParts> parts{};
  const std::size_t first = chunk.first;
  const std::size_t end = first + chunk.count;
  const auto pack = [&](const PackedView& strings, bool pinned, Part& offsets, Part& blob) noexcept {
    offsets = {strings.offsets + first, (chunk.count + std::size_t{1}) * sizeof(std::uint32_t), false, 0};
    blob = {strings.blob + strings.offsets[first], std::size_t{strings.offsets[end]} - strings.offsets[first],
            pinned, 0};
  };
  pack(source.keys, source.keysPinned, parts[kKeyAt], parts[kKeys]);
  if (source.hasValues()) {
    pack(source.values, source.valuesPinned, parts[kValueAt], parts[kValues]);
    // The host writes a large record's value itself.
    if (chunk.large) parts[kValues].bytes = 0;
  }
  if (source.hasExpected())
    pack(source.expected, source.expectedPinned, parts[kExpectedAt], parts[kExpected]);
  if (source.amounts != nullptr)
    parts[kAmounts] = {source.amounts + first, chunk.count * sizeof(std::int64_t), false, 0};
  if (source.kinds != nullptr) parts[kKinds] = {source.kinds + first, chunk.count, false, 0};

  Layout layout;
  for (Part& part : parts) {
    part.at = layout.bytes();
    layout.array<std::uint8_t>(part.bytes + kSlack);
  }
  if (!slot.pinnedIn.ensure(layout.bytes()) || (!direct && !slot.deviceIn.ensure(layout.bytes())))
    return false;
  std::uint8_t* const pinned = slot.pinnedIn.data();
  std::uint8_t* const device = slot.deviceIn.data();
  // What was copied together goes to the device together.
  std::size_t from = 0;
  std::size_t to = 0;
  const auto send = [&]() noexcept {
    if (!direct && to > from) core.backend.copyToDevice(slot.stream, device + from, pinned + from, to - from);
  };
  for (const Part& part : parts) {
    if (part.bytes == 0) continue;
    if (part.pinned) {
      send();
      from = to = part.at + part.bytes;
      if (!direct) core.backend.copyToDevice(slot.stream, device + part.at, part.source, part.bytes);
      continue;
    }
    if (from == to) from = part.at;
    std::memcpy(pinned + part.at, part.source, part.bytes);
    to = part.at + part.bytes;
  }
  send();

  const auto place = [&](std::size_t number) noexcept -> const std::uint8_t* {
    const Part& part = parts[number];
    if (direct && part.pinned && part.bytes != 0) return static_cast<const std::uint8_t*>(part.source);
    return (direct ? pinned : device) + part.at;
  };
  /// Byte 0 of the caller's blob: a number, because it may lie outside of any memory of ours.
  const auto blob = [&](std::size_t number, const PackedView& strings) noexcept {
    return reinterpret_cast<const std::uint8_t*>(reinterpret_cast<std::uintptr_t>(place(number)) -
                                                 strings.offsets[first]);
  };
  view = {};
  view.keyBlob = blob(kKeys, source.keys);
  view.keyOffsets = reinterpret_cast<const std::uint32_t*>(place(kKeyAt));
  if (source.hasValues()) {
    view.valueBlob = blob(kValues, source.values);
    view.valueOffsets = reinterpret_cast<const std::uint32_t*>(place(kValueAt));
  }
  if (source.hasExpected()) {
    view.expectedBlob = blob(kExpected, source.expected);
    view.expectedOffsets = reinterpret_cast<const std::uint32_t*>(place(kExpectedAt));
  }
  if (source.amounts != nullptr) view.amounts = reinterpret_cast<const std::int64_t*>(place(kAmounts));
  if (source.kinds != nullptr) view.kinds = place(kKinds);
  view.count = chunk.count;
  view.space = source.space;
  view.nowMs = source.nowMs;
  return true;
}

}  // namespace predis::cuda
