/// @file
/// Values at a fixed stride, for consumers on the device.
///
/// Short rows: a thread finds the bucket entry of its key, then the warp brings the 32 candidate records
/// whole into shared memory by asynchronous copies, which cost no registers, so that every multiprocessor
/// keeps hundreds of kilobytes in flight; there each lane compares its key, and the warp writes its 32 rows
/// as one stretch of 16-byte pieces. Reading the record before it is known to be the right one saves a round
/// trip to memory; the tag of 28 bits is wrong once in about 3 * 10^7 look-ups.
///
/// Long rows: keys are found in full first; then a warp moves one value after the other through a ring of
/// stages in shared memory.
#include <algorithm>

#include "find.cuh"
#include "hot_kernels.hpp"
#include "preload.cuh"

namespace predis::cuda::hot {
namespace {

constexpr unsigned kThreads = 256;
constexpr unsigned kWarps = kThreads / 32;
constexpr unsigned kAll = 0xFFFFFFFFU;
constexpr std::uint32_t kMissing = UINT32_MAX;
/// 16-byte pieces of a record that the short kernel takes: 32 of them a warp, 8 warps, within 227 KiB for two
/// blocks.
constexpr std::uint32_t kMostPieces = 24;
/// A stage of the long kernel, and how many a warp has.
constexpr std::uint32_t kStageBytes = 1024 + 16;
constexpr std::uint32_t kStages = 4;

/// The unit of the first entry with the tag of a key, compared with nothing; 0 when there is none.
__device__ __forceinline__ std::uint64_t candidateOf(const TableView& table, std::uint64_t hash) {
  const std::uint64_t tag = Entry::tagOf(hash);
  Matches matches = matchesIn<Reads::kStable>(table.buckets + table.firstBucket(hash), tag);
  if (matches.places == 0 && matches.overflowed) {
    matches = matchesIn<Reads::kStable>(table.buckets + table.secondBucket(hash), tag);
  }
  return matches.places == 0 ? 0 : Entry::unitOf(matches.entry);
}

__device__ __forceinline__ void countHits(const TableView& table, bool hit, std::uint32_t first,
                                          std::uint32_t count) {
  const int hits = __syncthreads_count(hit ? 1 : 0);
  if (threadIdx.x == 0 && first < count) {
    const std::uint32_t keys = min(kThreads, count - first);
    atomic::add(&table.counters->hits, static_cast<std::uint64_t>(hits));
    atomic::add(&table.counters->misses, static_cast<std::uint64_t>(keys - static_cast<unsigned>(hits)));
  }
}

/// A value to a row by all lanes, straight through registers; the row's rest becomes 0.
__device__ void writeRow(std::uint8_t* row, const std::uint8_t* value, std::uint32_t bytes,
                         std::uint32_t strideBytes) {
  warpCopy(row, value, bytes);
  for (std::uint32_t at = bytes + (threadIdx.x & 31); at < strideBytes; at += 32) row[at] = 0;
}

/// @tparam kPieces of a slot of shared memory, or 0: `pieces` says
template <std::uint32_t kPieces>
__global__ void __launch_bounds__(kThreads, 4)
    gatherShortKernel(const __grid_constant__ TableView table, const __grid_constant__ BatchView batch,
                      std::uint8_t* const out, const std::uint32_t strideBytes,
                      std::uint32_t* const valueBytes, const std::uint32_t pieces) {
  extern __shared__ __align__(16) std::uint8_t memory[];
  const std::uint32_t slotPieces = kPieces != 0 ? kPieces : pieces;
  const std::uint32_t slotBytes = slotPieces * 16;
  const std::uint32_t lane = threadIdx.x & 31;
  std::uint8_t* const slots = memory + (threadIdx.x / 32) * 32 * slotBytes;
  const std::uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  const std::uint32_t firstKey = i - lane;
  const bool present = i < batch.count;

  Key key{batch.keyBlob, 0, batch.space};
  std::uint64_t hash = 0;
  std::uint64_t unit = 0;
  std::uint32_t piecesHere = 0;
  if (present) {
    const std::uint32_t start = batch.keyOffsets[i];
    key.bytes += start;
    key.length = batch.keyOffsets[i + 1] - start;
    if (key.length - 1 < kMaxKeyBytes) {
      hash = hashKey(key.bytes, key.length, key.space, table.seed);
      unit = candidateOf(table, hash);
      // What a record without expiry of the whole stride would take; never more than the slot, nor beyond the
      // segment, behind which there may be no memory.
      const auto toSegmentEnd =
          static_cast<std::uint32_t>((kSegmentUnits - unit % kSegmentUnits) * (kUnitBytes / 16));
      piecesHere =
          unit == 0 ? 0 : min(min(slotPieces, toSegmentEnd), (8 + key.length + strideBytes + 15) / 16);
    }
  }
  // Pieces of neighbouring lanes are neighbours in memory.
  for (std::uint32_t piece = lane; piece < 32 * slotPieces; piece += 32) {
    const std::uint32_t owner = piece / slotPieces;
    const std::uint32_t number = piece % slotPieces;
    const std::uint64_t from = __shfl_sync(kAll, unit, static_cast<int>(owner));
    const std::uint32_t wanted = __shfl_sync(kAll, piecesHere, static_cast<int>(owner));
    if (number < wanted) copyAsync16(slots + piece * 16, table.recordAt(from) + number * 16);
  }
  commitCopies();
  awaitCopies<0>();
  __syncwarp();

  // Each lane looks at its record: the right one, without expiry, and wholly in the slot?
  const std::uint8_t* const mine = slots + lane * slotBytes;
  std::uint32_t bytes = kMissing;
  bool settled = unit == 0 && key.length - 1 >= kMaxKeyBytes;
  std::uint32_t headWord = 0;
  if (unit != 0) {
    const auto* const words = reinterpret_cast<const std::uint64_t*>(mine);
    const std::uint64_t head = words[0];
    headWord = static_cast<std::uint32_t>(head >> 32);
    if (static_cast<std::uint32_t>(head) == (key.length - 1 | std::uint32_t{key.space} << 16) &&
        (headWord & RecordHead::kHasExpiry) == 0 &&
        8 + key.length + min(strideBytes, headWord & RecordHead::kValueMask) <= piecesHere * 16) {
      std::uint64_t difference = 0;
      for (std::uint32_t at = 0; at < key.length; at += 8) {
        const std::uint32_t left = key.length - at;
        std::uint64_t word = words[1 + at / 8];
        if (left < 8) word &= (std::uint64_t{1} << left * 8) - 1;
        difference |= word ^ load64(key.bytes + at, left);
      }
      if (difference == 0) {
        settled = true;
        bytes = headWord & RecordHead::kValueMask;
      }
    }
  }
  const bool quick = settled && bytes != kMissing;

  // The usual case: 32 keys of one length with values of one length, all sources and the stretch aligned.
  const std::uint32_t keyLength = __shfl_sync(kAll, key.length, 0);
  const std::uint32_t taken = min(strideBytes, __shfl_sync(kAll, bytes, 0));
  const bool alike =
      __all_sync(kAll, quick && min(strideBytes, bytes) == taken && key.length == keyLength) != 0;
  std::uint8_t* const rows = out + std::uint64_t{firstKey} * strideBytes;
  if (alike && (keyLength | strideBytes | taken) % 4 == 0 &&
      (reinterpret_cast<std::uintptr_t>(rows) & 15) == 0) {
    const std::uint32_t strideWords = strideBytes / 4;
    const std::uint32_t valueWord = (8 + keyLength) / 4;
    const auto* const words = reinterpret_cast<const std::uint32_t*>(slots);
    for (std::uint32_t piece = lane; piece < strideWords * 8; piece += 32) {
      uint4 content;
      std::uint32_t row = piece * 4 / strideWords;
      std::uint32_t word = piece * 4 - row * strideWords;
      const auto next = [&] {
        const std::uint32_t found = word * 4 < taken ? words[row * slotPieces * 4 + valueWord + word] : 0;
        if (++word == strideWords) {
          word = 0;
          ++row;
        }
        return found;
      };
      content.x = next();
      content.y = next();
      content.z = next();
      content.w = next();
      __stcs(reinterpret_cast<uint4*>(rows) + piece, content);
    }
  } else {
    for (unsigned left = __ballot_sync(kAll, quick); left != 0; left &= left - 1) {
      const int owner = __ffs(static_cast<int>(left)) - 1;
      const std::uint32_t length = min(strideBytes, __shfl_sync(kAll, bytes, owner));
      writeRow(
          rows + static_cast<std::uint32_t>(owner) * strideBytes,
          slots + static_cast<std::uint32_t>(owner) * slotBytes + 8 + __shfl_sync(kAll, key.length, owner),
          length, strideBytes);
    }
  }
  // The rest is looked up in full: missing keys, expiring ones, false tags, records longer than a slot.
  Found record;
  if (present && !settled) {
    record = find<Reads::kStable>(table, hash, key, batch.nowMs);
    if (record.unit != 0 && !record.expired) bytes = record.valueBytes;
  }
  for (unsigned left = __ballot_sync(kAll, present && !settled && bytes != kMissing); left != 0;
       left &= left - 1) {
    const int owner = __ffs(static_cast<int>(left)) - 1;
    const std::uint64_t from = __shfl_sync(kAll, record.unit, owner);
    writeRow(rows + static_cast<std::uint32_t>(owner) * strideBytes,
             table.recordAt(from) + __shfl_sync(kAll, record.valueAt, owner),
             min(strideBytes, __shfl_sync(kAll, bytes, owner)), strideBytes);
  }
  if (present) valueBytes[i] = bytes;
  countHits(table, bytes != kMissing, blockIdx.x * kThreads, batch.count);
}

/// One part of a value on its way through a stage.
struct Part {
  const std::uint8_t* from;
  std::uint8_t* to;
  std::uint32_t bytes;
};

__global__ void __launch_bounds__(kThreads, 4)
    gatherLongKernel(const __grid_constant__ TableView table, const __grid_constant__ BatchView batch,
                     std::uint8_t* const out, const std::uint32_t strideBytes,
                     std::uint32_t* const valueBytes) {
  extern __shared__ __align__(16) std::uint8_t memory[];
  const std::uint32_t lane = threadIdx.x & 31;
  std::uint8_t* const stages = memory + (threadIdx.x / 32) * kStages * kStageBytes;
  const std::uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  const bool present = i < batch.count;
  const std::uint32_t firstKey = i - lane;
  std::uint32_t bytes = kMissing;
  std::uint64_t value = 0;  // bytes from the records' start
  if (present) {
    const std::uint32_t start = batch.keyOffsets[i];
    const Key key{batch.keyBlob + start, batch.keyOffsets[i + 1] - start, batch.space};
    if (key.length - 1 < kMaxKeyBytes) {
      const std::uint64_t hash = hashKey(key.bytes, key.length, key.space, table.seed);
      const Found record = find<Reads::kStable>(table, hash, key, batch.nowMs);
      if (record.unit != 0 && !record.expired) {
        bytes = record.valueBytes;
        value = record.unit * kUnitBytes + record.valueAt;
      }
    }
    valueBytes[i] = bytes;
  }
  const std::uint32_t taken = bytes == kMissing ? 0 : min(bytes, strideBytes);
  constexpr std::uint32_t kPartBytes = kStageBytes - 16;

  // Two walks over the warp's parts, one ahead of the other: one starts copies, one writes out what has come.
  struct Walk {
    unsigned rows;
    std::uint32_t at = 0;
  };
  const unsigned rows = __ballot_sync(kAll, taken != 0);
  Walk ahead{rows};
  Walk behind{rows};
  const auto partOf = [&](Walk& walk) {
    const int row = __ffs(static_cast<int>(walk.rows)) - 1;
    const std::uint32_t length = __shfl_sync(kAll, taken, row);
    Part part{};
    part.bytes = min(kPartBytes, length - walk.at);
    part.from = table.records + __shfl_sync(kAll, value, row) + walk.at;
    part.to = out + std::uint64_t{firstKey + static_cast<std::uint32_t>(row)} * strideBytes + walk.at;
    walk.at += part.bytes;
    if (walk.at == length) {
      walk.rows &= walk.rows - 1;
      walk.at = 0;
    }
    return part;
  };
  const auto start = [&](std::uint32_t stage) {
    if (ahead.rows != 0) {
      const Part part = partOf(ahead);
      const auto skipped = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(part.from) & 15);
      const std::uint32_t pieces = (skipped + part.bytes + 15) / 16;
      for (std::uint32_t piece = lane; piece < pieces; piece += 32) {
        copyAsync16(stages + stage * kStageBytes + piece * 16, part.from - skipped + piece * 16);
      }
    }
    commitCopies();
  };
  for (std::uint32_t stage = 0; stage + 1 < kStages; ++stage) start(stage);
  for (std::uint32_t step = 0; behind.rows != 0; ++step) {
    start((step + kStages - 1) % kStages);
    awaitCopies<kStages - 1>();
    __syncwarp();
    const Part part = partOf(behind);
    const auto skipped = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(part.from) & 15);
    const std::uint8_t* const stage = stages + (step % kStages) * kStageBytes + skipped;
    if ((reinterpret_cast<std::uintptr_t>(part.to) & 15) == 0 && skipped % 4 == 0) {
      const std::uint32_t pieces = part.bytes / 16;
      for (std::uint32_t piece = lane; piece < pieces; piece += 32) {
        const auto* const words = reinterpret_cast<const std::uint32_t*>(stage) + piece * 4;
        __stcs(reinterpret_cast<uint4*>(part.to) + piece, make_uint4(words[0], words[1], words[2], words[3]));
      }
      for (std::uint32_t at = pieces * 16 + lane; at < part.bytes; at += 32) part.to[at] = stage[at];
    } else {
      warpCopy(part.to, stage, part.bytes);
    }
    __syncwarp();
  }
  for (unsigned shorter = __ballot_sync(kAll, bytes != kMissing && taken < strideBytes); shorter != 0;
       shorter &= shorter - 1) {
    const int row = __ffs(static_cast<int>(shorter)) - 1;
    std::uint8_t* const to = out + std::uint64_t{firstKey + static_cast<std::uint32_t>(row)} * strideBytes;
    for (std::uint32_t at = __shfl_sync(kAll, taken, row) + lane; at < strideBytes; at += 32) to[at] = 0;
  }
  countHits(table, bytes != kMissing, blockIdx.x * kThreads, batch.count);
}

/// Lets a kernel use so much shared memory.
template <typename Kernel>
void allowShared(Kernel* kernel, std::size_t bytes) {
  cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel), cudaFuncAttributeMaxDynamicSharedMemorySize,
                       static_cast<int>(bytes));
}

}  // namespace

void launchGather(cudaStream_t stream, const TableView& table, const BatchView& batch, std::uint8_t* out,
                  std::uint32_t strideBytes, std::uint32_t* valueBytes) noexcept {
  if (batch.count == 0) return;
  const unsigned blocks = (batch.count + kThreads - 1) / kThreads;
  // Keys are taken to have up to 40 bytes here; records that do not fit in their slot are looked up in full.
  constexpr std::uint32_t kUsualKeyBytes = 24;
  const std::uint32_t pieces = (8 + kUsualKeyBytes + strideBytes + 15) / 16;
  if (strideBytes <= kMostPieces * 16 - 8 - kUsualKeyBytes) {
    const std::size_t shared = std::size_t{kWarps} * 32 * pieces * 16;
    if (pieces == 9) {  // values of 97 to 112 bytes: the division by a constant is worth a kernel of its own
      allowShared(gatherShortKernel<9>, shared);
      gatherShortKernel<9>
          <<<blocks, kThreads, shared, stream>>>(table, batch, out, strideBytes, valueBytes, pieces);
    } else {
      allowShared(gatherShortKernel<0>, shared);
      gatherShortKernel<0>
          <<<blocks, kThreads, shared, stream>>>(table, batch, out, strideBytes, valueBytes, pieces);
    }
  } else {
    const std::size_t shared = std::size_t{kWarps} * kStages * kStageBytes;
    allowShared(gatherLongKernel, shared);
    gatherLongKernel<<<blocks, kThreads, shared, stream>>>(table, batch, out, strideBytes, valueBytes);
  }
}

cudaError_t preloadGather() noexcept {
  return preload(gatherShortKernel<9>, gatherShortKernel<0>, gatherLongKernel);
}

}  // namespace predis::cuda::hot
