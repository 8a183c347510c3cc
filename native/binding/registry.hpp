/// @file
/// Engines of this process by number, so that JavaScript threads can share them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "../engine/engine.hpp"

namespace predis::binding {

/// An engine and what it was made with. Lives as long as anyone holds it: a client, or work in flight.
struct SharedEngine {
  std::uint32_t id = 0;
  std::string reason;  ///< Why this kind and no other; empty where exactly this one was asked for.
  EngineOptions options;
  std::unique_ptr<Engine> engine;
};

/// Makes an engine and gives it a number that no other engine of this process ever gets. Thread-safe.
/// @param kind 'cpu', 'cuda', or 'auto': the CUDA engine where it runs, otherwise the CPU engine
/// @throws Failure ENGINE_UNAVAILABLE for a kind that this build lacks or this machine cannot run;
/// std::bad_alloc
std::shared_ptr<SharedEngine> createEngine(std::string_view kind, const EngineOptions& options);

/// The engine of that number, or null when its last holder has let go of it. Thread-safe.
std::shared_ptr<SharedEngine> findEngine(std::uint32_t id);

}  // namespace predis::binding
