/// @file
/// Device memory that JavaScript holds, and mgets whose values stay there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "../cuda/store/device_path.hpp"
#include "bound_engine.hpp"
#include "call.hpp"
#include "registry.hpp"

namespace predis::binding {

/// A piece of device memory. Belongs to one JavaScript thread; batches under way hold `memory` themselves, so
/// that it ends with the last of them.
struct DeviceMemory {
  std::shared_ptr<std::uint8_t> memory;  ///< Null once it was freed.
  std::size_t bytes = 0;
  /// Where it is. Does not keep the engine: its data would live as long as a buffer that somebody forgot.
  std::weak_ptr<SharedEngine> engine;
};

/// An mget into device memory: where its rows go, checked. Holds the memory, and nothing of the environment.
class Delivery {
 public:
  /// Of a call (client, memory, offset, stride, …) with so many keys. @throws Failure NO_DEVICE,
  /// BAD_ARGUMENT, BUFFER_FREED, FOREIGN_BUFFER, BUFFER_TOO_SMALL
  Delivery(const Call& call, std::size_t count);

  /// @param engine that of the call @param valueBytes out, one for each key: its value's length, UINT32_MAX
  /// where there is no key
  BatchStatus run(const BoundEngine& engine, const PackedView& keys,
                  std::uint32_t* valueBytes) const noexcept {
    return path_->mgetToDevice(engine.scope(), keys, rows_.get(), strideBytes_, valueBytes);
  }
  /// @throws Failure unless the batch was delivered
  static void throwIfFailed(BatchStatus status);

 private:
  cuda::DevicePath* path_;
  std::shared_ptr<std::uint8_t> rows_;
  std::uint32_t strideBytes_;
};

}  // namespace predis::binding
