/// @file
/// The 64-bit hash of keys, shared by every engine: multiply-fold (a 64 x 64 -> 128-bit multiplication whose
/// halves are xored), the idea behind wyhash (Wang Yi) and umash; this code and its schedule are our own.
///
/// It is not cryptographic. An engine draws its seed at random, so that keys cannot be chosen to collide by
/// somebody who does not see the engine's timing key by key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "portable.hpp"

namespace predis {

/// Secret words of a hash. Any values do; random ones keep collisions unpredictable.
struct HashSeed {
  std::uint64_t start = 0;
  std::uint64_t words[5] = {};
};

namespace detail {

/// Little-endian words of a string at any address. A device loads aligned words alone, so there the words
/// that hold the wanted bytes are joined by a shift; none is read that holds no byte of the string, since it
/// may lie in a page that does not exist.
PREDIS_HD std::uint64_t load64(const unsigned char* p) noexcept {
#if defined(__CUDA_ARCH__)
  const auto address = reinterpret_cast<std::uintptr_t>(p);
  const auto* const words = reinterpret_cast<const std::uint64_t*>(address & ~std::uintptr_t{7});
  const unsigned shift = static_cast<unsigned>(address & 7) * 8;
  const std::uint64_t low = words[0];
  return shift == 0 ? low : low >> shift | words[1] << (64 - shift);
#else
  std::uint64_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
#endif
}

PREDIS_HD std::uint64_t load32(const unsigned char* p) noexcept {
#if defined(__CUDA_ARCH__)
  const auto address = reinterpret_cast<std::uintptr_t>(p);
  const auto* const words = reinterpret_cast<const std::uint32_t*>(address & ~std::uintptr_t{3});
  const unsigned shift = static_cast<unsigned>(address & 3) * 8;
  const std::uint32_t low = words[0];
  return shift == 0 ? low : __funnelshift_r(low, words[1], shift);
#else
  std::uint32_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
#endif
}

PREDIS_HD std::uint64_t multiplyFold(std::uint64_t a, std::uint64_t b) noexcept {
#if defined(__CUDA_ARCH__)
  return a * b ^ __umul64hi(a, b);
#else
  __extension__ using Uint128 = unsigned __int128;
  const Uint128 product = static_cast<Uint128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
#endif
}

}  // namespace detail

/// Hash of `length` bytes at p in a namespace, on the host and on a device alike. @param space equal strings
/// have other hashes in other namespaces. Thread-safe, O(length), reads nothing beyond the string (on a
/// device: beyond the aligned 8-byte words that hold it). The value depends on the machine's byte order and
/// is never stored outside the process.
PREDIS_HD std::uint64_t hashBytes(const unsigned char* p, std::size_t length, const HashSeed& seed,
                                  std::uint16_t space) noexcept {
  using detail::load32;
  using detail::load64;
  using detail::multiplyFold;
  std::size_t left = length;
  std::uint64_t state = seed.start + space * std::uint64_t{0x9E3779B97F4A7C15U};
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  if (left <= 16) {
    if (left >= 8) {
      a = load64(p);
      b = load64(p + left - 8);
    } else if (left >= 4) {
      a = load32(p);
      b = load32(p + left - 4);
    } else if (left > 0) {
      a = std::uint64_t{p[0]} << 16 | std::uint64_t{p[left >> 1]} << 8 | p[left - 1];
    }
  } else {
    if (left > 64) {
      // Four independent lanes: the multiplier's latency is hidden.
      std::uint64_t lane1 = state, lane2 = state, lane3 = state;
      do {
        state = multiplyFold(load64(p) ^ seed.words[0], load64(p + 8) ^ state);
        lane1 = multiplyFold(load64(p + 16) ^ seed.words[1], load64(p + 24) ^ lane1);
        lane2 = multiplyFold(load64(p + 32) ^ seed.words[2], load64(p + 40) ^ lane2);
        lane3 = multiplyFold(load64(p + 48) ^ seed.words[3], load64(p + 56) ^ lane3);
        p += 64;
        left -= 64;
      } while (left > 64);
      state = (state ^ lane1) + (lane2 ^ lane3);
    }
    while (left > 16) {
      state = multiplyFold(load64(p) ^ seed.words[0], load64(p + 8) ^ state);
      p += 16;
      left -= 16;
    }
    // The last 16 bytes, which may overlap what was taken before: there are always that many behind p + left.
    a = load64(p + left - 16);
    b = load64(p + left - 8);
  }
  const std::uint64_t mixed = multiplyFold(a ^ seed.words[1], b ^ state);
  return multiplyFold(mixed ^ seed.words[4], seed.words[2] ^ length);
}

/// Hash of a byte string, see above.
inline std::uint64_t hashBytes(std::string_view bytes, const HashSeed& seed,
                               std::uint16_t space = 0) noexcept {
  return hashBytes(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), seed, space);
}

}  // namespace predis
