/// @file
/// Bytes that come from JavaScript: strings, Uint8Arrays, packed batches. Whatever is handed to the engine
/// was checked here.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "call.hpp"

namespace predis::binding {

/// Memory of a typed array. Borrowed: valid until JavaScript runs again.
template <typename T>
struct ArrayView {
  T* data = nullptr;
  std::size_t length = 0;  ///< Elements, not bytes.
};

/// @{
/// The typed array that argument i is. Memory that another thread may change (SharedArrayBuffer) is refused,
/// because what was checked would not be what is used; so is a detached array.
/// @throws Failure BAD_ARGUMENT
ArrayView<std::uint8_t> uint8Array(const Call& call, std::size_t i, const char* name);
ArrayView<std::uint32_t> uint32Array(const Call& call, std::size_t i, const char* name);
ArrayView<std::int64_t> bigInt64Array(const Call& call, std::size_t i, const char* name);
ArrayView<double> float64Array(const Call& call, std::size_t i, const char* name);
/// @}

/// True when two pieces of memory share a byte.
[[nodiscard]] bool overlap(const void* a, std::size_t aBytes, const void* b, std::size_t bBytes) noexcept;

/// The bytes of one key or value: those of a Uint8Array, or of a string in UTF-8 (a lone surrogate becomes
/// U+FFFD, as in Buffer.from). Short strings stay on the stack.
class ByteArgument {
 public:
  /// @throws Failure BAD_ARGUMENT
  ByteArgument(const Call& call, std::size_t i, const char* name);
  ByteArgument(const ByteArgument&) = delete;
  ByteArgument& operator=(const ByteArgument&) = delete;

  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }

 private:
  std::string_view bytes_;
  std::unique_ptr<char[]> long_;
  std::array<char, 1024> short_;  // uninitialised on purpose
};

/// A packed batch given as arguments i (blob) and i + 1 (offsets, one more than there are strings).
/// @throws Failure BAD_ARGUMENT, BAD_BATCH
PackedView packedBatch(const Call& call, std::size_t i, const char* name);

/// A batch given as one joined string (argument i) and the offsets of its pieces in UTF-16 units (argument
/// i + 1): when all is ASCII, which is the usual case, those are the offsets in bytes too.
/// @param scratch receives the bytes
/// @param ascii out: false when the string holds anything but ASCII; the view is then empty
/// @throws Failure BAD_ARGUMENT, BAD_BATCH, OUT_OF_MEMORY
PackedView joinedBatch(const Call& call, std::size_t i, const char* name, Scratch& scratch, bool& ascii);

/// Expiry times as argument i, one for each of `count` pairs, in Unix milliseconds with 0 for never; null
/// when the argument was not given. @throws Failure BAD_ARGUMENT, BAD_BATCH
const std::int64_t* expiryTimes(const Call& call, std::size_t i, std::size_t count);

/// @throws Failure KEY_EMPTY or KEY_TOO_LONG with the index of the first bad key
void checkKeys(const PackedView& keys);
/// @throws Failure VALUE_TOO_LONG with the index of the first bad value; BAD_BATCH when the counts differ
void checkValues(const PackedView& keys, const PackedView& values);

/// Keys of a call as a joined string; ends the use of scratch memory with the call.
class JoinedKeys {
 public:
  /// @throws Failure as joinedBatch and checkKeys
  JoinedKeys(const Call& call, std::size_t i) : scratch_(call.instance().input) {
    view_ = joinedBatch(call, i, "the keys", scratch_, ascii_);
    checkKeys(view_);
  }
  ~JoinedKeys() { scratch_.trim(); }
  JoinedKeys(const JoinedKeys&) = delete;
  JoinedKeys& operator=(const JoinedKeys&) = delete;

  [[nodiscard]] bool ascii() const noexcept { return ascii_; }
  [[nodiscard]] const PackedView& view() const noexcept { return view_; }

 private:
  Scratch& scratch_;
  bool ascii_ = true;
  PackedView view_;
};

}  // namespace predis::binding
