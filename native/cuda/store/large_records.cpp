/// @file
/// Records that the host places: too long for one tile of a kernel to copy.

#include <algorithm>
#include <cstring>

#include "write_batch.hpp"

namespace predis::cuda {

namespace {

/// Each attempt asks for twice the room: large records of others do not move out of the way.
constexpr int kRoomAttempts = 6;
constexpr int kPlaceAttempts = 64;

}  // namespace

Status LargeRecords::put(Slot& slot, const BatchSource& source, std::size_t i) noexcept {
  DeviceTable& table = core_.table;
  const std::uint64_t bytes = recordBytes(source.keys[i].size(), source.values[i].size(), true);
  const std::uint64_t units = unitsOf(bytes);
  // Nothing is moved or evicted in vain.
  if (!table.canHold(units)) return Status::kOutOfMemory;
  std::optional<std::uint64_t> unit = table.takeLarge(units);
  for (int attempt = 0; attempt < kRoomAttempts && !unit; ++attempt) {
    const bool better =
        table.makeRoom(slot.stream, (units + kSegmentUnits) << attempt, source.nowMs, units + kSegmentUnits);
    if (!core_.wait(slot.stream)) return Status::kDeviceFailed;
    unit = table.takeLarge(units);
    // Room enough, perhaps, but here and there.
    if (!unit && units > kSegmentUnits && table.clearRun(slot.stream, units)) unit = table.takeLarge(units);
    if (!core_.wait(slot.stream)) return Status::kDeviceFailed;
    if (!better && !unit && attempt > 1) break;
  }
  if (!unit) return Status::kOutOfMemory;
  if (!copyRecord(slot, source, i, *unit)) {
    table.giveBackLarge(*unit, units);
    return core_.hasFailed() ? Status::kDeviceFailed : Status::kOutOfMemory;
  }
  const Status status = publish(slot, source, i, *unit);
  if (status == Status::kOutOfMemory) table.giveBackLarge(*unit, units);
  return status;
}

bool LargeRecords::copyRecord(Slot& slot, const BatchSource& source, std::size_t i,
                              std::uint64_t unit) noexcept {
  const std::string_view key = source.keys[i];
  const std::string_view value = source.values[i];
  const std::size_t piece = std::min(core_.tuning.pieceBytes, value.size());
  const RecordHead head = RecordHead::make(static_cast<std::uint32_t>(key.size()), source.space,
                                           static_cast<std::uint32_t>(value.size()), true);
  if (!slot.pinnedIn.ensure(std::max<std::size_t>(head.valueAt(), piece))) return false;
  std::uint8_t* const pinned = slot.pinnedIn.data();
  std::uint8_t* const record = core_.table.view().recordAt(unit);
  const std::int64_t expiresAtMs = source.amounts != nullptr ? source.amounts[i] : 0;
  std::memcpy(pinned, &head, sizeof head);
  std::memcpy(pinned + sizeof head, &expiresAtMs, sizeof expiresAtMs);
  std::memcpy(pinned + head.keyAt(), key.data(), key.size());
  core_.backend.copyToDevice(slot.stream, record, pinned, head.valueAt());
  if (!core_.wait(slot.stream)) return false;
  std::uint8_t* const to = record + head.valueAt();
  if (source.valuesPinned) {
    core_.backend.copyToDevice(slot.stream, to, value.data(), value.size());
    return core_.wait(slot.stream);
  }
  for (std::size_t at = 0; at < value.size(); at += piece) {
    const std::size_t here = std::min(piece, value.size() - at);
    std::memcpy(pinned, value.data() + at, here);
    core_.backend.copyToDevice(slot.stream, to + at, pinned, here);
    if (!core_.wait(slot.stream)) return false;
  }
  return true;
}

Status LargeRecords::publish(Slot& slot, const BatchSource& source, std::size_t i,
                             std::uint64_t unit) noexcept {
  DeviceTable& table = core_.table;
  Layout size;
  WriteMemory::lay(size, 1);
  Layout answersSize;
  WriteAnswers::lay(answersSize, 1);
  if (!slot.deviceOut.ensure(size.bytes()) || !slot.pinnedOut.ensure(answersSize.bytes()))
    return Status::kOutOfMemory;
  Layout device(slot.deviceOut.data());
  const WriteMemory memory = WriteMemory::lay(device, 1);
  Layout pinned(slot.pinnedOut.data());
  const WriteAnswers answers = WriteAnswers::lay(pinned, 1);
  for (int attempt = 0; attempt < kPlaceAttempts; ++attempt) {
    table.beginPass(slot.stream);
    core_.backend.publish(slot.stream, table.view(), unit, memory.statuses);
    core_.backend.copyFromDevice(slot.stream, answers.statuses, memory.statuses, 1);
    if (!table.endPass(slot.stream)) {
      core_.fail();
      return Status::kDeviceFailed;
    }
    if (static_cast<Status>(answers.statuses[0]) == Status::kOk) return Status::kOk;
    // No place in the index: displacement works on batches, so the key becomes one.
    BatchSource one;
    one.keys = {source.keys.blob, source.keys.blobBytes, source.keys.offsets + i, 1};
    one.space = source.space;
    one.nowMs = source.nowMs;
    BatchView view;
    if (!stage(core_, slot, one, {0, 1, false}, false, view)) return Status::kOutOfMemory;
    core_.backend.group(slot.stream, table.view(), view, memory.scratch, GroupKeeps::kFirst);
    const bool better = table.makePlaces(slot.stream, view, memory.scratch, nullptr, 1, source.nowMs);
    if (!core_.wait(slot.stream)) return Status::kDeviceFailed;
    if (!better) break;
  }
  return Status::kOutOfMemory;
}

}  // namespace predis::cuda
