/// @file
/// The kernels that carry the load: look-up, gather, mget, group and put, each written for the device by
/// hand. They mean what Backend's members of the same name mean; all launch on a stream and check nothing but
/// their arguments.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "../backend.hpp"

namespace predis::cuda::hot {

/// Working memory of mget launches of one stream, in device memory, zeroed once.
struct MgetScratch {
  /// Sums of the blocks of a launch: launch number, state and bytes in one word each.
  unsigned long long* sums = nullptr;
  std::uint32_t sumCount = 0;  ///< At least mgetBlocks(keys).
  std::uint32_t* ticket = nullptr;
  // Of the host:
  std::uint32_t ticketBase = 0;  ///< What `ticket` stands at.
  std::uint32_t launch = 0;      ///< Number of the last launch; never 0 for a launch.
};

/// Working memory of put launches of one stream, in device memory; arrays have room for a whole batch.
struct PutScratch {
  static constexpr std::size_t kCounts = 3;
  std::uint64_t* plans = nullptr;    ///< What the first kernel leaves to the second.
  std::uint64_t** places = nullptr;  ///< Entries of records that move.
  // Operations whose buckets were both full, and the records already written for them:
  std::uint32_t* operations = nullptr;
  std::uint64_t* units = nullptr;
  std::uint64_t* count =
      nullptr;                    ///< kCounts numbers: these, then those taken on, then blocks that are done.
  std::uint64_t* next = nullptr;  ///< count + 1
  std::uint64_t* blocksDone = nullptr;  ///< count + 2
};

/// Blocks of an mget of so many keys.
std::uint32_t mgetBlocks(std::uint32_t keys) noexcept;

void launchLookup(cudaStream_t stream, const TableView& table, const BatchView& batch,
                  std::uint8_t* found) noexcept;
/// Bytes of a row behind a shorter value are set to 0; rows of missing keys are not touched.
void launchGather(cudaStream_t stream, const TableView& table, const BatchView& batch, std::uint8_t* out,
                  std::uint32_t strideBytes, std::uint32_t* valueBytes) noexcept;
/// @param scratch belongs to the stream; changed
void launchMget(cudaStream_t stream, const TableView& table, const BatchView& batch, const MgetOutput& output,
                MgetScratch& scratch) noexcept;
/// Clears the slots first.
void launchGroup(cudaStream_t stream, const TableView& table, const BatchView& batch,
                 const GroupScratch& scratch, GroupKeeps keeps) noexcept;
void launchPut(cudaStream_t stream, const TableView& table, const LogView& log, const BatchView& batch,
               const GroupScratch& scratch, const std::uint32_t* operations, std::uint32_t operationCount,
               const PutScratch& put, const Deferred& deferred, std::uint8_t* statuses) noexcept;
/// The second half of launchPut: enters what `put` lists by moving other entries.
void launchDisplace(cudaStream_t stream, const TableView& table, const BatchView& batch,
                    const GroupScratch& scratch, const PutScratch& put, const Deferred& deferred,
                    std::uint8_t* statuses) noexcept;

// CUDA loads a kernel when it is first used, and stops the device for it: these load them in advance.
cudaError_t preloadLookup() noexcept;
cudaError_t preloadGather() noexcept;
cudaError_t preloadMget() noexcept;
cudaError_t preloadGroup() noexcept;
cudaError_t preloadPut() noexcept;
cudaError_t preloadDisplace() noexcept;

}  // namespace predis::cuda::hot
