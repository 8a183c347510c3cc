/// @file
/// Memory behind the addresses of a table: within the limit, and never the device's last.
#pragma once

#include <algorithm>
#include <cstdint>

#include "../backend.hpp"
#include "budget.hpp"

namespace predis::cuda {

/// What the table leaves of the device, for the working memory of calls: without any, nothing that it holds
/// could be read. A few calls of full chunks at a time need about so much.
[[nodiscard]] inline std::uint64_t workingReserve(const Backend& backend) noexcept {
  return std::min<std::uint64_t>(std::uint64_t{512} << 20, backend.facts().memoryBytes / 64);
}

/// Bytes that could be mapped now.
[[nodiscard]] inline std::uint64_t mappableBytes(const Backend& backend, const Budget& budget) noexcept {
  const std::uint64_t free = backend.freeBytes();
  const std::uint64_t reserve = workingReserve(backend);
  return std::min(budget.leftBytes(), free > reserve ? free - reserve : 0);
}

/// Puts memory behind addresses. @return false when the limit or the device does not allow it
[[nodiscard]] inline bool mapWithin(Backend& backend, Budget& budget, std::uint8_t* at,
                                    std::uint64_t bytes) noexcept {
  if (!budget.take(bytes)) return false;
  if (backend.freeBytes() >= bytes + workingReserve(backend) && backend.map(at, bytes)) return true;
  budget.give(bytes);
  return false;
}

}  // namespace predis::cuda
