#include "host_backend.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <mutex>
#include <new>
#include <numeric>
#include <system_error>
#include <thread>
#include <vector>

#include "host_memory.hpp"
#include "mailbox.hpp"
#include "table/apply.hpp"
#include "table/displace.hpp"
#include "table/index.hpp"
#include "table/mail.hpp"
#include "table/read.hpp"

namespace predis::cuda {

namespace {

/// Steps that may still succeed, and whether one has not.
class Health {
 public:
  /// Before each step. @return whether it may be done
  bool step() noexcept {
    if (failed_.load()) return false;
    std::uint64_t left = stepsLeft_.load();
    do {
      if (left == kEndless) return true;
      if (left == 0) {
        fail();
        return false;
      }
    } while (!stepsLeft_.compare_exchange_weak(left, left - 1));
    return true;
  }
  void fail() noexcept { failed_.store(true); }
  void failAfter(std::uint64_t steps) noexcept { stepsLeft_.store(steps); }
  [[nodiscard]] bool failed() const noexcept { return failed_.load(); }

 private:
  static constexpr std::uint64_t kEndless = ~std::uint64_t{0};
  std::atomic<bool> failed_{false};
  std::atomic<std::uint64_t> stepsLeft_{kEndless};
};

/// Does a kernel's work for `count` indices, in pieces that threads take one after another: small ones, and
/// no thread starts before all are there, so that neighbours in a batch do meet.
template <typename Kernel>
void runKernel(unsigned threads, std::uint64_t count, const Kernel& kernel, Counters& counters) {
  constexpr std::uint64_t kPiece = 4;
  std::atomic<std::uint64_t> next{0};
  std::atomic<bool> go{false};
  const auto work = [&]() noexcept {
    go.wait(false);
    const Lane lane;
    Tally tally;
    for (std::uint64_t from = next.fetch_add(kPiece); from < count; from = next.fetch_add(kPiece)) {
      const std::uint64_t end = std::min(count, from + kPiece);
      for (std::uint64_t i = from; i < end; ++i) kernel(lane, i, tally);
    }
    tally.flush(counters);
  };
  std::vector<std::thread> others;
  const std::uint64_t useful = std::min<std::uint64_t>(threads, (count + kPiece - 1) / kPiece);
  for (std::uint64_t i = 1; i < useful; ++i) {
    try {
      others.emplace_back(work);
    } catch (const std::exception&) {
      break;  // Fewer threads do the same work.
    }
  }
  go.store(true);
  go.notify_all();
  work();
  for (std::thread& other : others) other.join();
}

/// Does requests in the thread that makes them.
class HostMailbox final : public Mailbox {
 public:
  explicit HostMailbox(Health& health) : health_(health) {}

  bool call(const TableView& table, const MailRequest& request, MailAnswer& answer,
            std::uint8_t* value) noexcept override {
    answer = {};
    if (std::uint64_t{request.keyBytes} + request.valueBytes + request.expectedBytes > kMaxRequestBytes) {
      answer.undone = DeferReason::kLarge;
      return !health_.failed();
    }
    const std::lock_guard lock(mutex_);
    if (!health_.step()) return false;
    Tally tally;
    answer = applyOne(Lane{}, table, request, value, tally);
    tally.flush(*table.counters);
    return true;
  }
  void leave() noexcept override {}

 private:
  Health& health_;
  std::mutex mutex_;
};

class HostBackendImpl final : public HostBackend {
 public:
  HostBackendImpl(std::uint64_t memoryBytes, unsigned threads)
      : memory_(memoryBytes), threads_(std::max(threads, 1U)), mailbox_(health_) {
    facts_.name = "host";
    facts_.uuid = "host";
    facts_.multiprocessors = static_cast<int>(threads_);
    facts_.memoryBytes = memoryBytes;
  }

  [[nodiscard]] const DeviceFacts& facts() const noexcept override { return facts_; }
  [[nodiscard]] std::string failure() const override {
    return health_.failed() ? "failure asked for by a test" : "";
  }
  [[nodiscard]] bool hasFailed() const noexcept override { return health_.failed(); }
  void failAfter(std::uint64_t steps) noexcept override { health_.failAfter(steps); }
  void refuseMemoryAfter(std::uint64_t calls) noexcept override { memory_.refuseAfter(calls); }
  [[nodiscard]] std::uint64_t usedBytes() const noexcept override { return memory_.usedBytes(); }

  std::uint8_t* reserve(std::uint64_t bytes) noexcept override {
    return health_.step() ? memory_.reserve(bytes) : nullptr;
  }
  bool map(std::uint8_t* at, std::uint64_t bytes) noexcept override {
    return health_.step() && memory_.map(at, bytes);
  }
  void unmap(std::uint8_t* at, std::uint64_t bytes) noexcept override { memory_.unmap(at, bytes); }
  void release(std::uint8_t* at, std::uint64_t bytes) noexcept override { memory_.release(at, bytes); }
  std::uint8_t* allocateDevice(std::size_t bytes) noexcept override {
    return health_.step() ? memory_.allocate(bytes, true) : nullptr;
  }
  void freeDevice(void* memory) noexcept override { memory_.free(memory); }
  std::uint8_t* allocatePinned(std::size_t bytes) noexcept override {
    return health_.step() ? memory_.allocate(bytes, false) : nullptr;
  }
  void freePinned(void* memory) noexcept override { memory_.free(memory); }
  [[nodiscard]] std::uint64_t freeBytes() const noexcept override {
    return memory_.limitBytes() - memory_.usedBytes();
  }

  void copyToDevice(Stream, void* device, const void* pinned, std::size_t bytes) noexcept override {
    copy(device, pinned, bytes);
  }
  void copyFromDevice(Stream, void* pinned, const void* device, std::size_t bytes) noexcept override {
    copy(pinned, device, bytes);
  }
  void copyOnDevice(Stream, void* to, const void* from, std::size_t bytes) noexcept override {
    copy(to, from, bytes);
  }
  void fill(Stream, void* device, std::uint8_t byte, std::size_t bytes) noexcept override {
    if (bytes != 0 && health_.step()) std::memset(device, byte, bytes);
  }
  /// Work is done when it is given: the callers' threads are in order already.
  void order(Stream, Stream) noexcept override {}
  /// A device tells here that work given before went wrong.
  bool wait(Stream) noexcept override { return health_.step(); }
  void mark(Stream stream, unsigned mark) noexcept override {
    marks_.at(stream).at(mark) = std::chrono::steady_clock::now();
  }
  std::uint64_t nsBetween(Stream stream, unsigned from, unsigned to) noexcept override {
    const auto time = marks_.at(stream).at(to) - marks_.at(stream).at(from);
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::nanoseconds>(time).count()));
  }

  bool mget(Stream, const TableView& table, const BatchView& batch, const MgetOutput& out) noexcept override;
  void lookup(Stream, const TableView& table, const BatchView& batch, std::uint8_t* found) noexcept override {
    run(table, batch.count, LookupKernel{table, batch, found});
  }
  void gather(Stream, const TableView& table, const BatchView& batch, std::uint8_t* out,
              std::uint32_t strideBytes, std::uint32_t* valueBytes) noexcept override {
    run(table, batch.count, GatherKernel{table, batch, out, strideBytes, valueBytes});
  }
  void group(Stream, const TableView& table, const BatchView& batch, const GroupScratch& scratch,
             GroupKeeps keeps) noexcept override {
    if (!health_.failed()) std::fill_n(scratch.slots, scratch.slotCount, 0);
    run(table, batch.count, GroupKernel{table, batch, scratch, keeps});
  }
  void put(Stream, const TableView& table, const LogView& log, const BatchView& batch,
           const GroupScratch& scratch, const std::uint32_t* operations, std::uint32_t operationCount,
           const Deferred& deferred, std::uint8_t* statuses) noexcept override {
    run(table, operations != nullptr ? operationCount : batch.count,
        PutKernel{table, log, batch, scratch, operations, deferred, statuses});
  }
  void erase(Stream, const TableView& table, const BatchView& batch, const GroupScratch& scratch,
             std::uint8_t* statuses) noexcept override {
    run(table, batch.count, EraseKernel{table, batch, scratch, statuses});
  }
  void sortRuns(Stream, const GroupScratch& scratch, std::uint32_t count, const Runs& runs,
                std::uint8_t* temporary) noexcept override;
  /// Nothing is needed, but those who give too little shall be found out.
  [[nodiscard]] std::size_t sortBytes(std::uint32_t count) const noexcept override {
    return std::size_t{count} * 8 + 64;
  }
  void apply(Stream, const TableView& table, const LogView& log, const BatchView& batch, const Runs& runs,
             const std::uint32_t* operations, std::uint32_t operationCount, const Deferred& deferred,
             const ApplyOutput& out, bool final) noexcept override {
    run(table, operations != nullptr ? operationCount : batch.count,
        ApplyKernel{table, log, batch, runs, operations, deferred, out, final});
  }
  void displace(Stream, const TableView& table, const BatchView& batch, const GroupScratch& scratch,
                const std::uint32_t* operations, std::uint32_t operationCount) noexcept override {
    run(table, operations != nullptr ? operationCount : batch.count,
        DisplaceKernel{table, scratch, operations});
  }
  void splitBuckets(Stream, const TableView& table, std::uint64_t count) noexcept override {
    run(table, count, SplitKernel{table});
  }
  void rebuild(Stream, const TableView& from, const TableView& to) noexcept override {
    if (!health_.failed()) to.counters->stashed = 0;
    run(to, allEights(from), RebuildKernel{from, to});
  }
  void maintain(Stream, const TableView& table, const MaintainTask& task) noexcept override {
    run(table, allEights(table), MaintainKernel{table, task});
  }
  void publish(Stream, const TableView& table, std::uint64_t unit, std::uint8_t* status) noexcept override {
    run(table, 1, PublishKernel{table, unit, status});
  }
  void countSpace(Stream, const TableView& table, std::uint16_t space,
                  std::uint64_t* count) noexcept override {
    run(table, allEights(table), CountSpaceKernel{table, space, count});
  }
  Mailbox* mailbox() noexcept override { return &mailbox_; }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr unsigned kMarks = 8;

  void copy(void* to, const void* from, std::size_t bytes) noexcept {
    if (bytes != 0 && health_.step()) std::memcpy(to, from, bytes);
  }
  template <typename Kernel>
  void run(const TableView& table, std::uint64_t count, const Kernel& kernel) noexcept {
    if (health_.step()) runKernel(threads_, count, kernel, *table.counters);
  }

  HostMemory memory_;
  const unsigned threads_;
  Health health_;
  HostMailbox mailbox_;
  DeviceFacts facts_;
  std::array<std::array<Clock::time_point, kMarks>, kStreams> marks_{};
};

bool HostBackendImpl::mget(Stream, const TableView& table, const BatchView& batch,
                           const MgetOutput& out) noexcept try {
  if (!health_.step()) return true;
  std::vector<std::uint64_t> units(batch.count);
  runKernel(threads_, batch.count, MgetFindKernel{table, batch, out.found, units.data(), out.markReferenced},
            *table.counters);
  std::vector<std::uint64_t> from(std::size_t{batch.count} + 1);
  std::uint64_t total = 0;
  for (std::uint32_t i = 0; i < batch.count; ++i) {
    from[i] = total;
    out.offsets[i] = static_cast<std::uint32_t>(out.firstOffset + total);
    if (units[i] != 0) total += readHead(table.recordAt(units[i])).valueBytes();
  }
  out.offsets[batch.count] = static_cast<std::uint32_t>(out.firstOffset + total);
  *out.totalBytes = total;
  runKernel(threads_, batch.count, MgetCopyKernel{table, units.data(), from.data(), out.blob, out.blobBytes},
            *table.counters);
  return true;
} catch (const std::bad_alloc&) {
  health_.fail();
  return true;
}

void HostBackendImpl::sortRuns(Stream, const GroupScratch& scratch, std::uint32_t count, const Runs& runs,
                               std::uint8_t* temporary) noexcept {
  if (!health_.step()) return;
  std::memset(temporary, 0xCD, sortBytes(count));
  std::iota(runs.order, runs.order + count, 0U);
  // The numbers break ties, so that each run is in batch order.
  std::sort(runs.order, runs.order + count, [&](std::uint32_t a, std::uint32_t b) noexcept {
    return scratch.slotOf[a] != scratch.slotOf[b] ? scratch.slotOf[a] < scratch.slotOf[b] : a < b;
  });
  std::uint32_t found = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i == 0 || scratch.slotOf[runs.order[i]] != scratch.slotOf[runs.order[i - 1]])
      runs.starts[found++] = i;
  }
  runs.starts[found] = count;
  *runs.count = found;
}

}  // namespace

std::unique_ptr<Backend> makeHostBackend(std::uint64_t memoryBytes, unsigned threads) {
  return std::make_unique<HostBackendImpl>(memoryBytes, threads);
}

}  // namespace predis::cuda
