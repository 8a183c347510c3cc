/// @file
/// Pinned memory of a DeviceTable for its small copies.
#pragma once

#include <array>
#include <cstdint>

#include "../mailbox.hpp"
#include "device_table.hpp"

namespace predis::cuda {

struct DeviceTable::Control {
  std::array<std::uint64_t, 4> pass{};  ///< Counters::deferred to Counters::failed, as a pass begins.
  Counters counters{};
  std::uint64_t stashed = 0;
};

}  // namespace predis::cuda
