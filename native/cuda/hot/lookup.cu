/// @file
/// Look-up without values, a thread a key.
#include "find.cuh"
#include "hot_kernels.hpp"
#include "preload.cuh"

namespace predis::cuda::hot {
namespace {

constexpr unsigned kThreads = 256;

/// Eight blocks a multiprocessor: 32 registers each, at the price of a few spilled bytes. Six (40 registers,
/// nothing spilled) are 3 % faster but leave 38 % of the warps' places empty, since warps end at different
/// times and blocks come whole (NOTES.md).
__global__ void __launch_bounds__(kThreads, 8)
    lookupKernel(const __grid_constant__ TableView table, const __grid_constant__ BatchView batch,
                 std::uint8_t* const found) {
  __shared__ unsigned hitsOfBlock;
  __shared__ unsigned warpsDone;
  if (threadIdx.x == 0) hitsOfBlock = warpsDone = 0;
  __syncthreads();
  const std::uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  bool hit = false;
  if (i < batch.count) {
    const std::uint32_t start = batch.keyOffsets[i];
    const std::uint32_t length = batch.keyOffsets[i + 1] - start;
    if (length - 1 < kMaxKeyBytes) {
      const Key key{batch.keyBlob + start, length, batch.space};
      const std::uint64_t hash = hashKey(key.bytes, key.length, key.space, table.seed);
      const Found record = find<Reads::kStable>(table, hash, key, batch.nowMs);
      hit = record.unit != 0 && !record.expired;
    }
    found[i] = hit ? 1 : 0;
  }
  // No barrier at the end: warps leave as they finish, and the last one adds for all.
  const unsigned hits = __popc(__ballot_sync(0xFFFFFFFFU, hit));
  if ((threadIdx.x & 31) != 0) return;
  atomicAdd(&hitsOfBlock, hits);
  __threadfence_block();
  if (atomicAdd(&warpsDone, 1U) != kThreads / 32 - 1) return;
  const unsigned all = atomicAdd(&hitsOfBlock, 0U);
  atomic::add(&table.counters->hits, std::uint64_t{all});
  atomic::add(&table.counters->misses,
              std::uint64_t{min(kThreads, batch.count - blockIdx.x * kThreads) - all});
}

}  // namespace

void launchLookup(cudaStream_t stream, const TableView& table, const BatchView& batch,
                  std::uint8_t* found) noexcept {
  if (batch.count == 0) return;
  lookupKernel<<<(batch.count + kThreads - 1) / kThreads, kThreads, 0, stream>>>(table, batch, found);
}

cudaError_t preloadLookup() noexcept { return preload(lookupKernel); }

}  // namespace predis::cuda::hot
