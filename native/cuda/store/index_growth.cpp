/// @file
/// The index of a DeviceTable: growth by linear hashing, places for keys that find none, shrinking.

#include <algorithm>

#include "../growth.hpp"
#include "table_control.hpp"

namespace predis::cuda {

namespace {

/// Bytes of the least that a log works with: one segment to fill, one held back.
constexpr std::uint64_t kLeastLogBytes = 2 * kSegmentBytes;
constexpr int kMostDoublings = 40;
/// Stash places in use, since the last rebuild, that are worth another.
constexpr std::uint64_t kStashedForRebuild = Stash::kPlaces / 4;

}  // namespace

bool DeviceTable::provideIndex(Stream stream, std::uint64_t keys) noexcept {
  if (!ready_) {
    // A hint must not take the memory that the records need.
    const std::uint64_t most = std::max(tuning_.smallestLevel, budget_.leftBytes() / 4 / sizeof(Bucket));
    std::uint64_t level =
        levelFor(std::min(expectedKeys_, most * Bucket::kEntries / 2), tuning_.smallestLevel);
    IndexMemory& index = indexes_[current_];
    while (!index.provide(level)) {
      if (level == tuning_.smallestLevel) return false;
      level /= 2;
    }
    view_.buckets = index.buckets();
    view_.stash = stashes_[current_];
    view_.level = level;
    view_.split = 0;
    clearTable(stream);
    ready_ = true;
  }
  for (int doubling = 0; doubling < kMostDoublings; ++doubling) {
    const std::uint64_t target = splitTarget(keys + unseenWrites_, view_.level);
    if (target <= view_.split) break;
    const bool grown = splitTo(stream, target);
    growthRefusedAt_ = grown ? 0 : std::max<std::uint64_t>(keys, 1);
    if (!grown) break;
  }
  return true;
}

bool DeviceTable::wantsGrowth() const noexcept {
  const std::uint64_t keys = known_.keys + unseenWrites_ + 1;
  if (splitTarget(keys, view_.level) <= view_.split) return false;
  return growthRefusedAt_ == 0 || keys > growthRefusedAt_ + tuning_.writesBetweenReadings;
}

bool DeviceTable::splitTo(Stream stream, std::uint64_t target) noexcept {
  IndexMemory& index = indexes_[current_];
  if (view_.level + target > mostBuckets_) return false;
  // A log that has nothing yet must find memory, too.
  const std::uint64_t left = budget_.leftBytes();
  const bool logNeedsIt = segments_.mappedCount() < 2 && left < kLeastLogBytes + kSegmentBytes;
  if (index.mapped() < view_.level + target && (logNeedsIt || !index.provide(view_.level + target)))
    target = index.mapped() > view_.level ? std::min(target, index.mapped() - view_.level) : 0;
  if (target <= view_.split) return false;
  backend_.splitBuckets(stream, view_, target - view_.split);
  view_.split = target;
  ++indexGrowths_;
  if (view_.split == view_.level) {
    view_.level *= 2;
    view_.split = 0;
  }
  return true;
}

bool DeviceTable::growBy(Stream stream, std::uint64_t buckets) noexcept {
  return splitTo(stream, std::min(view_.level, view_.split + buckets));
}

bool DeviceTable::makePlaces(Stream stream, const BatchView& batch, const GroupScratch& scratch,
                             const std::uint32_t* operations, std::uint32_t count,
                             std::int64_t nowMs) noexcept {
  beginPass(stream);
  backend_.displace(stream, view_, batch, scratch, operations, count);
  if (!endPass(stream)) return false;
  if (known_.deferred == 0) return true;
  // An eighth at once: what is full now is so everywhere.
  if (growBy(stream, std::max<std::uint64_t>(view_.level / 8, 64))) return true;
  const bool some = known_.deferred < count;
  return (evicts_ && evict(stream, nowMs, 0)) || some;
}

void DeviceTable::shrinkIndex(Stream stream) noexcept {
  const bool isEmptyish = known_.keys * 8 < slots() && view_.bucketCount() > tuning_.smallestLevel;
  const bool isCluttered = known_.stashed > stashedAfterRebuild_ + kStashedForRebuild;
  if (!isEmptyish && !isCluttered) return;
  // What was asked for in advance stays: the keys may be on their way.
  const std::uint64_t level =
      levelFor(std::max(isEmptyish ? known_.keys * 2 : known_.keys, expectedKeys_), tuning_.smallestLevel);
  if (isEmptyish && level * 2 > view_.bucketCount()) return;
  // Not again for the same entries, if there is no memory now.
  stashedAfterRebuild_ = known_.stashed;
  IndexMemory& other = indexes_[1 - current_];
  if (!other.provide(level)) {
    other.shrink(0);
    return;
  }
  TableView to = view_;
  to.buckets = other.buckets();
  to.stash = stashes_[1 - current_];
  to.level = level;
  to.split = 0;
  const std::uint64_t stashed = known_.stashed;
  backend_.fill(stream, to.buckets, 0, level * sizeof(Bucket));
  backend_.fill(stream, to.stash, 0, sizeof(Stash));
  beginPass(stream);
  backend_.rebuild(stream, view_, to);
  if (!endPass(stream)) return;
  if (known_.deferred != 0) {
    control_->stashed = stashed;
    backend_.copyToDevice(stream, &view_.counters->stashed, &control_->stashed, sizeof stashed);
    if (endPass(stream)) other.shrink(0);
    return;
  }
  stashedAfterRebuild_ = known_.stashed;
  indexes_[current_].shrink(0);
  current_ = 1 - current_;
  view_ = to;
}

}  // namespace predis::cuda
