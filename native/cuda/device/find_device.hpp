/// @file
/// Whether there is a device to work with, in plain words where not.
#pragma once

#include <string>

#include "../../engine/engine.hpp"

namespace predis::cuda {

/// Reads the facts of a device. @param whyNot out, when the answer is false
[[nodiscard]] bool findDevice(int ordinal, DeviceFacts& facts, std::string& whyNot);

}  // namespace predis::cuda
