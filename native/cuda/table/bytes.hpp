/// @file
/// Copying and comparing byte strings by the lanes of a tile, at any alignment.
///
/// On a device each lane takes aligned words and joins them by shifts where source and destination disagree;
/// no aligned 8-byte word is read that holds no byte of the string. A lane that works alone on the host uses
/// the C library; the lanes' code compiles there too, for tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../platform.hpp"

namespace predis::cuda {

namespace detail {

struct alignas(16) Words16 {
  std::uint64_t low, high;
};

PREDIS_HD std::uint64_t loadWord(const std::uint8_t* aligned) noexcept {
#if defined(__CUDA_ARCH__)
  return *reinterpret_cast<const std::uint64_t*>(aligned);
#else
  std::uint64_t word;
  std::memcpy(&word, aligned, sizeof word);
  return word;
#endif
}

PREDIS_HD Words16 loadWords16(const std::uint8_t* aligned) noexcept {
#if defined(__CUDA_ARCH__)
  return *reinterpret_cast<const Words16*>(aligned);
#else
  Words16 words;
  std::memcpy(&words, aligned, sizeof words);
  return words;
#endif
}

PREDIS_HD void storeWords16(std::uint8_t* aligned, Words16 words) noexcept {
#if defined(__CUDA_ARCH__)
  *reinterpret_cast<Words16*>(aligned) = words;
#else
  std::memcpy(aligned, &words, sizeof words);
#endif
}

/// 8 bytes at any address, all of them of the string, from aligned words.
PREDIS_HD std::uint64_t loadAcross(const std::uint8_t* p) noexcept {
  const auto misaligned = static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(p) & 7);
  const std::uint8_t* const aligned = p - misaligned;
  const std::uint64_t low = loadWord(aligned);
  return misaligned == 0 ? low : low >> 8 * misaligned | loadWord(aligned + 8) << (64 - 8 * misaligned);
}

/// One lane's share of a copy: pieces of 16 bytes at aligned destinations, single bytes before and behind.
PREDIS_HD void copyShare(unsigned rank, unsigned lanes, std::uint8_t* to, const std::uint8_t* from,
                         std::size_t bytes) noexcept {
  std::size_t head = (0 - reinterpret_cast<std::uintptr_t>(to)) & 15;
  if (head > bytes) head = bytes;
  for (std::size_t i = rank; i < head; i += lanes) to[i] = from[i];
  const std::size_t end = head + ((bytes - head) & ~std::size_t{15});
  const std::uint8_t* const source = from + head;
  const auto misaligned = static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(source) & 7);
  if ((reinterpret_cast<std::uintptr_t>(source) & 15) == 0) {
    for (std::size_t i = head + rank * 16; i < end; i += lanes * 16)
      storeWords16(to + i, loadWords16(from + i));
  } else if (misaligned == 0) {
    for (std::size_t i = head + rank * 16; i < end; i += lanes * 16)
      storeWords16(to + i, {loadWord(from + i), loadWord(from + i + 8)});
  } else {
    const unsigned right = 8 * misaligned;
    const unsigned left = 64 - right;
    for (std::size_t i = head + rank * 16; i < end; i += lanes * 16) {
      const std::uint8_t* const aligned = from + i - misaligned;
      const std::uint64_t middle = loadWord(aligned + 8);
      storeWords16(to + i, {loadWord(aligned) >> right | middle << left,
                            middle >> right | loadWord(aligned + 16) << left});
    }
  }
  for (std::size_t i = end + rank; i < bytes; i += lanes) to[i] = from[i];
}

/// One lane's share of a comparison. @return whether this share is equal
PREDIS_HD bool equalShare(unsigned rank, unsigned lanes, const std::uint8_t* a, const std::uint8_t* b,
                          std::size_t bytes) noexcept {
  bool equal = true;
  if (bytes < 8) {
    for (std::size_t i = rank; i < bytes; i += lanes) equal &= a[i] == b[i];
    return equal;
  }
  // The last piece overlaps the one before it, unless the length is a multiple of 8.
  for (std::size_t i = std::size_t{rank} * 8; i < bytes; i += std::size_t{lanes} * 8) {
    const std::size_t at = i + 8 <= bytes ? i : bytes - 8;
    if (loadAcross(a + at) != loadAcross(b + at)) return false;
  }
  return equal;
}

}  // namespace detail

/// Copies bytes that do not overlap. The lanes see the copy after tile.sync().
template <typename Tile>
PREDIS_HD_LARGE void copyBytes(const Tile& tile, std::uint8_t* to, const std::uint8_t* from,
                               std::size_t bytes) noexcept {
#if !defined(__CUDA_ARCH__)
  if constexpr (Tile::kLanes == 1) {
    if (bytes != 0) std::memcpy(to, from, bytes);
    return;
  }
#endif
  detail::copyShare(tile.rank(), Tile::kLanes, to, from, bytes);
}

/// @return for all lanes, whether the strings are equal
template <typename Tile>
PREDIS_HD_LARGE bool equalBytes(const Tile& tile, const std::uint8_t* a, const std::uint8_t* b,
                                std::size_t bytes) noexcept {
#if !defined(__CUDA_ARCH__)
  if constexpr (Tile::kLanes == 1) return bytes == 0 || std::memcmp(a, b, bytes) == 0;
#endif
  return tile.ballot(!detail::equalShare(tile.rank(), Tile::kLanes, a, b, bytes)) == 0;
}

}  // namespace predis::cuda
