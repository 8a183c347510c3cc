// The CUDA backend behind the interface of the host backend, for the host's tests of the table: see
// arena.hpp.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "../../../cuda/host_backend.hpp"
#include "../../../cuda/mailbox.hpp"
#include "../../check.hpp"
#include "arena.hpp"

namespace predis::cuda::test {

namespace {

/// One for all tests.
std::unique_ptr<Backend> device;

TableView translated(TableView table) {
  table.buckets = Arena::translated(table.buckets);
  table.records = Arena::translated(table.records);
  table.stash = Arena::translated(table.stash);
  table.counters = Arena::translated(table.counters);
  table.segmentLiveUnits = Arena::translated(table.segmentLiveUnits);
  return table;
}
LogView translated(LogView log) {
  log.segments = Arena::translated(log.segments);
  return log;
}
BatchView translated(BatchView batch) {
  batch.keyBlob = Arena::translated(batch.keyBlob);
  batch.keyOffsets = Arena::translated(batch.keyOffsets);
  batch.valueBlob = Arena::translated(batch.valueBlob);
  batch.valueOffsets = Arena::translated(batch.valueOffsets);
  batch.expectedBlob = Arena::translated(batch.expectedBlob);
  batch.expectedOffsets = Arena::translated(batch.expectedOffsets);
  batch.kinds = Arena::translated(batch.kinds);
  batch.amounts = Arena::translated(batch.amounts);
  return batch;
}
GroupScratch translated(GroupScratch scratch) {
  scratch.slots = Arena::translated(scratch.slots);
  scratch.slotOf = Arena::translated(scratch.slotOf);
  scratch.hashes = Arena::translated(scratch.hashes);
  return scratch;
}
Deferred translated(Deferred deferred) {
  deferred.operations = Arena::translated(deferred.operations);
  deferred.reasons = Arena::translated(deferred.reasons);
  deferred.runEnds = Arena::translated(deferred.runEnds);
  return deferred;
}
Runs translated(Runs runs) {
  runs.order = Arena::translated(runs.order);
  runs.starts = Arena::translated(runs.starts);
  runs.count = Arena::translated(runs.count);
  return runs;
}
MgetOutput translated(MgetOutput out) {
  out.offsets = Arena::translated(out.offsets);
  out.found = Arena::translated(out.found);
  out.blob = Arena::translated(out.blob);
  out.totalBytes = Arena::translated(out.totalBytes);
  return out;
}
ApplyOutput translated(ApplyOutput out) {
  out.statuses = Arena::translated(out.statuses);
  out.numbers = Arena::translated(out.numbers);
  out.valueAt = Arena::translated(out.valueAt);
  out.valueBytes = Arena::translated(out.valueBytes);
  out.found = Arena::translated(out.found);
  out.blob = Arena::translated(out.blob);
  return out;
}
MaintainTask translated(MaintainTask task) {
  task.victims = Arena::translated(task.victims);
  task.log = translated(task.log);
  return task;
}
template <typename T>
T* translated(T* pointer) {
  return Arena::translated(pointer);
}

void requireDevice(bool holds) {
  if (holds) return;
  std::printf("not ok - the device failed: %s\n", device->failure().c_str());
  std::fflush(stdout);
  std::_Exit(1);
}

class ArenaMailbox final : public Mailbox {
 public:
  bool call(const TableView& table, const MailRequest& request, MailAnswer& answer,
            std::uint8_t* value) noexcept override {
    // Outside of the arena, which is copied back behind the call.
    static MailAnswer answered;
    static std::uint8_t room[kMaxValueBytes];
    requireDevice(Arena::onDevice([&] {
      const bool done = device->mailbox()->call(translated(table), request, answered, room);
      device->mailbox()->leave();
      return done;
    }));
    answer = answered;
    if (answer.undone == DeferReason::kNone) std::memcpy(value, room, answer.valueBytes);
    return true;
  }
  void leave() noexcept override { device->mailbox()->leave(); }
};

class ArenaBackend final : public HostBackend {
 public:
  const DeviceFacts& facts() const noexcept override { return device->facts(); }
  std::string failure() const override { return device->failure(); }
  bool hasFailed() const noexcept override { return device->hasFailed(); }
  void failAfter(std::uint64_t) noexcept override {}
  void refuseMemoryAfter(std::uint64_t) noexcept override {}
  std::uint64_t usedBytes() const noexcept override { return 0; }

  std::uint8_t* reserve(std::uint64_t bytes) noexcept override { return Arena::take(bytes); }
  bool map(std::uint8_t*, std::uint64_t) noexcept override { return true; }
  void unmap(std::uint8_t*, std::uint64_t) noexcept override {}
  void release(std::uint8_t* at, std::uint64_t) noexcept override { Arena::give(at); }
  std::uint8_t* allocateDevice(std::size_t bytes) noexcept override { return Arena::take(bytes); }
  void freeDevice(void* memory) noexcept override { Arena::give(memory); }
  std::uint8_t* allocatePinned(std::size_t bytes) noexcept override { return Arena::take(bytes); }
  void freePinned(void* memory) noexcept override { Arena::give(memory); }
  std::uint64_t freeBytes() const noexcept override { return Arena::kBytes; }

  void copyToDevice(Stream, void* to, const void* from, std::size_t bytes) noexcept override {
    std::memcpy(to, from, bytes);
  }
  void copyFromDevice(Stream, void* to, const void* from, std::size_t bytes) noexcept override {
    std::memcpy(to, from, bytes);
  }
  void copyOnDevice(Stream, void* to, const void* from, std::size_t bytes) noexcept override {
    std::memcpy(to, from, bytes);
  }
  void fill(Stream, void* at, std::uint8_t byte, std::size_t bytes) noexcept override {
    std::memset(at, byte, bytes);
  }
  void order(Stream, Stream) noexcept override {}
  bool wait(Stream) noexcept override { return device->failure().empty(); }
  void mark(Stream, unsigned) noexcept override {}
  std::uint64_t nsBetween(Stream, unsigned, unsigned) noexcept override { return 0; }

  bool mget(Stream s, const TableView& t, const BatchView& b, const MgetOutput& out) noexcept override {
    bool done = false;
    run([&] { done = device->mget(s, translated(t), translated(b), translated(out)); });
    return done;
  }
  void lookup(Stream s, const TableView& t, const BatchView& b, std::uint8_t* found) noexcept override {
    run([&] { device->lookup(s, translated(t), translated(b), translated(found)); });
  }
  void gather(Stream s, const TableView& t, const BatchView& b, std::uint8_t* out, std::uint32_t strideBytes,
              std::uint32_t* valueBytes) noexcept override {
    run([&] {
      device->gather(s, translated(t), translated(b), translated(out), strideBytes, translated(valueBytes));
    });
  }
  void group(Stream s, const TableView& t, const BatchView& b, const GroupScratch& scratch,
             GroupKeeps keeps) noexcept override {
    run([&] { device->group(s, translated(t), translated(b), translated(scratch), keeps); });
  }
  void put(Stream s, const TableView& t, const LogView& log, const BatchView& b, const GroupScratch& scratch,
           const std::uint32_t* operations, std::uint32_t operationCount, const Deferred& deferred,
           std::uint8_t* statuses) noexcept override {
    run([&] {
      device->put(s, translated(t), translated(log), translated(b), translated(scratch),
                  translated(operations), operationCount, translated(deferred), translated(statuses));
    });
  }
  void erase(Stream s, const TableView& t, const BatchView& b, const GroupScratch& scratch,
             std::uint8_t* statuses) noexcept override {
    run([&] { device->erase(s, translated(t), translated(b), translated(scratch), translated(statuses)); });
  }
  void sortRuns(Stream s, const GroupScratch& scratch, std::uint32_t count, const Runs& runs,
                std::uint8_t* temporary) noexcept override {
    run([&] { device->sortRuns(s, translated(scratch), count, translated(runs), translated(temporary)); });
  }
  std::size_t sortBytes(std::uint32_t count) const noexcept override { return device->sortBytes(count); }
  void apply(Stream s, const TableView& t, const LogView& log, const BatchView& b, const Runs& runs,
             const std::uint32_t* operations, std::uint32_t operationCount, const Deferred& deferred,
             const ApplyOutput& out, bool final) noexcept override {
    run([&] {
      device->apply(s, translated(t), translated(log), translated(b), translated(runs),
                    translated(operations), operationCount, translated(deferred), translated(out), final);
    });
  }
  void displace(Stream s, const TableView& t, const BatchView& b, const GroupScratch& scratch,
                const std::uint32_t* operations, std::uint32_t operationCount) noexcept override {
    run([&] {
      device->displace(s, translated(t), translated(b), translated(scratch), translated(operations),
                       operationCount);
    });
  }
  void splitBuckets(Stream s, const TableView& t, std::uint64_t count) noexcept override {
    run([&] { device->splitBuckets(s, translated(t), count); });
  }
  void rebuild(Stream s, const TableView& from, const TableView& to) noexcept override {
    run([&] { device->rebuild(s, translated(from), translated(to)); });
  }
  void maintain(Stream s, const TableView& t, const MaintainTask& task) noexcept override {
    run([&] { device->maintain(s, translated(t), translated(task)); });
  }
  void publish(Stream s, const TableView& t, std::uint64_t unit, std::uint8_t* status) noexcept override {
    run([&] { device->publish(s, translated(t), unit, translated(status)); });
  }
  void countSpace(Stream s, const TableView& t, std::uint16_t space, std::uint64_t* count) noexcept override {
    run([&] { device->countSpace(s, translated(t), space, translated(count)); });
  }
  Mailbox* mailbox() noexcept override { return &mailbox_; }

 private:
  template <typename Work>
  void run(const Work& work) noexcept {
    requireDevice(Arena::onDevice([&] {
      work();
      return device->wait(0);
    }));
  }

  ArenaMailbox mailbox_;
};

}  // namespace

}  // namespace predis::cuda::test

namespace predis::cuda {

std::unique_ptr<Backend> makeHostBackend(std::uint64_t, unsigned) {
  return std::make_unique<test::ArenaBackend>();
}

}  // namespace predis::cuda

int main() {
  using namespace predis::cuda;
  std::string whyNot;
  test::device = makeCudaBackend(0, whyNot);
  if (test::device == nullptr) {
    std::printf("not ok - no device to test on: %s\n", whyNot.c_str());
    return 1;
  }
  // Tests of the simulated device itself are not for this one.
  std::erase_if(predis::test::cases(), [](const predis::test::Case& test) {
    return std::strncmp(test.name, "host backend", 12) == 0;
  });
  const int status = test::Arena::runWithin([] { return predis::test::runAll(); });
  test::device.reset();
  return status;
}
