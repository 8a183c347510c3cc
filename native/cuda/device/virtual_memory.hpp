/// @file
/// Address ranges of the device that get their memory piece by piece, by CUDA's virtual memory management.
///
/// The driver's functions are looked up at run time, so that a program with this linked in starts on a
/// machine that has no driver.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "failure.hpp"

namespace predis::cuda {

/// Thread-safe. The caller has made the device current in its thread.
class VirtualMemory {
 public:
  explicit VirtualMemory(StickyFailure& failure) : failure_(failure) {}
  VirtualMemory(const VirtualMemory&) = delete;
  VirtualMemory& operator=(const VirtualMemory&) = delete;
  ~VirtualMemory();

  /// Finds the driver's functions. @param whyNot out, when the answer is false
  [[nodiscard]] bool open(int device, std::string& whyNot);

  [[nodiscard]] std::uint8_t* reserve(std::uint64_t bytes) noexcept;
  /// @return false when there is no memory
  [[nodiscard]] bool map(std::uint8_t* at, std::uint64_t bytes) noexcept;
  void unmap(std::uint8_t* at, std::uint64_t bytes) noexcept;
  void release(std::uint8_t* at, std::uint64_t bytes) noexcept;

 private:
  struct Driver {
    CUresult (*getErrorString)(CUresult, const char**) = nullptr;
    CUresult (*getErrorName)(CUresult, const char**) = nullptr;
    CUresult (*addressReserve)(CUdeviceptr*, std::size_t, std::size_t, CUdeviceptr,
                               unsigned long long) = nullptr;
    CUresult (*addressFree)(CUdeviceptr, std::size_t) = nullptr;
    CUresult (*create)(CUmemGenericAllocationHandle*, std::size_t, const CUmemAllocationProp*,
                       unsigned long long) = nullptr;
    CUresult (*release)(CUmemGenericAllocationHandle) = nullptr;
    CUresult (*map)(CUdeviceptr, std::size_t, std::size_t, CUmemGenericAllocationHandle,
                    unsigned long long) = nullptr;
    CUresult (*unmap)(CUdeviceptr, std::size_t) = nullptr;
    CUresult (*setAccess)(CUdeviceptr, std::size_t, const CUmemAccessDesc*, std::size_t) = nullptr;
    CUresult (*granularity)(std::size_t*, const CUmemAllocationProp*,
                            CUmemAllocationGranularity_flags) = nullptr;
    CUresult (*deviceAttribute)(int*, CUdevice_attribute, CUdevice) = nullptr;
  };

  bool check(CUresult result, const char* call) noexcept;
  [[nodiscard]] std::uint64_t rounded(std::uint64_t bytes) const noexcept;

  StickyFailure& failure_;
  Driver driver_;
  CUmemAllocationProp property_{};
  std::mutex mutex_;
  std::map<CUdeviceptr, std::size_t> ranges_;  ///< Reserved.
  std::map<CUdeviceptr, std::size_t> maps_;    ///< With memory behind them.
};

}  // namespace predis::cuda
