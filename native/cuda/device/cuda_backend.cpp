#include <cuda_runtime_api.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <string>

#include "../backend.hpp"
#include "cuda_mailbox.hpp"
#include "find_device.hpp"
#include "hot_scratch.hpp"
#include "mailbox_kernel.hpp"
#include "sort_runs.hpp"
#include "streams.hpp"
#include "table_kernels.hpp"
#include "virtual_memory.hpp"

namespace predis::cuda {

namespace {

class CudaBackend final : public Backend {
 public:
  explicit CudaBackend(DeviceFacts facts) : facts_(std::move(facts)) {}
  CudaBackend(const CudaBackend&) = delete;
  CudaBackend& operator=(const CudaBackend&) = delete;
  ~CudaBackend() override;

  /// @param whyNot out, when the answer is false
  [[nodiscard]] bool open(std::string& whyNot);

  [[nodiscard]] const DeviceFacts& facts() const noexcept override { return facts_; }
  [[nodiscard]] std::string failure() const override { return failure_.text(); }

  [[nodiscard]] bool hasFailed() const noexcept override { return failure_.failed(); }

  std::uint8_t* reserve(std::uint64_t bytes) noexcept override {
    return ready() ? memory_.reserve(bytes) : nullptr;
  }
  bool map(std::uint8_t* at, std::uint64_t bytes) noexcept override {
    return quiet() && memory_.map(at, bytes);
  }
  void unmap(std::uint8_t* at, std::uint64_t bytes) noexcept override {
    if (quiet()) memory_.unmap(at, bytes);
  }
  void release(std::uint8_t* at, std::uint64_t bytes) noexcept override {
    if (quiet()) memory_.release(at, bytes);
  }
  std::uint8_t* allocateDevice(std::size_t bytes) noexcept override;
  void freeDevice(void* memory) noexcept override {
    if (memory != nullptr && quiet()) check(cudaFree(memory), "cudaFree");
  }
  std::uint8_t* allocatePinned(std::size_t bytes) noexcept override;
  void freePinned(void* memory) noexcept override {
    if (memory != nullptr && quiet()) check(cudaFreeHost(memory), "cudaFreeHost");
  }
  [[nodiscard]] std::uint64_t freeBytes() const noexcept override;

  void copyToDevice(Stream stream, void* device, const void* pinned, std::size_t bytes) noexcept override {
    copy(stream, device, pinned, bytes, cudaMemcpyHostToDevice);
  }
  void copyFromDevice(Stream stream, void* pinned, const void* device, std::size_t bytes) noexcept override {
    copy(stream, pinned, device, bytes, cudaMemcpyDeviceToHost);
  }
  void copyOnDevice(Stream stream, void* to, const void* from, std::size_t bytes) noexcept override {
    copy(stream, to, from, bytes, cudaMemcpyDeviceToDevice);
  }
  void fill(Stream stream, void* device, std::uint8_t byte, std::size_t bytes) noexcept override {
    if (bytes != 0 && ready())
      check(cudaMemsetAsync(device, byte, bytes, streams_[stream]), "cudaMemsetAsync");
  }
  void order(Stream earlier, Stream later) noexcept override {
    if (ready()) streams_.order(earlier, later);
  }
  bool wait(Stream stream) noexcept override { return ready() && streams_.wait(stream); }
  Progress look(Stream stream) noexcept override {
    return ready() ? streams_.look(stream) : Progress::kFailed;
  }
  Progress look(Stream stream, std::uint32_t ticket) noexcept override {
    return ready() ? streams_.look(stream, ticket) : Progress::kFailed;
  }
  std::uint32_t ticket(Stream stream) noexcept override { return ready() ? streams_.ticket(stream) : 0; }
  bool await(Stream stream, std::uint32_t ticket) noexcept override {
    return ready() && streams_.await(stream, ticket);
  }
  void mark(Stream stream, unsigned mark) noexcept override {
    if (ready()) streams_.mark(stream, mark);
  }
  std::uint64_t nsBetween(Stream stream, unsigned from, unsigned to) noexcept override {
    return ready() ? streams_.nsBetween(stream, from, to) : 0;
  }

  bool mget(Stream stream, const TableView& table, const BatchView& batch,
            const MgetOutput& out) noexcept override;
  void lookup(Stream stream, const TableView& table, const BatchView& batch,
              std::uint8_t* found) noexcept override {
    if (!ready()) return;
    hot::launchLookup(streams_[stream], table, batch, found);
    checkLaunch("lookup kernel");
  }
  void gather(Stream stream, const TableView& table, const BatchView& batch, std::uint8_t* out,
              std::uint32_t strideBytes, std::uint32_t* valueBytes) noexcept override {
    if (!ready()) return;
    hot::launchGather(streams_[stream], table, batch, out, strideBytes, valueBytes);
    checkLaunch("gather kernel");
  }
  void group(Stream stream, const TableView& table, const BatchView& batch, const GroupScratch& scratch,
             GroupKeeps keeps) noexcept override {
    if (!ready()) return;
    hot::launchGroup(streams_[stream], table, batch, scratch, keeps);
    checkLaunch("group kernel");
  }
  void put(Stream stream, const TableView& table, const LogView& log, const BatchView& batch,
           const GroupScratch& scratch, const std::uint32_t* operations, std::uint32_t operationCount,
           const Deferred& deferred, std::uint8_t* statuses) noexcept override;
  void erase(Stream stream, const TableView& table, const BatchView& batch, const GroupScratch& scratch,
             std::uint8_t* statuses) noexcept override {
    if (ready()) check(launchErase(at(stream), table, batch, scratch, statuses), "erase kernel");
  }
  void sortRuns(Stream stream, const GroupScratch& scratch, std::uint32_t count, const Runs& runs,
                std::uint8_t* temporary) noexcept override {
    if (ready()) check(launchSortRuns(streams_[stream], scratch, count, runs, temporary), "sort kernels");
  }
  [[nodiscard]] std::size_t sortBytes(std::uint32_t count) const noexcept override {
    return ready() ? sortRunsBytes(count) : 0;
  }
  void apply(Stream stream, const TableView& table, const LogView& log, const BatchView& batch,
             const Runs& runs, const std::uint32_t* operations, std::uint32_t operationCount,
             const Deferred& deferred, const ApplyOutput& out, bool final) noexcept override {
    if (ready())
      check(
          launchApply(at(stream), table, log, batch, runs, operations, operationCount, deferred, out, final),
          "apply kernel");
  }
  void displace(Stream stream, const TableView& table, const BatchView& batch, const GroupScratch& scratch,
                const std::uint32_t* operations, std::uint32_t operationCount) noexcept override {
    if (ready())
      check(launchDisplace(at(stream), table, batch, scratch, operations, operationCount), "displace kernel");
  }
  void splitBuckets(Stream stream, const TableView& table, std::uint64_t count) noexcept override {
    if (ready()) check(launchSplit(at(stream), table, count), "split kernel");
  }
  void rebuild(Stream stream, const TableView& from, const TableView& to) noexcept override {
    if (ready()) check(launchRebuild(at(stream), from, to), "rebuild kernel");
  }
  void maintain(Stream stream, const TableView& table, const MaintainTask& task) noexcept override {
    if (ready()) check(launchMaintain(at(stream), table, task), "maintain kernel");
  }
  void publish(Stream stream, const TableView& table, std::uint64_t unit,
               std::uint8_t* status) noexcept override {
    if (ready()) check(launchPublish(at(stream), table, unit, status), "publish kernel");
  }
  void countSpace(Stream stream, const TableView& table, std::uint16_t space,
                  std::uint64_t* count) noexcept override {
    if (ready()) check(launchCountSpace(at(stream), table, space, count), "count kernel");
  }
  Mailbox* mailbox() noexcept override { return mailbox_; }

 private:
  bool check(cudaError_t result, const char* call) noexcept { return failure_.check(result, call); }
  void checkLaunch(const char* kernel) noexcept { check(cudaGetLastError(), kernel); }
  /// Makes the device current in this thread. @return false when it has failed
  [[nodiscard]] bool ready() const noexcept {
    return !failure_.failed() && failure_.check(cudaSetDevice(facts_.ordinal), "cudaSetDevice");
  }
  /// The same, with the mailbox kernel gone: memory calls wait for kernels that run, or need them not to
  /// look.
  [[nodiscard]] bool quiet() noexcept {
    if (!ready()) return false;
    if (mailbox_ != nullptr) mailbox_->leave();
    return !failure_.failed();
  }
  [[nodiscard]] bool preloadTuned() noexcept {
    return check(hot::preloadLookup(), "loading the lookup kernel") &&
           check(hot::preloadGather(), "loading the gather kernels") &&
           check(hot::preloadMget(), "loading the mget kernel") &&
           check(hot::preloadGroup(), "loading the group kernels") &&
           check(hot::preloadPut(), "loading the put kernels") &&
           check(hot::preloadDisplace(), "loading the displace kernel");
  }
  [[nodiscard]] LaunchPlace at(Stream stream) const noexcept {
    return {streams_[stream], facts_.multiprocessors};
  }
  void copy(Stream stream, void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) noexcept {
    if (bytes != 0 && ready())
      check(cudaMemcpyAsync(to, from, bytes, kind, streams_[stream]), "cudaMemcpyAsync");
  }

  DeviceFacts facts_;
  mutable StickyFailure failure_;
  VirtualMemory memory_{failure_};
  Streams streams_{failure_};
  std::array<HotScratch, kStreams> scratch_{};
  std::unique_ptr<CudaMailKernel> mailKernel_;
  Mailbox* mailbox_ = nullptr;
};

bool CudaBackend::open(std::string& whyNot) {
  if (!check(cudaSetDevice(facts_.ordinal), "cudaSetDevice") || !check(cudaFree(nullptr), "cudaFree")) {
    whyNot = "CUDA device " + std::to_string(facts_.ordinal) + " cannot be used: " + failure_.text();
    return false;
  }
  if (!memory_.open(facts_.ordinal, whyNot)) return false;
  mailKernel_ = std::make_unique<CudaMailKernel>(facts_.ordinal, streams_, failure_);
  // Kernels are loaded now: later it would have to wait for the mailbox kernel.
  const bool opened = streams_.open() && check(preloadTableKernels(), "loading the table's kernels") &&
                      preloadTuned() && check(preloadSortRuns(), "loading the sort kernels") &&
                      check(preloadMailbox(), "loading the mailbox kernel");
  // An mget of a whole chunk never lacks these kilobytes, however full the device is by then.
  constexpr std::uint32_t kPreparedKeys = 1U << 18;
  for (Stream stream = 0; opened && stream < kStreams; ++stream) {
    if (scratch_.at(stream).forMget(*this, stream, kPreparedKeys) == nullptr && !failure_.failed())
      failure_.set("mget", "no device memory for its working space");
  }
  mailbox_ = opened && !failure_.failed() ? mailKernel_->open() : nullptr;
  if (mailbox_ == nullptr) {
    whyNot = "CUDA device " + std::to_string(facts_.ordinal) + " cannot be used: " + failure_.text();
    return false;
  }
  return true;
}

CudaBackend::~CudaBackend() {
  (void)cudaSetDevice(facts_.ordinal);
  if (mailbox_ != nullptr) mailbox_->leave();
  for (Stream stream = 0; stream < kStreams && !failure_.failed(); ++stream) {
    if (streams_[stream] != nullptr) (void)streams_.wait(stream);
  }
  for (HotScratch& scratch : scratch_) scratch.free(*this);
  mailKernel_.reset();
}

std::uint8_t* CudaBackend::allocateDevice(std::size_t bytes) noexcept {
  if (!quiet()) return nullptr;
  void* memory = nullptr;
  const cudaError_t result = cudaMalloc(&memory, bytes != 0 ? bytes : 1);
  if (result == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    return nullptr;
  }
  return check(result, "cudaMalloc") ? static_cast<std::uint8_t*>(memory) : nullptr;
}

std::uint8_t* CudaBackend::allocatePinned(std::size_t bytes) noexcept {
  if (!quiet()) return nullptr;
  void* memory = nullptr;
  const cudaError_t result =
      cudaHostAlloc(&memory, bytes != 0 ? bytes : 1, cudaHostAllocMapped | cudaHostAllocPortable);
  if (result == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    return nullptr;
  }
  return check(result, "cudaHostAlloc") ? static_cast<std::uint8_t*>(memory) : nullptr;
}

std::uint64_t CudaBackend::freeBytes() const noexcept {
  std::size_t free = 0;
  std::size_t total = 0;
  return ready() && failure_.check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo") ? free : 0;
}

bool CudaBackend::mget(Stream stream, const TableView& table, const BatchView& batch,
                       const MgetOutput& out) noexcept {
  if (!ready()) return true;
  if (batch.count == 0) {
    check(cudaMemcpyAsync(out.offsets, &out.firstOffset, sizeof out.firstOffset, cudaMemcpyDefault,
                          streams_[stream]),
          "cudaMemcpyAsync");
    fill(stream, out.totalBytes, 0, sizeof *out.totalBytes);
    return true;
  }
  hot::MgetScratch* const scratch = scratch_.at(stream).forMget(*this, stream, batch.count);
  if (scratch == nullptr) return false;
  hot::launchMget(streams_[stream], table, batch, out, *scratch);
  checkLaunch("mget kernel");
  return true;
}

void CudaBackend::put(Stream stream, const TableView& table, const LogView& log, const BatchView& batch,
                      const GroupScratch& scratch, const std::uint32_t* operations,
                      std::uint32_t operationCount, const Deferred& deferred,
                      std::uint8_t* statuses) noexcept {
  if (!ready()) return;
  const hot::PutScratch* const own =
      scratch_.at(stream).forPut(*this, operations != nullptr ? operationCount : batch.count);
  if (own != nullptr) {
    hot::launchPut(streams_[stream], table, log, batch, scratch, operations, operationCount, *own, deferred,
                   statuses);
    checkLaunch("put kernels");
  } else {
    // The device is full to the last megabytes; the plain form needs none.
    check(launchPlainPut(at(stream), table, log, batch, scratch, operations, operationCount, deferred,
                         statuses),
          "put kernel");
  }
}

}  // namespace

std::unique_ptr<Backend> makeCudaBackend(int device, std::string& whyNot) try {
  DeviceFacts facts;
  if (!findDevice(device, facts, whyNot)) return nullptr;
  auto backend = std::make_unique<CudaBackend>(std::move(facts));
  if (!backend->open(whyNot)) return nullptr;
  return backend;
} catch (const std::exception& error) {
  whyNot = std::string("the CUDA device cannot be used: ") + error.what();
  return nullptr;
}

}  // namespace predis::cuda
