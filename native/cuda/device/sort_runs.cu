#include <thrust/iterator/counting_iterator.h>

#include <algorithm>
#include <bit>
#include <cub/block/block_radix_sort.cuh>
#include <cub/block/block_scan.cuh>
#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_select.cuh>

#include "sort_runs.hpp"

namespace predis::cuda {

namespace {

constexpr int kSmallThreads = 256;
constexpr int kSmallItems = 4;
/// Batches up to this are sorted by one block.
constexpr std::uint32_t kSmallCount = kSmallThreads * kSmallItems;
constexpr unsigned kThreads = 256;
constexpr std::size_t kAlignment = 256;

std::size_t aligned(std::size_t bytes) noexcept { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

/// Bits of a slot that matter: one more than slots have tells kNoSlot (all ones) from the last slot.
int bitsOf(std::uint32_t slotCount) noexcept {
  return std::min(32, static_cast<int>(std::bit_width(slotCount)));
}

/// A place in the order begins a run when the slot before it is another.
struct BeginsRun {
  const std::uint32_t* slots;
  __device__ bool operator()(std::uint32_t place) const {
    return place == 0 || slots[place] != slots[place - 1];
  }
};

__global__ void __launch_bounds__(kSmallThreads)
    sortSmall(const std::uint32_t* slotOf, std::uint32_t count, int bits, Runs runs) {
  using Sort = cub::BlockRadixSort<std::uint32_t, kSmallThreads, kSmallItems, std::uint32_t>;
  using Scan = cub::BlockScan<std::uint32_t, kSmallThreads>;
  __shared__ union {
    typename Sort::TempStorage sort;
    typename Scan::TempStorage scan;
  } shared;
  __shared__ std::uint32_t lastOf[kSmallThreads];
  std::uint32_t slots[kSmallItems];
  std::uint32_t operations[kSmallItems];
#pragma unroll
  for (int k = 0; k < kSmallItems; ++k) {
    const std::uint32_t i = threadIdx.x * kSmallItems + k;
    operations[k] = i;
    // Behind all others: the sort is stable, and they are the last of their kind.
    slots[k] = i < count ? slotOf[i] : ~std::uint32_t{0};
  }
  Sort(shared.sort).Sort(slots, operations, 0, bits);
  lastOf[threadIdx.x] = slots[kSmallItems - 1];
  __syncthreads();
  std::uint32_t begins = 0;
  std::uint32_t before = threadIdx.x == 0 ? 0 : lastOf[threadIdx.x - 1];
#pragma unroll
  for (int k = 0; k < kSmallItems; ++k) {
    const std::uint32_t place = threadIdx.x * kSmallItems + k;
    if (place < count) {
      runs.order[place] = operations[k];
      if (place == 0 || slots[k] != before) begins |= 1U << k;
    }
    before = slots[k];
  }
  std::uint32_t number = 0;
  std::uint32_t total = 0;
  Scan(shared.scan).ExclusiveSum(static_cast<std::uint32_t>(__popc(begins)), number, total);
#pragma unroll
  for (int k = 0; k < kSmallItems; ++k) {
    if ((begins >> k & 1) != 0) runs.starts[number++] = threadIdx.x * kSmallItems + k;
  }
  if (threadIdx.x == 0) {
    runs.starts[total] = count;
    *runs.count = total;
  }
}

__global__ void numberOperations(std::uint32_t* operations, std::uint32_t count) {
  const std::uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  if (i < count) operations[i] = i;
}

__global__ void endLastRun(Runs runs, std::uint32_t count) { runs.starts[*runs.count] = count; }

/// What lies where in the temporary memory.
struct Parts {
  std::size_t slots, operations, work, workBytes, bytes;

  explicit Parts(std::uint32_t count) noexcept {
    std::size_t sortBytes = 0;
    std::size_t selectBytes = 0;
    const std::uint32_t* const none = nullptr;
    std::uint32_t* const out = nullptr;
    (void)cub::DeviceRadixSort::SortPairs(nullptr, sortBytes, none, out, none, out, count);
    (void)cub::DeviceSelect::If(nullptr, selectBytes, thrust::counting_iterator<std::uint32_t>(0), out, out,
                                count, BeginsRun{none});
    slots = 0;
    operations = aligned(std::size_t{count} * 4);
    work = operations + aligned(std::size_t{count} * 4);
    workBytes = std::max(sortBytes, selectBytes);
    bytes = work + aligned(workBytes) + kAlignment;
  }
};

}  // namespace

std::size_t sortRunsBytes(std::uint32_t count) noexcept {
  return count <= kSmallCount ? kAlignment : Parts(count).bytes;
}

cudaError_t launchSortRuns(cudaStream_t stream, const GroupScratch& scratch, std::uint32_t count,
                           const Runs& runs, std::uint8_t* temporary) noexcept {
  const int bits = bitsOf(scratch.slotCount);
  if (count <= kSmallCount) {
    sortSmall<<<1, kSmallThreads, 0, stream>>>(scratch.slotOf, count, bits, runs);
    return cudaGetLastError();
  }
  const Parts parts(count);
  const std::size_t skipped = (0 - reinterpret_cast<std::uintptr_t>(temporary)) % kAlignment;
  std::uint8_t* const base = temporary + skipped;
  auto* const slots = reinterpret_cast<std::uint32_t*>(base + parts.slots);
  auto* const operations = reinterpret_cast<std::uint32_t*>(base + parts.operations);
  numberOperations<<<(count + kThreads - 1) / kThreads, kThreads, 0, stream>>>(operations, count);
  std::size_t workBytes = parts.workBytes;
  cudaError_t result = cub::DeviceRadixSort::SortPairs(base + parts.work, workBytes, scratch.slotOf, slots,
                                                       operations, runs.order, count, 0, bits, stream);
  if (result != cudaSuccess) return result;
  result = cub::DeviceSelect::If(base + parts.work, workBytes, thrust::counting_iterator<std::uint32_t>(0),
                                 runs.starts, runs.count, count, BeginsRun{slots}, stream);
  if (result != cudaSuccess) return result;
  endLastRun<<<1, 1, 0, stream>>>(runs, count);
  return cudaGetLastError();
}

cudaError_t preloadSortRuns() noexcept {
  cudaFuncAttributes attributes;
  for (const cudaError_t result :
       {cudaFuncGetAttributes(&attributes, sortSmall), cudaFuncGetAttributes(&attributes, numberOperations),
        cudaFuncGetAttributes(&attributes, endLastRun)}) {
    if (result != cudaSuccess) return result;
  }
  return cudaSuccess;
}

}  // namespace predis::cuda
