/// The CUDA engine of the addon of scripts/build-simulated.mjs: all of it but the kernels' machine code, on
/// the host as a device. For tests of the way from JavaScript to device memory, where there is no GPU.
#include "../../engine/cuda_factory.hpp"

#include <exception>

#include "../../cuda/backend.hpp"
#include "../../cuda/store/device_engine.hpp"

namespace predis {

std::unique_ptr<Engine> makeCudaEngine(const EngineOptions& options, std::string& whyNot) noexcept try {
  constexpr std::uint64_t kMemoryBytes = std::uint64_t{1} << 30;
  std::unique_ptr<Engine> engine = cuda::makeDeviceEngine(cuda::makeHostBackend(kMemoryBytes, 1), options);
  if (engine == nullptr) whyNot = "the simulated device has not enough memory for an empty engine";
  return engine;
} catch (const std::exception&) {
  return nullptr;  // without words when there is no memory for them
}

}  // namespace predis
