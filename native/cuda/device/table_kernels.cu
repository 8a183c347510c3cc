#include "../table/apply.hpp"
#include "../table/displace.hpp"
#include "../table/index.hpp"
#include "run_kernel.cuh"

namespace predis::cuda {

namespace {

/// A bucket's eight entries, an entry a lane.
using Tile = WarpTile<8>;

std::uint64_t countOf(const BatchView& batch, const std::uint32_t* operations,
                      std::uint32_t operationCount) noexcept {
  return operations != nullptr ? operationCount : batch.count;
}

}  // namespace

cudaError_t launchPlainPut(const LaunchPlace& place, const TableView& table, const LogView& log,
                           const BatchView& batch, const GroupScratch& scratch,
                           const std::uint32_t* operations, std::uint32_t operationCount,
                           const Deferred& deferred, std::uint8_t* statuses) noexcept {
  return launchKernel<Tile>(place, PutKernel{table, log, batch, scratch, operations, deferred, statuses},
                            table.counters, countOf(batch, operations, operationCount));
}

cudaError_t launchErase(const LaunchPlace& place, const TableView& table, const BatchView& batch,
                        const GroupScratch& scratch, std::uint8_t* statuses) noexcept {
  return launchKernel<Tile>(place, EraseKernel{table, batch, scratch, statuses}, table.counters, batch.count);
}

cudaError_t launchApply(const LaunchPlace& place, const TableView& table, const LogView& log,
                        const BatchView& batch, const Runs& runs, const std::uint32_t* operations,
                        std::uint32_t operationCount, const Deferred& deferred, const ApplyOutput& out,
                        bool final) noexcept {
  return launchKernel<Tile>(place, ApplyKernel{table, log, batch, runs, operations, deferred, out, final},
                            table.counters, countOf(batch, operations, operationCount));
}

cudaError_t launchDisplace(const LaunchPlace& place, const TableView& table, const BatchView& batch,
                           const GroupScratch& scratch, const std::uint32_t* operations,
                           std::uint32_t operationCount) noexcept {
  return launchKernel<Tile>(place, DisplaceKernel{table, scratch, operations}, table.counters,
                            countOf(batch, operations, operationCount));
}

cudaError_t launchSplit(const LaunchPlace& place, const TableView& table, std::uint64_t count) noexcept {
  return launchKernel<Tile>(place, SplitKernel{table}, table.counters, count);
}

cudaError_t launchRebuild(const LaunchPlace& place, const TableView& from, const TableView& to) noexcept {
  const cudaError_t cleared =
      cudaMemsetAsync(&to.counters->stashed, 0, sizeof to.counters->stashed, place.stream);
  if (cleared != cudaSuccess) return cleared;
  return launchKernel<Tile>(place, RebuildKernel{from, to}, to.counters, allEights(from));
}

cudaError_t launchMaintain(const LaunchPlace& place, const TableView& table,
                           const MaintainTask& task) noexcept {
  return launchKernel<Tile>(place, MaintainKernel{table, task}, table.counters, allEights(table));
}

cudaError_t launchPublish(const LaunchPlace& place, const TableView& table, std::uint64_t unit,
                          std::uint8_t* status) noexcept {
  return launchKernel<Tile>(place, PublishKernel{table, unit, status}, table.counters, 1);
}

cudaError_t launchCountSpace(const LaunchPlace& place, const TableView& table, std::uint16_t space,
                             std::uint64_t* count) noexcept {
  return launchKernel<Tile>(place, CountSpaceKernel{table, space, count}, table.counters, allEights(table));
}

cudaError_t preloadTableKernels() noexcept {
  for (const auto preload :
       {preloadKernel<Tile, PutKernel>, preloadKernel<Tile, EraseKernel>, preloadKernel<Tile, ApplyKernel>,
        preloadKernel<Tile, DisplaceKernel>, preloadKernel<Tile, SplitKernel>,
        preloadKernel<Tile, RebuildKernel>, preloadKernel<Tile, MaintainKernel>,
        preloadKernel<Tile, PublishKernel>, preloadKernel<Tile, CountSpaceKernel>}) {
    const cudaError_t result = preload();
    if (result != cudaSuccess) return result;
  }
  return cudaSuccess;
}

}  // namespace predis::cuda
