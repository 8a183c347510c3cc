#include "device_memory.hpp"

#include <array>
#include <string>
#include <vector>

#include "answers.hpp"
#include "bytes.hpp"
#include "methods.hpp"

namespace predis::binding {
namespace {

/// Marks the JavaScript objects that hold a DeviceMemory, so that no other object is taken for one.
constexpr napi_type_tag kTag{0x9b1d3a5a4f7e4c21, 0xa6f0c8e2d7b35914};

/// The device side of an engine. @throws Failure NO_DEVICE
cuda::DevicePath& devicePath(Engine& engine) {
  auto* const path = dynamic_cast<cuda::DevicePath*>(&engine);
  if (path == nullptr) throw Failure("NO_DEVICE");
  return *path;
}

/// The DeviceMemory that argument i holds, freed or not. @throws Failure BAD_ARGUMENT
DeviceMemory& held(const Call& call, std::size_t i) {
  napi_valuetype type = napi_undefined;
  bool isOurs = false;
  void* data = nullptr;
  if (napi_typeof(call.env(), call[i], &type) != napi_ok || type != napi_object ||
      napi_check_object_type_tag(call.env(), call[i], &kTag, &isOurs) != napi_ok || !isOurs ||
      napi_unwrap(call.env(), call[i], &data) != napi_ok) {
    throw Failure("BAD_ARGUMENT", "the buffer is not one of allocateDevice");
  }
  return *static_cast<DeviceMemory*>(data);
}

/// The same, not freed. @throws Failure BAD_ARGUMENT, BUFFER_FREED
DeviceMemory& usable(const Call& call, std::size_t i) {
  DeviceMemory& memory = held(call, i);
  if (memory.memory == nullptr) throw Failure("BUFFER_FREED");
  return memory;
}

/// @throws Failure BUFFER_TOO_SMALL unless bytes [offset, offset + wanted) lie in it
void checkRange(const DeviceMemory& memory, std::uint64_t offset, std::uint64_t wanted, const char* what) {
  if (offset <= memory.bytes && wanted <= memory.bytes - offset) return;
  throw Failure("BUFFER_TOO_SMALL", "the device buffer has " + std::to_string(memory.bytes) + " bytes; " +
                                        what + " takes " + std::to_string(wanted) + " from byte " +
                                        std::to_string(offset) + " on");
}

/// What a transfer that did not succeed means.
[[noreturn]] void transferFailed(const Engine& engine) {
  if (!engine.failure().empty()) throw explained(Failure("GPU_FAILED"), engine);
  throw Failure("OUT_OF_MEMORY", "no page-locked memory for the copy");
}

void finalise(napi_env /*env*/, void* data, void* /*hint*/) { delete static_cast<DeviceMemory*>(data); }

}  // namespace

Delivery::Delivery(const Call& call, std::size_t count)
    : path_(&devicePath(*call.shared()->engine)), strideBytes_(call.uint32(3, "strideBytes")) {
  const DeviceMemory& memory = usable(call, 1);
  if (memory.engine.lock() != call.shared()) throw Failure("FOREIGN_BUFFER");
  const std::uint64_t offset = call.wholeNumber(2, "offsetBytes");
  if (strideBytes_ == 0 || strideBytes_ > kMaxValueBytes) {
    throw Failure("BAD_ARGUMENT", "strideBytes is " + std::to_string(strideBytes_) +
                                      "; it is the room of one value, 1 to " +
                                      std::to_string(kMaxValueBytes) + " bytes");
  }
  checkRange(memory, offset, std::uint64_t{count} * strideBytes_, "the batch");
  rows_ = {memory.memory, memory.memory.get() + offset};
}

void Delivery::throwIfFailed(BatchStatus status) {
  if (status == BatchStatus::kOutOfMemory) {
    throw Failure("OUT_OF_MEMORY", "no device or page-locked memory to work on the batch");
  }
  binding::throwIfFailed(status);
}

/// (client, bytes) → memory, zeroed
napi_value allocateDevice(Call& call) {
  const std::shared_ptr<SharedEngine>& shared = call.shared();
  cuda::DevicePath& path = devicePath(*shared->engine);
  const std::uint64_t bytes = call.wholeNumber(1, "the number of bytes");
  if (bytes == 0) throw Failure("BAD_ARGUMENT", "the number of bytes is 0");
  if (!shared->engine->failure().empty()) throw Failure("GPU_FAILED");
  auto made = std::make_unique<DeviceMemory>(DeviceMemory{path.allocateOnDevice(bytes), bytes, shared});
  if (made->memory == nullptr) {
    if (!shared->engine->failure().empty()) throw Failure("GPU_FAILED");
    throw Failure("OUT_OF_MEMORY", "the device has no " + std::to_string(bytes) + " bytes of memory left");
  }
  // What was there before is nobody's business.
  if (!path.zeroOnDevice(made->memory.get(), bytes)) throw Failure("GPU_FAILED");
  napi_value object = nullptr;
  check(call.env(), napi_create_object(call.env(), &object));
  check(call.env(), napi_type_tag_object(call.env(), object, &kTag));
  check(call.env(), napi_wrap(call.env(), object, made.get(), finalise, nullptr, nullptr));
  static_cast<void>(made.release());  // `finalise` ends it
  return object;
}

/// (memory) → its address: bigint
napi_value deviceAddress(Call& call) {
  napi_value address = nullptr;
  check(call.env(),
        napi_create_bigint_uint64(call.env(), reinterpret_cast<std::uintptr_t>(usable(call, 0).memory.get()),
                                  &address));
  return address;
}

/// (memory) → undefined. Again is the same as once; batches under way end well before the memory does.
napi_value freeDevice(Call& call) {
  held(call, 0).memory.reset();
  return nullptr;
}

/// (memory, offset, bytes, target?: Uint8Array of as many bytes at least) → target, or a new Uint8Array
napi_value readDevice(Call& call) {
  const DeviceMemory& memory = usable(call, 0);
  const std::uint64_t offset = call.wholeNumber(1, "the offset");
  const std::uint64_t bytes = call.wholeNumber(2, "the number of bytes");
  checkRange(memory, offset, bytes, "the read");
  const std::shared_ptr<SharedEngine> shared = memory.engine.lock();
  if (shared == nullptr) {
    throw Failure("CLOSED", "the engine of this device buffer is gone: its last client disconnected");
  }
  napi_value result = call[3];
  if (!call.given(3)) {
    napi_value buffer = nullptr;
    void* data = nullptr;
    check(call.env(), napi_create_arraybuffer(call.env(), bytes, &data, &buffer));
    check(call.env(), napi_create_typedarray(call.env(), napi_uint8_array, bytes, buffer, 0, &result));
    if (bytes != 0 && !devicePath(*shared->engine)
                           .copyOut(static_cast<std::uint8_t*>(data), memory.memory.get() + offset, bytes)) {
      transferFailed(*shared->engine);
    }
    return result;
  }
  const ArrayView<std::uint8_t> target = uint8Array(call, 3, "the target");
  if (target.length < bytes) {
    throw Failure("BAD_ARGUMENT", "the target has " + std::to_string(target.length) + " bytes, but " +
                                      std::to_string(bytes) + " are to be copied");
  }
  if (bytes != 0 && !devicePath(*shared->engine).copyOut(target.data, memory.memory.get() + offset, bytes)) {
    transferFailed(*shared->engine);
  }
  return result;
}

/// (client, memory, offset, stride, keyBlob, keyOffsets) → the values' lengths: Uint32Array
napi_value mgetToDevice(Call& call) {
  const PackedView keys = packedBatch(call, 4, "the keys");
  checkKeys(keys);
  const Delivery delivery(call, keys.count);
  std::vector<std::uint32_t> valueBytes(keys.count);
  Delivery::throwIfFailed(delivery.run(call.engine(), keys, valueBytes.data()));
  return makeTypedArray(call.env(), napi_uint32_array, valueBytes.data(), keys.count, sizeof(std::uint32_t));
}

/// (client, memory, offset, stride, joined, offsets) → the values' lengths: Uint32Array, or undefined when a
/// key was not ASCII: see string_batches.cpp
napi_value mgetStringsToDevice(Call& call) {
  const JoinedKeys keys(call, 4);
  if (!keys.ascii()) return nullptr;
  const std::size_t count = keys.view().count;
  const Delivery delivery(call, count);
  std::vector<std::uint32_t> valueBytes(count);
  Delivery::throwIfFailed(delivery.run(call.engine(), keys.view(), valueBytes.data()));
  return makeTypedArray(call.env(), napi_uint32_array, valueBytes.data(), count, sizeof(std::uint32_t));
}

}  // namespace predis::binding
