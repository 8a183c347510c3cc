#include "find_device.hpp"

#include <cuda_runtime_api.h>

namespace predis::cuda {

namespace {

/// Machine code is there from this compute capability on.
constexpr int kLeastMajor = 8;

/// 13000 as 13.0.
std::string versionText(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

/// As nvidia-smi writes it.
std::string uuidText(const cudaUUID_t& uuid) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "GPU-";
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    const auto byte = static_cast<unsigned char>(uuid.bytes[i]);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string whyNoDevices(cudaError_t result, int driverVersion, int runtimeVersion) {
  if (driverVersion == 0) return "this machine has no NVIDIA driver that can be loaded (libcuda.so.1)";
  if (result == cudaErrorInsufficientDriver)
    return "the NVIDIA driver is for CUDA " + versionText(driverVersion) + ", older than the CUDA " +
           versionText(runtimeVersion) + " that this was built with; a newer driver is needed";
  if (result == cudaErrorNoDevice) return "the NVIDIA driver finds no GPU";
  return std::string("the NVIDIA driver refuses to work: ") + cudaGetErrorString(result) + " (" +
         cudaGetErrorName(result) + ")";
}

}  // namespace

bool findDevice(int ordinal, DeviceFacts& facts, std::string& whyNot) {
  (void)cudaDriverGetVersion(&facts.driverVersion);
  (void)cudaRuntimeGetVersion(&facts.runtimeVersion);
  int count = 0;
  cudaError_t result = cudaGetDeviceCount(&count);
  (void)cudaGetLastError();
  if (result != cudaSuccess || count == 0) {
    whyNot = whyNoDevices(result != cudaSuccess ? result : cudaErrorNoDevice, facts.driverVersion,
                          facts.runtimeVersion);
    return false;
  }
  if (ordinal < 0 || ordinal >= count) {
    whyNot = "there is no CUDA device " + std::to_string(ordinal) + ": this machine has " +
             (count == 1 ? std::string("one, number 0") : std::to_string(count) + ", numbered from 0");
    return false;
  }
  cudaDeviceProp properties{};
  result = cudaGetDeviceProperties(&properties, ordinal);
  if (result != cudaSuccess) {
    (void)cudaGetLastError();
    whyNot = "CUDA device " + std::to_string(ordinal) + " does not answer: " + cudaGetErrorString(result);
    return false;
  }
  if (properties.major < kLeastMajor) {
    whyNot = std::string("the ") + properties.name + " has compute capability " +
             std::to_string(properties.major) + "." + std::to_string(properties.minor) +
             "; the engine needs 8.0 or more";
    return false;
  }
  facts.name = properties.name;
  facts.uuid = uuidText(properties.uuid);
  facts.ordinal = ordinal;
  facts.computeMajor = properties.major;
  facts.computeMinor = properties.minor;
  facts.multiprocessors = properties.multiProcessorCount;
  facts.memoryBytes = properties.totalGlobalMem;
  facts.l2Bytes = static_cast<std::uint64_t>(properties.l2CacheSize);
  return true;
}

}  // namespace predis::cuda
