/// @file
/// Bringing a chunk of a caller's batch to where kernels can read it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../../engine/engine.hpp"
#include "core.hpp"

namespace predis::cuda {

/// A caller's batch.
struct BatchSource {
  PackedView keys;
  PackedView values;    ///< count 0 when there are none.
  PackedView expected;  ///< Likewise.
  const std::uint8_t* kinds = nullptr;
  const std::int64_t* amounts = nullptr;
  std::uint16_t space = 0;
  std::int64_t nowMs = 0;
  // Filled by `notePinned`: what needs no copy to pinned memory.
  bool keysPinned = false, valuesPinned = false, expectedPinned = false;

  [[nodiscard]] bool hasValues() const noexcept { return values.count != 0; }
  [[nodiscard]] bool hasExpected() const noexcept { return expected.count != 0; }
  void notePinned(const PinnedRanges& ranges) noexcept;

  /// Bytes of keys, values and expected values of operations [from, to).
  [[nodiscard]] std::uint64_t bytes(std::size_t from, std::size_t to) const noexcept;
  /// True when the record of operation i is one that the host writes.
  [[nodiscard]] bool isLargeAt(std::size_t i) const noexcept {
    return hasValues() && (kinds == nullptr || writesValue(static_cast<OpKind>(kinds[i]))) &&
           isLarge(keys[i].size(), values[i].size());
  }
  /// Units that the records of operations [from, to) take at most, but for large ones.
  [[nodiscard]] std::uint64_t mostUnits(std::size_t from, std::size_t to) const noexcept;

 private:
  static bool writesValue(OpKind kind) noexcept {
    return kind == OpKind::kPut || kind == OpKind::kCompareAndSet || kind == OpKind::kPutIfAbsent;
  }
};

/// A part of a batch that is worked on at once.
struct Chunk {
  std::size_t first = 0;
  std::uint32_t count = 0;
  bool large = false;  ///< One operation whose record the host writes.
};

/// The chunk that begins at `first`: as many operations as the tuning allows, or one large one.
[[nodiscard]] Chunk nextChunk(const BatchSource& source, std::size_t first, const Tuning& tuning) noexcept;

/// Puts a chunk into a slot's buffers and gives the copies to its stream.
/// @param direct leaves it in pinned memory, for kernels to read there
/// @return false when there is no memory
[[nodiscard]] bool stage(Core& core, Slot& slot, const BatchSource& source, const Chunk& chunk, bool direct,
                         BatchView& view) noexcept;

/// True when the batch is small enough for kernels to read it in pinned memory.
[[nodiscard]] bool goesDirect(const Core& core, std::size_t count, std::uint64_t bytes) noexcept;

}  // namespace predis::cuda
