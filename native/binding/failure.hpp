/// @file
/// How a native method fails: it throws a `Failure`, and `guarded` (see call.hpp) turns it into a JavaScript
/// error with a `code`. The texts that people read live in src/predis/errors.ts, beside the codes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "../engine/engine.hpp"

namespace predis::binding {

/// A failure on its way to JavaScript.
struct Failure {
  static constexpr std::int64_t kNoIndex = -1;

  explicit Failure(const char* failureCode, std::string detail = {}, std::int64_t at = kNoIndex)
      : code(failureCode), message(std::move(detail)), index(at) {}

  const char* code;     ///< A code of src/predis/errors.ts.
  std::string message;  ///< Empty: the code's own text says it all.
  std::int64_t index;   ///< Which operation of a batch, or kNoIndex.
};

/// Thrown when a JavaScript exception is pending already: leave at once, and let it through.
struct PendingException {};

/// The code of a status that is a failure. @pre status is not kOk, kNotFound or kMismatch.
[[nodiscard]] constexpr const char* failureCode(Status status) noexcept {
  switch (status) {
    case Status::kKeyEmpty:
      return "KEY_EMPTY";
    case Status::kKeyTooLong:
      return "KEY_TOO_LONG";
    case Status::kValueTooLong:
      return "VALUE_TOO_LONG";
    case Status::kOutOfMemory:
      return "OUT_OF_MEMORY";
    case Status::kNotInteger:
      return "NOT_AN_INTEGER";
    case Status::kOverflow:
      return "OVERFLOW";
    case Status::kDeviceFailed:
      return "GPU_FAILED";
    case Status::kOk:
    case Status::kNotFound:
    case Status::kMismatch:
      break;
  }
  return "INTERNAL";
}

/// @throws Failure unless the status is kOk, kNotFound or kMismatch
inline void throwIfFailed(Status status) {
  if (status > Status::kNotFound && status != Status::kMismatch) throw Failure(failureCode(status));
}

/// @throws Failure when an mget found no room for its answer
inline void throwIfFailed(BatchStatus status) {
  if (status == BatchStatus::kOutOfMemory) throw Failure("OUT_OF_MEMORY", "no memory for the values read");
  if (status == BatchStatus::kTooLarge) throw Failure("ANSWER_TOO_LARGE");
  if (status == BatchStatus::kDeviceFailed) throw Failure("GPU_FAILED");
}

}  // namespace predis::binding
