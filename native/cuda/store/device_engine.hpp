/// @file
/// The engine whose keys and values live in device memory.
#pragma once

#include <memory>

#include "../backend.hpp"
#include "tuning.hpp"

namespace predis::cuda {

/// Makes the engine on a device. It is a DevicePath (device_path.hpp), too.
/// @return null when the device has no memory for the little that an empty engine needs, or the limit does
/// not allow it
/// @throws std::bad_alloc
std::unique_ptr<Engine> makeDeviceEngine(std::unique_ptr<Backend> backend, const EngineOptions& options);
/// The same with other sizes, for tests and measurements.
std::unique_ptr<Engine> makeDeviceEngine(std::unique_ptr<Backend> backend, const EngineOptions& options,
                                         const Tuning& tuning);

}  // namespace predis::cuda
