#include "arena.hpp"

#include <cuda_runtime_api.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <new>

namespace predis::cuda::test {

namespace {

constexpr std::size_t kStackBytes = std::size_t{1} << 20;
/// Blocks have powers of two; freed ones are used again.
constexpr unsigned kClasses = 31;
constexpr std::size_t kHeaderBytes = 64;

struct FreeBlock {
  FreeBlock* next;
};

/// What is not taken by tables, at the arena's start: the stack, then blocks.
constexpr std::size_t kHeapBytes = std::size_t{64} << 20;
constexpr std::size_t kRangeAlignment = std::size_t{2} << 20;

/// Memory of Arena::take.
struct Range {
  std::size_t at, bytes;
  bool isTaken;
};

struct State {
  Range ranges[64] = {};
  std::uint8_t* base = nullptr;
  std::uint8_t* mirror = nullptr;
  std::size_t heapUsed = kStackBytes;
  std::size_t used = kHeapBytes;  ///< To the end of the last range.
  FreeBlock* free[kClasses] = {};
  bool inTests = false;
  ucontext_t outside{}, inside{};
  const std::function<bool()>* work = nullptr;
  bool workResult = false;
  int (*tests)() = nullptr;
  int result = 0;
  bool done = false;
};
State state;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "arena: %s\n", what);
  std::abort();
}
void require(cudaError_t result, const char* call) {
  if (result == cudaSuccess) return;
  std::fprintf(stderr, "arena: %s: %s\n", call, cudaGetErrorString(result));
  std::abort();
}

unsigned classOf(std::size_t bytes) {
  return static_cast<unsigned>(std::bit_width(std::max<std::size_t>(bytes, 64) - 1));
}

void* takeBlock(std::size_t bytes) {
  const unsigned number = classOf(bytes);
  require(number < kClasses, "too large a block");
  if (FreeBlock* const block = state.free[number]) {
    state.free[number] = block->next;
    return block;
  }
  const std::size_t size = std::size_t{1} << number;
  const std::size_t alignment = std::min(size, std::size_t{4096});
  const std::size_t at = (state.heapUsed + alignment - 1) / alignment * alignment;
  require(at + size <= kHeapBytes, "heap full");
  state.heapUsed = at + size;
  return state.base + at;
}

void giveBlock(void* memory, std::size_t bytes) {
  auto* const block = static_cast<FreeBlock*>(memory);
  const unsigned number = classOf(bytes);
  block->next = state.free[number];
  state.free[number] = block;
}

bool isInArena(const void* memory) {
  const auto* const at = static_cast<const std::uint8_t*>(memory);
  return state.base != nullptr && at >= state.base && at < state.base + Arena::kBytes;
}

void* allocate(std::size_t bytes, std::size_t alignment) {
  if (!state.inTests) {
    void* const memory =
        std::aligned_alloc(std::max<std::size_t>(alignment, 16),
                           (std::max<std::size_t>(bytes, 1) + alignment - 1) / alignment * alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
  }
  require(alignment <= kHeaderBytes, "alignment");
  auto* const block = static_cast<std::uint8_t*>(takeBlock(bytes + kHeaderBytes));
  *reinterpret_cast<std::size_t*>(block) = bytes + kHeaderBytes;
  return block + kHeaderBytes;
}

void deallocate(void* memory) {
  if (memory == nullptr) return;
  if (!isInArena(memory)) return std::free(memory);
  auto* const block = static_cast<std::uint8_t*>(memory) - kHeaderBytes;
  giveBlock(block, *reinterpret_cast<std::size_t*>(block));
}

void inside() {
  state.inTests = true;
  state.result = state.tests();
  state.inTests = false;
  state.done = true;
}

/// The stack and the blocks, then the tables.
void copyThere() {
  require(cudaMemcpy(state.mirror, state.base, state.heapUsed, cudaMemcpyHostToDevice), "copy to the mirror");
  require(cudaMemcpy(state.mirror + kHeapBytes, state.base + kHeapBytes, state.used - kHeapBytes,
                     cudaMemcpyHostToDevice),
          "copy to the mirror");
}
void copyBack() {
  require(cudaMemcpy(state.base, state.mirror, state.heapUsed, cudaMemcpyDeviceToHost),
          "copy from the mirror");
  require(cudaMemcpy(state.base + kHeapBytes, state.mirror + kHeapBytes, state.used - kHeapBytes,
                     cudaMemcpyDeviceToHost),
          "copy from the mirror");
}

}  // namespace

int Arena::runWithin(int (*tests)()) {
  void* const base = ::mmap(nullptr, kBytes + (std::size_t{2} << 20), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  require(base != MAP_FAILED, "mmap");
  constexpr std::uintptr_t kMask = (std::uintptr_t{2} << 20) - 1;
  state.base = reinterpret_cast<std::uint8_t*>((reinterpret_cast<std::uintptr_t>(base) + kMask) & ~kMask);
  void* mirror = nullptr;
  require(cudaMalloc(&mirror, kBytes), "cudaMalloc");
  state.mirror = static_cast<std::uint8_t*>(mirror);
  require(cudaHostRegister(state.base, kBytes, cudaHostRegisterDefault), "cudaHostRegister");
  state.tests = tests;
  ::getcontext(&state.inside);
  state.inside.uc_stack.ss_sp = state.base;
  state.inside.uc_stack.ss_size = kStackBytes;
  state.inside.uc_link = &state.outside;
  ::makecontext(&state.inside, inside, 0);
  while (!state.done) {
    ::swapcontext(&state.outside, &state.inside);
    if (state.done) break;
    copyThere();
    state.workResult = (*state.work)();
    copyBack();
    state.inTests = true;
  }
  return state.result;
}

bool Arena::onDevice(const std::function<bool()>& work) {
  require(state.inTests, "device work outside of tests");
  state.work = &work;
  state.inTests = false;
  ::swapcontext(&state.inside, &state.outside);
  return state.workResult;
}

std::uint8_t* Arena::mirrorOf(const void* address) {
  require(isInArena(address), "a kernel is given a pointer to nowhere");
  return state.mirror + (static_cast<const std::uint8_t*>(address) - state.base);
}

std::uint8_t* Arena::take(std::size_t bytes) {
  const std::size_t size = (bytes + kRangeAlignment - 1) / kRangeAlignment * kRangeAlignment;
  for (Range* range = state.ranges; range != std::end(state.ranges); ++range) {
    if (range->bytes == 0) {
      // Behind all others: ranges follow each other from the top of the heap on.
      const std::size_t start = range == state.ranges ? kHeapBytes : range[-1].at + range[-1].bytes;
      require(start + size <= kBytes, "full");
      *range = {start, size, true};
      state.used = std::max(state.used, start + size);
    } else if (range->isTaken || range->bytes < size) {
      continue;
    }
    range->isTaken = true;
    return state.base + range->at;
  }
  require(false, "too many ranges");
  return nullptr;
}

void Arena::give(void* memory) {
  for (Range& range : state.ranges) {
    if (memory != nullptr && state.base + range.at == memory) range.isTaken = false;
  }
  // Free ranges at the end are none: the next test may need others.
  for (Range* range = std::end(state.ranges); range-- != state.ranges && !range->isTaken;) *range = {};
  state.used = kHeapBytes;
  for (const Range& range : state.ranges) state.used = std::max(state.used, range.at + range.bytes);
}

}  // namespace predis::cuda::test

void* operator new(std::size_t bytes) { return predis::cuda::test::allocate(bytes, 16); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return predis::cuda::test::allocate(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { predis::cuda::test::deallocate(memory); }
void operator delete(void* memory, std::size_t) noexcept { predis::cuda::test::deallocate(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { predis::cuda::test::deallocate(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  predis::cuda::test::deallocate(memory);
}
