/// @file
/// Creates and replaces records, a thread an operation for finding and a warp a record for writing.
#include <cub/block/block_scan.cuh>

#include "../table/group.hpp"
#include "../table/log.hpp"
#include "../table/record.hpp"
#include "enter.cuh"
#include "hot_kernels.hpp"
#include "preload.cuh"

namespace predis::cuda::hot {
namespace {

constexpr unsigned kThreads = 256;

/// What is left to do for an operation once its room is known.
enum class Step : std::uint32_t { kNone, kEnter, kRedirect, kOverwrite };

/// What becomes of an operation; travels between the two kernels in one word.
struct Plan {
  std::uint64_t unit = 0;   ///< Where the record goes.
  std::uint32_t units = 0;  ///< That it takes: at most 4,096 (kMaxSmallRecordBytes).
  Step step = Step::kNone;
  std::uint32_t freePlaces = 0;  ///< Of the first bucket, as seen; a hint.
  bool hasExpiry = false;        ///< The record has a place for an expiry time.

  static constexpr unsigned kUnitsAt = Entry::kAddressBits;
  static constexpr unsigned kStepAt = kUnitsAt + 13;
  static constexpr unsigned kPlacesAt = kStepAt + 2;
  static constexpr unsigned kExpiryAt = kPlacesAt + Bucket::kEntries;
  static_assert(kMaxSmallRecordBytes / kUnitBytes < (1U << 13) && kExpiryAt < 64);

  [[nodiscard]] __device__ std::uint64_t packed() const {
    return unit | std::uint64_t{units} << kUnitsAt |
           std::uint64_t{static_cast<std::uint32_t>(step)} << kStepAt |
           std::uint64_t{freePlaces} << kPlacesAt | std::uint64_t{hasExpiry} << kExpiryAt;
  }
  [[nodiscard]] static __device__ Plan unpacked(std::uint64_t word) {
    return {word & Entry::kAddressMask, static_cast<std::uint32_t>(word >> kUnitsAt) & ((1U << 13) - 1),
            static_cast<Step>(word >> kStepAt & 3), static_cast<std::uint32_t>(word >> kPlacesAt) & 0xFF,
            (word >> kExpiryAt & 1) != 0};
  }
};

/// Key and value of an operation, in the batch's blobs.
struct Pair {
  std::uint32_t keyStart, keyBytes, valueStart, valueBytes;
  std::int64_t expiresAtMs;
  bool hasExpiry;  ///< Of the record.
};

/// Changes of the table's counts.
struct BlockSums {
  int keys, bytes, liveUnits, expiringKeys, expired, failed;
};

/// Adds up what the threads of a block changed. All threads call it.
__device__ __forceinline__ void addBlockSums(Counters& counters, const BlockSums& mine) {
  __shared__ BlockSums sums;
  if (threadIdx.x == 0) sums = {};
  __syncthreads();
  // Sums of a block fit 32 bits: 256 records of at most kMaxSmallRecordBytes.
  const auto addWarp = [](int* sum, int value) {
    const int total = __reduce_add_sync(0xFFFFFFFFU, value);
    if ((threadIdx.x & 31) == 0 && total != 0) atomicAdd(sum, total);
  };
  addWarp(&sums.keys, mine.keys);
  addWarp(&sums.bytes, mine.bytes);
  addWarp(&sums.liveUnits, mine.liveUnits);
  addWarp(&sums.expiringKeys, mine.expiringKeys);
  addWarp(&sums.expired, mine.expired);
  addWarp(&sums.failed, mine.failed);
  __syncthreads();
  if (threadIdx.x != 0) return;
  const auto addTo = [](std::uint64_t* counter, int sum) {
    if (sum != 0) atomic::add(counter, static_cast<std::uint64_t>(std::int64_t{sum}));
  };
  addTo(&counters.keys, sums.keys);
  addTo(&counters.keyValueBytes, sums.bytes);
  addTo(&counters.liveUnits, sums.liveUnits);
  addTo(&counters.expiringKeys, sums.expiringKeys);
  addTo(&counters.expired, sums.expired);
  addTo(&counters.failed, sums.failed);
}

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

/// Adds to a segment's live units, once a warp where all of its lanes mean the same segment.
__device__ __forceinline__ void addLive(const TableView& table, std::uint64_t unit, std::uint32_t units) {
  const unsigned writers = __ballot_sync(0xFFFFFFFFU, units != 0);
  if (writers == 0) return;
  const int leader = __ffs(static_cast<int>(writers)) - 1;
  const auto segment = static_cast<std::uint32_t>(unit / kSegmentUnits);
  const std::uint32_t common = __shfl_sync(0xFFFFFFFFU, segment, leader);
  const bool alike = __all_sync(0xFFFFFFFFU, units == 0 || segment == common) != 0;
  if (alike) {
    const std::uint32_t sum = __reduce_add_sync(0xFFFFFFFFU, units);
    if ((threadIdx.x & 31) == static_cast<unsigned>(leader))
      atomic::add(&table.segmentLiveUnits[common], sum);
  } else if (units != 0) {
    atomic::add(&table.segmentLiveUnits[segment], units);
  }
}

/// Writes the records of a warp's lanes, each by all lanes, several at a time so that their loads overlap.
__device__ __forceinline__ void writeRecords(const TableView& table, const BatchView& batch, bool acts,
                                             std::uint64_t unit, Pair pair) {
  constexpr unsigned kAtOnce = 2;
  constexpr unsigned kAll = 0xFFFFFFFFU;
  const std::uint32_t lane = threadIdx.x & 31;
  for (unsigned writers = __ballot_sync(kAll, acts); writers != 0;) {
    std::uint64_t* record[kAtOnce];
    std::uint32_t keyAt[kAtOnce];
    std::uint32_t keyLength[kAtOnce];
    std::uint32_t valueAt[kAtOnce];
    std::uint32_t valueLength[kAtOnce];
    std::uint32_t headWords[kAtOnce];
    std::uint32_t words[kAtOnce];  // of all its units: a sector written in full need not be read first
    std::uint64_t expiry[kAtOnce];
    std::uint32_t mostWords = 0;
#pragma unroll
    for (unsigned k = 0; k < kAtOnce; ++k) {
      const int writer = writers != 0 ? __ffs(static_cast<int>(writers)) - 1 : 0;
      record[k] = reinterpret_cast<std::uint64_t*>(table.recordAt(__shfl_sync(kAll, unit, writer)));
      keyAt[k] = __shfl_sync(kAll, pair.keyStart, writer);
      keyLength[k] = __shfl_sync(kAll, pair.keyBytes, writer);
      valueAt[k] = __shfl_sync(kAll, pair.valueStart, writer);
      valueLength[k] = __shfl_sync(kAll, pair.valueBytes, writer);
      expiry[k] = static_cast<std::uint64_t>(__shfl_sync(kAll, pair.expiresAtMs, writer));
      headWords[k] = __shfl_sync(kAll, pair.hasExpiry ? 2U : 1U, writer);
      words[k] =
          writers == 0
              ? 0
              : 4 * static_cast<std::uint32_t>(unitsOf(headWords[k] * 8 + keyLength[k] + valueLength[k]));
      mostWords = max(mostWords, words[k]);
      writers &= writers - 1;
    }
    for (std::uint32_t word = lane; word - lane < mostWords; word += 32) {
      // All loads are begun first. A word lies in the key or in the value; one at their border has bytes of
      // both.
      Pending64 body[kAtOnce];
#pragma unroll
      for (unsigned k = 0; k < kAtOnce; ++k) {
        const std::uint32_t at =
            (word - headWords[k]) * 8;  // wraps for words of the head, and is then beyond the pair
        const bool inKey = at < keyLength[k];
        const std::uint32_t inValue = at - keyLength[k];
        const std::uint32_t left =
            inKey ? keyLength[k] - at : (inValue < valueLength[k] ? valueLength[k] - inValue : 0);
        body[k].begin(inKey ? batch.keyBlob + keyAt[k] + at : batch.valueBlob + valueAt[k] + inValue,
                      min(left, 8U));
      }
#pragma unroll
      for (unsigned k = 0; k < kAtOnce; ++k) {
        std::uint64_t content = body[k].value();
        if ((keyLength[k] & 7) != 0 && word == headWords[k] + keyLength[k] / 8) {
          const std::uint32_t ofKey = keyLength[k] & 7;
          const std::uint32_t ofValue = min(8 - ofKey, valueLength[k]);
          if (ofValue != 0) content |= load64(batch.valueBlob + valueAt[k], ofValue) << ofKey * 8;
        }
        if (word == 0) {
          const std::uint32_t valueAndFlags =
              valueLength[k] | (headWords[k] == 2 ? RecordHead::kHasExpiry : 0U);
          content =
              std::uint64_t{valueAndFlags} << 32 | std::uint32_t{batch.space} << 16 | (keyLength[k] - 1);
        } else if (word < headWords[k]) {
          content = expiry[k];
        }
        if (word < words[k]) record[k][word] = content;
      }
    }
  }
}

/// Shared memory of a warp through which the keys and values of 32 small records go.
struct Stage {
  static constexpr std::uint32_t kKeyBytes = 1024;
  static constexpr std::uint32_t kValueBytes = 4096;
  alignas(16) std::uint8_t keys[kKeyBytes + 32];
  alignas(16) std::uint8_t values[kValueBytes + 32];
  std::uint8_t writers[32];
};

/// Brings a stretch of a blob to shared memory. @return where its first byte is
__device__ __forceinline__ const std::uint8_t* bring(std::uint8_t* stage, const std::uint8_t* from,
                                                     std::uint32_t bytes) {
  const auto skipped = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(from) & 15);
  for (std::uint32_t at = (threadIdx.x & 31) * 16; at < skipped + bytes; at += 512)
    copyAsync16(stage + at, from - skipped + at);
  return stage + skipped;
}

/// Writes the records of a warp's lanes when all have the same size, none expires, and their keys and values
/// lie close together, as those of neighbouring operations do: read in two stretches, written as one list of
/// 16-byte pieces. Costs a fifth of the instructions of writeRecords and waits for memory once.
/// @return false when the records are not like that; nothing was done then
__device__ __forceinline__ bool writeAlike(const TableView& table, const BatchView& batch, bool acts,
                                           const Plan& plan, const Pair& pair, Stage& stage) {
  constexpr unsigned kAll = 0xFFFFFFFFU;
  const std::uint32_t lane = threadIdx.x & 31;
  const unsigned writers = __ballot_sync(kAll, acts);
  if (writers == 0) return true;
  const std::uint32_t units = __shfl_sync(kAll, plan.units, __ffs(static_cast<int>(writers)) - 1);
  const std::uint32_t keysFrom = __reduce_min_sync(kAll, acts ? pair.keyStart : UINT32_MAX);
  const std::uint32_t keysTo = __reduce_max_sync(kAll, acts ? pair.keyStart + pair.keyBytes : 0);
  const std::uint32_t valuesFrom = __reduce_min_sync(kAll, acts ? pair.valueStart : UINT32_MAX);
  const std::uint32_t valuesTo = __reduce_max_sync(kAll, acts ? pair.valueStart + pair.valueBytes : 0);
  const bool alike = __all_sync(kAll, !acts || (plan.units == units && !pair.hasExpiry)) != 0;
  if (!alike || keysTo - keysFrom > Stage::kKeyBytes || valuesTo - valuesFrom > Stage::kValueBytes)
    return false;
  const std::uint8_t* const keys = bring(stage.keys, batch.keyBlob + keysFrom, keysTo - keysFrom) - keysFrom;
  const std::uint8_t* const values =
      bring(stage.values, batch.valueBlob + valuesFrom, valuesTo - valuesFrom) - valuesFrom;
  if (acts) stage.writers[__popc(writers & ((1U << lane) - 1))] = static_cast<std::uint8_t>(lane);
  awaitAllCopies();
  __syncwarp();

  const std::uint32_t piecesEach = units * (kUnitBytes / 16);
  const std::uint32_t pieces = piecesEach * static_cast<std::uint32_t>(__popc(writers));
  // Exact below 2^20 / piecesEach numbers, of which there are a few hundred at most.
  const std::uint32_t reciprocal = (1U << 20) / piecesEach + 1;
  const bool words4 =
      __all_sync(kAll, !acts || ((pair.keyStart | pair.keyBytes | pair.valueStart | pair.valueBytes) & 3) ==
                                    0) != 0 &&
      ((reinterpret_cast<std::uintptr_t>(batch.keyBlob) | reinterpret_cast<std::uintptr_t>(batch.valueBlob)) &
       3) == 0;
  for (std::uint32_t start = 0; start < pieces; start += 32) {
    const std::uint32_t number = min(start + lane, pieces - 1);
    const std::uint32_t record = number * reciprocal >> 20;
    const int writer = stage.writers[record];
    const std::uint64_t unit = __shfl_sync(kAll, plan.unit, writer);
    const std::uint32_t keyLength = __shfl_sync(kAll, pair.keyBytes, writer);
    const std::uint8_t* const key = keys + __shfl_sync(kAll, pair.keyStart, writer);
    const std::uint32_t valueLength = __shfl_sync(kAll, pair.valueBytes, writer);
    const std::uint8_t* const value = values + __shfl_sync(kAll, pair.valueStart, writer);
    const std::uint32_t piece = number - record * piecesEach;
    std::uint32_t words[4];
    if (words4) {
      // The usual sizes: each word is of the key or of the value.
#pragma unroll
      for (std::uint32_t w = 0; w < 4; ++w) {
        const std::uint32_t at = piece * 16 + w * 4 - 8;
        const bool inKey = at < keyLength;
        const std::uint8_t* const from = inKey ? key + at : value + (at - keyLength);
        words[w] = inKey || at - keyLength < valueLength ? *reinterpret_cast<const std::uint32_t*>(from) : 0;
      }
    } else {
#pragma unroll
      for (std::uint32_t w = 0; w < 4; ++w) {
        const std::uint32_t at = piece * 16 + w * 4 - 8;  // in the pair; wraps in the head
        const bool inKey = at < keyLength;
        const std::uint32_t inValue = at - keyLength;
        const std::uint32_t left =
            inKey ? keyLength - at : (inValue < valueLength ? valueLength - inValue : 0);
        words[w] = left == 0 ? 0 : load32(inKey ? key + at : value + inValue, left);
        if (inKey && left < 4 && valueLength != 0)
          words[w] |= load32(value, min(4 - left, valueLength)) << left * 8;
      }
    }
    if (piece == 0) {
      words[0] = keyLength - 1 | std::uint32_t{batch.space} << 16;
      words[1] = valueLength;
    }
    if (start + lane < pieces) {
      *reinterpret_cast<uint4*>(table.recordAt(unit) + piece * 16) =
          make_uint4(words[0], words[1], words[2], words[3]);
    }
  }
  return true;
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
