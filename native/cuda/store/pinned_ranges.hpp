/// @file
/// Which host memory is pinned: what callers got from Engine::allocatePinned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include "../backend.hpp"

namespace predis::cuda {

/// Thread-safe. Shared by the engine and the memory that it handed out, which may outlive it, and with it the
/// backend that the memory came from.
class PinnedRanges : public std::enable_shared_from_this<PinnedRanges> {
 public:
  explicit PinnedRanges(std::shared_ptr<Backend> backend) noexcept : backend_(std::move(backend)) {}

  /// As Engine::allocatePinned.
  [[nodiscard]] std::shared_ptr<std::uint8_t> allocate(std::size_t bytes) noexcept;
  /// Whether all of it is pinned. Nothing is.
  [[nodiscard]] bool contains(const void* memory, std::size_t bytes) const noexcept;
  [[nodiscard]] std::uint64_t totalBytes() const noexcept;

 private:
  void free(std::uint8_t* memory) noexcept;

  const std::shared_ptr<Backend> backend_;
  mutable std::shared_mutex mutex_;
  std::map<std::uintptr_t, std::size_t> ranges_;
  std::uint64_t totalBytes_ = 0;
};

}  // namespace predis::cuda
