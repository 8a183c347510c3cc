// The CUDA backend but for its kernels' meaning (that is table_*'s part): memory, order, marks, failures.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "gpu_test.hpp"

namespace predis::cuda::test {

TEST("backend: facts of the device") {
  const DeviceFacts& facts = device().facts();
  CHECK(!facts.name.empty());
  CHECK_EQ(facts.uuid.size(), 40U);
  CHECK(facts.computeMajor >= 8);
  CHECK(facts.multiprocessors > 0);
  CHECK(facts.memoryBytes > std::uint64_t{1} << 30);
  CHECK(facts.driverVersion >= facts.runtimeVersion / 1000 * 1000);
  CHECK(device().freeBytes() <= facts.memoryBytes);
}

TEST("backend: a device that is not there is refused with a sentence") {
  std::string whyNot;
  CHECK(makeCudaBackend(4711, whyNot) == nullptr);
  CHECK(whyNot.find("4711") != std::string::npos);
}

TEST("backend: reserved addresses get memory piece by piece, keep it, and give it back") {
  constexpr std::uint64_t kPieces = 5;
  std::uint8_t* const range = device().reserve(std::uint64_t{1} << 40);
  CHECK(range != nullptr);
  CHECK_EQ(reinterpret_cast<std::uintptr_t>(range) % kSegmentBytes, 0U);
  Pinned<std::uint8_t> host(kPieces * kSegmentBytes);
  Random random(3);
  for (std::size_t i = 0; i < host.size(); i += 97) host[i] = static_cast<std::uint8_t>(random.next());
  const std::uint64_t before = device().freeBytes();
  for (std::uint64_t i = 0; i < kPieces; ++i) {
    CHECK(device().map(range + i * kSegmentBytes, kSegmentBytes));
    device().copyToDevice(0, range + i * kSegmentBytes, host.data() + i * kSegmentBytes, kSegmentBytes);
  }
  CHECK(before - device().freeBytes() >= kPieces * kSegmentBytes);
  Pinned<std::uint8_t> back(kPieces * kSegmentBytes);
  device().copyFromDevice(0, back.data(), range, back.size());
  CHECK(device().wait(0));
  CHECK(std::memcmp(back.data(), host.data(), host.size()) == 0);
  for (std::uint64_t i = 0; i < kPieces; ++i) device().unmap(range + i * kSegmentBytes, kSegmentBytes);
  CHECK(device().map(range, 2 * kSegmentBytes));
  device().unmap(range, 2 * kSegmentBytes);
  device().release(range, std::uint64_t{1} << 40);
  CHECK(device().failure().empty());
}

TEST("backend: memory that is not there is refused, and nothing else changes") {
  const std::uint64_t tooMuch = (device().facts().memoryBytes / kSegmentBytes + 1) * kSegmentBytes;
  std::uint8_t* const range = device().reserve(2 * tooMuch);
  CHECK(!device().map(range, tooMuch));
  CHECK(device().allocateDevice(tooMuch) == nullptr);
  CHECK(device().map(range, kSegmentBytes));
  device().unmap(range, kSegmentBytes);
  device().release(range, 2 * tooMuch);
  CHECK(device().failure().empty());
}

TEST("backend: work of a stream waits for another's where it is ordered to") {
  constexpr std::size_t kBytes = std::size_t{64} << 20;
  std::uint8_t* const a = device().allocateDevice(kBytes);
  std::uint8_t* const b = device().allocateDevice(kBytes);
  Pinned<std::uint8_t> host(kBytes);
  for (int round = 1; round <= 20; ++round) {
    const auto byte = static_cast<std::uint8_t>(round);
    // Long work on one stream, what depends on it on others.
    for (int i = 0; i < 8; ++i) device().fill(1, a, static_cast<std::uint8_t>(i), kBytes);
    device().fill(1, a, byte, kBytes);
    device().order(1, 2);
    device().copyOnDevice(2, b, a, kBytes);
    device().order(2, 3);
    device().copyFromDevice(3, host.data(), b, kBytes);
    device().order(3, 1);
    CHECK(device().wait(3));
    CHECK_EQ(static_cast<int>(host[0]), static_cast<int>(byte));
    CHECK_EQ(static_cast<int>(host[kBytes - 1]), static_cast<int>(byte));
  }
  device().freeDevice(a);
  device().freeDevice(b);
}

TEST("backend: marks measure the time between them") {
  constexpr std::size_t kBytes = std::size_t{256} << 20;
  std::uint8_t* const a = device().allocateDevice(kBytes);
  device().mark(4, 0);
  device().mark(4, 1);
  device().fill(4, a, 1, kBytes);
  device().mark(4, 2);
  CHECK(device().wait(4));
  const std::uint64_t ns = device().nsBetween(4, 1, 2);
  CHECK(ns > 5'000);
  CHECK(ns < 1'000'000'000);
  CHECK_EQ(device().nsBetween(4, 6, 7), 0U);
  device().freeDevice(a);
}

TEST("mailbox: gets see what kernels wrote a moment ago, and kernels what it wrote") {
  DeviceTable table(64, 4);
  const std::vector<std::string> keys{"key of a record that is written over and over"};
  std::uint8_t value[Mailbox::kMaxValueBytes];
  MailRequest request;
  request.key = reinterpret_cast<const std::uint8_t*>(keys[0].data());
  request.keyBytes = static_cast<std::uint32_t>(keys[0].size());
  request.nowMs = 1000;
  const int rounds = isSmall() ? 20 : 500;
  for (int i = 1; i <= rounds; ++i) {
    // In place, by a kernel elsewhere on the device: the mailbox's multiprocessor has the old value cached.
    const std::string text = std::to_string(1'000'000 + 2 * i);
    CHECK_EQ(table.put(keys, {text}), 0U);
    for (int again = 0; again < 2; ++again) {
      MailAnswer answer;
      request.kind = OpKind::kGet;
      CHECK(device().mailbox()->call(table.view, request, answer, value));
      CHECK_EQ(std::string(reinterpret_cast<char*>(value), answer.valueBytes), text);
    }
    MailAnswer answer;
    request.kind = OpKind::kIncrement;
    request.amount = 1;
    request.spareUnit = table.spareUnit;
    request.spareUnits = 16;
    CHECK(device().mailbox()->call(table.view, request, answer, value));
    CHECK_EQ(answer.number, 1'000'001 + 2 * i);
    // A batch reads it right after.
    PinnedStrings packed(keys, 0);
    Pinned<std::uint32_t> offsets(2);
    Pinned<std::uint8_t> found(1), blob(64);
    Pinned<std::uint64_t> total(1);
    BatchView batch;
    batch.keyBlob = packed.bytes();
    batch.keyOffsets = packed.offsets.data();
    batch.count = 1;
    batch.nowMs = 1000;
    device().mget(1, table.view, batch,
                  {offsets.data(), found.data(), blob.data(), 64, 0, total.data(), false});
    CHECK(device().wait(1));
    CHECK_EQ(std::string(reinterpret_cast<char*>(blob.data()), total[0]), std::to_string(answer.number));
  }
  CHECK_EQ(table.count().keys, 1U);
}

TEST("mailbox: leaves when idle, does not hinder memory calls, and is there again at once") {
  DeviceTable table(64, 2);
  CHECK_EQ(table.put({"a", "b"}, {"1", "2"}), 0U);
  std::uint8_t value[Mailbox::kMaxValueBytes];
  MailRequest request;
  request.key = reinterpret_cast<const std::uint8_t*>("b");
  request.keyBytes = 1;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 200; ++i) {
    MailAnswer answer;
    CHECK(device().mailbox()->call(table.view, request, answer, value));
    CHECK_EQ(static_cast<char>(value[0]), '2');
    if (i % 4 == 1) std::this_thread::sleep_for(std::chrono::milliseconds(1 + i % 5));
    if (i % 4 == 3) device().freeDevice(device().allocateDevice(std::size_t{1} << 20));
  }
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(isSmall() ? 60 : 5));
  // Longer than a launch lives.
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
  while (std::chrono::steady_clock::now() < until) {
    MailAnswer answer;
    CHECK(device().mailbox()->call(table.view, request, answer, value));
    CHECK_EQ(static_cast<char>(value[0]), '2');
  }
}

TEST("mailbox: many threads, values of all lengths, beside batches") {
  DeviceTable table(4096, 8);
  std::vector<std::string> keys;
  std::vector<std::string> values;
  Random random(5);
  for (int i = 0; i < 2000; ++i) {
    keys.push_back("key " + std::to_string(i) + random.bytes(random.below(200)));
    values.push_back(random.bytes(random.below(Mailbox::kMaxValueBytes + 1)));
  }
  CHECK_EQ(table.put(keys, values), 0U);
  std::atomic<int> wrong{0};
  std::atomic<bool> stop{false};
  PinnedStrings packed(keys, 5);
  Pinned<std::uint8_t> found(keys.size());
  std::thread batches([&] {
    BatchView batch;
    batch.keyBlob = packed.bytes();
    batch.keyOffsets = packed.offsets.data();
    batch.count = static_cast<std::uint32_t>(keys.size());
    batch.nowMs = 1000;
    while (!stop.load()) {
      device().lookup(2, table.view, batch, found.data());
      if (!device().wait(2)) wrong.fetch_add(1);
    }
  });
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      std::vector<std::uint8_t> value(Mailbox::kMaxValueBytes);
      const int calls = isSmall() ? 50 : 5000;
      for (int n = 0; n < calls; ++n) {
        const std::size_t i = (static_cast<std::size_t>(n) * 31 + t * 977) % keys.size();
        MailRequest request;
        request.key = reinterpret_cast<const std::uint8_t*>(keys[i].data());
        request.keyBytes = static_cast<std::uint32_t>(keys[i].size());
        MailAnswer answer;
        if (!device().mailbox()->call(table.view, request, answer, value.data()) ||
            answer.status != Status::kOk ||
            std::string(reinterpret_cast<char*>(value.data()), answer.valueBytes) != values[i])
          wrong.fetch_add(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  stop.store(true);
  batches.join();
  CHECK_EQ(wrong.load(), 0);
  for (std::size_t i = 0; i < found.size(); ++i) CHECK_EQ(static_cast<int>(found[i]), 1);
}

/// Breaks the device for its process: reads where there is no memory.
int breakDevice() {
  const auto backend = openDevice();
  {
    DeviceTable table(64, 2, *backend);
    TableView broken = table.view;
    broken.buckets = reinterpret_cast<Bucket*>(backend->reserve(kSegmentBytes));
    PinnedStrings packed({"a"}, 0);
    BatchView batch;
    batch.keyBlob = packed.bytes();
    batch.keyOffsets = packed.offsets.data();
    batch.count = 1;
    Pinned<std::uint8_t> found(1, *backend);
    const auto start = std::chrono::steady_clock::now();
    backend->lookup(0, broken, batch, found.data());
    if (backend->wait(0)) return 10;
    const std::string first = backend->failure();
    if (first.find("illegal") == std::string::npos) return 11;
    // All that follows says no at once, and the words stay those of the first failure.
    MailRequest request;
    request.key = reinterpret_cast<const std::uint8_t*>("a");
    request.keyBytes = 1;
    MailAnswer answer;
    std::uint8_t value[Mailbox::kMaxValueBytes];
    if (backend->mailbox()->call(table.view, request, answer, value)) return 12;
    if (backend->allocateDevice(100) != nullptr) return 13;
    if (backend->wait(1)) return 14;
    if (backend->failure() != first) return 15;
    if (std::chrono::steady_clock::now() - start > std::chrono::seconds(5)) return 16;
  }
  return 0;
}

TEST("backend: after an illegal access every call fails with its name, and the process lives") {
  if (isSmall()) return;  // The sanitizer would report what is asked for here.
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl("/proc/self/exe", "backend_test", "--break-device", nullptr);
    ::_exit(127);
  }
  int status = 0;
  CHECK_EQ(::waitpid(child, &status, 0), child);
  CHECK(WIFEXITED(status));
  CHECK_EQ(WEXITSTATUS(status), 0);
}

}  // namespace predis::cuda::test

int main(int argc, char**) {
  if (argc > 1) return predis::cuda::test::breakDevice();
  return predis::test::runAll();
}
