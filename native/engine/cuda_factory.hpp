/// @file
/// Making the CUDA engine, where it was built in and there is a device for it.
#pragma once

#include <memory>
#include <string>

#include "engine.hpp"

namespace predis {

#if PREDIS_WITH_CUDA

/// Makes an engine on the device of options.device. Needs a driver; without one it answers why, at once.
/// @param whyNot out, a plain sentence without full stop, when the answer is null
std::unique_ptr<Engine> makeCudaEngine(const EngineOptions& options, std::string& whyNot) noexcept;

#else

inline std::unique_ptr<Engine> makeCudaEngine(const EngineOptions&, std::string& whyNot) noexcept {
  whyNot = "the addon was built without CUDA, because nvcc was not found";
  return nullptr;
}

#endif

}  // namespace predis
