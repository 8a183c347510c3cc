/// @file
/// Giving memory back: empty segments, compaction, eviction, expiry.

#include <algorithm>
#include <cstring>

#include "table_control.hpp"

namespace predis::cuda {

namespace {

/// Units that a compaction must gain to be worth a pass over the whole index.
constexpr std::uint64_t kLeastGain = kSegmentUnits / 16;
/// Rounds of eviction that do not help before everything is looked at.
constexpr unsigned kMostPatience = 4;

}  // namespace

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

std::uint64_t DeviceTable::freeUnits() const noexcept {
  return segments_.freeCount() * std::uint64_t{kSegmentUnits} +
         (open_.segment != 0 ? kSegmentUnits - open_.used : 0);
}

std::uint64_t DeviceTable::roomToMove() noexcept {
  const std::uint64_t open = open_.segment != 0 ? kSegmentUnits - open_.used : 0;
  const std::uint64_t segments = segments_.provide(segments_.usedCount() / 8 + 1, true);
  // Not to the last unit: records do not fill segments quite.
  return (open + segments * kSegmentUnits) / 16 * 15;
}

std::uint64_t DeviceTable::maintainVictims(Stream stream, MaintainTask task,
                                           std::uint64_t unitsToMove) noexcept {
  std::memset(pinnedVictims_, 0, segments_.capacity());
  for (const std::uint32_t segment : candidates_) pinnedVictims_[segment] = 1;
  backend_.copyToDevice(stream, deviceVictims_, pinnedVictims_, segments_.capacity());
  task.victims = deviceVictims_;
  const std::uint64_t before = freeUnits();
  const std::uint32_t mappedBefore = segments_.mappedCount();
  task.log = openLog(stream, unitsToMove, true);
  beginPass(stream, logStart_);
  backend_.maintain(stream, view_, task);
  if (!endPass(stream)) return 0;
  closeLog(known_.logUnits);
  freeEmpty(stream);
  const std::uint64_t mapped = (segments_.mappedCount() - mappedBefore) * std::uint64_t{kSegmentUnits};
  const std::uint64_t after = freeUnits();
  return after > before + mapped ? after - before - mapped : 0;
}

std::uint64_t DeviceTable::compact(Stream stream, double emptierThan) noexcept {
  freeEmpty(stream);
  candidates_.clear();
  const auto most = static_cast<std::uint32_t>(emptierThan * kSegmentUnits);
  for (std::uint32_t segment = 1; segment < segments_.capacity(); ++segment) {
    if (segments_.use(segment) == SegmentUse::kLog && segment != open_.segment && pinnedLive_[segment] < most)
      candidates_.push_back(segment);
  }
  std::sort(candidates_.begin(), candidates_.end(),
            [this](std::uint32_t a, std::uint32_t b) { return pinnedLive_[a] < pinnedLive_[b]; });
  // As many as find room wholly, the emptiest first: one that is moved in part frees nothing.
  const std::uint64_t room = roomToMove();
  std::uint64_t live = 0;
  std::size_t count = 0;
  while (count < candidates_.size() && live + pinnedLive_[candidates_[count]] <= room)
    live += pinnedLive_[candidates_[count++]];
  candidates_.resize(count);
  if (count * std::uint64_t{kSegmentUnits} < live + kLeastGain) return 0;
  ++compactions_;
  return maintainVictims(stream, {}, live);
}

bool DeviceTable::clearRun(Stream stream, std::uint64_t units) noexcept {
  const auto count = static_cast<std::uint32_t>((units + kSegmentUnits - 1) / kSegmentUnits);
  freeEmpty(stream);
  const std::optional<Window> window = segments_.findWindow(count, pinnedLive_);
  if (!window) return false;
  if (window->liveUnits == 0) return true;
  candidates_.clear();
  for (std::uint32_t segment = window->first; segment < window->first + count; ++segment) {
    if (segments_.use(segment) != SegmentUse::kLog) continue;
    candidates_.push_back(segment);
    if (segment == open_.segment) open_ = {};
  }
  ++compactions_;
  segments_.hold(window->first, count);
  (void)maintainVictims(stream, {}, window->liveUnits);
  segments_.letGo(window->first, count);
  return segments_.findWindow(count, nullptr).has_value();
}

bool DeviceTable::evict(Stream stream, std::int64_t nowMs, unsigned insistence) noexcept {
  freeEmpty(stream);
  candidates_.clear();
  for (std::uint32_t segment = 1; segment < segments_.capacity(); ++segment) {
    const SegmentUse use = segments_.use(segment);
    if ((use == SegmentUse::kLog && segment != open_.segment) || use == SegmentUse::kLarge)
      candidates_.push_back(segment);
  }
  // The young ones are spared, but for when nothing else helps.
  if (open_.segment != 0 && (candidates_.empty() || insistence > kMostPatience)) {
    candidates_.push_back(open_.segment);
    open_ = {};
  }
  if (candidates_.empty()) return false;
  std::sort(candidates_.begin(), candidates_.end(),
            [this](std::uint32_t a, std::uint32_t b) { return segments_.takenAt(a) < segments_.takenAt(b); });
  // A few at a time, because each pass looks at the whole index, and no more than find room if all of their
  // records were read. When that does not help, more: what was moved once is not marked as read any more.
  const std::size_t most = std::min(candidates_.size(), std::max<std::size_t>(1, candidates_.size() / 32)
                                                            << std::min(insistence, 20U));
  const std::uint64_t room = roomToMove();
  std::uint64_t live = 0;
  std::size_t count = 0;
  while (count < most && (insistence != 0 || count == 0 || live <= room)) {
    const std::uint32_t segment = candidates_[count++];
    if (segments_.use(segment) == SegmentUse::kLog) live += pinnedLive_[segment];
  }
  candidates_.resize(count);
  MaintainTask task;
  task.dropExpired = true;
  task.nowMs = nowMs;
  task.evict = true;
  const std::uint64_t keys = known_.keys;
  const std::uint64_t gained = maintainVictims(stream, task, std::min(live, room));
  return gained != 0 || known_.keys < keys;
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
      if (compact(stream, 0.75) < kLeastGain) break;
    }
    segments_.unmapSpare(false);
    deadAfterTidying_ = deadUnits();
  }
  deadAfterTidying_ = std::min(deadAfterTidying_, deadUnits());
  shrinkIndex(stream);
}

}  // namespace predis::cuda
