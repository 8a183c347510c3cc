/// @file
/// The engine whose keys and values live in device memory.
#pragma once

#include <memory>

#include "../backend.hpp"
#include "tuning.hpp"

namespace predis::cuda {

/// The least memory limit: segments for the smallest index and the fixed memory, one for records, and one
/// that compaction needs.
inline constexpr std::uint64_t kLeastLimitBytes = 4 * kSegmentBytes;

/// Makes the engine on a device. It is a DevicePath (device_path.hpp), too.
/// @return null when the device has no memory for the little that an empty engine needs, or there is a limit
/// below kLeastLimitBytes
/// @throws std::bad_alloc
std::unique_ptr<Engine> makeDeviceEngine(std::unique_ptr<Backend> backend, const EngineOptions& options);
/// The same with other sizes, for tests and measurements.
std::unique_ptr<Engine> makeDeviceEngine(std::unique_ptr<Backend> backend, const EngineOptions& options,
                                         const Tuning& tuning);

}  // namespace predis::cuda
