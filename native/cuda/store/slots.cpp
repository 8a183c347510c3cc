#include "slots.hpp"

#include <bit>
#include <utility>

#include "../mailbox.hpp"

namespace predis::cuda {

namespace {

constexpr std::size_t kSmallestBuffer = std::size_t{64} << 10;

template <std::size_t... Numbers>
std::array<Slot, sizeof...(Numbers)> makeSlots(Backend& backend, WorkingBytes& working,
                                               std::index_sequence<Numbers...>) noexcept {
  return {Slot(backend, static_cast<Stream>(Numbers), working)...};
}

}  // namespace

bool Buffer::ensure(std::size_t bytes) noexcept {
  if (bytes <= bytes_) return true;
  reset();
  // Powers of two while they are small, so that batches of many sizes settle soon.
  std::size_t rounded = std::bit_ceil(std::max(bytes, kSmallestBuffer));
  if (rounded > (std::size_t{32} << 20))
    rounded = (bytes + kSegmentBytes - 1) / kSegmentBytes * kSegmentBytes;
  data_ = kind_ == Kind::kDevice ? backend_.allocateDevice(rounded) : backend_.allocatePinned(rounded);
  if (data_ == nullptr) return false;
  bytes_ = rounded;
  countedBytes_.fetch_add(rounded, std::memory_order_relaxed);
  return true;
}

void Buffer::reset() noexcept {
  if (data_ == nullptr) return;
  if (Mailbox* const mailbox = backend_.mailbox()) mailbox->leave();
  if (kind_ == Kind::kDevice) {
    backend_.freeDevice(data_);
  } else {
    backend_.freePinned(data_);
  }
  countedBytes_.fetch_sub(bytes_, std::memory_order_relaxed);
  data_ = nullptr;
  bytes_ = 0;
}

SlotPool::SlotPool(Backend& backend, std::size_t keptBytes) noexcept
    : keptBytes_(keptBytes),
      slots_(makeSlots(backend, working_, std::make_index_sequence<Backend::kStreams>())) {}

Slot& SlotPool::take() noexcept {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [this] { return free_ != 0; });
  const auto number = static_cast<unsigned>(std::countr_zero(free_));
  free_ &= free_ - 1;
  return slots_[number];
}

Slot* SlotPool::tryTake() noexcept {
  const std::scoped_lock lock(mutex_);
  if (free_ == 0) return nullptr;
  const auto number = static_cast<unsigned>(std::countr_zero(free_));
  free_ &= free_ - 1;
  return &slots_[number];
}

bool SlotPool::allFree() noexcept {
  const std::scoped_lock lock(mutex_);
  return free_ == kAll;
}

void SlotPool::giveBack(Slot& slot) noexcept {
  slot.trim(keptBytes_);
  {
    const std::scoped_lock lock(mutex_);
    free_ |= std::uint32_t{1} << slot.stream;
  }
  freed_.notify_one();
}

}  // namespace predis::cuda
