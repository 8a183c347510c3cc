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

namespace predis {

/// Secret words of a hash. Any values do; random ones keep collisions unpredictable.
struct HashSeed {
  std::uint64_t start = 0;
  std::uint64_t words[5] = {};
};

namespace detail {

__extension__ using Uint128 = unsigned __int128;

inline std::uint64_t load64(const unsigned char* p) noexcept {
  std::uint64_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

inline std::uint64_t load32(const unsigned char* p) noexcept {
  std::uint32_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

inline std::uint64_t multiplyFold(std::uint64_t a, std::uint64_t b) noexcept {
  const Uint128 product = static_cast<Uint128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace detail

/// Hash of a byte string. @param space equal strings have other hashes in other namespaces. Thread-safe,
/// O(length), reads nothing beyond the string. The value depends on the machine's byte order and is never
/// stored outside the process.
inline std::uint64_t hashBytes(std::string_view bytes, const HashSeed& seed,
                               std::uint16_t space = 0) noexcept {
  using detail::load32;
  using detail::load64;
  using detail::multiplyFold;
  const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  std::uint64_t state = seed.start + space * 0x9E3779B97F4A7C15U;
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
  return multiplyFold(mixed ^ seed.words[4], seed.words[2] ^ bytes.size());
}

}  // namespace predis
