/// @file
/// Memory for the engine's answers, and JavaScript values made of them.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <cstdlib>
#include <memory>

#include "call.hpp"

namespace predis::binding {

struct FreeMemory {
  void operator()(std::uint8_t* memory) const noexcept { std::free(memory); }
};

/// An answer in memory of its own, uninitialised; or in memory that the caller lent, when it is large enough.
class Answer {
 public:
  Answer() = default;
  /// @param lent may be null; borrowed until the answer was read
  Answer(std::uint8_t* lent, std::size_t lentBytes) noexcept : lent_(lent), lentBytes_(lentBytes) {}
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  /// To be handed to the engine; refers to this object.
  [[nodiscard]] AnswerMemory memory() noexcept { return {this, &Answer::allocate}; }
  [[nodiscard]] const std::uint8_t* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  /// True when the answer lies in the caller's memory (an empty one does).
  [[nodiscard]] bool inLentMemory() const noexcept { return owned_ == nullptr; }
  /// Hands the memory over to a new Uint8Array without a copy, where the runtime allows that.
  [[nodiscard]] napi_value toUint8Array(napi_env env);

 private:
  static std::uint8_t* allocate(void* context, std::size_t bytes) noexcept;

  std::uint8_t* lent_ = nullptr;
  std::size_t lentBytes_ = 0;
  std::unique_ptr<std::uint8_t, FreeMemory> owned_;
  std::uint8_t* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// An answer in scratch memory that is used again by the next call.
class ScratchAnswer {
 public:
  explicit ScratchAnswer(Scratch& scratch) noexcept : scratch_(scratch) {}
  ~ScratchAnswer() { scratch_.trim(); }
  ScratchAnswer(const ScratchAnswer&) = delete;
  ScratchAnswer& operator=(const ScratchAnswer&) = delete;

  [[nodiscard]] AnswerMemory memory() noexcept { return {this, &ScratchAnswer::allocate}; }
  [[nodiscard]] const std::uint8_t* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  static std::uint8_t* allocate(void* context, std::size_t bytes) noexcept;

  Scratch& scratch_;
  std::uint8_t* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// A string of UTF-8 bytes; what is not UTF-8 becomes U+FFFD, as in Buffer.toString.
/// @throws Failure VALUE_TOO_LONG when JavaScript has no strings that long
napi_value makeString(napi_env env, const std::uint8_t* bytes, std::size_t count);

/// A copy of bytes as a new Buffer.
napi_value makeBuffer(napi_env env, const std::uint8_t* bytes, std::size_t count);

/// A copy of elements as a new typed array.
napi_value makeTypedArray(napi_env env, napi_typedarray_type type, const void* elements, std::size_t count,
                          std::size_t elementBytes);

/// Makes the JavaScript function that `makeStrings` needs; once for each environment.
napi_ref makeFill(napi_env env);

/// An array of strings, null where found[i] is 0. Some hundreds at a time are made and then handed to a
/// JavaScript function that stores them: three times as fast as storing each through N-API.
/// @param fill from `makeFill`
napi_value makeStrings(napi_env env, napi_ref fill, const PackedView& values, const std::uint8_t* found);

}  // namespace predis::binding
