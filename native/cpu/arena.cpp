#include "arena.hpp"

#include <sys/mman.h>

#include <bit>
#include <memory>

namespace predis::cpu {

bool MemoryBudget::charge(std::uint64_t bytes) noexcept {
  std::uint64_t used = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit_ - used) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  return true;
}

/// Sits where the info of chunk 0 would: chunk 0 holds the infos and is never given out.
struct alignas(64) Arena::Region {
  Region* allPrevious = nullptr;
  Region* allNext = nullptr;
  Region* availablePrevious = nullptr;
  Region* availableNext = nullptr;
  std::uint64_t freeChunks[2] = {};  ///< One bit a chunk.
  std::uint32_t used = 0;

  [[nodiscard]] bool full() const noexcept { return used == kChunksPerRegion - 1; }
};

Arena::Region* Arena::mapRegion() noexcept {
  static_assert(sizeof(Region) <= sizeof(ChunkInfo) && kChunksPerRegion == 128);
  // Twice the size, so that an aligned region lies within; the rest goes back at once.
  void* const mapped =
      mmap(nullptr, 2 * kRegionBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  const auto begin = reinterpret_cast<std::uintptr_t>(mapped);
  const std::uintptr_t aligned = (begin + kRegionBytes - 1) & ~(std::uintptr_t{kRegionBytes} - 1);
  if (aligned != begin) munmap(mapped, aligned - begin);
  const std::uintptr_t tail = begin + 2 * kRegionBytes - (aligned + kRegionBytes);
  if (tail != 0) munmap(reinterpret_cast<void*>(aligned + kRegionBytes), tail);
  void* const base = reinterpret_cast<void*>(aligned);
#ifdef MADV_HUGEPAGE
  if (hugePages_) madvise(base, kRegionBytes, MADV_HUGEPAGE);  // a wish: without it all works, only slower
#endif
  auto* const region = std::construct_at(static_cast<Region*>(base));
  region->freeChunks[0] = ~std::uint64_t{1};
  region->freeChunks[1] = ~std::uint64_t{0};
  region->allNext = all_;
  if (all_ != nullptr) all_->allPrevious = region;
  all_ = region;
  link(region);
  return region;
}

void Arena::unmapRegion(Region* region) noexcept {
  unlink(region);
  (region->allPrevious == nullptr ? all_ : region->allPrevious->allNext) = region->allNext;
  if (region->allNext != nullptr) region->allNext->allPrevious = region->allPrevious;
  munmap(region, kRegionBytes);
}

void Arena::link(Region* region) noexcept {
  region->availablePrevious = nullptr;
  region->availableNext = available_;
  if (available_ != nullptr) available_->availablePrevious = region;
  available_ = region;
}

void Arena::unlink(Region* region) noexcept {
  (region->availablePrevious == nullptr ? available_ : region->availablePrevious->availableNext) =
      region->availableNext;
  if (region->availableNext != nullptr) region->availableNext->availablePrevious = region->availablePrevious;
}

std::byte* Arena::take() noexcept {
  const std::scoped_lock lock(mutex_);
  Region* region = available_;
  // The first chunk of a region pays for the infos too.
  const std::size_t bytes = region == nullptr || region->used == 0 ? 2 * kChunkBytes : kChunkBytes;
  if (!budget_.charge(bytes)) return nullptr;
  if (region == nullptr) {
    region = mapRegion();
    if (region == nullptr) {
      budget_.refund(bytes);
      return nullptr;
    }
  }
  if (region == spare_) spare_ = nullptr;
  const std::size_t half = region->freeChunks[0] != 0 ? 0 : 1;
  const auto bit = static_cast<std::size_t>(std::countr_zero(region->freeChunks[half]));
  region->freeChunks[half] &= region->freeChunks[half] - 1;
  ++region->used;
  if (region->full()) unlink(region);
  const std::size_t index = half * 64 + bit;
  std::construct_at(reinterpret_cast<ChunkInfo*>(region) + index);
  return reinterpret_cast<std::byte*>(region) + index * kChunkBytes;
}

void Arena::give(std::byte* chunk) noexcept {
  const auto bits = reinterpret_cast<std::uintptr_t>(chunk);
  auto* const region = reinterpret_cast<Region*>(bits & ~(std::uintptr_t{kRegionBytes} - 1));
  const std::size_t index = (bits - reinterpret_cast<std::uintptr_t>(region)) / kChunkBytes;
  const std::scoped_lock lock(mutex_);
  if (region->full()) link(region);
  region->freeChunks[index / 64] |= std::uint64_t{1} << (index % 64);
  --region->used;
  budget_.refund(region->used == 0 ? 2 * kChunkBytes : kChunkBytes);
  if (region->used != 0) return;
  if (spare_ == nullptr) {
    spare_ = region;
  } else {
    unmapRegion(region);
  }
}

void Arena::releaseAll() noexcept {
  const std::scoped_lock lock(mutex_);
  while (all_ != nullptr) {
    Region* const region = all_;
    all_ = region->allNext;
    if (region->used != 0) budget_.refund((region->used + std::uint64_t{1}) * kChunkBytes);
    munmap(region, kRegionBytes);
  }
  available_ = nullptr;
  spare_ = nullptr;
}

}  // namespace predis::cpu
