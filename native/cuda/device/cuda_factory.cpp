#include "../../engine/cuda_factory.hpp"

#include <exception>

#include "../backend.hpp"
#include "../store/device_engine.hpp"

namespace predis {

std::unique_ptr<Engine> makeCudaEngine(const EngineOptions& options, std::string& whyNot) noexcept try {
  std::unique_ptr<cuda::Backend> backend = cuda::makeCudaBackend(options.device, whyNot);
  if (backend == nullptr) return nullptr;
  const std::string name = backend->facts().name;
  if (options.memoryLimitBytes != 0 && options.memoryLimitBytes < cuda::kLeastLimitBytes) {
    whyNot = "a memory limit of " + std::to_string(options.memoryLimitBytes) +
             " bytes is too small for it: it takes memory in pieces of 2 MiB, and needs " +
             std::to_string(cuda::kLeastLimitBytes >> 20) + " MiB (" +
             std::to_string(cuda::kLeastLimitBytes) + " bytes) at least";
    return nullptr;
  }
  std::unique_ptr<Engine> engine = cuda::makeDeviceEngine(std::move(backend), options);
  if (engine == nullptr) whyNot = "the " + name + " has not enough free memory for an empty engine";
  return engine;
} catch (const std::exception&) {
  // Without words when there is no memory for them.
  return nullptr;
}

}  // namespace predis
