#include "cuda_mailbox.hpp"

#include <cstring>
#include <new>

#include "mailbox_kernel.hpp"

namespace predis::cuda {

CudaMailKernel::~CudaMailKernel() {
  mailbox_.reset();
  // The kernel has said that it left; its stream says that it is gone.
  if (!failure_.failed()) (void)streams_.waitFor(streams_.urgent());
  if (served_ != nullptr) (void)cudaFree(served_);
  if (lines_ != nullptr) (void)cudaFreeHost(lines_);
}

Mailbox* CudaMailKernel::open() noexcept {
  void* lines = nullptr;
  if (!failure_.check(cudaHostAlloc(&lines, sizeof(mail::Lines), cudaHostAllocMapped | cudaHostAllocPortable),
                      "cudaHostAlloc"))
    return nullptr;
  std::memset(lines, 0, sizeof(mail::Lines));
  lines_ = static_cast<mail::Lines*>(lines);
  constexpr std::size_t kServedBytes = mail::kLanes * sizeof(std::uint32_t);
  if (!failure_.check(cudaMalloc(reinterpret_cast<void**>(&served_), kServedBytes), "cudaMalloc") ||
      !failure_.check(cudaMemsetAsync(served_, 0, kServedBytes, streams_.urgent()), "cudaMemsetAsync"))
    return nullptr;
  try {
    mailbox_ = std::make_unique<MailboxHost>(*this, *lines_, served_);
  } catch (const std::bad_alloc&) {
    failure_.set("mailbox", "no memory on the host");
  }
  return mailbox_.get();
}

bool CudaMailKernel::launch(const mail::Launch& launch) noexcept {
  return failure_.check(cudaSetDevice(device_), "cudaSetDevice") &&
         failure_.check(launchMailbox(streams_.urgent(), launch), "launching the mailbox kernel");
}

bool CudaMailKernel::healthy() noexcept {
  if (failure_.failed()) return false;
  const cudaError_t state = cudaStreamQuery(streams_.urgent());
  if (state == cudaSuccess) return true;
  if (state != cudaErrorNotReady) return failure_.check(state, "mailbox kernel");
  (void)cudaGetLastError();
  return true;
}

}  // namespace predis::cuda
