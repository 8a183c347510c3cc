/// @file
/// The host's side of the table in device memory: where its memory comes from, how it grows, shrinks, is
/// compacted and makes room. Knows nothing of calls and batches' answers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "../backend.hpp"
#include "budget.hpp"
#include "index_memory.hpp"
#include "segments.hpp"
#include "slots.hpp"
#include "tuning.hpp"

namespace predis::cuda {

/// Belongs to whoever holds the engine's exclusive lock; holders of the shared lock may read the view.
/// Functions that take a stream give it work and wait for it; they say false (or 0) when the device failed,
/// which the backend then knows.
///
/// Fixed memory, counted: stash, counters, live units and marks of segments. Working memory of batches is not
/// part of it.
class DeviceTable {
 public:
  /// @throws std::bad_alloc
  DeviceTable(Backend& backend, Budget& budget, const EngineOptions& options, const Tuning& tuning,
              const HashSeed& seed);
  ~DeviceTable();
  DeviceTable(const DeviceTable&) = delete;
  DeviceTable& operator=(const DeviceTable&) = delete;

  /// Takes addresses and the fixed memory. @return false when the device has none
  [[nodiscard]] bool start() noexcept;

  /// False while there is no index: nothing was ever written, or all was cleared.
  [[nodiscard]] bool ready() const noexcept { return ready_; }
  /// For kernels that write, and for the mailbox.
  [[nodiscard]] const TableView& view() const noexcept { return view_; }
  /// For kernels that read: counts of their own, so that nothing of the table is written under the shared
  /// lock.
  [[nodiscard]] TableView readView() const noexcept;
  /// As they were after the last pass, or the last `refresh`.
  [[nodiscard]] const Counters& counters() const noexcept { return known_; }
  [[nodiscard]] Counters* deviceCounters() const noexcept { return view_.counters; }

  // Passes: kernels between beginPass and endPass add to counters that begin at known numbers.
  void beginPass(Stream stream, std::uint64_t logUnits = 0, std::uint64_t outputBytes = 0) noexcept;
  [[nodiscard]] bool endPass(Stream stream) noexcept;
  /// Reads the counters again, after requests through the mailbox. Any lock will do for the second form,
  /// which leaves `counters` as they are. @param pinned room for Counters
  [[nodiscard]] bool refresh(Stream stream) noexcept;
  /// Says that a write went through the mailbox: `counters` do not know it.
  void noteUnseenWrite(bool removed) noexcept {
    ++unseenWrites_;
    unseenRemovals_ += removed ? 1 : 0;
  }
  /// True when the counters should be read again before the next such write.
  [[nodiscard]] bool wantsReading() const noexcept {
    return unseenWrites_ >= tuning_.writesBetweenReadings ||
           (unseenRemovals_ != 0 && unseenRemovals_ >= known_.keys && segments_.usedCount() > 1);
  }
  /// True when a new key should find a larger index first, and there may be memory for it.
  [[nodiscard]] bool wantsGrowth() const noexcept;
  [[nodiscard]] std::uint64_t unseenWrites() const noexcept { return unseenWrites_; }
  [[nodiscard]] bool readCounters(Stream stream, Counters& pinned) const noexcept;

  // The index (index_growth.cpp)
  /// Makes the index, if there is none, and grows it for so many keys, as far as memory allows.
  /// @return whether there is an index
  [[nodiscard]] bool provideIndex(Stream stream, std::uint64_t keys) noexcept;
  /// Makes places for operations that found none: moves entries, or grows the index.
  /// @param operations device memory @return whether anything has changed for the better
  [[nodiscard]] bool makePlaces(Stream stream, const BatchView& batch, const GroupScratch& scratch,
                                const std::uint32_t* operations, std::uint32_t count,
                                std::int64_t nowMs) noexcept;
  /// The same for one key that is not part of a batch.
  [[nodiscard]] bool growBy(Stream stream, std::uint64_t buckets) noexcept;
  [[nodiscard]] std::uint64_t slots() const noexcept {
    return ready_ ? view_.bucketCount() * Bucket::kEntries : 0;
  }

  // The log (log_room.cpp)
  /// Segments with room for so many units, as far as there is memory. To be closed after the pass.
  /// @param lastToo takes the segment held back for compaction, too
  [[nodiscard]] LogView openLog(Stream stream, std::uint64_t units, bool lastToo = false) noexcept;
  [[nodiscard]] std::uint64_t logStart() const noexcept { return logStart_; }
  /// Keeps what was written, and gives the other segments back. @param cursor Counters::logUnits
  void closeLog(std::uint64_t cursor) noexcept;
  /// Room for one record that the mailbox may write: its unit, or 0. Not taken before `takeSpare`.
  [[nodiscard]] std::uint64_t spareUnit(std::uint64_t units) noexcept;
  void takeSpare(std::uint64_t units) noexcept;
  /// Room for one large record, in a segment of such or in a run of whole segments.
  [[nodiscard]] std::optional<std::uint64_t> takeLarge(std::uint64_t units) noexcept;
  /// Whether so many units could be found if nothing else was kept.
  [[nodiscard]] bool canHold(std::uint64_t units) const noexcept;
  /// Takes back what takeLarge gave last, when no record was published there.
  void giveBackLarge(std::uint64_t unit, std::uint64_t units) noexcept;
  /// Moves what stands in the way of neighbours for a record that no run was found for, though there may be
  /// room for it. @return whether a run is there now
  [[nodiscard]] bool clearRun(Stream stream, std::uint64_t units) noexcept;
  /// Makes room when the log found none: maps, frees, sweeps, compacts, and evicts where that is allowed.
  /// @param recordUnits of the longest record, when it may need more than half of all memory
  /// @return whether there is more than before
  [[nodiscard]] bool makeRoom(Stream stream, std::uint64_t units, std::int64_t nowMs,
                              std::uint64_t recordUnits = 0) noexcept;

  // Maintenance (table_upkeep.cpp)
  /// Removes what has expired. @return how many keys
  std::uint64_t sweep(Stream stream, std::int64_t nowMs) noexcept;
  [[nodiscard]] bool dropSpace(Stream stream, std::uint16_t space) noexcept;
  /// Gives memory back when enough of it holds nothing, and makes the index smaller when it is nearly empty.
  void tidy(Stream stream) noexcept;
  /// Forgets all keys. @param unmap gives all memory back, or keeps the least that an engine works with
  void reset(Stream stream, bool unmap) noexcept;

  [[nodiscard]] std::uint64_t indexGrowths() const noexcept { return indexGrowths_; }
  [[nodiscard]] std::uint64_t compactions() const noexcept { return compactions_; }
  [[nodiscard]] std::uint64_t pinnedBytes() const noexcept { return pinnedBytes_; }

 private:
  struct Control;  ///< Pinned memory for small copies.
  /// The segment that records go to, filled up to some unit.
  struct OpenSegment {
    std::uint32_t segment = 0;  ///< 0 for none.
    std::uint32_t used = 0;
  };

  [[nodiscard]] bool splitTo(Stream stream, std::uint64_t target) noexcept;
  void shrinkIndex(Stream stream) noexcept;
  void clearTable(Stream stream) noexcept;
  /// Units that the log could take, with memory mapped for them as far as there is any.
  [[nodiscard]] std::uint64_t providedUnits(std::uint64_t units) noexcept;
  /// Reads which segments have live records, and frees those that have none. @return how many were freed
  std::uint32_t freeEmpty(Stream stream) noexcept;
  /// Moves the records of the emptiest segments together. @return units gained
  std::uint64_t compact(Stream stream, double emptierThan) noexcept;
  /// Takes the oldest segments: what was not read goes, the rest moves on. @param insistence rounds before it
  /// that did not help @return whether keys have gone, or room was gained
  bool evict(Stream stream, std::int64_t nowMs, unsigned insistence) noexcept;
  /// @return units gained
  [[nodiscard]] std::uint64_t maintainVictims(Stream stream, MaintainTask task,
                                              std::uint64_t unitsToMove) noexcept;
  /// Units that records can be moved to, the segment held back included.
  [[nodiscard]] std::uint64_t roomToMove() noexcept;
  [[nodiscard]] std::uint64_t freeUnits() const noexcept;
  [[nodiscard]] std::uint64_t deadUnits() const noexcept;

  Backend& backend_;
  Budget& budget_;
  const Tuning tuning_;
  const bool evicts_;
  const std::uint64_t expectedKeys_;
  const std::uint64_t mostBuckets_;
  Segments segments_;
  IndexMemory indexes_[2];  ///< One in use; the other one takes its place when the index shrinks.
  unsigned current_ = 0;
  TableView view_{};
  bool ready_ = false;

  std::uint8_t* fixed_ = nullptr;
  std::uint64_t fixedBytes_ = 0;
  std::uint8_t* pinned_ = nullptr;
  std::uint64_t pinnedBytes_ = 0;
  Stash* stashes_[2] = {};
  Counters* readCounters_ = nullptr;
  std::uint32_t* deviceLog_ = nullptr;
  std::uint8_t* deviceVictims_ = nullptr;
  Control* control_ = nullptr;
  std::uint32_t* pinnedLog_ = nullptr;
  std::uint8_t* pinnedVictims_ = nullptr;
  std::uint32_t* pinnedLive_ = nullptr;

  Counters known_{};
  std::uint64_t unseenWrites_ = 0, unseenRemovals_ = 0;
  std::uint64_t growthRefusedAt_ = 0;  ///< Keys when there was no memory for a larger index, or 0.
  std::uint64_t stashedForReaders_ = 0;
  OpenSegment open_, openLarge_;
  std::vector<std::uint32_t> log_;          ///< Of the pass under way.
  std::vector<std::uint32_t> uploadedLog_;  ///< What deviceLog_ holds.
  std::uint64_t logStart_ = 0;
  std::vector<std::uint32_t> candidates_;  ///< Working memory of compaction and eviction.
  std::uint64_t deadAfterTidying_ = 0;
  std::uint64_t stashedAfterRebuild_ = 0;
  std::uint64_t indexGrowths_ = 0, compactions_ = 0;
};

}  // namespace predis::cuda
