/// @file
/// Starting the mailbox kernel.
#pragma once

#include <cuda_runtime_api.h>

#include "../mailbox_protocol.hpp"

namespace predis::cuda {

/// One block, a warp a lane. Leaves when told to, when idle, at the end of its life, and after a bounded
/// number of polls.
cudaError_t launchMailbox(cudaStream_t stream, const mail::Launch& launch) noexcept;
/// Loads the kernel, so that its first launch does not wait for others to end.
cudaError_t preloadMailbox() noexcept;

}  // namespace predis::cuda
