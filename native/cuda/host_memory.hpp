/// @file
/// Memory of the simulated device: address ranges that get their memory piece by piece, and blocks, all under
/// one limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

namespace predis::cuda {

/// Thread-safe. Misuse (freeing what was never given, mapping twice) is a failed check: the process ends with
/// a message, as a test should.
class HostMemory {
 public:
  explicit HostMemory(std::uint64_t limitBytes) : limitBytes_(limitBytes) {}
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;
  ~HostMemory();

  [[nodiscard]] std::uint8_t* reserve(std::uint64_t bytes) noexcept;
  [[nodiscard]] bool map(std::uint8_t* at, std::uint64_t bytes) noexcept;
  void unmap(std::uint8_t* at, std::uint64_t bytes) noexcept;
  void release(std::uint8_t* at, std::uint64_t bytes) noexcept;
  /// @param counted against the limit (device memory), or not (pinned host memory)
  [[nodiscard]] std::uint8_t* allocate(std::size_t bytes, bool counted) noexcept;
  void free(void* memory) noexcept;

  [[nodiscard]] std::uint64_t limitBytes() const noexcept { return limitBytes_; }
  [[nodiscard]] std::uint64_t usedBytes() const noexcept;
  void refuseAfter(std::uint64_t calls) noexcept;

 private:
  struct Block {
    std::uint64_t bytes;
    bool counted;
  };

  /// Takes room under the limit. @pre the mutex is held
  bool take(std::uint64_t bytes) noexcept;

  const std::uint64_t limitBytes_;
  mutable std::mutex mutex_;
  std::map<std::uint8_t*, std::uint64_t> ranges_;  ///< Reserved.
  std::map<std::uint8_t*, std::uint64_t> maps_;    ///< With memory behind them.
  std::map<void*, Block> blocks_;
  std::uint64_t usedBytes_ = 0;
  std::uint64_t callsLeft_ = ~std::uint64_t{0};
};

}  // namespace predis::cuda
