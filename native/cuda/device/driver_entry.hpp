/// @file
/// Functions of the driver, looked up at run time, so that a program with this linked in starts on a machine
/// that has no driver.
#pragma once

#include <cuda_runtime_api.h>

namespace predis::cuda {

/// @param version of CUDA whose form of the function is wanted, as 12000 for 12.0
/// @param function out, unchanged when the answer is false
/// @return false when the driver has no such function
template <typename Function>
bool findDriverEntry(const char* name, unsigned version, Function& function) noexcept {
  void* entry = nullptr;
  cudaDriverEntryPointQueryResult found = cudaDriverEntryPointSymbolNotFound;
#if CUDART_VERSION >= 12050
  const cudaError_t result =
      cudaGetDriverEntryPointByVersion(name, &entry, version, cudaEnableDefault, &found);
#else
  static_cast<void>(version);
  const cudaError_t result = cudaGetDriverEntryPoint(name, &entry, cudaEnableDefault, &found);
#endif
  if (result != cudaSuccess || found != cudaDriverEntryPointSuccess || entry == nullptr) {
    (void)cudaGetLastError();
    return false;
  }
  function = reinterpret_cast<Function>(entry);
  return true;
}

}  // namespace predis::cuda
