#include "pinned_ranges.hpp"

#include <iterator>
#include <new>

#include "../mailbox.hpp"

namespace predis::cuda {

std::shared_ptr<std::uint8_t> PinnedRanges::allocate(std::size_t bytes) noexcept try {
  // Kernels may read up to the next multiple of 16 bytes.
  const std::size_t rounded = (std::max<std::size_t>(bytes, 1) + 63) & ~std::size_t{63};
  if (rounded < bytes) return nullptr;
  std::uint8_t* const memory = backend_->allocatePinned(rounded);
  if (memory == nullptr) return nullptr;
  try {
    const std::scoped_lock lock(mutex_);
    ranges_.emplace(reinterpret_cast<std::uintptr_t>(memory), rounded);
    totalBytes_ += rounded;
  } catch (const std::bad_alloc&) {
    backend_->freePinned(memory);
    return nullptr;
  }
  // If there is no memory for the pointer's own block, the memory is freed at once by the same function.
  return {memory, [self = shared_from_this()](std::uint8_t* freed) noexcept { self->free(freed); }};
} catch (const std::bad_alloc&) {
  return nullptr;
}

void PinnedRanges::free(std::uint8_t* memory) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    const auto range = ranges_.find(reinterpret_cast<std::uintptr_t>(memory));
    totalBytes_ -= range->second;
    ranges_.erase(range);
  }
  if (Mailbox* const mailbox = backend_->mailbox()) mailbox->leave();
  backend_->freePinned(memory);
}

bool PinnedRanges::contains(const void* memory, std::size_t bytes) const noexcept {
  if (memory == nullptr || bytes == 0) return false;
  const auto at = reinterpret_cast<std::uintptr_t>(memory);
  const std::shared_lock lock(mutex_);
  auto range = ranges_.upper_bound(at);
  if (range == ranges_.begin()) return false;
  --range;
  return at - range->first <= range->second && bytes <= range->second - (at - range->first);
}

std::uint64_t PinnedRanges::totalBytes() const noexcept {
  const std::shared_lock lock(mutex_);
  return totalBytes_;
}

}  // namespace predis::cuda
