#include "instance.hpp"

#include <algorithm>
#include <cstdlib>

namespace predis::binding {

void Scratch::Free::operator()(std::uint8_t* memory) const noexcept { std::free(memory); }

std::uint8_t* Scratch::reserve(std::size_t bytes) noexcept {
  if (memory_ != nullptr && bytes <= capacity_) return memory_.get();
  // Free first: the old contents are not wanted, and two big pieces at once might not fit.
  memory_.reset();
  capacity_ = 0;
  const std::size_t wanted = std::max(bytes + bytes / 4, std::size_t{16} << 10);
  memory_.reset(static_cast<std::uint8_t*>(std::malloc(wanted)));
  if (memory_ != nullptr) capacity_ = wanted;
  return memory_.get();
}

void Scratch::trim() noexcept {
  if (capacity_ <= kKeptBytes) return;
  memory_.reset();
  capacity_ = 0;
}

}  // namespace predis::binding
