/// @file
/// Sizes that decide how the engine works. The defaults are for a GPU; tests make them small, so that little
/// data meets every case.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../layout.hpp"

namespace predis::cuda {

struct Tuning {
  /// Buckets of the smallest index, a power of two.
  std::uint64_t smallestLevel = kSegmentBytes / sizeof(Bucket);
  /// Most keys of one chunk of a batch, and bytes of keys and values that make it end earlier: copies of this
  /// size run at full speed, and several of them fit in flight.
  std::uint32_t chunkKeys = std::uint32_t{1} << 17;
  std::size_t chunkBytes = std::size_t{16} << 20;
  /// Keys of the first chunk of a reading batch that has the device to itself; each one after it is as large
  /// as all before.
  std::uint32_t firstChunkKeys = 8192;
  /// Batches up to these sizes are read and written by the kernel itself in pinned memory.
  std::uint32_t directKeys = 2048;
  std::size_t directBytes = std::size_t{256} << 10;
  /// Most bytes of values that a chunk's kernel writes to device memory at a time (one longer value
  /// excepted).
  std::size_t mostOutputBytes = std::size_t{64} << 20;
  /// Bytes of one copy through pinned memory.
  std::size_t pieceBytes = std::size_t{16} << 20;
  /// Chunks that one call keeps in flight.
  unsigned chunksInFlight = 4;
  /// Chunks of a relaxed batch between which the lock is dropped.
  unsigned relaxedChunks = 4;
  /// Writes through the mailbox after which the table's counters are read again.
  std::uint32_t writesBetweenReadings = 1024;
  /// Segments that must be dead before their room is sought.
  std::uint32_t deadSegments = 4;
  /// Buffers of a slot above this are given back after use.
  std::size_t keptBufferBytes = std::size_t{64} << 20;
};

}  // namespace predis::cuda
