#include "hot_scratch.hpp"

#include <algorithm>

namespace predis::cuda {

namespace {

/// Room for half as much again, so that batches that grow slowly do not free and allocate each time.
std::uint32_t withRoom(std::uint32_t count, std::uint32_t least) noexcept {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(std::max<std::uint64_t>(count + std::uint64_t{count} / 2, least), UINT32_MAX));
}

}  // namespace

hot::MgetScratch* HotScratch::forMget(Backend& backend, Stream stream, std::uint32_t keys) noexcept {
  const std::uint32_t blocks = hot::mgetBlocks(keys);
  if (mgetMemory_ != nullptr && mget_.sumCount >= blocks) return &mget_;
  const std::uint32_t count = withRoom(blocks, hot::mgetBlocks(kLeastOperations));
  const std::size_t bytes = (std::size_t{count} + 1) * sizeof(unsigned long long);
  std::uint8_t* const memory = backend.allocateDevice(bytes);
  // What there is serves smaller batches still.
  if (memory == nullptr) return nullptr;
  backend.freeDevice(mgetMemory_);
  mgetMemory_ = memory;
  mget_ = {};
  backend.fill(stream, mgetMemory_, 0, bytes);
  mget_.sums = reinterpret_cast<unsigned long long*>(mgetMemory_) + 1;
  mget_.sumCount = count;
  mget_.ticket = reinterpret_cast<std::uint32_t*>(mgetMemory_);
  return &mget_;
}

const hot::PutScratch* HotScratch::forPut(Backend& backend, std::uint32_t operations) noexcept {
  if (putMemory_ != nullptr && putOperations_ >= operations) return &put_;
  backend.freeDevice(putMemory_);
  putOperations_ = withRoom(operations, kLeastOperations);
  const std::size_t count = putOperations_;
  constexpr std::size_t kWords = hot::PutScratch::kCounts;
  putMemory_ =
      backend.allocateDevice((kWords + count * 3) * sizeof(std::uint64_t) + count * sizeof(std::uint32_t));
  if (putMemory_ == nullptr) return nullptr;
  auto* const words = reinterpret_cast<std::uint64_t*>(putMemory_);
  put_.count = words;
  put_.next = words + 1;
  put_.blocksDone = words + 2;
  put_.plans = words + kWords;
  put_.places = reinterpret_cast<std::uint64_t**>(put_.plans + count);
  put_.units = put_.plans + 2 * count;
  put_.operations = reinterpret_cast<std::uint32_t*>(put_.plans + 3 * count);
  return &put_;
}

void HotScratch::free(Backend& backend) noexcept {
  backend.freeDevice(mgetMemory_);
  backend.freeDevice(putMemory_);
  mgetMemory_ = putMemory_ = nullptr;
}

}  // namespace predis::cuda
