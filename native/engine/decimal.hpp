/// @file
/// Decimal integers exactly as Redis reads and writes them for INCRBY.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace predis {

inline constexpr std::size_t kMaxDecimalBytes = 20;  ///< "-9223372036854775808"

/// The integer that a value stands for, or nothing. Accepted is the canonical form only, as by Redis'
/// string2ll: an optional '-', no '+', no spaces, no leading zeros, no "-0", within a signed 64-bit integer.
inline std::optional<std::int64_t> parseDecimal(std::string_view text) noexcept {
  if (text.empty() || text.size() > kMaxDecimalBytes) return std::nullopt;
  if (text == "0") return 0;
  const std::size_t first = text.front() == '-' ? 1 : 0;
  if (first == text.size() || text[first] < '1' || text[first] > '9') return std::nullopt;
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value, 10);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return value;
}

/// Writes an integer in that form. @param buffer of kMaxDecimalBytes @return what was written, in the buffer
inline std::string_view formatDecimal(std::int64_t value, char* buffer) noexcept {
  const auto written = std::to_chars(buffer, buffer + kMaxDecimalBytes, value);
  return {buffer, static_cast<std::size_t>(written.ptr - buffer)};
}

}  // namespace predis
