/// @file
/// Memory of one shard's records: slabs with size classes for those up to 4 KiB, the C library for longer
/// ones.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "../engine/record.hpp"
#include "arena.hpp"

namespace predis::cpu {

/// Not thread-safe: guarded by the lock of the shard that owns it.
class RecordMemory {
 public:
  RecordMemory(MemoryBudget& budget, Arena& arena) noexcept : budget_(budget), arena_(arena) {}
  /// Frees the long records; chunks go with the arena.
  ~RecordMemory() { forgetAll(); }
  RecordMemory(const RecordMemory&) = delete;
  RecordMemory& operator=(const RecordMemory&) = delete;

  /// Memory for a record of so many bytes, its slotClass set, the rest of it arbitrary; null when there is
  /// none.
  [[nodiscard]] Record* allocate(std::size_t bytes) noexcept;
  void free(Record* record) noexcept;

  /// Bytes that fit where a record lies.
  [[nodiscard]] static std::size_t capacity(const Record& record) noexcept;
  /// Whether a record of so many bytes would get no better place than the one that this record has.
  [[nodiscard]] static bool wellPlaced(const Record& record, std::size_t bytes) noexcept;

  /// Whether a record of so many bytes has a block of its own instead of a place in a slab.
  [[nodiscard]] static bool isLong(std::size_t bytes) noexcept { return bytes > kSlabLimit; }
  /// What a record of so many bytes takes of the budget at most: its block, or a chunk.
  [[nodiscard]] static std::uint64_t chargedBytes(std::size_t bytes) noexcept;
  [[nodiscard]] static std::uint64_t chargedBytes(const Record& record) noexcept;

  static constexpr std::size_t kMostNeighbours = kChunkBytes / sizeof(Record);
  /// The records of the chunk that a record lies in, or a long record alone: freeing them gives memory back.
  /// @return how many
  [[nodiscard]] static std::size_t neighbours(Record& record,
                                              std::array<Record*, kMostNeighbours>& found) noexcept;

  /// Frees the long records and forgets the chunks, which the caller has given back through the arena, or
  /// will.
  void forgetAll() noexcept;

 private:
  static constexpr std::size_t kSmallStep = 16;
  static constexpr std::size_t kSmallLimit = 256;  ///< Up to here classes are kSmallStep apart.
  static constexpr std::size_t kStep = 64;         ///< Above, their sizes are multiples of this.
  static constexpr std::size_t kSlabLimit = 4096;  ///< Longest record in a slab.
  static constexpr std::array<std::uint16_t, 15> kLargerClasses = {
      320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1600, 2048, 2304, 2688, 3264, 4096};
  static constexpr std::size_t kSmallClasses = kSmallLimit / kSmallStep;
  static constexpr std::size_t kClasses = kSmallClasses + kLargerClasses.size();
  static constexpr std::uint16_t kLongRecord = 63;  ///< Class of records from the C library.
  static_assert(kClasses < kLongRecord);
  static constexpr std::uint16_t kNoUnit = UINT16_MAX;

  /// Precedes a record from the C library.
  struct alignas(16) LongBlock {
    LongBlock* previous;
    LongBlock* next;
    std::uint64_t recordBytes;  ///< Capacity of the record.
    std::uint64_t chargedBytes;
  };

  [[nodiscard]] static std::uint16_t classOf(std::size_t bytes) noexcept;
  [[nodiscard]] static std::size_t slotBytes(std::uint16_t slotClass) noexcept;
  [[nodiscard]] static bool isFull(const ChunkInfo& info) noexcept;
  [[nodiscard]] static LongBlock* blockOf(const Record& record) noexcept;
  [[nodiscard]] Record* allocateLong(std::size_t bytes) noexcept;
  void freeLong(Record* record) noexcept;
  void link(ChunkInfo& info) noexcept;
  void unlink(ChunkInfo& info) noexcept;

  MemoryBudget& budget_;
  Arena& arena_;
  std::array<ChunkInfo*, kClasses> withRoom_{};  ///< Chunks of each class that have a free slot.
  LongBlock* longBlocks_ = nullptr;
};

}  // namespace predis::cpu
