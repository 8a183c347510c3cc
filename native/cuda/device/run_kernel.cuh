/// @file
/// One kernel around each of the table's functions: tiles take indices in turn, and blocks add up what they
/// counted.
#pragma once

#include <algorithm>

#include "../table/tally.hpp"
#include "table_kernels.hpp"

namespace predis::cuda {

inline constexpr unsigned kBlockThreads = 256;

/// Adds the tallies of a block's tiles and then, by one thread a counter, those to the table's counters.
template <typename Tile>
__device__ __forceinline__ void flushBlock(const Tile& tile, const Tally& tally, Counters& counters) {
  constexpr unsigned kFields = sizeof(Tally) / sizeof(std::uint64_t);
  static_assert(kFields == 9, "name all fields below");
  __shared__ unsigned long long sums[kFields];
  if (threadIdx.x < kFields) sums[threadIdx.x] = 0;
  __syncthreads();
  if (tile.rank() == 0) {
    const std::uint64_t fields[kFields] = {tally.keys,         tally.keyValueBytes, tally.liveUnits,
                                           tally.expiringKeys, tally.hits,          tally.misses,
                                           tally.evicted,      tally.expired,       tally.failed};
#pragma unroll
    for (unsigned i = 0; i < kFields; ++i) {
      if (fields[i] != 0) atomicAdd(&sums[i], static_cast<unsigned long long>(fields[i]));
    }
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    Tally all;
    all.keys = sums[0], all.keyValueBytes = sums[1], all.liveUnits = sums[2], all.expiringKeys = sums[3];
    all.hits = sums[4], all.misses = sums[5];
    all.evicted = sums[6], all.expired = sums[7], all.failed = sums[8];
    all.flush(counters);
  }
}

template <typename Tile, typename Kernel>
__global__ void __launch_bounds__(kBlockThreads)
    runKernel(const __grid_constant__ Kernel kernel, Counters* counters, std::uint64_t count) {
  const Tile tile;
  Tally tally;
  const std::uint64_t tiles = std::uint64_t{gridDim.x} * kBlockThreads / Tile::kLanes;
  const std::uint64_t first = (std::uint64_t{blockIdx.x} * kBlockThreads + threadIdx.x) / Tile::kLanes;
  for (std::uint64_t i = first; i < count; i += tiles) kernel(tile, i, tally);
  flushBlock(tile, tally, *counters);
}

/// @param count indices; none starts nothing
template <typename Tile, typename Kernel>
cudaError_t launchKernel(const LaunchPlace& place, const Kernel& kernel, Counters* counters,
                         std::uint64_t count) noexcept {
  if (count == 0) return cudaSuccess;
  constexpr std::uint64_t kTilesPerBlock = kBlockThreads / Tile::kLanes;
  constexpr std::uint64_t kBlocksPerMultiprocessor = 16;
  const std::uint64_t blocks =
      std::min((count + kTilesPerBlock - 1) / kTilesPerBlock,
               static_cast<std::uint64_t>(place.multiprocessors) * kBlocksPerMultiprocessor);
  runKernel<Tile><<<static_cast<unsigned>(blocks), kBlockThreads, 0, place.stream>>>(kernel, counters, count);
  return cudaGetLastError();
}

template <typename Tile, typename Kernel>
cudaError_t preloadKernel() noexcept {
  cudaFuncAttributes attributes;
  return cudaFuncGetAttributes(&attributes, runKernel<Tile, Kernel>);
}

}  // namespace predis::cuda
