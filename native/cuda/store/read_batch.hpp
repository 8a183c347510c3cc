/// @file
/// Reading batches: packed keys of the host to packed values of the host.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "staging.hpp"

namespace predis::cuda {

/// One mget. The caller holds the engine's shared lock, and has an index.
///
/// Small batches go directly: one kernel reads the keys in pinned memory and writes the answer there. Others
/// are cut into chunks, several in flight: while one chunk's values are copied back, the next one's kernel
/// runs and the keys of the one after are on their way. A call that has the device to itself begins with
/// small chunks, each as large as all before it, so that the bus has values to carry back as soon as may be.
///
/// A chunk's kernel writes offsets, marks and how many bytes of values there are to pinned memory itself,
/// past all copies that queue: the copy engine has values to carry and nothing else. Offsets come from the
/// kernel as they are within the chunk; the host adds what lies before it, which it knows by the time it
/// writes them to the caller's memory, so no chunk waits for another one.
class ReadBatch {
 public:
  ReadBatch(Core& core, const BatchSource& source, const MgetSink& sink) noexcept;

  [[nodiscard]] BatchStatus run() noexcept;
  /// Keys found.
  [[nodiscard]] std::uint64_t hits() const noexcept { return hits_; }

 private:
  /// What a chunk's kernel writes beside values.
  struct Head {
    std::uint64_t* total = nullptr;
    std::uint32_t* offsets = nullptr;
    std::uint8_t* found = nullptr;
    static Head lay(Layout& layout, std::uint32_t count) noexcept;
  };
  struct Flight {
    Slot* slot = nullptr;
    Chunk chunk;
    BatchView view;
    Head head;  ///< In pinned memory.
    bool launched = false;
    std::uint64_t total = 0;
    std::uint64_t base = 0;     ///< Bytes of values before this chunk's.
    bool toPinnedSlot = false;  ///< The values come by way of the slot's pinned memory.
    bool copyMarked = false;    ///< Marks stand before and behind the copy of values.
    std::uint32_t ticket = 0;   ///< Of the kernel.
    bool headWritten = false;
  };
  /// Copies of values end at this memory, if there is any.
  struct Target {
    std::uint8_t* memory = nullptr;
    std::uint64_t bytes = 0;
    bool pinned = false;
  };

  /// @return nothing when the values are too long for this path
  [[nodiscard]] std::optional<BatchStatus> runDirect() noexcept;
  [[nodiscard]] BatchStatus runPacked() noexcept;
  /// The state of a pipeline: `started` chunks were launched, `asked` have their values under way, `done` are
  /// finished.
  struct Pipeline {
    std::array<Flight, SlotLoan::kMost> flights;
    std::size_t first = 0;  ///< Of the keys of the next chunk.
    std::size_t started = 0, asked = 0, done = 0;
    BatchStatus status = BatchStatus::kOk;
  };
  /// What can be done without waiting. @return false when nothing could
  [[nodiscard]] bool advance(Pipeline& pipeline, const SlotLoan& slots, const Target& target) noexcept;
  /// Chunks as a pipeline. @param target where values go; without memory, totals and offsets alone are found
  /// @return kTooLarge when the target is too small
  [[nodiscard]] BatchStatus pipeline(const SlotLoan& slots, const Target& target) noexcept;
  /// All chunks at once, each in a slot of its own, when there are so many.
  [[nodiscard]] BatchStatus runTogether(const SlotLoan& slots, std::size_t chunks) noexcept;

  [[nodiscard]] BatchStatus launch(Flight& flight, std::uint64_t valueBytes) noexcept;
  /// Takes the chunk's total, when its kernel is done.
  [[nodiscard]] Progress lookAtHead(Flight& flight) noexcept;
  /// Begins to bring values to the host.
  [[nodiscard]] BatchStatus fetch(Flight& flight, const Target& target) noexcept;
  [[nodiscard]] BatchStatus finish(Flight& flight, const Target& target) noexcept;
  /// Values that do not fit a slot's memory at once: a part of the chunk after the other.
  [[nodiscard]] BatchStatus fetchInParts(Flight& flight, const Target& target) noexcept;
  [[nodiscard]] BatchStatus copyOut(Slot& slot, std::uint8_t* to, std::uint64_t bytes, bool pinned) noexcept;
  void writeHead(Flight& flight) noexcept;
  [[nodiscard]] std::uint64_t expectedBytes(std::uint32_t keys) const noexcept;
  [[nodiscard]] Chunk chunkAt(std::size_t first) const noexcept;
  [[nodiscard]] std::uint8_t* askForMemory(std::uint64_t bytes) noexcept;
  /// Adds the times of a flight that is done, in a call that is timed.
  void noteTimes(const Flight& flight) noexcept;
  void mark(const Flight& flight, unsigned number) noexcept {
    if (timed_) core_.backend.mark(flight.slot->stream, number);
  }

  Core& core_;
  const BatchSource& source_;
  const MgetSink& sink_;
  const TableView table_;
  std::uint32_t chunkKeys_;
  std::uint32_t firstChunkKeys_;
  std::uint64_t hits_ = 0;
  std::uint64_t total_ = 0;
  bool timed_ = false;
};

}  // namespace predis::cuda
