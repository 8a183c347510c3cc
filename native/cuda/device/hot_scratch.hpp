/// @file
/// Working memory of the tuned kernels, by stream.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../backend.hpp"
#include "../hot/hot_kernels.hpp"

namespace predis::cuda {

/// Belongs to one stream. Grows when a batch needs more; what it had is freed when the stream is done with
/// it.
class HotScratch {
 public:
  /// For an mget of so many keys. @return null when there is no memory
  [[nodiscard]] hot::MgetScratch* forMget(Backend& backend, Stream stream, std::uint32_t keys) noexcept;
  /// For a put of so many operations. @return null when there is no memory
  [[nodiscard]] const hot::PutScratch* forPut(Backend& backend, std::uint32_t operations) noexcept;
  void free(Backend& backend) noexcept;

 private:
  static constexpr std::uint32_t kLeastOperations = 1U << 16;

  std::uint8_t* mgetMemory_ = nullptr;
  hot::MgetScratch mget_;
  std::uint8_t* putMemory_ = nullptr;
  std::uint32_t putOperations_ = 0;
  hot::PutScratch put_;
};

}  // namespace predis::cuda
