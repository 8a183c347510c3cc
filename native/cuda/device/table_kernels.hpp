/// @file
/// Starting the table's kernels that carry no load of their own: the functions of native/cuda/table, a tile
/// of eight lanes a key or bucket. (Those that do are written by hand, see native/cuda/hot.)
#pragma once

#include <cuda_runtime_api.h>

#include "../backend.hpp"

namespace predis::cuda {

/// Grids are as large as the device can hold at a time, no larger: blocks take one index after another.
struct LaunchPlace {
  cudaStream_t stream;
  int multiprocessors;
};

/// Backend::put in its plain form, which needs no working memory.
cudaError_t launchPlainPut(const LaunchPlace& place, const TableView& table, const LogView& log,
                           const BatchView& batch, const GroupScratch& scratch,
                           const std::uint32_t* operations, std::uint32_t operationCount,
                           const Deferred& deferred, std::uint8_t* statuses) noexcept;
cudaError_t launchErase(const LaunchPlace& place, const TableView& table, const BatchView& batch,
                        const GroupScratch& scratch, std::uint8_t* statuses) noexcept;
cudaError_t launchApply(const LaunchPlace& place, const TableView& table, const LogView& log,
                        const BatchView& batch, const Runs& runs, const std::uint32_t* operations,
                        std::uint32_t operationCount, const Deferred& deferred, const ApplyOutput& out,
                        bool final) noexcept;
cudaError_t launchDisplace(const LaunchPlace& place, const TableView& table, const BatchView& batch,
                           const GroupScratch& scratch, const std::uint32_t* operations,
                           std::uint32_t operationCount) noexcept;
cudaError_t launchSplit(const LaunchPlace& place, const TableView& table, std::uint64_t count) noexcept;
cudaError_t launchRebuild(const LaunchPlace& place, const TableView& from, const TableView& to) noexcept;
cudaError_t launchMaintain(const LaunchPlace& place, const TableView& table,
                           const MaintainTask& task) noexcept;
cudaError_t launchPublish(const LaunchPlace& place, const TableView& table, std::uint64_t unit,
                          std::uint8_t* status) noexcept;
cudaError_t launchCountSpace(const LaunchPlace& place, const TableView& table, std::uint16_t space,
                             std::uint64_t* count) noexcept;

/// Loads all of them, so that no first launch waits for a kernel that stays (CUDA loads kernels when they are
/// first used, and must stop the device for it).
cudaError_t preloadTableKernels() noexcept;

}  // namespace predis::cuda
