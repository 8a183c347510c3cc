/// @file
/// Brings equal keys of a batch together, a thread an operation.
#include "../table/group.hpp"
#include "find.cuh"
#include "hot_kernels.hpp"
#include "preload.cuh"

namespace predis::cuda::hot {
namespace {

constexpr unsigned kThreads = 256;

__device__ bool sameKeys(const BatchView& batch, std::uint32_t a, std::uint32_t b) {
  const std::uint32_t startA = batch.keyOffsets[a];
  const std::uint32_t startB = batch.keyOffsets[b];
  const std::uint32_t length = batch.keyOffsets[a + 1] - startA;
  if (batch.keyOffsets[b + 1] - startB != length) return false;
  for (std::uint32_t at = 0; at < length; at += 8) {
    if (load64(batch.keyBlob + startA + at, length - at) !=
        load64(batch.keyBlob + startB + at, length - at)) {
      return false;
    }
  }
  return true;
}

/// A slot holds the upper half of a hash and the number of an operation, plus one.
template <GroupKeeps keeps>
__global__ void __launch_bounds__(kThreads)
    groupKernel(const TableView table, const BatchView batch, const GroupScratch scratch) {
  const std::uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= batch.count) return;
  if (checkOperation(batch, i) != Status::kOk) {
    scratch.slotOf[i] = kNoSlot;
    scratch.hashes[i] = 0;
    return;
  }
  const std::uint32_t start = batch.keyOffsets[i];
  const std::uint64_t hash =
      hashKey(batch.keyBlob + start, batch.keyOffsets[i + 1] - start, batch.space, table.seed);
  scratch.hashes[i] = hash;
  const std::uint64_t mine = (hash & ~std::uint64_t{UINT32_MAX}) | (i + 1);
  const std::uint32_t mask = scratch.slotCount - 1;
  std::uint32_t at = static_cast<std::uint32_t>(hash) & mask;
  // There are twice as many slots as operations: a free one is met before all were seen.
  for (std::uint32_t probes = 0; probes <= mask; ++probes, at = (at + 1) & mask) {
    std::uint64_t seen = atomic::load(&scratch.slots[at]);
    if (seen == 0) seen = atomic::compareAndSwap(&scratch.slots[at], 0, mine);
    if (seen == 0) break;
    if (seen >> 32 != mine >> 32) continue;
    if (!sameKeys(batch, i, static_cast<std::uint32_t>(seen) - 1)) continue;
    if constexpr (keeps == GroupKeeps::kLast) {
      if (seen < mine) atomic::max(&scratch.slots[at], mine);
    } else {
      if (seen > mine) atomic::min(&scratch.slots[at], mine);
    }
    break;
  }
  scratch.slotOf[i] = at;
}

}  // namespace

void launchGroup(cudaStream_t stream, const TableView& table, const BatchView& batch,
                 const GroupScratch& scratch, GroupKeeps keeps) noexcept {
  if (batch.count == 0) return;
  cudaMemsetAsync(scratch.slots, 0, std::size_t{scratch.slotCount} * sizeof(std::uint64_t), stream);
  const unsigned blocks = (batch.count + kThreads - 1) / kThreads;
  if (keeps == GroupKeeps::kLast) {
    groupKernel<GroupKeeps::kLast><<<blocks, kThreads, 0, stream>>>(table, batch, scratch);
  } else {
    groupKernel<GroupKeeps::kFirst><<<blocks, kThreads, 0, stream>>>(table, batch, scratch);
  }
}

cudaError_t preloadGroup() noexcept {
  return preload(groupKernel<GroupKeeps::kLast>, groupKernel<GroupKeeps::kFirst>);
}

}  // namespace predis::cuda::hot
