/// @file
/// What lets the table's code compile for the device (nvcc) and for the host (any C++20 compiler): function
/// marks, atomics, and the group of lanes that works on one key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../engine/portable.hpp"

namespace predis::cuda {

/// Atomics on memory shared by all lanes, relaxed unless said otherwise: kernels order their phases by
/// launches, and a record is published by the compare-and-swap of its entry alone, after `fence`.
namespace atomic {

PREDIS_HD std::uint64_t load(const std::uint64_t* word) noexcept {
#if defined(__CUDA_ARCH__)
  return *reinterpret_cast<const volatile std::uint64_t*>(word);
#else
  return __atomic_load_n(word, __ATOMIC_ACQUIRE);
#endif
}

PREDIS_HD void store(std::uint64_t* word, std::uint64_t value) noexcept {
#if defined(__CUDA_ARCH__)
  *reinterpret_cast<volatile std::uint64_t*>(word) = value;
#else
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
#endif
}

/// @return what was there before; equal to `expected` when the swap took place
PREDIS_HD std::uint64_t compareAndSwap(std::uint64_t* word, std::uint64_t expected,
                                       std::uint64_t desired) noexcept {
#if defined(__CUDA_ARCH__)
  return atomicCAS(reinterpret_cast<unsigned long long*>(word), expected, desired);
#else
  __atomic_compare_exchange_n(word, &expected, desired, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  return expected;
#endif
}

PREDIS_HD std::uint64_t add(std::uint64_t* word, std::uint64_t value) noexcept {
#if defined(__CUDA_ARCH__)
  return atomicAdd(reinterpret_cast<unsigned long long*>(word), value);
#else
  return __atomic_fetch_add(word, value, __ATOMIC_RELAXED);
#endif
}

PREDIS_HD std::uint32_t add(std::uint32_t* word, std::uint32_t value) noexcept {
#if defined(__CUDA_ARCH__)
  return atomicAdd(word, value);
#else
  return __atomic_fetch_add(word, value, __ATOMIC_RELAXED);
#endif
}

PREDIS_HD std::uint64_t bitOr(std::uint64_t* word, std::uint64_t bits) noexcept {
#if defined(__CUDA_ARCH__)
  return atomicOr(reinterpret_cast<unsigned long long*>(word), bits);
#else
  return __atomic_fetch_or(word, bits, __ATOMIC_ACQ_REL);
#endif
}

PREDIS_HD std::uint32_t bitOr(std::uint32_t* word, std::uint32_t bits) noexcept {
#if defined(__CUDA_ARCH__)
  return atomicOr(word, bits);
#else
  return __atomic_fetch_or(word, bits, __ATOMIC_ACQ_REL);
#endif
}

PREDIS_HD std::uint64_t bitAnd(std::uint64_t* word, std::uint64_t bits) noexcept {
#if defined(__CUDA_ARCH__)
  return atomicAnd(reinterpret_cast<unsigned long long*>(word), bits);
#else
  return __atomic_fetch_and(word, bits, __ATOMIC_ACQ_REL);
#endif
}

PREDIS_HD std::uint64_t max(std::uint64_t* word, std::uint64_t value) noexcept {
#if defined(__CUDA_ARCH__)
  return atomicMax(reinterpret_cast<unsigned long long*>(word), value);
#else
  std::uint64_t seen = __atomic_load_n(word, __ATOMIC_RELAXED);
  while (seen < value &&
         !__atomic_compare_exchange_n(word, &seen, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return seen;
#endif
}

PREDIS_HD std::uint64_t min(std::uint64_t* word, std::uint64_t value) noexcept {
#if defined(__CUDA_ARCH__)
  return atomicMin(reinterpret_cast<unsigned long long*>(word), value);
#else
  std::uint64_t seen = __atomic_load_n(word, __ATOMIC_RELAXED);
  while (seen > value &&
         !__atomic_compare_exchange_n(word, &seen, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return seen;
#endif
}

/// What this lane wrote before is seen by whoever sees what it writes after with the atomics above. (On the
/// host the writing ones among them release by themselves, which the thread sanitizer understands and a fence
/// it does not.)
PREDIS_HD void fence() noexcept {
#if defined(__CUDA_ARCH__)
  __threadfence();
#endif
}

}  // namespace atomic

/// One lane that works alone: a device thread, or the host.
struct Lane {
  static constexpr unsigned kLanes = 1;
  PREDIS_HD unsigned rank() const noexcept { return 0; }
  PREDIS_HD unsigned ballot(bool mine) const noexcept { return mine ? 1U : 0U; }
  template <typename T>
  PREDIS_HD T from(T mine, unsigned /*lane*/) const noexcept {
    return mine;
  }
  PREDIS_HD void sync() const noexcept {}
};

#if defined(__CUDACC__)
/// Neighbouring lanes of one warp that work on one key together. All of its lanes must make each call; other
/// tiles of the warp need not. Compiled for the host too, where nothing calls it, so that functions templated
/// on a tile can be marked for both.
template <unsigned Lanes>
struct WarpTile {
  static constexpr unsigned kLanes = Lanes;
  static_assert(Lanes >= 2 && Lanes <= 32 && (Lanes & (Lanes - 1)) == 0);

  PREDIS_HD unsigned rank() const noexcept {
#if defined(__CUDA_ARCH__)
    return threadIdx.x & (Lanes - 1);
#else
    return 0;
#endif
  }
  /// Lanes of the warp that belong to this tile.
  PREDIS_HD unsigned mask() const noexcept {
    if constexpr (Lanes == 32) {
      return 0xFFFFFFFFU;
    } else {
      return ((1U << Lanes) - 1) << shift();
    }
  }
  /// Bit i: what lane i of the tile said.
  PREDIS_HD unsigned ballot(bool mine) const noexcept {
#if defined(__CUDA_ARCH__)
    const unsigned all = __ballot_sync(mask(), mine);
    if constexpr (Lanes == 32) {
      return all;
    } else {
      return all >> shift() & ((1U << Lanes) - 1);
    }
#else
    return mine ? 1U : 0U;
#endif
  }
  template <typename T>
  PREDIS_HD T from(T mine, unsigned lane) const noexcept {
#if defined(__CUDA_ARCH__)
    return __shfl_sync(mask(), mine, static_cast<int>(lane), Lanes);
#else
    (void)lane;
    return mine;
#endif
  }
  PREDIS_HD void sync() const noexcept {
#if defined(__CUDA_ARCH__)
    __syncwarp(mask());
#endif
  }

 private:
  /// Number of the tile's first lane in its warp.
  PREDIS_HD unsigned shift() const noexcept {
#if defined(__CUDA_ARCH__)
    return threadIdx.x & 31 & ~(Lanes - 1);
#else
    return 0;
#endif
  }
};
#endif

}  // namespace predis::cuda
