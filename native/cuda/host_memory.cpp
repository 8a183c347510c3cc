#include "host_memory.hpp"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <new>

#include "layout.hpp"

namespace predis::cuda {

namespace {

/// Alignment of blocks, as cudaMalloc's.
constexpr std::size_t kBlockAlignment = 256;

void require(bool holds, const char* what) noexcept {
  if (holds) return;
  std::fprintf(stderr, "host backend: %s\n", what);
  std::abort();
}

}  // namespace

HostMemory::~HostMemory() {
  for (const auto& [at, bytes] : ranges_) ::munmap(at, bytes);
  for (const auto& [memory, block] : blocks_) ::operator delete (memory, std::align_val_t{kBlockAlignment});
}

bool HostMemory::take(std::uint64_t bytes) noexcept {
  if (bytes > limitBytes_ - usedBytes_) return false;
  usedBytes_ += bytes;
  return true;
}

std::uint8_t* HostMemory::reserve(std::uint64_t bytes) noexcept try {
  void* const at = ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return nullptr;
  auto* const range = static_cast<std::uint8_t*>(at);
  const std::lock_guard lock(mutex_);
  ranges_.emplace(range, bytes);
  return range;
} catch (const std::bad_alloc&) {
  return nullptr;
}

bool HostMemory::map(std::uint8_t* at, std::uint64_t bytes) noexcept try {
  require(bytes != 0 && bytes % kSegmentBytes == 0, "map: not whole segments");
  const std::lock_guard lock(mutex_);
  auto range = ranges_.upper_bound(at);
  require(range != ranges_.begin(), "map: not reserved");
  --range;
  require(at + bytes <= range->first + range->second, "map: not reserved");
  const auto next = maps_.lower_bound(at);
  require(next == maps_.end() || at + bytes <= next->first, "map: mapped twice");
  if (next != maps_.begin()) {
    const auto before = std::prev(next);
    require(before->first + before->second <= at, "map: mapped twice");
  }
  if (callsLeft_ == 0) return false;
  if (!take(bytes)) return false;
  if (::mprotect(at, bytes, PROT_READ | PROT_WRITE) != 0) {
    usedBytes_ -= bytes;
    return false;
  }
  callsLeft_ -= callsLeft_ == ~std::uint64_t{0} ? 0 : 1;
  maps_.emplace(at, bytes);
  return true;
} catch (const std::bad_alloc&) {
  return false;
}

void HostMemory::unmap(std::uint8_t* at, std::uint64_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  const auto mapped = maps_.find(at);
  require(mapped != maps_.end() && mapped->second == bytes, "unmap: not a map");
  maps_.erase(mapped);
  usedBytes_ -= bytes;
  // The next map finds zeros, where a device has anything; but no access in between goes unseen.
  ::madvise(at, bytes, MADV_DONTNEED);
  ::mprotect(at, bytes, PROT_NONE);
}

void HostMemory::release(std::uint8_t* at, std::uint64_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  const auto range = ranges_.find(at);
  require(range != ranges_.end() && range->second == bytes, "release: not a reservation");
  const auto mapped = maps_.lower_bound(at);
  require(mapped == maps_.end() || mapped->first >= at + bytes, "release: still mapped");
  ranges_.erase(range);
  ::munmap(at, bytes);
}

std::uint8_t* HostMemory::allocate(std::size_t bytes, bool counted) noexcept try {
  const std::lock_guard lock(mutex_);
  if (callsLeft_ == 0) return nullptr;
  if (counted && !take(bytes)) return nullptr;
  void* const memory = ::operator new (bytes, std::align_val_t{kBlockAlignment}, std::nothrow);
  if (memory == nullptr) {
    if (counted) usedBytes_ -= bytes;
    return nullptr;
  }
  callsLeft_ -= callsLeft_ == ~std::uint64_t{0} ? 0 : 1;
  // As on a device, nothing can be said of its contents.
  std::memset(memory, 0xCD, bytes);
  blocks_.emplace(memory, Block{bytes, counted});
  return static_cast<std::uint8_t*>(memory);
} catch (const std::bad_alloc&) {
  return nullptr;
}

void HostMemory::free(void* memory) noexcept {
  if (memory == nullptr) return;
  const std::lock_guard lock(mutex_);
  const auto block = blocks_.find(memory);
  require(block != blocks_.end(), "free: not allocated");
  if (block->second.counted) usedBytes_ -= block->second.bytes;
  blocks_.erase(block);
  ::operator delete (memory, std::align_val_t{kBlockAlignment});
}

std::uint64_t HostMemory::usedBytes() const noexcept {
  const std::lock_guard lock(mutex_);
  return usedBytes_;
}

void HostMemory::refuseAfter(std::uint64_t calls) noexcept {
  const std::lock_guard lock(mutex_);
  callsLeft_ = calls;
}

}  // namespace predis::cuda
