/// @file
/// Runs of neighbouring segments for records longer than one. Memory lies where it was mapped, and an extent
/// gives its memory back as a whole: free segments may be many and apart from each other. So a run takes
/// whatever neighbours hold nothing, with memory or without, and what stands in the way can be moved.

#include <algorithm>

#include "segments.hpp"
#include "table_memory.hpp"

namespace predis::cuda {

namespace {

/// Units of a segment that moved records surely fill: not to the last one, records do not fill segments
/// quite.
constexpr std::uint64_t kFilledUnits = kSegmentUnits / 16 * 15;

}  // namespace

std::optional<Window> Segments::findWindow(std::uint32_t count,
                                           const std::uint32_t* liveUnits) const noexcept {
  const std::uint64_t left = mappableBytes(backend_, budget_) / kSegmentBytes;
  std::optional<Window> best;
  Window window;
  std::uint32_t inTheWay = 0;
  std::uint32_t mapped = 0;
  const auto account = [&](std::uint32_t segment, std::uint32_t one) noexcept {
    const SegmentUse use = uses_[segment];
    // One is 1 or, modulo 2^32, -1.
    window.free += use == SegmentUse::kFree ? one : 0;
    window.unmapped += use == SegmentUse::kUnmapped ? one : 0;
    if (use == SegmentUse::kLog && liveUnits != nullptr) {
      const std::uint64_t live = liveUnits[segment];
      window.liveUnits += one == 1 ? live : std::uint64_t{0} - live;
    } else if (use != SegmentUse::kFree && use != SegmentUse::kUnmapped) {
      inTheWay += one;
    }
  };
  for (std::uint32_t end = 1; end < capacity_; ++end) {
    account(end, 1);
    mapped += uses_[end] == SegmentUse::kUnmapped || uses_[end] == SegmentUse::kHeldAddress ? 0 : 1;
    if (end > count) account(end - count, ~std::uint32_t{0});
    if (end < count || inTheWay != 0) continue;
    const std::uint64_t moved = (window.liveUnits + kFilledUnits - 1) / kFilledUnits;
    // One segment more stays free, so that compaction can begin.
    if (window.unmapped > left || moved + window.unmapped + 1 > freeCount_ - window.free + left) continue;
    window.first = end + 1 - count;
    const auto isBetter = [&] {
      if (window.liveUnits != best->liveUnits) return window.liveUnits < best->liveUnits;
      return window.unmapped < best->unmapped;
    };
    if (!best || isBetter()) best = window;
    // There is none better, or the rest is bare addresses like these.
    if ((window.liveUnits == 0 && window.unmapped == 0) ||
        (window.unmapped == count && mapped == mappedCount_))
      break;
  }
  return best;
}

bool Segments::mapGaps(std::uint32_t first, std::uint32_t count) noexcept {
  for (std::uint32_t segment = first; segment < first + count;) {
    std::uint32_t gap = 0;
    while (segment + gap < first + count && uses_[segment + gap] == SegmentUse::kUnmapped) ++gap;
    if (gap != 0 && !mapAt(segment, gap)) return false;
    segment += std::max(gap, 1U);
  }
  return true;
}

std::optional<std::uint32_t> Segments::takeRun(std::uint32_t count) noexcept {
  std::optional<Window> window = findWindow(count, nullptr);
  if (!window) {
    // The memory of extents that hold nothing may do elsewhere.
    unmapSpare(true);
    window = findWindow(count, nullptr);
  }
  // What was mapped stays, as free segments, when there is no memory for the rest.
  if (!window || !mapGaps(window->first, count)) return std::nullopt;
  for (std::uint32_t segment = window->first; segment < window->first + count; ++segment) {
    setUse(segment, SegmentUse::kLarge);
    takenAt_[segment] = ++taken_;
  }
  return window->first;
}

void Segments::hold(std::uint32_t first, std::uint32_t count) noexcept {
  for (std::uint32_t segment = first; segment < first + count; ++segment) {
    if (uses_[segment] == SegmentUse::kFree) setUse(segment, SegmentUse::kHeld);
    if (uses_[segment] == SegmentUse::kUnmapped) setUse(segment, SegmentUse::kHeldAddress);
  }
}

void Segments::letGo(std::uint32_t first, std::uint32_t count) noexcept {
  for (std::uint32_t segment = first; segment < first + count; ++segment) {
    if (uses_[segment] == SegmentUse::kHeld) setUse(segment, SegmentUse::kFree);
    if (uses_[segment] == SegmentUse::kHeldAddress) setUse(segment, SegmentUse::kUnmapped);
  }
}

}  // namespace predis::cuda
