/// @file
/// Writes the records of a put: all that a warp's lanes have, by the whole warp.
#pragma once

#include "put_plan.cuh"
#include "words.cuh"

namespace predis::cuda::hot {

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

}  // namespace predis::cuda::hot
