/// @file
/// Checks of arguments that all engines make, so that they refuse the same things in the same words.
#pragma once

#include <string_view>

#include "engine.hpp"

namespace predis {

/// Whether a key's length is allowed; `checkKey` in one comparison.
[[nodiscard]] constexpr bool isAllowedKey(std::string_view key) noexcept {
  return key.size() - 1 < kMaxKeyBytes;
}

/// kOk, kKeyEmpty or kKeyTooLong.
[[nodiscard]] constexpr Status checkKey(std::string_view key) noexcept {
  if (key.empty()) return Status::kKeyEmpty;
  return key.size() > kMaxKeyBytes ? Status::kKeyTooLong : Status::kOk;
}

/// The same, or kValueTooLong.
[[nodiscard]] constexpr Status checkPair(std::string_view key, std::string_view value) noexcept {
  const Status status = checkKey(key);
  if (status != Status::kOk) return status;
  return value.size() > kMaxValueBytes ? Status::kValueTooLong : Status::kOk;
}

/// Whether an operation's status makes its batch kSomeFailed: that a key does not exist, or has another value
/// than expected, is an answer.
[[nodiscard]] constexpr bool isFailure(Status status) noexcept {
  return status != Status::kOk && status != Status::kNotFound && status != Status::kMismatch;
}

/// Whether an operation may change something.
[[nodiscard]] constexpr bool isWrite(OpKind kind) noexcept {
  return kind != OpKind::kGet && kind != OpKind::kExpiry;
}

}  // namespace predis
