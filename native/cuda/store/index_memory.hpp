/// @file
/// Memory of an index: addresses reserved once, a mapped part at their start that grows and shrinks.
#pragma once

#include <cstdint>
#include <vector>

#include "../backend.hpp"
#include "budget.hpp"

namespace predis::cuda {

/// Belongs to whoever holds the engine's exclusive lock. Allocates host memory in its constructor alone.
class IndexMemory {
 public:
  /// @throws std::bad_alloc
  IndexMemory(Backend& backend, Budget& budget, std::uint64_t mostBuckets);
  ~IndexMemory();
  IndexMemory(const IndexMemory&) = delete;
  IndexMemory& operator=(const IndexMemory&) = delete;

  /// Reserves the addresses. @return false when there are none
  [[nodiscard]] bool reserve() noexcept;
  [[nodiscard]] Bucket* buckets() const noexcept { return reinterpret_cast<Bucket*>(base_); }
  /// Buckets that have memory.
  [[nodiscard]] std::uint64_t mapped() const noexcept { return mappedBytes_ / sizeof(Bucket); }
  /// Maps more until there is memory for so many, as far as there is any. @return whether there is
  bool provide(std::uint64_t buckets) noexcept;
  /// Unmaps what is not needed for so many.
  void shrink(std::uint64_t buckets) noexcept;

 private:
  Backend& backend_;
  Budget& budget_;
  const std::uint64_t reservedBytes_;
  std::uint8_t* base_ = nullptr;
  std::uint64_t mappedBytes_ = 0;
  std::vector<std::uint64_t> extents_;  ///< Bytes of each, in order.
};

}  // namespace predis::cuda
