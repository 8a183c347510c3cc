/// @file
/// Ordinary memory where a device would have page-locked memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace predis {

/// Uninitialised memory at a multiple of 64. @return null when there is none. Thread-safe.
[[nodiscard]] inline std::shared_ptr<std::uint8_t> alignedMemory(std::size_t bytes) noexcept {
  constexpr std::size_t kAlignment = 64;
  if (bytes > SIZE_MAX - kAlignment) return nullptr;
  const std::size_t rounded = std::max(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
  try {
    auto* const memory = static_cast<std::uint8_t*>(std::aligned_alloc(kAlignment, rounded));
    return memory == nullptr ? nullptr : std::shared_ptr<std::uint8_t>(memory, std::free);
  } catch (const std::bad_alloc&) {
    return nullptr;  // shared_ptr has freed the memory
  }
}

}  // namespace predis
