/// @file
/// What the two kernels of a put share: the plan of an operation, and the counts that they change.
#pragma once

#include "../layout.hpp"
#include "../table/tally.hpp"

namespace predis::cuda::hot {

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

}  // namespace predis::cuda::hot
