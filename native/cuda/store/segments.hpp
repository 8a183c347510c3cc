/// @file
/// Segments of record memory: addresses reserved once, memory behind them that comes and goes in extents.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "../backend.hpp"
#include "budget.hpp"

namespace predis::cuda {

/// What a segment is there for.
enum class SegmentUse : std::uint8_t {
  kUnmapped,  ///< No memory.
  kFree,
  kLog,          ///< Small records, which kernels write and move.
  kLarge,        ///< Large records, which the host writes and which stay where they are.
  kHeld,         ///< Free, but kept for a run that is being cleared.
  kHeldAddress,  ///< Likewise, and without memory as yet.
};

/// Neighbouring segments that may become a run.
struct Window {
  std::uint32_t first = 0;
  std::uint32_t free = 0, unmapped = 0;  ///< Of its segments; the others are of the log.
  std::uint64_t liveUnits = 0;           ///< What would have to move.
};

/// Belongs to whoever holds the engine's exclusive lock. Allocates host memory in its constructor alone.
class Segments {
 public:
  /// @param capacity segments that addresses are reserved for @throws std::bad_alloc
  Segments(Backend& backend, Budget& budget, std::uint32_t capacity);
  ~Segments();
  Segments(const Segments&) = delete;
  Segments& operator=(const Segments&) = delete;

  /// Reserves the addresses. @return false when there are none
  [[nodiscard]] bool reserve() noexcept;
  [[nodiscard]] std::uint8_t* base() const noexcept { return base_; }
  /// Numbers of segments are below this; 0 is nobody's, because unit 0 is no record's.
  [[nodiscard]] std::uint32_t capacity() const noexcept { return capacity_; }

  /// Sees to it that so many segments can be taken, as far as memory allows. One is always held back from the
  /// log: without it compaction could not begin when all others are full.
  /// @param lastToo for compaction itself
  /// @return how many can be taken
  std::uint32_t provide(std::uint32_t wanted, bool lastToo) noexcept;
  /// The free segment of the lowest number, so that extents at the end become empty. @pre there is one
  std::uint32_t take(SegmentUse use) noexcept;
  /// Neighbouring segments for one record, if there are so many that hold nothing. One more stays free for
  /// compaction. @return the first
  std::optional<std::uint32_t> takeRun(std::uint32_t count) noexcept;
  /// Neighbours that could become a run with the least moved elsewhere: none of them holds large records, and
  /// there is room for what must move and memory for what has none. @param liveUnits by segment; null: only
  /// such as hold nothing
  [[nodiscard]] std::optional<Window> findWindow(std::uint32_t count,
                                                 const std::uint32_t* liveUnits) const noexcept;
  /// Keeps the free ones and the bare addresses of a window from being taken, until `letGo`.
  void hold(std::uint32_t first, std::uint32_t count) noexcept;
  void letGo(std::uint32_t first, std::uint32_t count) noexcept;
  void giveBack(std::uint32_t segment) noexcept;

  /// Takes the memory away from extents that are wholly free, but for one. @param all takes it from that too
  void unmapSpare(bool all) noexcept;

  [[nodiscard]] SegmentUse use(std::uint32_t segment) const noexcept { return uses_[segment]; }
  /// Grows from segment taken to segment taken: the order of age.
  [[nodiscard]] std::uint64_t takenAt(std::uint32_t segment) const noexcept { return takenAt_[segment]; }
  [[nodiscard]] std::uint32_t freeCount() const noexcept { return freeCount_; }
  [[nodiscard]] std::uint32_t usedCount() const noexcept { return mappedCount_ - freeCount_; }
  [[nodiscard]] std::uint32_t mappedCount() const noexcept { return mappedCount_; }

 private:
  /// Maps an extent of so many segments wherever there are addresses. @return the first, or 0
  std::uint32_t mapExtent(std::uint32_t count) noexcept;
  /// Maps these. @return whether there was memory
  [[nodiscard]] bool mapAt(std::uint32_t first, std::uint32_t count) noexcept;
  /// Sees to it that every segment of a window that holds nothing has memory.
  [[nodiscard]] bool mapGaps(std::uint32_t first, std::uint32_t count) noexcept;
  void unmapExtent(std::uint32_t first) noexcept;
  void setUse(std::uint32_t segment, SegmentUse use) noexcept;
  /// Segments that the next extent should have.
  [[nodiscard]] std::uint32_t nextStep(std::uint32_t wanted) const noexcept;
  /// The first of `count` neighbours without memory, or 0.
  [[nodiscard]] std::uint32_t findAddresses(std::uint32_t count) const noexcept;

  Backend& backend_;
  Budget& budget_;
  const std::uint32_t capacity_;
  std::uint8_t* base_ = nullptr;
  std::vector<SegmentUse> uses_;
  std::vector<std::uint64_t> takenAt_;
  std::vector<std::uint32_t> extentOf_;    ///< First segment of each segment's extent.
  std::vector<std::uint32_t> extentSize_;  ///< By first segment; 0 for none.
  std::vector<std::uint32_t> extentFree_;  ///< By first segment: free ones of the extent.
  std::uint32_t freeCount_ = 0, mappedCount_ = 0;
  std::uint32_t lowestFree_ = 1;  ///< None below it is free.
  std::uint64_t taken_ = 0;
};

}  // namespace predis::cuda
