/// @file
/// Enters the records that found both of their buckets put.
#include "enter.cuh"
#include "hot_kernels.hpp"
#include "preload.cuh"

namespace predis::cuda::hot {
namespace {

constexpr unsigned kThreads = 128;
constexpr unsigned kBlocks = Stash::kPlaces / kThreads;
static_assert(Stash::kPlaces % kThreads == 0);

/// Each thread first takes a free place of the stash for itself, for the entry that its walk may be left
/// with; a thread without one does not walk. So no entry can be without a place in the end.
__global__ void __launch_bounds__(kThreads)
    displaceKernel(const TableView table, const BatchView batch, const GroupScratch scratch,
                   const PutScratch put, const Deferred deferred, std::uint8_t* const statuses) {
  const std::uint64_t count = *put.count;
  if (count == 0) return;
  std::uint64_t* const spare = &table.stash->entries[blockIdx.x * kThreads + threadIdx.x];
  // A flag alone marks a place as taken; it is a free one to everybody who looks for keys.
  bool walks = atomic::compareAndSwap(spare, 0, Entry::kFlag) == 0;
  const bool owned = walks;
  while (walks) {
    const std::uint64_t at = atomic::add(put.next, std::uint64_t{1});
    if (at >= count) break;
    const std::uint32_t i = put.operations[at];
    const std::uint64_t unit = put.units[at];
    const std::uint64_t left = enterByMoving(table, scratch.hashes[i], unit);
    if (left != 0) {
      const std::uint8_t* const record = table.recordAt(Entry::unitOf(left));
      const RecordHead head = *reinterpret_cast<const RecordHead*>(record);
      const std::uint64_t its = hashKey(record + head.keyAt(), head.keyBytes(), head.space, table.seed);
      markOverflowed(table.buckets[table.firstBucket(its)]);
      atomic::store(spare, left);
      atomic::max(&table.counters->stashed, std::uint64_t{blockIdx.x * kThreads + threadIdx.x + 1});
      walks = false;
    }
    const RecordHead head = *reinterpret_cast<const RecordHead*>(table.recordAt(unit));
    const auto units = static_cast<std::uint32_t>(unitsOf(std::uint64_t{head.valueAt()} + head.valueBytes()));
    atomic::add(&table.counters->keys, std::uint64_t{1});
    atomic::add(&table.counters->keyValueBytes, std::uint64_t{head.keyBytes()} + head.valueBytes());
    atomic::add(&table.counters->liveUnits, std::uint64_t{units});
    if (head.hasExpiry()) atomic::add(&table.counters->expiringKeys, std::uint64_t{1});
    atomic::add(&table.segmentLiveUnits[unit / kSegmentUnits], units);
  }
  if (owned && walks) atomic::store(spare, 0);

  // The last block to come here leaves to the host what nobody could take on.
  __shared__ bool last;
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) last = atomic::add(put.blocksDone, std::uint64_t{1}) == gridDim.x - 1;
  __syncthreads();
  if (!last) return;
  for (std::uint64_t at = min(atomic::load(put.next), count) + threadIdx.x; at < count; at += kThreads) {
    const std::uint64_t to = atomic::add(&table.counters->deferred, std::uint64_t{1});
    deferred.operations[to] = put.operations[at];
    statuses[put.operations[at]] = static_cast<std::uint8_t>(Status::kOutOfMemory);
    deferred.reasons[to] = static_cast<std::uint32_t>(DeferReason::kIndexFull);
  }
}

}  // namespace

void launchDisplace(cudaStream_t stream, const TableView& table, const BatchView& batch,
                    const GroupScratch& scratch, const PutScratch& put, const Deferred& deferred,
                    std::uint8_t* statuses) noexcept {
  displaceKernel<<<kBlocks, kThreads, 0, stream>>>(table, batch, scratch, put, deferred, statuses);
}

cudaError_t preloadDisplace() noexcept { return preload(displaceKernel); }

}  // namespace predis::cuda::hot
