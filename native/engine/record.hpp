/// @file
/// The record: one key and its value, contiguous in memory, so that a read touches one place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace predis {

/// Header of a record; key and value follow it at once. Records start at multiples of 16 bytes.
struct alignas(16) Record {
  std::uint16_t keyBytesLessOne;  ///< Keys have 1 byte to 64 KiB: the length less one fits 16 bits.
  std::uint16_t slotClass;        ///< Where the memory came from (see the allocator).
  std::uint32_t valueBytes;
  std::uint64_t hash;

  [[nodiscard]] std::size_t keyBytes() const noexcept { return std::size_t{keyBytesLessOne} + 1; }
  [[nodiscard]] const char* keyData() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  [[nodiscard]] char* keyData() noexcept { return reinterpret_cast<char*>(this + 1); }
  [[nodiscard]] const char* valueData() const noexcept { return keyData() + keyBytes(); }
  [[nodiscard]] char* valueData() noexcept { return keyData() + keyBytes(); }
  [[nodiscard]] std::string_view key() const noexcept { return {keyData(), keyBytes()}; }
  [[nodiscard]] std::string_view value() const noexcept { return {valueData(), valueBytes}; }
};
static_assert(sizeof(Record) == 16, "the header is counted in memory figures and shared with the device");

/// Bytes of a record with such a key and value.
constexpr std::size_t recordBytes(std::size_t keyBytes, std::size_t valueBytes) noexcept {
  return sizeof(Record) + keyBytes + valueBytes;
}

/// Whether two byte strings of the same length are equal; faster than memcmp's call for the short keys that
/// are common.
inline bool equalBytes(const char* a, const char* b, std::size_t bytes) noexcept {
  const auto differ = [&](std::size_t at) noexcept {
    std::uint64_t x;
    std::uint64_t y;
    std::memcpy(&x, a + at, sizeof x);
    std::memcpy(&y, b + at, sizeof y);
    return x ^ y;
  };
  if (bytes > 64 || bytes < 8) return std::memcmp(a, b, bytes) == 0;
  std::uint64_t difference = differ(bytes - 8);
  for (std::size_t at = 0; at + 8 < bytes; at += 8) difference |= differ(at);
  return difference == 0;
}

}  // namespace predis
