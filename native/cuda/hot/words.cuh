/// @file
/// Reading and writing bytes of any alignment on the device, in words. No load touches an aligned word that
/// holds none of the bytes asked for, so nothing beyond an allocation is read.
#pragma once

#include <cstdint>

namespace predis::cuda::hot {

/// Begins a copy of 16 aligned bytes from global to shared memory that needs no register while it is under
/// way.
__device__ __forceinline__ void copyAsync16(void* shared, const void* global) {
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(address), "l"(global) : "memory");
}
__device__ __forceinline__ void commitCopies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
/// Waits until no more than so many of this thread's committed groups are under way.
template <int kLeft>
__device__ __forceinline__ void awaitCopies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kLeft) : "memory");
}
__device__ __forceinline__ void awaitAllCopies() { asm volatile("cp.async.wait_all;" ::: "memory"); }

/// Up to four bytes at `p`, the rest 0. @param bytes 1 or more; above 4 counts as 4
__device__ __forceinline__ std::uint32_t load32(const std::uint8_t* p, std::uint32_t bytes = 4) {
  const auto address = reinterpret_cast<std::uintptr_t>(p);
  const auto* const words = reinterpret_cast<const std::uint32_t*>(address & ~std::uintptr_t{3});
  const std::uint32_t skipped = address & 3;
  if (bytes > 4) bytes = 4;
  const std::uint32_t low = words[0];
  const std::uint32_t high = skipped + bytes > 4 ? words[1] : 0;
  const std::uint32_t value = __funnelshift_r(low, high, skipped * 8);
  return bytes == 4 ? value : value & ((1U << bytes * 8) - 1);
}

/// Up to eight bytes at `p`, the rest 0. @param bytes 1 or more; above 8 counts as 8
__device__ __forceinline__ std::uint64_t load64(const std::uint8_t* p, std::uint32_t bytes = 8) {
  const auto address = reinterpret_cast<std::uintptr_t>(p);
  const auto* const words = reinterpret_cast<const std::uint64_t*>(address & ~std::uintptr_t{7});
  const std::uint32_t skipped = address & 7;
  if (bytes > 8) bytes = 8;
  std::uint64_t value = words[0] >> skipped * 8;
  if (skipped + bytes > 8) value |= words[1] << (64 - skipped * 8);
  return bytes == 8 ? value : value & ((std::uint64_t{1} << bytes * 8) - 1);
}

/// Loads of up to eight bytes at an address, begun but not put together: so that many can be begun before the
/// first is waited for, which branches around each load would prevent.
struct Pending64 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint32_t shift = 0;
  std::uint32_t bytes = 0;

  /// @param count 0 to 8
  __device__ __forceinline__ void begin(const std::uint8_t* p, std::uint32_t count) {
    const auto address = reinterpret_cast<std::uintptr_t>(p);
    const auto* const words = reinterpret_cast<const std::uint64_t*>(address & ~std::uintptr_t{7});
    shift = static_cast<std::uint32_t>(address & 7) * 8;
    bytes = count;
    if (count != 0) low = words[0];
    if (shift / 8 + count > 8) high = words[1];
  }
  [[nodiscard]] __device__ __forceinline__ std::uint64_t value() const {
    const std::uint64_t joined = shift == 0 ? low : low >> shift | high << (64 - shift);
    return bytes == 8 ? joined : joined & ((std::uint64_t{1} << bytes * 8) - 1);
  }
};

/// Copies bytes with all lanes of a warp; any alignment, regions apart. All lanes call it with the same
/// arguments.
__device__ __forceinline__ void warpCopy(std::uint8_t* to, const std::uint8_t* from, std::uint32_t bytes) {
  const std::uint32_t lane = threadIdx.x & 31;
  if (((reinterpret_cast<std::uintptr_t>(to) | reinterpret_cast<std::uintptr_t>(from)) & 15) == 0) {
    // Values of a batch's rows and long records: 16 bytes a lane, two in flight.
    const std::uint32_t pieces = bytes / 16;
    const auto* const source = reinterpret_cast<const uint4*>(from);
    auto* const target = reinterpret_cast<uint4*>(to);
    std::uint32_t i = lane;
    for (; i + 32 < pieces; i += 64) {
      const uint4 a = source[i];
      const uint4 b = source[i + 32];
      target[i] = a;
      target[i + 32] = b;
    }
    if (i < pieces) target[i] = source[i];
    for (std::uint32_t at = pieces * 16 + lane; at < bytes; at += 32) to[at] = from[at];
    return;
  }
  const std::uint32_t head =
      min(bytes, static_cast<std::uint32_t>(-reinterpret_cast<std::uintptr_t>(to) & 3));
  if (lane < head) to[lane] = from[lane];
  const std::uint32_t words = (bytes - head) / 4;
  auto* const target = reinterpret_cast<std::uint32_t*>(to + head);
  for (std::uint32_t i = lane; i < words; i += 32) target[i] = load32(from + head + i * 4);
  const std::uint32_t done = head + words * 4;
  if (lane < bytes - done) to[done + lane] = from[done + lane];
}

/// Copies several byte strings with all lanes of a warp, their loads in flight together: of any alignment,
/// each apart from the others. All lanes call it with the same arrays.
template <unsigned kCount>
__device__ __forceinline__ void warpCopyMany(std::uint8_t* const* to, const std::uint8_t* const* from,
                                             const std::uint32_t* bytes) {
  const std::uint32_t lane = threadIdx.x & 31;
  std::uint32_t mostWords = 0;
#pragma unroll
  for (unsigned k = 0; k < kCount; ++k) {
    const auto skipped = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(to[k]) & 3);
    mostWords = max(mostWords, (skipped + bytes[k] + 3) / 4);
  }
  for (std::uint32_t word = lane; word - lane < mostWords; word += 32) {
    Pending64 pending[kCount];
    std::int32_t start[kCount];  // of the aligned word of the target, in the string
#pragma unroll
    for (unsigned k = 0; k < kCount; ++k) {
      const std::uint8_t* const target = to[k];
      const std::uint32_t size = bytes[k];
      start[k] = static_cast<std::int32_t>(word * 4) -
                 static_cast<std::int32_t>(reinterpret_cast<std::uintptr_t>(target) & 3);
      const std::int32_t begin = max(start[k], 0);
      const std::int32_t end = min(start[k] + 4, static_cast<std::int32_t>(size));
      pending[k].begin(from[k] + begin, static_cast<std::uint32_t>(max(end - begin, 0)));
    }
#pragma unroll
    for (unsigned k = 0; k < kCount; ++k) {
      std::uint8_t* const target = to[k];
      const std::uint64_t content = pending[k].value();
      if (pending[k].bytes == 4) {
        *reinterpret_cast<std::uint32_t*>(target + start[k]) = static_cast<std::uint32_t>(content);
      } else {
        const std::int32_t begin = max(start[k], 0);
        for (std::uint32_t at = 0; at < pending[k].bytes; ++at) {
          target[begin + static_cast<std::int32_t>(at)] = static_cast<std::uint8_t>(content >> at * 8);
        }
      }
    }
  }
}

}  // namespace predis::cuda::hot
