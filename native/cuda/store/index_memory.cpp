#include "index_memory.hpp"

#include <algorithm>

#include "../mailbox.hpp"
#include "table_memory.hpp"

namespace predis::cuda {

namespace {

constexpr std::uint64_t kMostStepBytes = std::uint64_t{1} << 30;
constexpr std::size_t kMostExtents = 4096;

constexpr std::uint64_t wholeSegments(std::uint64_t bytes) noexcept {
  return (bytes + kSegmentBytes - 1) / kSegmentBytes * kSegmentBytes;
}

}  // namespace

IndexMemory::IndexMemory(Backend& backend, Budget& budget, std::uint64_t mostBuckets)
    : backend_(backend), budget_(budget), reservedBytes_(wholeSegments(mostBuckets * sizeof(Bucket))) {
  extents_.reserve(kMostExtents);
}

IndexMemory::~IndexMemory() {
  if (base_ == nullptr) return;
  shrink(0);
  backend_.release(base_, reservedBytes_);
}

bool IndexMemory::reserve() noexcept {
  base_ = backend_.reserve(reservedBytes_);
  return base_ != nullptr;
}

bool IndexMemory::provide(std::uint64_t buckets) noexcept {
  const std::uint64_t wanted = wholeSegments(buckets * sizeof(Bucket));
  if (wanted > reservedBytes_) return false;
  while (mappedBytes_ < wanted) {
    // An eighth of what is there, so that there are few extents; the rest of what is asked for if that fails.
    const std::uint64_t missing = wanted - mappedBytes_;
    std::uint64_t step =
        std::min(wholeSegments(std::max(missing, std::min(mappedBytes_ / 8, kMostStepBytes))),
                 reservedBytes_ - mappedBytes_);
    bool done = false;
    while (!done) {
      if (extents_.size() == kMostExtents) return false;
      done = mapWithin(backend_, budget_, base_ + mappedBytes_, step);
      if (!done) {
        if (step <= kSegmentBytes) return false;
        step = wholeSegments(step / 2);
      }
    }
    extents_.push_back(step);
    mappedBytes_ += step;
  }
  return true;
}

void IndexMemory::shrink(std::uint64_t buckets) noexcept {
  const std::uint64_t wanted = buckets * sizeof(Bucket);
  if (extents_.empty() || mappedBytes_ - extents_.back() < wanted) return;
  if (Mailbox* const mailbox = backend_.mailbox()) mailbox->leave();
  while (!extents_.empty() && mappedBytes_ - extents_.back() >= wanted) {
    mappedBytes_ -= extents_.back();
    backend_.unmap(base_ + mappedBytes_, extents_.back());
    budget_.give(extents_.back());
    extents_.pop_back();
  }
}

}  // namespace predis::cuda
