/// @file
/// The mailbox on a CUDA device: memory of its lines, and starting its kernel.
#pragma once

#include <memory>

#include "../mailbox_host.hpp"
#include "streams.hpp"

namespace predis::cuda {

class CudaMailKernel final : public MailKernel {
 public:
  CudaMailKernel(int device, Streams& streams, StickyFailure& failure)
      : device_(device), streams_(streams), failure_(failure) {}
  CudaMailKernel(const CudaMailKernel&) = delete;
  CudaMailKernel& operator=(const CudaMailKernel&) = delete;
  ~CudaMailKernel() override;

  /// @return the mailbox, or null when it failed
  [[nodiscard]] Mailbox* open() noexcept;

  bool launch(const mail::Launch& launch) noexcept override;
  bool healthy() noexcept override;
  void fail(const char* what) noexcept override { failure_.set("mailbox", what); }

 private:
  const int device_;
  Streams& streams_;
  StickyFailure& failure_;
  mail::Lines* lines_ = nullptr;     ///< Pinned, the same address for the device.
  std::uint32_t* served_ = nullptr;  ///< Device memory.
  std::unique_ptr<MailboxHost> mailbox_;
};

}  // namespace predis::cuda
