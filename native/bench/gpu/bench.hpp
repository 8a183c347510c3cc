/// @file
/// What the parts of the GPU bench share.
#pragma once

#include <cuda_runtime_api.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "data.hpp"
#include "report.hpp"

namespace predis::bench {

/// Ends the program: a bench does not go on after a device failed.
inline void require(cudaError_t result, const char* what) {
  if (result == cudaSuccess) return;
  std::fprintf(stderr, "gpu_bench: %s: %s\n", what, cudaGetErrorString(result));
  std::exit(1);
}
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "gpu_bench: %s\n", what);
  std::exit(1);
}

/// The legacy stream: work of the bench itself.
inline void finish() { require(cudaStreamSynchronize(cudaStreamLegacy), "cudaStreamSynchronize"); }

class Timer {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Device or pinned memory that goes by itself.
template <typename T>
class Memory {
 public:
  enum class Kind { kDevice, kPinned };
  Memory(std::size_t count, Kind kind) : kind_(kind), count_(count) {
    void* at = nullptr;
    const std::size_t bytes = count * sizeof(T) + 64;
    require(kind == Kind::kDevice ? cudaMalloc(&at, bytes) : cudaHostAlloc(&at, bytes, cudaHostAllocMapped),
            "allocating memory");
    at_ = static_cast<T*>(at);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { (void)(kind_ == Kind::kDevice ? cudaFree(at_) : cudaFreeHost(at_)); }
  T* data() const { return at_; }
  [[nodiscard]] std::size_t bytes() const { return count_ * sizeof(T); }
  /// Fills with what is no answer.
  void poison() { require(cudaMemsetAsync(at_, 0xA5, bytes(), cudaStreamLegacy), "cudaMemset"); }

 private:
  Kind kind_;
  T* at_;
  std::size_t count_;
};
template <typename T>
struct DeviceMemory : Memory<T> {
  explicit DeviceMemory(std::size_t count) : Memory<T>(count, Memory<T>::Kind::kDevice) {}
};
template <typename T>
struct PinnedMemory : Memory<T> {
  explicit PinnedMemory(std::size_t count) : Memory<T>(count, Memory<T>::Kind::kPinned) {}
};

/// A number that kernels add to.
class Sum {
 public:
  unsigned long long* begin() {
    require(cudaMemsetAsync(at_.data(), 0, sizeof(unsigned long long), cudaStreamLegacy), "cudaMemset");
    return at_.data();
  }
  std::uint64_t end() {
    unsigned long long sum = 0;
    require(cudaMemcpy(&sum, at_.data(), sizeof sum, cudaMemcpyDeviceToHost), "a check's kernel");
    return sum;
  }

 private:
  DeviceMemory<unsigned long long> at_{1};
};

struct Settings {
  std::string parts = "ceilings,device,packed,single,kilobyte,load,cpu";
  std::string json;
  std::uint64_t records = 200'000'000;
  std::uint64_t kilobyteRecords = 30'000'000;
  std::uint64_t cpuRecords = 20'000'000;
  double seconds = 0.4;  ///< For each rate, at least.
  int device = 0;
  [[nodiscard]] bool has(const std::string& part) const {
    return ("," + parts + ",").find("," + part + ",") != std::string::npos;
  }
};

// Names of ceilings that figures refer to.
inline constexpr const char* kCopy = "device copy, bytes read and written";
inline constexpr const char* kGather64 = "random gather, 64 B pieces over 32 GiB";
inline constexpr const char* kGather128 = "random gather, 128 B pieces over 32 GiB";
inline constexpr const char* kToDevice = "PCIe to the device, 64 MiB a copy";
inline constexpr const char* kFromDevice = "PCIe from the device, 64 MiB a copy";
inline constexpr const char* kMailbox = "mailbox round trip, a key in L2, p50";

void benchCeilings(const Settings& settings, Report& report);
/// device, packed and single: one engine with `records` small records.
void benchSmall(const Settings& settings, Report& report);
void benchKilobyte(const Settings& settings, Report& report);
void benchLoad(const Settings& settings, Report& report);
void benchCpu(const Settings& settings, Report& report);

}  // namespace predis::bench
