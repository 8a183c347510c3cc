/// @file
/// Where the CUDA engine comes from. Only in a build with PREDIS_WITH_CUDA, which has its definition.
#pragma once

#include <memory>
#include <string>

#include "engine.hpp"

namespace predis {

/// Makes the CUDA engine. Never throws for want of a device: null, and why (one plain sentence without a full
/// stop, e.g. "no CUDA driver is installed", "the driver is older than CUDA 13 needs (found 12.2)", "there is
/// no device 3; this machine has 1"). @throws std::bad_alloc
std::unique_ptr<Engine> makeCudaEngine(const EngineOptions& options, std::string& whyNot);

}  // namespace predis
