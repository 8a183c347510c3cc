/// @file
/// Loading kernels before they are first launched.
#pragma once

#include <cuda_runtime.h>

namespace predis::cuda::hot {

/// @return the first error
template <typename... Kernels>
cudaError_t preload(Kernels*... kernels) noexcept {
  cudaFuncAttributes attributes;
  cudaError_t first = cudaSuccess;
  for (const cudaError_t result : {cudaFuncGetAttributes(&attributes, kernels)...}) {
    if (first == cudaSuccess) first = result;
  }
  return first;
}

}  // namespace predis::cuda::hot
