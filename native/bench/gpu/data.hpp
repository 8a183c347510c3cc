/// @file
/// Keys and values of the bench: both follow from a record's number, so that every answer can be checked
/// without remembering anything. Made and checked on the device; memory may be the device's or pinned.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <cstring>

namespace predis::bench {

inline constexpr std::uint32_t kKeyBytes = 24;

#if defined(__CUDACC__)
#define PREDIS_BENCH_HD __host__ __device__ inline
#else
#define PREDIS_BENCH_HD inline
#endif

/// splitmix64's finalizer (Steele, Lea, Flood 2014).
PREDIS_BENCH_HD std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}
/// Word `word` (0 to 2) of the key of a record.
PREDIS_BENCH_HD std::uint64_t keyWord(std::uint64_t record, unsigned word) {
  return mixed(record * 3 + word + 1);
}
/// Word `word` of the value; the last one is cut.
PREDIS_BENCH_HD std::uint64_t valueWord(std::uint64_t record, std::uint32_t version, std::uint32_t word) {
  return mixed((record << 20 | std::uint64_t{version} << 12 | word) ^ 0x5BF03635ULL << 32);
}

/// Which records a batch is about.
struct Selection {
  std::uint64_t first = 0;    ///< Of records in sequence.
  std::uint64_t records = 0;  ///< Not 0: records drawn at random from so many instead.
  std::uint64_t seed = 0;

  PREDIS_BENCH_HD std::uint64_t operator[](std::uint64_t i) const {
    return records == 0 ? first + i : mixed(seed * 0x100000001B3U + i) % records;
  }
};

/// Writes keys side by side with their offsets (count + 1).
cudaError_t makeKeys(const Selection& selection, std::uint32_t count, std::uint8_t* blob,
                     std::uint32_t* offsets);
cudaError_t makeValues(const Selection& selection, std::uint32_t count, std::uint32_t valueBytes,
                       std::uint32_t version, std::uint8_t* blob, std::uint32_t* offsets);
/// Adds up in *right (device memory) how many rows are what they should be. @param lengths of the rows
cudaError_t checkRows(const Selection& selection, std::uint32_t count, std::uint32_t valueBytes,
                      std::uint32_t version, const std::uint8_t* rows, std::uint32_t strideBytes,
                      const std::uint32_t* lengths, unsigned long long* right);
/// The same for values side by side. @param found may be null
cudaError_t checkPacked(const Selection& selection, std::uint32_t count, std::uint32_t valueBytes,
                        std::uint32_t version, const std::uint8_t* blob, const std::uint32_t* offsets,
                        const std::uint8_t* found, unsigned long long* right);
/// How many bytes have a value.
cudaError_t countBytes(const std::uint8_t* bytes, std::uint64_t count, std::uint8_t value,
                       unsigned long long* equal);

}  // namespace predis::bench
