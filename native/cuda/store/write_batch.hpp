/// @file
/// Writing batches: mput and mremove.
#pragma once

#include <array>
#include <cstdint>

#include "staging.hpp"

namespace predis::cuda {

/// Device memory of one chunk that writes.
struct WriteMemory {
  GroupScratch scratch;
  Deferred deferred[2];             ///< One is read while the other one is written.
  std::uint32_t* picked = nullptr;  ///< Operations that need a place in the index.
  std::uint8_t* statuses = nullptr;
  static WriteMemory lay(Layout& layout, std::uint32_t count) noexcept;
};

/// Pinned memory of one chunk that writes.
struct WriteAnswers {
  std::uint8_t* statuses = nullptr;
  std::uint32_t* operations = nullptr;
  std::uint32_t* reasons = nullptr;
  std::uint32_t* picked = nullptr;
  std::uint32_t* slotOf = nullptr;
  static WriteAnswers lay(Layout& layout, std::uint32_t count) noexcept;
};

/// Writes records that kernels do not write (isLarge).
class LargeRecords {
 public:
  explicit LargeRecords(Core& core) noexcept : core_(core) {}
  /// Creates or replaces operation i of a batch. Its lengths have been checked.
  [[nodiscard]] Status put(Slot& slot, const BatchSource& source, std::size_t i) noexcept;

 private:
  [[nodiscard]] bool copyRecord(Slot& slot, const BatchSource& source, std::size_t i,
                                std::uint64_t unit) noexcept;
  [[nodiscard]] Status publish(Slot& slot, const BatchSource& source, std::size_t i,
                               std::uint64_t unit) noexcept;
  Core& core_;
};

/// One mput or mremove, or a section of a relaxed one. The caller holds the engine's exclusive lock.
///
/// Chunks take effect one after another. While one is under way, the next ones are copied to the device and
/// grouped by key. An operation that finds no room is deferred by the kernel; the host makes room and runs it
/// again.
class WriteBatch {
 public:
  enum class Kind : std::uint8_t { kPut, kErase };

  WriteBatch(Core& core, Kind kind, const BatchSource& source, std::uint8_t* statuses) noexcept
      : core_(core), kind_(kind), source_(source), statuses_(statuses) {}

  /// Does operations from `first` on, at most so many chunks. @return the operation behind the last one done
  [[nodiscard]] std::size_t run(std::size_t first, std::size_t mostChunks) noexcept;
  [[nodiscard]] bool someFailed() const noexcept { return someFailed_; }

 private:
  struct Flight {
    Slot* slot = nullptr;
    Chunk chunk;
    BatchView view;
    WriteMemory memory;
    WriteAnswers answers;
    bool staged = false;
    bool direct = false;
  };

  /// Copies the chunk to the device and groups it.
  void stageChunk(Flight& flight) noexcept;
  /// Does the chunk's operations. Their statuses are written in any case.
  void complete(Flight& flight) noexcept;
  [[nodiscard]] bool completePuts(Flight& flight) noexcept;
  [[nodiscard]] bool completeErasures(Flight& flight) noexcept;
  /// Makes room for what was deferred. @return whether it is worth another attempt
  [[nodiscard]] bool makeRoom(Flight& flight, unsigned deferred, std::uint32_t count) noexcept;
  /// Operations on keys whose last one found no memory have not been done either: none of a key's acted.
  void failWholeKeys(Flight& flight) noexcept;
  void setAll(const Chunk& chunk, Status status) noexcept;
  void completeLarge(Flight& flight) noexcept;
  /// Adds the times of a chunk that is done, in a call that is timed.
  void noteTimes(const Flight& flight) noexcept;
  void mark(const Flight& flight, unsigned number) noexcept {
    if (timed_) core_.backend.mark(flight.slot->stream, number);
  }

  Core& core_;
  const Kind kind_;
  const BatchSource& source_;
  std::uint8_t* const statuses_;
  bool someFailed_ = false;
  bool timed_ = false;
};

}  // namespace predis::cuda
