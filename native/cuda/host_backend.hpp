/// @file
/// The host as a device: what tests can do to it. `makeHostBackend` (backend.hpp) makes one.
#pragma once

#include <cstdint>

#include "backend.hpp"

namespace predis::cuda {

/// Every backend of makeHostBackend is one. Kernels run in the thread that gives them, at once, their keys
/// shared among so many threads.
class HostBackend : public Backend {
 public:
  /// Lets so many more kernels, copies, fills, waits and calls for memory succeed; the next one fails, and
  /// the backend with it.
  virtual void failAfter(std::uint64_t steps) noexcept = 0;
  /// Lets so many more calls of map, allocateDevice and allocatePinned succeed, and none after them.
  virtual void refuseMemoryAfter(std::uint64_t calls) noexcept = 0;
  /// Device memory in use, as its limit counts it.
  [[nodiscard]] virtual std::uint64_t usedBytes() const noexcept = 0;
};

}  // namespace predis::cuda
