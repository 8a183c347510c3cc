/// @file
/// Decimal integers exactly as Redis reads and writes them for INCRBY.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "portable.hpp"

namespace predis {

inline constexpr std::size_t kMaxDecimalBytes = 20;  ///< "-9223372036854775808"

/// Reads the integer that a value stands for. Accepted is the canonical form only, as by Redis' string2ll: an
/// optional '-', no '+', no spaces, no leading zeros, no "-0", within a signed 64-bit integer.
/// @return false, and `value` as it was, when the text is anything else
PREDIS_HD_LARGE bool parseDecimal(const unsigned char* text, std::size_t bytes,
                                  std::int64_t& value) noexcept {
  if (bytes == 0 || bytes > kMaxDecimalBytes) return false;
  if (bytes == 1 && text[0] == '0') {
    value = 0;
    return true;
  }
  const bool negative = text[0] == '-';
  std::size_t at = negative ? 1 : 0;
  if (at == bytes || text[at] < '1' || text[at] > '9') return false;
  const std::uint64_t most = (std::uint64_t{1} << 63) - (negative ? 0 : 1);
  std::uint64_t magnitude = 0;
  for (; at < bytes; ++at) {
    if (text[at] < '0' || text[at] > '9') return false;
    const std::uint64_t digit = text[at] - std::uint64_t{'0'};
    if (magnitude > (most - digit) / 10) return false;
    magnitude = magnitude * 10 + digit;
  }
  value = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
  return true;
}

/// Writes an integer in that form. @param text out, room for kMaxDecimalBytes @return bytes written
PREDIS_HD_LARGE std::size_t formatDecimal(std::int64_t value, unsigned char* text) noexcept {
  const bool negative = value < 0;
  std::uint64_t magnitude = static_cast<std::uint64_t>(value);
  if (negative) magnitude = 0 - magnitude;
  std::size_t bytes = negative ? 1 : 0;
  for (std::uint64_t rest = magnitude; rest > 9; rest /= 10) ++bytes;
  ++bytes;
  std::size_t at = bytes;
  do {
    text[--at] = static_cast<unsigned char>('0' + magnitude % 10);
    magnitude /= 10;
  } while (magnitude != 0);
  if (negative) text[0] = '-';
  return bytes;
}

/// The integer that a text stands for, or nothing.
inline std::optional<std::int64_t> parseDecimal(std::string_view text) noexcept {
  std::int64_t value = 0;
  if (!parseDecimal(reinterpret_cast<const unsigned char*>(text.data()), text.size(), value))
    return std::nullopt;
  return value;
}

/// Writes an integer. @param buffer of kMaxDecimalBytes @return what was written, in the buffer
inline std::string_view formatDecimal(std::int64_t value, char* buffer) noexcept {
  return {buffer, formatDecimal(value, reinterpret_cast<unsigned char*>(buffer))};
}

}  // namespace predis
