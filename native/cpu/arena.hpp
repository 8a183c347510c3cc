/// @file
/// Memory of the CPU engine: a budget that bounds it, and chunks of 16 KiB cut from regions of 2 MiB (one
/// huge page each, where the machine gives them). Slabs and index segments both live in chunks.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace predis::cpu {

inline constexpr std::size_t kChunkBytes = std::size_t{16} << 10;
inline constexpr std::size_t kRegionBytes = std::size_t{2} << 20;
inline constexpr std::size_t kChunksPerRegion = kRegionBytes / kChunkBytes;

/// Counts bytes against a limit. Thread-safe; the count never passes the limit, not even for a moment.
class MemoryBudget {
 public:
  /// @param limitBytes 0: none
  explicit MemoryBudget(std::uint64_t limitBytes) noexcept
      : limit_(limitBytes == 0 ? UINT64_MAX : limitBytes) {}

  [[nodiscard]] bool charge(std::uint64_t bytes) noexcept;
  void refund(std::uint64_t bytes) noexcept { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t limitBytes() const noexcept { return limit_; }
  [[nodiscard]] std::uint64_t usedBytes() const noexcept { return used_.load(std::memory_order_relaxed); }

 private:
  const std::uint64_t limit_;
  std::atomic<std::uint64_t> used_{0};
};

/// What is known of a chunk, kept beside all the others of its region: at the head of the chunk itself these
/// would all fall into the same few cache sets.
struct alignas(64) ChunkInfo {
  // Of a slab
  ChunkInfo* previous = nullptr;
  ChunkInfo* next = nullptr;
  std::uint32_t live = 0;  ///< Slots in use.
  std::uint16_t slotClass = 0;
  std::uint16_t freeUnit = 0;    ///< First free slot, in units of 16 bytes; kNoUnit for none.
  std::uint32_t freshBytes = 0;  ///< Slots from here on were never used.
  // Of an index segment
  std::uint32_t localDepth = 0;
  std::uint32_t entries = 0;
};
static_assert(sizeof(ChunkInfo) == 64);
static_assert(sizeof(ChunkInfo) * kChunksPerRegion <= kChunkBytes);

/// Gives chunks out. Thread-safe: one short mutex, taken once per chunk, not per record.
class Arena {
 public:
  /// @param hugePages asks for transparent huge pages
  Arena(MemoryBudget& budget, bool hugePages) noexcept : budget_(budget), hugePages_(hugePages) {}
  ~Arena() { releaseAll(); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// A chunk of kChunkBytes, aligned to its size, contents arbitrary, its info reset; null when the budget or
  /// the machine has no more.
  [[nodiscard]] std::byte* take() noexcept;
  void give(std::byte* chunk) noexcept;
  /// Gives every region back, whatever is still in use. The caller holds nobody else's chunks.
  void releaseAll() noexcept;

  /// Info of the chunk that an address lies in.
  [[nodiscard]] static ChunkInfo& infoOf(const void* address) noexcept {
    const auto bits = reinterpret_cast<std::uintptr_t>(address);
    const std::uintptr_t region = bits & ~(std::uintptr_t{kRegionBytes} - 1);
    return reinterpret_cast<ChunkInfo*>(region)[(bits - region) / kChunkBytes];
  }
  /// The chunk that an info describes.
  [[nodiscard]] static std::byte* chunkOf(ChunkInfo& info) noexcept {
    const auto bits = reinterpret_cast<std::uintptr_t>(&info);
    const std::uintptr_t region = bits & ~(std::uintptr_t{kRegionBytes} - 1);
    return reinterpret_cast<std::byte*>(region) + (bits - region) / sizeof(ChunkInfo) * kChunkBytes;
  }

 private:
  struct Region;
  [[nodiscard]] Region* mapRegion() noexcept;
  void unmapRegion(Region* region) noexcept;
  void link(Region* region) noexcept;
  void unlink(Region* region) noexcept;

  MemoryBudget& budget_;
  const bool hugePages_;
  std::mutex mutex_;
  Region* all_ = nullptr;        ///< Every region.
  Region* available_ = nullptr;  ///< Those with a free chunk.
  Region* spare_ = nullptr;      ///< One with all chunks free, so that a small engine does not map and unmap.
};

}  // namespace predis::cpu
