/// @file
/// The backend's streams: order among them, waiting for them, and times of sampled work.
#pragma once

#include <cuda.h>
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "../backend.hpp"
#include "failure.hpp"

namespace predis::cuda {

/// Different threads may use different streams. The caller has made the device current in its thread.
class Streams {
 public:
  explicit Streams(StickyFailure& failure) : failure_(failure) {}
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;
  ~Streams();

  /// @return false when it failed, see the failure
  [[nodiscard]] bool open() noexcept;

  [[nodiscard]] cudaStream_t operator[](Stream stream) const noexcept { return streams_.at(stream); }
  /// Of the mailbox: the device takes its block before others'.
  [[nodiscard]] cudaStream_t urgent() const noexcept { return urgent_; }

  void order(Stream earlier, Stream later) noexcept;
  [[nodiscard]] bool wait(Stream stream) noexcept { return waitFor(streams_.at(stream)); }
  [[nodiscard]] Progress look(Stream stream) noexcept { return lookAt(streams_.at(stream)); }
  /// See Backend::ticket. The device writes the ticket's number to a word in pinned memory, which is read
  /// without asking the driver: its calls take a lock that launches of other threads need.
  [[nodiscard]] std::uint32_t ticket(Stream stream) noexcept;
  [[nodiscard]] Progress look(Stream stream, std::uint32_t ticket) noexcept;
  [[nodiscard]] bool await(Stream stream, std::uint32_t ticket) noexcept;
  void mark(Stream stream, unsigned mark) noexcept;
  [[nodiscard]] std::uint64_t nsBetween(Stream stream, unsigned from, unsigned to) noexcept;
  [[nodiscard]] bool waitFor(cudaStream_t stream) noexcept;

 private:
  static constexpr unsigned kMarks = 8;
  /// A cache line of its own for each stream: the device writes, one thread reads.
  struct alignas(64) Word {
    std::uint32_t number;
  };
  using WriteValue = CUresult (*)(CUstream, CUdeviceptr, std::uint32_t, unsigned);

  [[nodiscard]] Progress lookAt(cudaStream_t stream) noexcept;
  /// Without words, waiting asks the driver.
  void openWords() noexcept;
  [[nodiscard]] bool writeWord(Stream stream, std::uint32_t number) noexcept;

  StickyFailure& failure_;
  std::array<cudaStream_t, Backend::kStreams> streams_{};
  cudaStream_t urgent_ = nullptr;
  WriteValue writeValue_ = nullptr;
  Word* words_ = nullptr;  ///< One a stream, pinned; null when the driver cannot write them.
  std::array<std::uint32_t, Backend::kStreams> tickets_{};
  std::array<cudaEvent_t, Backend::kStreams> order_{};
  std::array<std::array<cudaEvent_t, kMarks>, Backend::kStreams> marks_{};  ///< Made when first used.
};

}  // namespace predis::cuda
