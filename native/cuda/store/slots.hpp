/// @file
/// Streams with working memory of their own. Several calls use several slots at once, and thereby overlap
/// copies to the device, kernels and copies back; one call with a large batch uses several itself.
///
/// No deadlock: slots are taken under the engine's lock (shared or exclusive) and given back before it is
/// released; a call waits for its first slot alone, while it holds none, and takes more only if they are
/// free.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "../backend.hpp"

namespace predis::cuda {

/// A block of device or pinned memory that grows. Its contents are lost when it does.
class Buffer {
 public:
  enum class Kind : std::uint8_t { kDevice, kPinned };

  Buffer(Backend& backend, Kind kind, std::atomic<std::uint64_t>& countedBytes) noexcept
      : backend_(backend), kind_(kind), countedBytes_(countedBytes) {}
  ~Buffer() { reset(); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  /// Makes it at least so large. @return false when there is no memory; it is empty then
  [[nodiscard]] bool ensure(std::size_t bytes) noexcept;
  void reset() noexcept;
  [[nodiscard]] std::uint8_t* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  Backend& backend_;
  const Kind kind_;
  std::atomic<std::uint64_t>& countedBytes_;
  std::uint8_t* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Working memory of all slots, for DeviceStats.
struct WorkingBytes {
  std::atomic<std::uint64_t> pinned{0}, device{0};
};

struct Slot {
  Slot(Backend& backend, Stream number, WorkingBytes& working) noexcept
      : stream(number),
        pinnedIn(backend, Buffer::Kind::kPinned, working.pinned),
        pinnedOut(backend, Buffer::Kind::kPinned, working.pinned),
        pinnedValues(backend, Buffer::Kind::kPinned, working.pinned),
        deviceIn(backend, Buffer::Kind::kDevice, working.device),
        deviceOut(backend, Buffer::Kind::kDevice, working.device),
        deviceValues(backend, Buffer::Kind::kDevice, working.device) {}

  /// Gives back what is larger than is worth keeping.
  void trim(std::size_t keptBytes) noexcept {
    for (Buffer* const buffer :
         {&pinnedIn, &pinnedOut, &pinnedValues, &deviceIn, &deviceOut, &deviceValues}) {
      if (buffer->bytes() > keptBytes) buffer->reset();
    }
  }

  const Stream stream;
  Buffer pinnedIn, pinnedOut, pinnedValues;
  Buffer deviceIn, deviceOut, deviceValues;
};

class SlotPool {
 public:
  SlotPool(Backend& backend, std::size_t keptBytes) noexcept;

  /// Waits for a slot. @pre the caller holds none, and the engine's lock
  Slot& take() noexcept;
  /// Null when none is free.
  Slot* tryTake() noexcept;
  void giveBack(Slot& slot) noexcept;
  /// True when no call holds a slot at this moment.
  [[nodiscard]] bool allFree() noexcept;
  [[nodiscard]] const WorkingBytes& workingBytes() const noexcept { return working_; }

 private:
  const std::size_t keptBytes_;
  WorkingBytes working_;
  std::array<Slot, Backend::kStreams> slots_;
  std::mutex mutex_;
  std::condition_variable freed_;
  static constexpr std::uint32_t kAll = (std::uint32_t{1} << Backend::kStreams) - 1;
  std::uint32_t free_ = kAll;
};

/// Slots of one call: the first for sure, more if they are free.
class SlotLoan {
 public:
  static constexpr unsigned kMost = 4;

  SlotLoan(SlotPool& pool, unsigned wanted = 1) noexcept : pool_(pool) {
    slots_[count_++] = &pool.take();
    while (count_ < wanted && count_ < kMost) {
      Slot* const slot = pool.tryTake();
      if (slot == nullptr) break;
      slots_[count_++] = slot;
    }
  }
  ~SlotLoan() {
    for (unsigned i = 0; i < count_; ++i) pool_.giveBack(*slots_[i]);
  }
  SlotLoan(const SlotLoan&) = delete;
  SlotLoan& operator=(const SlotLoan&) = delete;

  [[nodiscard]] unsigned count() const noexcept { return count_; }
  [[nodiscard]] Slot& operator[](std::size_t i) const noexcept { return *slots_[i]; }

 private:
  SlotPool& pool_;
  std::array<Slot*, kMost> slots_{};
  unsigned count_ = 0;
};

/// Lays arrays out one behind the other, each at a multiple of 256 bytes. Run it once without a base for the
/// size, and once with one for the addresses.
class Layout {
 public:
  explicit Layout(std::uint8_t* base = nullptr) noexcept : base_(base) {}

  template <typename T>
  T* array(std::size_t count) noexcept {
    const std::size_t at = bytes_;
    bytes_ = (bytes_ + count * sizeof(T) + 255) & ~std::size_t{255};
    return base_ == nullptr ? nullptr : reinterpret_cast<T*>(base_ + at);
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::uint8_t* base_;
  std::size_t bytes_ = 0;
};

}  // namespace predis::cuda
