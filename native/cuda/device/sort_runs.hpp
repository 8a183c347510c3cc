/// @file
/// Bringing the operations of a mixed batch into runs, one a key, in batch order.
#pragma once

#include <cuda_runtime_api.h>

#include "../backend.hpp"

namespace predis::cuda {

/// Device memory that launchSortRuns needs.
std::size_t sortRunsBytes(std::uint32_t count) noexcept;
/// A stable sort by slot; one launch for small batches. @param temporary of sortRunsBytes(count)
cudaError_t launchSortRuns(cudaStream_t stream, const GroupScratch& scratch, std::uint32_t count,
                           const Runs& runs, std::uint8_t* temporary) noexcept;
cudaError_t preloadSortRuns() noexcept;

}  // namespace predis::cuda
