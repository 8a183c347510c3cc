/// @file
/// Helpers of single operations.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "../../engine/engine.hpp"

namespace predis::cuda {

inline std::uint32_t length(std::string_view bytes) noexcept {
  return static_cast<std::uint32_t>(bytes.size());
}
inline const std::uint8_t* bytesOf(std::string_view bytes) noexcept {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

/// One string as a packed batch.
struct One {
  explicit One(std::string_view string) noexcept
      : offsets{0, static_cast<std::uint32_t>(string.size())},
        view{bytesOf(string), string.size(), offsets, 1} {}
  One(const One&) = delete;
  One& operator=(const One&) = delete;
  std::uint32_t offsets[2];
  PackedView view;
};

/// Copies a value to memory that is asked for.
inline Status handOver(const AnswerMemory& memory, const std::uint8_t* value, std::size_t bytes) noexcept {
  std::uint8_t* const answer = memory.allocate(memory.context, bytes);
  if (bytes == 0) return Status::kOk;
  if (answer == nullptr) return Status::kOutOfMemory;
  std::memcpy(answer, value, bytes);
  return Status::kOk;
}

}  // namespace predis::cuda
