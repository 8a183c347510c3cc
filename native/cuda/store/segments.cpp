#include "segments.hpp"

#include <algorithm>
#include <bit>

#include "../mailbox.hpp"
#include "table_memory.hpp"

namespace predis::cuda {

namespace {

/// Extents grow with what is mapped, by an eighth, up to 1 GiB: few calls of the driver, little spare memory.
constexpr std::uint32_t kMostStep = (std::uint32_t{1} << 30) / kSegmentBytes;

}  // namespace

Segments::Segments(Backend& backend, Budget& budget, std::uint32_t capacity)
    : backend_(backend),
      budget_(budget),
      capacity_(capacity),
      uses_(capacity, SegmentUse::kUnmapped),
      takenAt_(capacity),
      extentOf_(capacity),
      extentSize_(capacity),
      extentFree_(capacity) {}

Segments::~Segments() {
  if (base_ == nullptr) return;
  for (std::uint32_t first = 1; first < capacity_; ++first) {
    if (extentSize_[first] != 0) unmapExtent(first);
  }
  backend_.release(base_, capacity_ * kSegmentBytes);
}

bool Segments::reserve() noexcept {
  base_ = backend_.reserve(capacity_ * kSegmentBytes);
  return base_ != nullptr;
}

void Segments::setUse(std::uint32_t segment, SegmentUse use) noexcept {
  const bool wasFree = uses_[segment] == SegmentUse::kFree;
  const bool isFree = use == SegmentUse::kFree;
  uses_[segment] = use;
  if (wasFree == isFree) return;
  if (isFree) {
    ++freeCount_;
    ++extentFree_[extentOf_[segment]];
    lowestFree_ = std::min(lowestFree_, segment);
  } else {
    --freeCount_;
    --extentFree_[extentOf_[segment]];
  }
}

std::uint32_t Segments::findAddresses(std::uint32_t count) const noexcept {
  std::uint32_t length = 0;
  for (std::uint32_t segment = 1; segment < capacity_; ++segment) {
    length = uses_[segment] == SegmentUse::kUnmapped ? length + 1 : 0;
    if (length == count) return segment + 1 - count;
  }
  return 0;
}

std::uint32_t Segments::nextStep(std::uint32_t wanted) const noexcept {
  // Near the limit the steps become small, so that the index finds memory too.
  const std::uint64_t left = budget_.leftBytes() / kSegmentBytes;
  const auto share = static_cast<std::uint32_t>(std::min<std::uint64_t>(mappedCount_ / 8, left / 8));
  return std::bit_floor(std::clamp<std::uint32_t>(std::max(share, wanted), 1, kMostStep));
}

std::uint32_t Segments::mapExtent(std::uint32_t count) noexcept {
  const std::uint32_t first = findAddresses(count);
  return first != 0 && mapAt(first, count) ? first : 0;
}

bool Segments::mapAt(std::uint32_t first, std::uint32_t count) noexcept {
  const std::uint64_t bytes = count * kSegmentBytes;
  if (!mapWithin(backend_, budget_, base_ + first * kSegmentBytes, bytes)) return false;
  extentSize_[first] = count;
  extentFree_[first] = 0;
  mappedCount_ += count;
  for (std::uint32_t segment = first; segment < first + count; ++segment) {
    extentOf_[segment] = first;
    setUse(segment, SegmentUse::kFree);
  }
  return true;
}

void Segments::unmapExtent(std::uint32_t first) noexcept {
  const std::uint32_t count = extentSize_[first];
  if (Mailbox* const mailbox = backend_.mailbox()) mailbox->leave();
  backend_.unmap(base_ + first * kSegmentBytes, count * kSegmentBytes);
  budget_.give(count * kSegmentBytes);
  for (std::uint32_t segment = first; segment < first + count; ++segment)
    setUse(segment, SegmentUse::kUnmapped);
  extentSize_[first] = 0;
  mappedCount_ -= count;
}

std::uint32_t Segments::provide(std::uint32_t wanted, bool lastToo) noexcept {
  const std::uint32_t heldBack = lastToo ? 0 : 1;
  while (freeCount_ < wanted + heldBack) {
    std::uint32_t step = nextStep(wanted + heldBack - freeCount_);
    while (step != 0 && mapExtent(step) == 0) step /= 2;
    if (step == 0) break;
  }
  return freeCount_ > heldBack ? std::min(wanted, freeCount_ - heldBack) : 0;
}

std::uint32_t Segments::take(SegmentUse use) noexcept {
  while (uses_[lowestFree_] != SegmentUse::kFree) ++lowestFree_;
  setUse(lowestFree_, use);
  takenAt_[lowestFree_] = ++taken_;
  return lowestFree_;
}

void Segments::giveBack(std::uint32_t segment) noexcept { setUse(segment, SegmentUse::kFree); }

void Segments::unmapSpare(bool all) noexcept {
  bool spare = all;
  for (std::uint32_t first = 1; first < capacity_ && freeCount_ != 0;) {
    const std::uint32_t size = extentSize_[first];
    if (size == 0) {
      ++first;
      continue;
    }
    if (extentFree_[first] == size) {
      if (spare) unmapExtent(first);
      spare = true;
    }
    first += size;
  }
}

}  // namespace predis::cuda
