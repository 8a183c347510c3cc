#include "virtual_memory.hpp"

#include <new>

#include "../layout.hpp"
#include "driver_entry.hpp"

namespace predis::cuda {

namespace {

/// The form of the functions that is wanted: all of them exist since 11.2.
constexpr unsigned kVersion = 11020;

template <typename Function>
bool find(const char* name, Function& function) noexcept {
  return findDriverEntry(name, kVersion, function);
}

CUdeviceptr addressOf(const std::uint8_t* at) noexcept { return reinterpret_cast<CUdeviceptr>(at); }

}  // namespace

bool VirtualMemory::open(int device, std::string& whyNot) {
  const bool found = find("cuGetErrorString", driver_.getErrorString) &&
                     find("cuGetErrorName", driver_.getErrorName) &&
                     find("cuMemAddressReserve", driver_.addressReserve) &&
                     find("cuMemAddressFree", driver_.addressFree) && find("cuMemCreate", driver_.create) &&
                     find("cuMemRelease", driver_.release) && find("cuMemMap", driver_.map) &&
                     find("cuMemUnmap", driver_.unmap) && find("cuMemSetAccess", driver_.setAccess) &&
                     find("cuMemGetAllocationGranularity", driver_.granularity) &&
                     find("cuDeviceGetAttribute", driver_.deviceAttribute);
  if (!found) {
    whyNot = "the driver lacks virtual memory management, which the engine needs";
    return false;
  }
  int supported = 0;
  if (driver_.deviceAttribute(&supported, CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED, device) !=
          CUDA_SUCCESS ||
      supported == 0) {
    whyNot = "the device does not support virtual memory management, which the engine needs";
    return false;
  }
  property_.type = CU_MEM_ALLOCATION_TYPE_PINNED;
  property_.location = {CU_MEM_LOCATION_TYPE_DEVICE, {device}};
  std::size_t granularity = 0;
  if (driver_.granularity(&granularity, &property_, CU_MEM_ALLOC_GRANULARITY_MINIMUM) != CUDA_SUCCESS ||
      granularity == 0 || kSegmentBytes % granularity != 0) {
    whyNot = "the device maps memory in pieces of " + std::to_string(granularity) +
             " bytes, of which a segment's 2 MiB are no multiple";
    return false;
  }
  return true;
}

VirtualMemory::~VirtualMemory() {
  // The owner has waited for the device. What fails now is of no interest to anybody.
  for (const auto& [at, bytes] : maps_) (void)driver_.unmap(at, bytes);
  for (const auto& [at, bytes] : ranges_) (void)driver_.addressFree(at, bytes);
}

bool VirtualMemory::check(CUresult result, const char* call) noexcept {
  if (result == CUDA_SUCCESS) return true;
  const char* text = nullptr;
  const char* name = nullptr;
  if (driver_.getErrorString(result, &text) != CUDA_SUCCESS || text == nullptr) text = "unknown error";
  if (driver_.getErrorName(result, &name) != CUDA_SUCCESS) name = nullptr;
  failure_.set(call, text, name);
  return false;
}

std::uint64_t VirtualMemory::rounded(std::uint64_t bytes) const noexcept {
  return (bytes + kSegmentBytes - 1) / kSegmentBytes * kSegmentBytes;
}

std::uint8_t* VirtualMemory::reserve(std::uint64_t bytes) noexcept try {
  const std::uint64_t size = rounded(bytes);
  CUdeviceptr at = 0;
  if (!check(driver_.addressReserve(&at, size, kSegmentBytes, 0, 0), "cuMemAddressReserve")) return nullptr;
  try {
    const std::lock_guard lock(mutex_);
    ranges_.emplace(at, size);
  } catch (const std::bad_alloc&) {
    (void)driver_.addressFree(at, size);
    return nullptr;
  }
  return reinterpret_cast<std::uint8_t*>(at);
} catch (const std::exception&) {
  return nullptr;
}

bool VirtualMemory::map(std::uint8_t* at, std::uint64_t bytes) noexcept try {
  const CUdeviceptr address = addressOf(at);
  CUmemGenericAllocationHandle memory = 0;
  const CUresult made = driver_.create(&memory, bytes, &property_, 0);
  if (made == CUDA_ERROR_OUT_OF_MEMORY) return false;
  if (!check(made, "cuMemCreate")) return false;
  const CUresult mapped = driver_.map(address, bytes, 0, memory, 0);
  // The mapping keeps the memory.
  (void)driver_.release(memory);
  if (mapped == CUDA_ERROR_OUT_OF_MEMORY) return false;
  if (!check(mapped, "cuMemMap")) return false;
  const CUmemAccessDesc access{property_.location, CU_MEM_ACCESS_FLAGS_PROT_READWRITE};
  const CUresult allowed = driver_.setAccess(address, bytes, &access, 1);
  if (allowed != CUDA_SUCCESS) {
    (void)driver_.unmap(address, bytes);
    if (allowed != CUDA_ERROR_OUT_OF_MEMORY) check(allowed, "cuMemSetAccess");
    return false;
  }
  try {
    const std::lock_guard lock(mutex_);
    maps_.emplace(address, bytes);
  } catch (const std::bad_alloc&) {
    (void)driver_.unmap(address, bytes);
    return false;
  }
  return true;
} catch (const std::exception&) {
  return false;
}

void VirtualMemory::unmap(std::uint8_t* at, std::uint64_t bytes) noexcept {
  if (!check(driver_.unmap(addressOf(at), bytes), "cuMemUnmap")) return;
  const std::lock_guard lock(mutex_);
  maps_.erase(addressOf(at));
}

void VirtualMemory::release(std::uint8_t* at, std::uint64_t bytes) noexcept {
  if (!check(driver_.addressFree(addressOf(at), rounded(bytes)), "cuMemAddressFree")) return;
  const std::lock_guard lock(mutex_);
  ranges_.erase(addressOf(at));
}

}  // namespace predis::cuda
