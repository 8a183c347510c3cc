/// @file
/// mget in one kernel: values lie side by side in the order of their keys. Where a block's values begin is
/// known from the sums of the blocks before it, found by looking back over them while they finish
/// (single-pass scan with decoupled look-back: Merrill and Garland, NVIDIA NVR-2016-002).
#include <cub/block/block_scan.cuh>

#include "find.cuh"
#include "hot_kernels.hpp"
#include "preload.cuh"

namespace predis::cuda::hot {
namespace {

constexpr unsigned kThreads = 256;
/// Keys of a block: few, so that small batches spread over many multiprocessors and every warp copies all of
/// its values at once.
constexpr unsigned kKeys = 64;
constexpr unsigned kValuesAtOnce = kKeys / (kThreads / 32);
/// Keys of a block that are brought to shared memory first: each byte is then read once, which counts when
/// they lie in host memory.
constexpr std::uint32_t kStagedBytes = 8192;

// A block's sum as others see it: 22 bits of launch number, 2 of state, 40 of bytes.
constexpr unsigned kSumBits = 40;
constexpr unsigned long long kSumMask = (1ULL << kSumBits) - 1;
constexpr unsigned long long kOwn = 1;     ///< The block's own bytes.
constexpr unsigned long long kPrefix = 2;  ///< All bytes up to its end.
constexpr std::uint32_t kLaunches = 1U << 22;

__device__ __forceinline__ unsigned long long sumWord(std::uint32_t launch, unsigned long long state,
                                                      unsigned long long bytes) {
  return static_cast<unsigned long long>(launch) << (kSumBits + 2) | state << kSumBits | bytes;
}

/// Bytes of all blocks before `block`. Called by one whole warp. Blocks take their numbers in the order in
/// which they start, so those looked at are running or done, and the wait ends.
__device__ std::uint64_t bytesBefore(const unsigned long long* sums, std::uint32_t block,
                                     std::uint32_t launch) {
  const std::uint32_t lane = threadIdx.x & 31;
  std::uint64_t total = 0;
  for (std::uint32_t end = block; end > 0;) {
    const bool exists = lane < end;
    unsigned long long word = 0;
    for (std::uint32_t polls = 0;; ++polls) {
      if (exists) word = *const_cast<const volatile unsigned long long*>(&sums[end - 1 - lane]);
      const bool ready = !exists || (word >> (kSumBits + 2) == launch && (word >> kSumBits & 3) != 0);
      // All lanes nearer than the first known prefix must be ready; waiting for all of them is simple and
      // soon over.
      if (__all_sync(0xFFFFFFFFU, ready) != 0) break;
      if (polls > (1U << 24)) __trap();  // seconds: something is broken, and a hang would be worse
    }
    const bool isPrefix = exists && (word >> kSumBits & 3) == kPrefix;
    const unsigned prefixes = __ballot_sync(0xFFFFFFFFU, isPrefix);
    const unsigned nearest = prefixes != 0 ? __ffs(static_cast<int>(prefixes)) - 1 : 31;
    std::uint64_t mine = exists && lane <= nearest ? word & kSumMask : 0;
    for (int step = 16; step > 0; step /= 2) mine += __shfl_xor_sync(0xFFFFFFFFU, mine, step);
    total += mine;
    if (prefixes != 0 || end <= 32) break;
    end -= 32;
  }
  return total;
}

__global__ void __launch_bounds__(kThreads, 4)
    mgetKernel(const __grid_constant__ TableView table, const __grid_constant__ BatchView batch,
               const MgetOutput output, unsigned long long* const sums, std::uint32_t* const ticket,
               const std::uint32_t ticketBase, const std::uint32_t launch) {
  using Scan = cub::BlockScan<std::uint64_t, kThreads, cub::BLOCK_SCAN_WARP_SCANS>;
  __shared__ Scan::TempStorage scan;
  __shared__ std::uint32_t blockNumber;
  __shared__ std::uint64_t blockStart;
  __shared__ __align__(16) std::uint8_t staged[kStagedBytes + 32];

  __shared__ struct {
    std::uint8_t* to[kKeys];
    const std::uint8_t* from[kKeys];
    std::uint32_t bytes[kKeys];
  } copied;

  // A block alone needs no number.
  if (threadIdx.x == 0) blockNumber = gridDim.x == 1 ? 0 : atomicAdd(ticket, 1U) - ticketBase;
  __syncthreads();
  const std::uint32_t block = blockNumber;
  const std::uint32_t firstKey = block * kKeys;
  const std::uint32_t i = firstKey + threadIdx.x;
  const std::uint32_t keysHere = min(kKeys, batch.count - firstKey);
  const bool present = threadIdx.x < keysHere;
  const std::uint32_t start = present ? batch.keyOffsets[i] : 0;
  const std::uint32_t end = present ? batch.keyOffsets[i + 1] : 0;
  __shared__ std::uint32_t keyStart;
  __shared__ std::uint32_t keyEnd;
  if (threadIdx.x == 0) keyStart = start;
  if (threadIdx.x == keysHere - 1) keyEnd = end;
  __syncthreads();
  // Staged bytes keep their alignment of 16.
  const std::uint8_t* const source = batch.keyBlob + keyStart;
  const auto skipped = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(source) & 15);
  const bool stage = keyEnd - keyStart + skipped <= kStagedBytes;
  if (stage) {
    const auto* const pieces = reinterpret_cast<const uint4*>(source - skipped);
    const std::uint32_t count = (keyEnd - keyStart + skipped + 15) / 16;
    for (std::uint32_t piece = threadIdx.x; piece < count; piece += kThreads) {
      reinterpret_cast<uint4*>(staged)[piece] = pieces[piece];
    }
  }
  __syncthreads();

  Found record;
  const std::uint32_t length = end - start;
  if (present && length - 1 < kMaxKeyBytes) {
    const std::uint8_t* const bytes = stage ? staged + skipped + (start - keyStart) : batch.keyBlob + start;
    const Key key{bytes, length, batch.space};
    record = find<Reads::kStable>(table, hashKey(bytes, length, batch.space, table.seed), key, batch.nowMs);
    if (record.expired) record.unit = 0;
  }
  const bool hit = record.unit != 0;
  const std::uint32_t valueBytes = hit ? record.valueBytes : 0;
  if (present) output.found[i] = hit ? 1 : 0;
  if (hit && output.markReferenced && !record.referenced) {
    auto* const head = reinterpret_cast<RecordHead*>(table.recordAt(record.unit));
    atomicOr(&head->valueAndFlags, RecordHead::kReferenced);
  }

  std::uint64_t before = 0;
  std::uint64_t total = 0;
  Scan(scan).ExclusiveSum(valueBytes, before, total);
  if (threadIdx.x == 0) blockStart = 0;
  if (threadIdx.x < 32 && gridDim.x != 1) {
    if (threadIdx.x == 0 && block != 0) {
      *const_cast<volatile unsigned long long*>(&sums[block]) = sumWord(launch, kOwn, total);
    }
    const std::uint64_t earlier = bytesBefore(sums, block, launch);
    if (threadIdx.x == 0) {
      *const_cast<volatile unsigned long long*>(&sums[block]) = sumWord(launch, kPrefix, earlier + total);
      blockStart = earlier;
    }
  }
  __syncthreads();
  const std::uint64_t at = blockStart + before;
  if (present) {
    if (i == 0) output.offsets[0] = output.firstOffset;
    output.offsets[i + 1] = output.firstOffset + static_cast<std::uint32_t>(at + valueBytes);
    if (i == batch.count - 1) *output.totalBytes = at + valueBytes;
  }

  // Threads that found a key tell all warps, which copy eight values each.
  if (threadIdx.x < kKeys) {
    const bool copies = valueBytes != 0 && at + valueBytes <= output.blobBytes;
    copied.bytes[threadIdx.x] = copies ? valueBytes : 0;
    copied.to[threadIdx.x] = output.blob + at;
    copied.from[threadIdx.x] = table.recordAt(record.unit) + record.valueAt;
  }
  __syncthreads();
  const std::uint32_t firstValue = threadIdx.x / 32 * kValuesAtOnce;
  warpCopyMany<kValuesAtOnce>(copied.to + firstValue, copied.from + firstValue, copied.bytes + firstValue);
  const int hits = __syncthreads_count(hit ? 1 : 0);
  if (threadIdx.x == 0) {
    atomic::add(&table.counters->hits, static_cast<std::uint64_t>(hits));
    atomic::add(&table.counters->misses, static_cast<std::uint64_t>(keysHere - static_cast<unsigned>(hits)));
  }
}

}  // namespace

std::uint32_t mgetBlocks(std::uint32_t keys) noexcept { return (keys + kKeys - 1) / kKeys; }

void launchMget(cudaStream_t stream, const TableView& table, const BatchView& batch, const MgetOutput& output,
                MgetScratch& scratch) noexcept {
  if (batch.count == 0) return;
  const std::uint32_t blocks = mgetBlocks(batch.count);
  if (++scratch.launch == kLaunches) {
    // Launch numbers begin anew: words of old launches must not be taken for new ones.
    cudaMemsetAsync(scratch.sums, 0, std::size_t{scratch.sumCount} * sizeof *scratch.sums, stream);
    scratch.launch = 1;
  }
  mgetKernel<<<blocks, kThreads, 0, stream>>>(table, batch, output, scratch.sums, scratch.ticket,
                                              scratch.ticketBase, scratch.launch);
  if (blocks != 1) scratch.ticketBase += blocks;
}

cudaError_t preloadMget() noexcept { return preload(mgetKernel); }

}  // namespace predis::cuda::hot
