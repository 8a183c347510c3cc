/// @file
/// The first thing that went wrong with a device, kept for good.
#pragma once

#include <cuda_runtime_api.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <string>

namespace predis::cuda {

/// Thread-safe. The first failure stays; later ones follow from it and say nothing new.
class StickyFailure {
 public:
  /// @return true when the call succeeded. @param call its name, as the CUDA manual writes it
  bool check(cudaError_t result, const char* call) noexcept {
    if (result == cudaSuccess) return true;
    // Errors of single calls are remembered per thread by the runtime; it must not be read as another's.
    (void)cudaGetLastError();
    set(call, cudaGetErrorString(result), cudaGetErrorName(result));
    return false;
  }

  /// @param where the call that failed, or null when there is no one call
  void set(const char* where, const char* what, const char* code = nullptr) noexcept {
    try {
      const std::lock_guard lock(mutex_);
      if (failed_.load(std::memory_order_relaxed)) return;
      if (where != nullptr) text_.append(where).append(": ");
      text_.append(what);
      if (code != nullptr) text_.append(" (").append(code).append(")");
    } catch (const std::exception&) {
      // No memory for the words: that it failed is what matters.
    }
    failed_.store(true, std::memory_order_release);
  }

  [[nodiscard]] bool failed() const noexcept { return failed_.load(std::memory_order_acquire); }
  [[nodiscard]] std::string text() const {
    if (!failed()) return {};
    const std::lock_guard lock(mutex_);
    return text_.empty() ? "the device failed" : text_;
  }

 private:
  mutable std::mutex mutex_;
  std::atomic<bool> failed_{false};
  std::string text_;
};

}  // namespace predis::cuda
