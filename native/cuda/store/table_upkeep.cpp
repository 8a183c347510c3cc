/// @file
/// Giving memory back: empty segments, compaction, eviction, expiry.

#include <algorithm>
#include <cstring>

#include "table_control.hpp"

namespace predis::cuda {

std::uint32_t DeviceTable::freeEmpty(Stream stream) noexcept {
  if (!ready_ || segments_.usedCount() == 0) return 0;
  backend_.copyFromDevice(stream, pinnedLive_, view_.segmentLiveUnits,
                          segments_.capacity() * sizeof(std::uint32_t));
  if (!backend_.wait(stream)) return 0;
  std::uint32_t freed = 0;
  for (std::uint32_t segment = 1; segment < segments_.capacity(); ++segment) {
    const SegmentUse use = segments_.use(segment);
    if (use != SegmentUse::kLog && use != SegmentUse::kLarge) continue;
    if (pinnedLive_[segment] != 0) continue;
    // An open segment that holds nothing any more begins anew.
    if (segment == open_.segment) open_ = {};
    if (segment == openLarge_.segment) openLarge_ = {};
    segments_.giveBack(segment);
    ++freed;
  }
  return freed;
}

std::uint32_t DeviceTable::maintainVictims(Stream stream, MaintainTask task,
                                           std::uint64_t unitsToMove) noexcept {
  std::memset(pinnedVictims_, 0, segments_.capacity());
  for (const std::uint32_t segment : candidates_) pinnedVictims_[segment] = 1;
  backend_.copyToDevice(stream, deviceVictims_, pinnedVictims_, segments_.capacity());
  task.victims = deviceVictims_;
  const std::uint32_t freeBefore = segments_.freeCount();
  const std::uint32_t mappedBefore = segments_.mappedCount();
  task.log = openLog(stream, unitsToMove, true);
  beginPass(stream, logStart_);
  backend_.maintain(stream, view_, task);
  if (!endPass(stream)) return 0;
  closeLog(known_.logUnits);
  freeEmpty(stream);
  const std::uint32_t mapped = segments_.mappedCount() - mappedBefore;
  return segments_.freeCount() > freeBefore + mapped ? segments_.freeCount() - freeBefore - mapped : 0;
}

std::uint32_t DeviceTable::compact(Stream stream, double emptierThan) noexcept {
  freeEmpty(stream);
  candidates_.clear();
  const auto most = static_cast<std::uint32_t>(emptierThan * kSegmentUnits);
  for (std::uint32_t segment = 1; segment < segments_.capacity(); ++segment) {
    if (segments_.use(segment) == SegmentUse::kLog && segment != open_.segment && pinnedLive_[segment] < most)
      candidates_.push_back(segment);
  }
  std::sort(candidates_.begin(), candidates_.end(),
            [this](std::uint32_t a, std::uint32_t b) { return pinnedLive_[a] < pinnedLive_[b]; });
  // As many as find room; the emptiest give the most.
  const std::uint32_t targets = segments_.provide(segments_.usedCount() / 8 + 1, true);
  const std::uint64_t room = targets * (kSegmentUnits * std::uint64_t{15} / 16);
  std::uint64_t live = 0;
  std::size_t count = 0;
  while (count < candidates_.size() && live + pinnedLive_[candidates_[count]] <= room)
    live += pinnedLive_[candidates_[count++]];
  candidates_.resize(count);
  if (count < 2 || live + kSegmentUnits > count * std::uint64_t{kSegmentUnits}) return 0;
  ++compactions_;
  return maintainVictims(stream, {}, live);
}

std::uint32_t DeviceTable::evict(Stream stream, std::int64_t nowMs) noexcept {
  freeEmpty(stream);
  candidates_.clear();
  for (std::uint32_t segment = 1; segment < segments_.capacity(); ++segment) {
    const SegmentUse use = segments_.use(segment);
    if ((use == SegmentUse::kLog && segment != open_.segment) || use == SegmentUse::kLarge)
      candidates_.push_back(segment);
  }
  if (candidates_.empty() && open_.segment != 0) {
    candidates_.push_back(open_.segment);
    open_ = {};
  }
  if (candidates_.empty()) return 0;
  // A few at a time: each pass looks at the whole index.
  const std::size_t count = std::max<std::size_t>(1, candidates_.size() / 32);
  std::partial_sort(
      candidates_.begin(), candidates_.begin() + static_cast<std::ptrdiff_t>(count), candidates_.end(),
      [this](std::uint32_t a, std::uint32_t b) { return segments_.takenAt(a) < segments_.takenAt(b); });
  candidates_.resize(count);
  MaintainTask task;
  task.dropExpired = true;
  task.nowMs = nowMs;
  task.evict = true;
  std::uint64_t live = 0;
  for (const std::uint32_t segment : candidates_) {
    if (segments_.use(segment) == SegmentUse::kLog) live += pinnedLive_[segment];
  }
  return maintainVictims(stream, task, live);
}

std::uint64_t DeviceTable::sweep(Stream stream, std::int64_t nowMs) noexcept {
  if (!ready_) return 0;
  MaintainTask task;
  task.dropExpired = true;
  task.nowMs = nowMs;
  const std::uint64_t before = known_.expired;
  beginPass(stream);
  backend_.maintain(stream, view_, task);
  return endPass(stream) ? known_.expired - before : 0;
}

bool DeviceTable::dropSpace(Stream stream, std::uint16_t space) noexcept {
  if (!ready_) return true;
  MaintainTask task;
  task.dropSpace = true;
  task.space = space;
  beginPass(stream);
  backend_.maintain(stream, view_, task);
  return endPass(stream);
}

std::uint64_t DeviceTable::deadUnits() const noexcept {
  std::uint64_t taken = segments_.usedCount() * std::uint64_t{kSegmentUnits};
  if (open_.segment != 0) taken -= kSegmentUnits - open_.used;
  if (openLarge_.segment != 0) taken -= kSegmentUnits - openLarge_.used;
  return taken > known_.liveUnits ? taken - known_.liveUnits : 0;
}

void DeviceTable::tidy(Stream stream) noexcept {
  if (!ready_) return;
  if (known_.keys == 0) {
    if (segments_.usedCount() > 1 || view_.bucketCount() > tuning_.smallestLevel || known_.stashed != 0)
      reset(stream, false);
    return;
  }
  // What the last time could not free counts no more, so that the search is paid for by what has died since.
  const std::uint64_t used = segments_.usedCount() * std::uint64_t{kSegmentUnits};
  const std::uint64_t enough =
      std::max<std::uint64_t>(used / 4, std::uint64_t{tuning_.deadSegments} * kSegmentUnits);
  if (deadUnits() > std::min(deadAfterTidying_, used) + enough) {
    freeEmpty(stream);
    constexpr int kRounds = 16;
    for (int round = 0; round < kRounds && deadUnits() > enough; ++round) {
      if (compact(stream, 0.75) == 0) break;
    }
    segments_.unmapSpare(false);
    deadAfterTidying_ = deadUnits();
  }
  deadAfterTidying_ = std::min(deadAfterTidying_, deadUnits());
  shrinkIndex(stream);
}

}  // namespace predis::cuda
