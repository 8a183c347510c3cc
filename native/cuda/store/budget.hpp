/// @file
/// Device memory of the table, counted against the limit.
#pragma once

#include <atomic>
#include <cstdint>

namespace predis::cuda {

/// Changed under the engine's exclusive lock; read at any time. What is not free is never taken, not for a
/// moment.
class Budget {
 public:
  /// @param limitBytes 0 for none
  explicit Budget(std::uint64_t limitBytes) noexcept
      : limitBytes_(limitBytes == 0 ? ~std::uint64_t{0} : limitBytes) {}

  [[nodiscard]] bool take(std::uint64_t bytes) noexcept {
    if (bytes > leftBytes()) return false;
    usedBytes_.fetch_add(bytes, std::memory_order_relaxed);
    return true;
  }
  void give(std::uint64_t bytes) noexcept { usedBytes_.fetch_sub(bytes, std::memory_order_relaxed); }

  [[nodiscard]] std::uint64_t usedBytes() const noexcept {
    return usedBytes_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t leftBytes() const noexcept { return limitBytes_ - usedBytes(); }
  [[nodiscard]] std::uint64_t limitBytes() const noexcept { return limitBytes_; }
  [[nodiscard]] bool isLimited() const noexcept { return limitBytes_ != ~std::uint64_t{0}; }

 private:
  const std::uint64_t limitBytes_;
  std::atomic<std::uint64_t> usedBytes_{0};
};

}  // namespace predis::cuda
