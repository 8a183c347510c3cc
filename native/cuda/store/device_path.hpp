/// @file
/// The engine for consumers on the device: keys and answers stay in its memory. Reached by
/// `dynamic_cast<DevicePath*>(engine)`.
///
/// Locks and promises are those of the Engine's batches (strong). Pointers are device memory, or pinned host
/// memory, unless said otherwise; work is done when a call returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "../backend.hpp"

namespace predis::cuda {

/// A batch in device memory. Offsets are the caller's to check: nothing is checked on the device.
struct DeviceBatch {
  const std::uint8_t* keyBlob = nullptr;
  const std::uint32_t* keyOffsets = nullptr;  ///< count + 1
  const std::uint8_t* valueBlob = nullptr;    ///< Of inserts.
  const std::uint32_t* valueOffsets = nullptr;
  const std::int64_t* expiresAtMs = nullptr;  ///< Of inserts: count times, 0 for never; may be null.
  std::uint32_t count = 0;
  std::uint64_t blobBytes = 0;  ///< Of inserts: bytes of all keys and values.
};

class DevicePath {
 public:
  virtual ~DevicePath() = default;

  /// @param found out, count: 1 where there is a key
  virtual BatchStatus lookupOnDevice(const Scope& scope, const DeviceBatch& batch,
                                     std::uint8_t* found) noexcept = 0;
  /// Values at a fixed stride, longer ones cut. @param valueBytes out, count: the value's length, UINT32_MAX
  /// where there is no key
  virtual BatchStatus gatherOnDevice(const Scope& scope, const DeviceBatch& batch, std::uint8_t* out,
                                     std::uint32_t strideBytes, std::uint32_t* valueBytes) noexcept = 0;
  /// Values side by side. @param out its `totalBytes` tells whether the blob was large enough
  virtual BatchStatus mgetOnDevice(const Scope& scope, const DeviceBatch& batch,
                                   const MgetOutput& out) noexcept = 0;
  /// Creates or replaces. Values too large for kernels (isLarge) fail with kOutOfMemory.
  /// @param statuses out, count
  virtual BatchStatus insertOnDevice(const Scope& scope, const DeviceBatch& batch,
                                     std::uint8_t* statuses) noexcept = 0;

  /// Keys of the host; values at a fixed stride in device memory, longer ones cut: batches for consumers on
  /// the device. @param valueBytes out, count, host memory: as gatherOnDevice's
  virtual BatchStatus mgetToDevice(const Scope& scope, const PackedView& keys, std::uint8_t* out,
                                   std::uint32_t strideBytes, std::uint32_t* valueBytes) noexcept = 0;

  /// Device memory that is not counted as the engine's. It may outlive the engine. @return null without any
  virtual std::shared_ptr<std::uint8_t> allocateOnDevice(std::size_t bytes) noexcept = 0;
  /// Sets device memory to 0. @return false when the device failed
  virtual bool zeroOnDevice(std::uint8_t* device, std::size_t bytes) noexcept = 0;
  /// Copies from host memory of any kind, and back. @return false when the device failed
  virtual bool copyIn(std::uint8_t* device, const std::uint8_t* host, std::size_t bytes) noexcept = 0;
  virtual bool copyOut(std::uint8_t* host, const std::uint8_t* device, std::size_t bytes) noexcept = 0;
};

}  // namespace predis::cuda
