/// @file
/// The log of a DeviceTable: segments for a pass, room for single records, and how room is made.

#include <algorithm>
#include <cstring>

#include "table_control.hpp"

namespace predis::cuda {

namespace {

/// What of a segment is surely filled: records are at most a sixteenth of it, and one may not fit at its end.
constexpr std::uint64_t kSureUnits = kSegmentUnits - kMaxSmallRecordBytes / kUnitBytes;

/// Rounds of eviction without a gain, each of twice as many segments, before it is given up.
constexpr unsigned kMostInsistence = 24;

std::uint32_t segmentsFor(std::uint64_t units) noexcept {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>((units + kSureUnits - 1) / kSureUnits, 1U << 30));
}

}  // namespace

LogView DeviceTable::openLog(Stream stream, std::uint64_t units, bool lastToo) noexcept {
  log_.clear();
  logStart_ = 0;
  std::uint64_t room = 0;
  if (open_.segment != 0) {
    log_.push_back(open_.segment);
    logStart_ = open_.used;
    room = kSegmentUnits - open_.used;
  }
  if (units > room) {
    const std::uint32_t count = segments_.provide(segmentsFor(units - room), lastToo);
    for (std::uint32_t i = 0; i < count; ++i) log_.push_back(segments_.take(SegmentUse::kLog));
  }
  if (log_ != uploadedLog_) {
    uploadedLog_ = log_;
    std::copy(log_.begin(), log_.end(), pinnedLog_);
    backend_.copyToDevice(stream, deviceLog_, pinnedLog_, log_.size() * sizeof(std::uint32_t));
  }
  return {deviceLog_, static_cast<std::uint32_t>(log_.size())};
}

void DeviceTable::closeLog(std::uint64_t cursor) noexcept {
  const std::uint64_t current = cursor / kSegmentUnits;
  const auto used = static_cast<std::uint32_t>(cursor % kSegmentUnits);
  open_ = {};
  for (std::size_t i = 0; i < log_.size(); ++i) {
    if (i < current) continue;
    if (i == current && used != 0) {
      open_ = {log_[i], used};
    } else {
      segments_.giveBack(log_[i]);
    }
  }
  log_.clear();
}

std::uint64_t DeviceTable::spareUnit(std::uint64_t units) noexcept {
  if (open_.segment == 0 || open_.used + units > kSegmentUnits) {
    if (segments_.provide(1, false) == 0) return 0;
    open_ = {segments_.take(SegmentUse::kLog), 0};
  }
  return std::uint64_t{open_.segment} * kSegmentUnits + open_.used;
}

void DeviceTable::takeSpare(std::uint64_t units) noexcept {
  open_.used += static_cast<std::uint32_t>(units);
  if (open_.used == kSegmentUnits) open_ = {};
}

std::optional<std::uint64_t> DeviceTable::takeLarge(std::uint64_t units) noexcept {
  if (units > kSegmentUnits) {
    const auto count = static_cast<std::uint32_t>((units + kSegmentUnits - 1) / kSegmentUnits);
    const std::optional<std::uint32_t> first = segments_.takeRun(count);
    if (!first) return std::nullopt;
    return std::uint64_t{*first} * kSegmentUnits;
  }
  if (openLarge_.segment == 0 || openLarge_.used + units > kSegmentUnits) {
    if (segments_.provide(1, false) == 0) return std::nullopt;
    const std::uint32_t fresh = segments_.take(SegmentUse::kLarge);
    // The fuller one is closed; the other goes on.
    if (units > kSegmentUnits - units) return std::uint64_t{fresh} * kSegmentUnits;
    openLarge_ = {fresh, 0};
  }
  const std::uint64_t unit = std::uint64_t{openLarge_.segment} * kSegmentUnits + openLarge_.used;
  openLarge_.used += static_cast<std::uint32_t>(units);
  return unit;
}

void DeviceTable::giveBackLarge(std::uint64_t unit, std::uint64_t units) noexcept {
  const auto first = static_cast<std::uint32_t>(unit / kSegmentUnits);
  if (first == openLarge_.segment) {
    openLarge_.used -= static_cast<std::uint32_t>(units);
    return;
  }
  const auto count = static_cast<std::uint32_t>((units + kSegmentUnits - 1) / kSegmentUnits);
  for (std::uint32_t segment = first; segment < first + count; ++segment) segments_.giveBack(segment);
}

bool DeviceTable::canHold(std::uint64_t units) const noexcept {
  // And one that stays free.
  const std::uint64_t segments = (units + kSegmentUnits - 1) / kSegmentUnits + 1;
  const std::uint64_t others = budget_.usedBytes() - segments_.mappedCount() * kSegmentBytes;
  return segments * kSegmentBytes <= budget_.limitBytes() - others && segments < segments_.capacity();
}

std::uint64_t DeviceTable::providedUnits(std::uint64_t units) noexcept {
  const std::uint64_t open = open_.segment != 0 ? kSegmentUnits - open_.used : 0;
  if (units <= open) return open;
  return open + segments_.provide(segmentsFor(units - open), false) * kSureUnits;
}

bool DeviceTable::makeRoom(Stream stream, std::uint64_t units, std::int64_t nowMs,
                           std::uint64_t recordUnits) noexcept {
  // More than half of all memory at once would push out what the same batch has just written; but a record
  // that is longer needs what it needs.
  const std::uint64_t most = std::max({budget_.isLimited() ? budget_.limitBytes() / kUnitBytes / 2 : units,
                                       std::uint64_t{2 * kSegmentUnits}, recordUnits});
  units = std::min(units, most);
  const std::uint64_t before = providedUnits(units);
  if (before >= units) return true;
  freeEmpty(stream);
  if (providedUnits(units) >= units) return true;
  if (known_.expiringKeys != 0 && sweep(stream, nowMs) != 0) freeEmpty(stream);
  constexpr int kRounds = 64;
  // Where keys may go instead, moving others together is worth it only if it gives much.
  const bool compacts = !evicts_ || deadUnits() * 8 > segments_.usedCount() * std::uint64_t{kSegmentUnits};
  for (int round = 0; compacts && round < kRounds && providedUnits(units) < units; ++round) {
    if (compact(stream, 15.0 / 16) == 0) break;
  }
  unsigned insistence = 0;
  for (int round = 0; evicts_ && round < 4 * kRounds && providedUnits(units) < units; ++round) {
    if (known_.keys == 0 || insistence > kMostInsistence) break;
    const std::uint64_t had = freeUnits();
    (void)evict(stream, nowMs, insistence);
    if (!backend_.wait(stream)) return false;
    insistence = freeUnits() > had ? 0 : insistence + 1;
  }
  return providedUnits(units) > before;
}

}  // namespace predis::cuda
