/// @file
/// Creates and replaces records, a thread an operation for finding and a warp a record for writing.
#include <cub/block/block_scan.cuh>

#include "../table/group.hpp"
#include "../table/log.hpp"
#include "../table/record.hpp"
#include "enter.cuh"
#include "hot_kernels.hpp"
#include "preload.cuh"
#include "put_plan.cuh"
#include "write_records.cuh"

namespace predis::cuda::hot {
namespace {

constexpr unsigned kThreads = 256;

/// Lets an entry found before point to another record of its key; only its flag can change meanwhile.
__device__ void redirect(std::uint64_t* place, std::uint64_t hash, std::uint64_t unit) {
  std::uint64_t seen = atomic::load(place);
  for (int attempt = 0; attempt < 8; ++attempt) {
    const std::uint64_t before =
        atomic::compareAndSwap(place, seen, Entry::make(hash, unit) | (seen & Entry::kFlag));
    if (before == seen) return;
    seen = before;
  }
}

/// First half of a put: finds the key, takes room for a new record, and takes an old one that is replaced off
/// the books.
__global__ void __launch_bounds__(kThreads, 5)
    planKernel(const __grid_constant__ TableView table, const LogView log,
               const __grid_constant__ BatchView batch, const GroupScratch scratch,
               const std::uint32_t* const operations, const std::uint32_t operationCount,
               const PutScratch put, const Deferred deferred, std::uint8_t* const statuses) {
  using Scan = cub::BlockScan<std::uint32_t, kThreads, cub::BLOCK_SCAN_WARP_SCANS>;
  __shared__ Scan::TempStorage scan;
  __shared__ std::uint64_t blockStart;

  const std::uint32_t index = blockIdx.x * kThreads + threadIdx.x;
  const bool present = index < operationCount;
  const std::uint32_t i = present ? (operations != nullptr ? operations[index] : index) : 0;
  const Status status = present ? checkOperation(batch, i) : Status::kOk;
  const bool acts = present && status == Status::kOk && actsForKey(scratch, i);
  DeferReason reason = DeferReason::kNone;
  Plan plan;
  Found old;
  std::uint32_t oldUnits = 0;
  std::uint32_t valueBytes = 0;
  bool expires = false;
  if (acts) {
    const std::uint32_t start = batch.keyOffsets[i];
    const Key key{batch.keyBlob + start, batch.keyOffsets[i + 1] - start, batch.space};
    valueBytes = batch.valueOffsets[i + 1] - batch.valueOffsets[i];
    expires = batch.amounts != nullptr && batch.amounts[i] != 0;
    if (isLarge(key.length, valueBytes)) {
      reason = DeferReason::kLarge;
    } else {
      plan.units = static_cast<std::uint32_t>(unitsOf(recordBytes(key.length, valueBytes, expires)));
      plan.hasExpiry = expires;
      old = find<Reads::kStable>(table, scratch.hashes[i], key, batch.nowMs);
      if (old.unit == 0) {
        plan.step = Step::kEnter;
        plan.freePlaces = old.freePlaces;
      } else {
        oldUnits = static_cast<std::uint32_t>(unitsOf(std::uint64_t{old.valueAt} + old.valueBytes));
        // In place the key stays where it is: a place for an expiry time is kept, and not made.
        const bool inPlace = (old.hasExpiry || !expires) &&
                             unitsOf(recordBytes(key.length, valueBytes, old.hasExpiry)) == oldUnits;
        plan.step = inPlace ? Step::kOverwrite : Step::kRedirect;
        if (inPlace) {
          plan.unit = old.unit;
          plan.units = oldUnits;
          plan.hasExpiry = old.hasExpiry;
        }
      }
    }
  }
  const std::uint32_t needed = plan.step == Step::kEnter || plan.step == Step::kRedirect ? plan.units : 0;
  std::uint32_t before = 0;
  std::uint32_t total = 0;
  Scan(scan).ExclusiveSum(needed, before, total);
  if (threadIdx.x == 0 && total != 0)
    blockStart = atomic::add(&table.counters->logUnits, std::uint64_t{total});
  __syncthreads();
  if (needed != 0) {
    plan.unit = logUnitAt(log, blockStart + before, needed);
    // The place crossed the end of a segment: take another. (The first is lost until the segment is
    // compacted.)
    if (plan.unit == 0) plan.unit = takeLogUnits(Lane{}, *table.counters, log, needed);
    if (plan.unit == 0) {
      reason = DeferReason::kLogFull;
      plan.step = Step::kNone;
    }
  }
  BlockSums sums{};
  if (plan.step == Step::kRedirect || plan.step == Step::kOverwrite) {
    sums.bytes = static_cast<int>(valueBytes - old.valueBytes);
    sums.expiringKeys = (expires ? 1 : 0) - (old.expiresAtMs != 0 ? 1 : 0);
    sums.expired = old.expired ? 1 : 0;
    if (plan.step == Step::kRedirect) {
      put.places[index] = old.place;
      Tally counted;
      countUnits(Lane{}, table, old.unit, oldUnits, ~std::uint32_t{0}, counted);
      sums.liveUnits = static_cast<int>(plan.units - oldUnits);
    }
  }
  addLive(table, plan.unit, plan.step == Step::kRedirect ? plan.units : 0);
  sums.failed = status != Status::kOk ? 1 : 0;
  if (present) {
    put.plans[index] = plan.packed();
    // What is deferred keeps this status when nobody tries again.
    statuses[i] = static_cast<std::uint8_t>(reason == DeferReason::kNone ? status : Status::kOutOfMemory);
    if (reason != DeferReason::kNone) defer(Lane{}, *table.counters, deferred, i, reason);
  }
  addBlockSums(*table.counters, sums);
}

/// Second half: writes the records, then lets entries point to them. Nobody looks at records meanwhile.
__global__ void __launch_bounds__(kThreads, 4)
    writeKernel(const __grid_constant__ TableView table, const __grid_constant__ BatchView batch,
                const GroupScratch scratch, const std::uint32_t* const operations,
                const std::uint32_t operationCount, const PutScratch put) {
  __shared__ Stage stages[kThreads / 32];
  const std::uint32_t index = blockIdx.x * kThreads + threadIdx.x;
  const Plan plan = Plan::unpacked(index < operationCount ? put.plans[index] : 0);
  const bool acts = plan.step != Step::kNone;
  std::uint32_t i = 0;
  Pair pair{};
  if (acts) {
    i = operations != nullptr ? operations[index] : index;
    pair.keyStart = batch.keyOffsets[i];
    pair.keyBytes = batch.keyOffsets[i + 1] - pair.keyStart;
    pair.valueStart = batch.valueOffsets[i];
    pair.valueBytes = batch.valueOffsets[i + 1] - pair.valueStart;
    if (batch.amounts != nullptr) pair.expiresAtMs = batch.amounts[i];
    pair.hasExpiry = plan.hasExpiry;
  }
  if (!writeAlike(table, batch, acts, plan, pair, stages[threadIdx.x / 32])) {
    writeRecords(table, batch, acts, plan.unit, pair);
  }
  BlockSums sums{};
  std::uint32_t newLive = 0;
  if (plan.step == Step::kRedirect) {
    redirect(put.places[index], scratch.hashes[i], plan.unit);
  } else if (plan.step == Step::kEnter) {
    if (enter(table, scratch.hashes[i], plan.unit, plan.freePlaces)) {
      sums.keys = 1;
      sums.bytes = static_cast<int>(pair.keyBytes + pair.valueBytes);
      sums.expiringKeys = pair.expiresAtMs != 0 ? 1 : 0;
      sums.liveUnits = static_cast<int>(plan.units);
      newLive = plan.units;
    } else {
      // To be entered by displacement, with the record that it has now.
      const std::uint64_t at = atomic::add(put.count, std::uint64_t{1});
      put.operations[at] = i;
      put.units[at] = plan.unit;
    }
  }
  addLive(table, plan.unit, newLive);
  addBlockSums(*table.counters, sums);
}

}  // namespace

void launchPut(cudaStream_t stream, const TableView& table, const LogView& log, const BatchView& batch,
               const GroupScratch& scratch, const std::uint32_t* operations, std::uint32_t operationCount,
               const PutScratch& put, const Deferred& deferred, std::uint8_t* statuses) noexcept {
  const std::uint32_t count = operations != nullptr ? operationCount : batch.count;
  if (count == 0) return;
  const unsigned blocks = (count + kThreads - 1) / kThreads;
  cudaMemsetAsync(put.count, 0, PutScratch::kCounts * sizeof(std::uint64_t), stream);
  planKernel<<<blocks, kThreads, 0, stream>>>(table, log, batch, scratch, operations, count, put, deferred,
                                              statuses);
  writeKernel<<<blocks, kThreads, 0, stream>>>(table, batch, scratch, operations, count, put);
  launchDisplace(stream, table, batch, scratch, put, deferred, statuses);
}

cudaError_t preloadPut() noexcept { return preload(planKernel, writeKernel); }

}  // namespace predis::cuda::hot
