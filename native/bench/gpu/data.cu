#include "data.hpp"

namespace predis::bench {

namespace {

constexpr unsigned kThreads = 256;

unsigned blocksFor(std::uint64_t count) { return static_cast<unsigned>((count + kThreads - 1) / kThreads); }
__device__ std::uint64_t index() { return std::uint64_t{blockIdx.x} * kThreads + threadIdx.x; }

__global__ void keysKernel(Selection selection, std::uint32_t count, std::uint64_t* blob,
                           std::uint32_t* offsets) {
  const std::uint64_t i = index();
  if (i > count) return;
  offsets[i] = static_cast<std::uint32_t>(i * kKeyBytes);
  if (i == count) return;
  const std::uint64_t record = selection[i];
  for (unsigned word = 0; word < 3; ++word) blob[i * 3 + word] = keyWord(record, word);
}

__global__ void valuesKernel(Selection selection, std::uint32_t count, std::uint32_t valueBytes,
                             std::uint32_t version, std::uint8_t* blob, std::uint32_t* offsets) {
  const std::uint32_t words = (valueBytes + 3) / 4;
  const std::uint64_t at = index();
  const std::uint64_t i = at / words;
  const auto half = static_cast<std::uint32_t>(at % words);
  if (i > count) return;
  if (half == 0) offsets[i] = static_cast<std::uint32_t>(i * valueBytes);
  if (i == count) return;
  const auto content =
      static_cast<std::uint32_t>(valueWord(selection[i], version, half / 2) >> half % 2 * 32);
  std::uint8_t* const to = blob + i * valueBytes + half * 4;
  const std::uint32_t left = valueBytes - half * 4;
  if (left >= 4 && valueBytes % 4 == 0) {
    *reinterpret_cast<std::uint32_t*>(to) = content;
  } else {
    for (std::uint32_t b = 0; b < 4 && b < left; ++b) to[b] = static_cast<std::uint8_t>(content >> b * 8);
  }
}

/// Adds up what the threads of a block say.
__device__ void count(bool yes, unsigned long long* sum) {
  const int here = __syncthreads_count(yes);
  if (threadIdx.x == 0 && here != 0) atomicAdd(sum, static_cast<unsigned long long>(here));
}

/// A warp a value.
__device__ bool isValue(std::uint64_t record, std::uint32_t version, const std::uint8_t* bytes,
                        std::uint32_t valueBytes) {
  bool right = true;
  for (std::uint32_t b = threadIdx.x % 32; b < valueBytes; b += 32)
    right &= bytes[b] == static_cast<std::uint8_t>(valueWord(record, version, b / 8) >> b % 8 * 8);
  return __all_sync(0xFFFFFFFFU, right) != 0;
}

__global__ void rowsKernel(Selection selection, std::uint32_t rowCount, std::uint32_t valueBytes,
                           std::uint32_t version, const std::uint8_t* rows, std::uint32_t strideBytes,
                           const std::uint32_t* lengths, unsigned long long* right) {
  const std::uint64_t i = index() / 32;
  const bool yes = i < rowCount && lengths[i] == valueBytes &&
                   isValue(selection[i], version, rows + i * strideBytes, valueBytes);
  count(yes && threadIdx.x % 32 == 0, right);
}

__global__ void packedKernel(Selection selection, std::uint32_t valueCount, std::uint32_t valueBytes,
                             std::uint32_t version, const std::uint8_t* blob, const std::uint32_t* offsets,
                             const std::uint8_t* found, unsigned long long* right) {
  const std::uint64_t i = index() / 32;
  const bool yes = i < valueCount && (found == nullptr || found[i] == 1) && offsets[i] == i * valueBytes &&
                   offsets[i + 1] - offsets[i] == valueBytes &&
                   isValue(selection[i], version, blob + offsets[i], valueBytes);
  count(yes && threadIdx.x % 32 == 0, right);
}

__global__ void bytesKernel(const std::uint8_t* bytes, std::uint64_t byteCount, std::uint8_t value,
                            unsigned long long* equal) {
  const std::uint64_t i = index();
  count(i < byteCount && bytes[i] == value, equal);
}

}  // namespace

cudaError_t makeKeys(const Selection& selection, std::uint32_t keyCount, std::uint8_t* blob,
                     std::uint32_t* offsets) {
  keysKernel<<<blocksFor(keyCount + 1ULL), kThreads>>>(selection, keyCount,
                                                       reinterpret_cast<std::uint64_t*>(blob), offsets);
  return cudaGetLastError();
}

cudaError_t makeValues(const Selection& selection, std::uint32_t valueCount, std::uint32_t valueBytes,
                       std::uint32_t version, std::uint8_t* blob, std::uint32_t* offsets) {
  const std::uint64_t words = (valueBytes + 3) / 4;
  valuesKernel<<<blocksFor((valueCount + 1ULL) * words), kThreads>>>(selection, valueCount, valueBytes,
                                                                     version, blob, offsets);
  return cudaGetLastError();
}

cudaError_t checkRows(const Selection& selection, std::uint32_t rowCount, std::uint32_t valueBytes,
                      std::uint32_t version, const std::uint8_t* rows, std::uint32_t strideBytes,
                      const std::uint32_t* lengths, unsigned long long* right) {
  rowsKernel<<<blocksFor(rowCount * 32ULL), kThreads>>>(selection, rowCount, valueBytes, version, rows,
                                                        strideBytes, lengths, right);
  return cudaGetLastError();
}

cudaError_t checkPacked(const Selection& selection, std::uint32_t valueCount, std::uint32_t valueBytes,
                        std::uint32_t version, const std::uint8_t* blob, const std::uint32_t* offsets,
                        const std::uint8_t* found, unsigned long long* right) {
  packedKernel<<<blocksFor(valueCount * 32ULL), kThreads>>>(selection, valueCount, valueBytes, version, blob,
                                                            offsets, found, right);
  return cudaGetLastError();
}

cudaError_t countBytes(const std::uint8_t* bytes, std::uint64_t byteCount, std::uint8_t value,
                       unsigned long long* equal) {
  bytesKernel<<<blocksFor(byteCount), kThreads>>>(bytes, byteCount, value, equal);
  return cudaGetLastError();
}

}  // namespace predis::bench
