// The whole engine on a device that fails under it, and on one whose memory is taken by somebody else. Each
// case has a process of its own: what a kernel breaks stays broken for the process that ran it.
#include <cuda_runtime_api.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "../../engine/cuda_factory.hpp"
#include "../check.hpp"
#include "../store.hpp"

namespace predis::test {

namespace {

using Clock = std::chrono::steady_clock;

/// Everything that asks a broken device for something must have its answer by then.
constexpr std::chrono::seconds kPatience{10};
/// A case that takes longer hangs.
constexpr unsigned kMostSeconds = 100;

__global__ void trap() { __trap(); }
__global__ void readNowhere(const int* nowhere, int* out) { *out = *nowhere; }

bool isSmall() { return std::getenv("PREDIS_GPU_TEST_SMALL") != nullptr; }
std::string keyOf(std::size_t i) { return "key:" + std::to_string(i); }
std::string valueOf(std::size_t i, std::size_t bytes) {
  std::string value = std::to_string(i);
  value.resize(bytes, 'v');
  return value;
}

std::unique_ptr<Engine> openEngine(std::uint32_t hotCacheKeys) {
  EngineOptions options;
  options.hotCacheKeys = hotCacheKeys;
  std::string whyNot;
  auto engine = makeCudaEngine(options, whyNot);
  if (engine == nullptr) {
    std::printf("# no engine: %s\n", whyNot.c_str());
    std::exit(20);
  }
  return engine;
}

/// Keys [first, end) with values of so many bytes. @return their statuses
std::vector<Status> putRange(Engine& engine, std::size_t first, std::size_t end, std::size_t bytes) {
  std::vector<std::string> keys;
  std::vector<std::string> values;
  for (std::size_t i = first; i < end; ++i) {
    keys.push_back(keyOf(i));
    values.push_back(valueOf(i, bytes));
  }
  return mput(engine, keys, values);
}

/// One call of some kind, whose answer is right or says that the device failed. @return whether it failed
bool callOnce(Engine& engine, unsigned kind, std::atomic<int>& wrong) {
  Answer answer;
  Status status = Status::kOk;
  switch (kind % 5) {
    case 0:
      status = engine.get(kPlain, keyOf(7), answer.memory());
      if (status == Status::kOk && answer.string() != valueOf(7, 100)) ++wrong;
      break;
    case 1:
      status = engine.put(kPlain, keyOf(7), valueOf(7, 100));
      break;
    case 2:
      status = putRange(engine, 0, 5000, 100)[4999];
      break;
    case 3: {
      std::vector<std::string> keys;
      for (std::size_t i = 0; i < 5000; ++i) keys.push_back(keyOf(i));
      Packed packed(keys);
      std::vector<std::uint32_t> offsets(keys.size() + 1);
      std::vector<std::uint8_t> found(keys.size());
      const BatchStatus done =
          engine.mget(kPlain, packed.view(), {offsets.data(), found.data(), answer.memory(), nullptr, 0});
      if (done == BatchStatus::kOk && answer.string(offsets[7], offsets[8]) != valueOf(7, 100)) ++wrong;
      status = done == BatchStatus::kDeviceFailed ? Status::kDeviceFailed : Status::kOk;
      if (done != BatchStatus::kOk && done != BatchStatus::kDeviceFailed) ++wrong;
      break;
    }
    default:
      status = executeOne(engine, {OpKind::kPutIfAbsent, keyOf(7), "no"}).status;
      if (status == Status::kMismatch) status = Status::kOk;
  }
  if (status != Status::kOk && status != Status::kDeviceFailed) ++wrong;
  return status == Status::kDeviceFailed;
}

/// Breaks the device while threads work on the engine, and looks at what they are told.
int breakUnderWork(bool byTrap, const char* word) {
  auto engine = openEngine(0);
  for (const Status status : putRange(*engine, 0, 5000, 100)) CHECK_EQ(status, Status::kOk);
  constexpr unsigned kThreads = 5;
  std::atomic<int> wrong{0};
  std::atomic<unsigned> told{0};
  std::atomic<bool> broken{false};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Clock::time_point since{};
      for (unsigned call = 0;; ++call) {
        // One thread stays with the mailbox's gets: none of them may wait for ever.
        if (callOnce(*engine, t == 0 ? 0 : t + call, wrong)) {
          ++told;
          return;
        }
        if (!broken.load()) continue;
        if (since == Clock::time_point{}) since = Clock::now();
        if (Clock::now() - since > kPatience) return;
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const auto start = Clock::now();
  cudaStream_t stream = nullptr;
  CHECK_EQ(static_cast<int>(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking)), 0);
  if (byTrap) {
    trap<<<1, 1, 0, stream>>>();
  } else {
    readNowhere<<<1, 1, 0, stream>>>(reinterpret_cast<const int*>(std::uintptr_t{4096}),
                                     reinterpret_cast<int*>(std::uintptr_t{8192}));
  }
  broken = true;
  for (std::thread& thread : threads) thread.join();
  const auto took = Clock::now() - start;
  CHECK_EQ(told.load(), kThreads);
  CHECK_EQ(wrong.load(), 0);
  CHECK(took < kPatience);
  const std::string failure = engine->failure();
  std::printf("# after %lld ms: %s\n",
              static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()),
              failure.c_str());
  CHECK(failure.find(word) != std::string::npos);
  // From now on every call says so, at once.
  const auto after = Clock::now();
  for (unsigned kind = 0; kind < 100; ++kind) CHECK(callOnce(*engine, kind, wrong));
  CHECK(mremove(*engine, {"k"})[0] == Status::kDeviceFailed);
  (void)engine->stats();
  (void)engine->deviceStats();
  (void)engine->sweepExpired();
  engine->clearAll();
  CHECK(engine->allocatePinned(100) == nullptr);
  engine.reset();
  CHECK(Clock::now() - after < kPatience);
  CHECK_EQ(wrong.load(), 0);
  // The process lives; the device is lost to it, which a new engine says, and the CPU engine is there.
  std::string whyNot;
  CHECK(makeCudaEngine({}, whyNot) == nullptr);
  CHECK(!whyNot.empty());
  const auto other = makeCpuEngine({});
  CHECK_EQ(other->put(kPlain, "k", "v"), Status::kOk);
  return failures() == 0 ? 0 : 1;
}

/// Values of keys of this kind of status, read in batches. @return how many are there, wrong ones aside
std::size_t countRight(Engine& engine, const std::vector<std::size_t>& numbers, std::size_t bytes) {
  std::size_t right = 0;
  for (std::size_t first = 0; first < numbers.size(); first += 4096) {
    const std::size_t end = std::min(numbers.size(), first + 4096);
    std::vector<std::string> keys;
    for (std::size_t i = first; i < end; ++i) keys.push_back(keyOf(numbers[i]));
    const auto values = mget(engine, keys);
    CHECK_EQ(values.size(), keys.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      right += values[i].has_value() && *values[i] == valueOf(numbers[first + i], bytes);
  }
  return right;
}

/// Leaves the engine a gigabyte and a half (it leaves a third of that to working memory), has it fill that,
/// and looks at what it did and said.
int exhaust() {
  constexpr std::size_t kLeftBytes = std::size_t{1536} << 20;
  constexpr std::size_t kValueBytes = 2000;
  constexpr std::size_t kBatchKeys = 20'000;
  auto engine = openEngine(0);
  std::vector<void*> taken;
  for (std::size_t piece = std::size_t{4} << 30; piece >= std::size_t{16} << 20;) {
    std::size_t free = 0;
    std::size_t total = 0;
    if (cudaMemGetInfo(&free, &total) != cudaSuccess) return 21;
    void* memory = nullptr;
    if (free < kLeftBytes + piece || cudaMalloc(&memory, piece) != cudaSuccess) {
      (void)cudaGetLastError();
      piece /= 2;
    } else {
      taken.push_back(memory);
    }
  }
  std::vector<std::size_t> stored;
  std::vector<std::size_t> refused;
  std::size_t next = 0;
  while (refused.empty() && next < 100 * kBatchKeys) {
    const auto statuses = putRange(*engine, next, next + kBatchKeys, kValueBytes);
    for (const Status status : statuses) {
      CHECK(status == Status::kOk || status == Status::kOutOfMemory);
      (status == Status::kOk ? stored : refused).push_back(next++);
    }
  }
  std::printf("# %zu of %zu pairs stored\n", stored.size(), next);
  CHECK(!refused.empty());
  CHECK(stored.size() * kValueBytes > kLeftBytes / 2);
  CHECK(engine->failure().empty());
  CHECK_EQ(engine->stats().keys, stored.size());
  // What was done stays, what was not is not there; and an old value outlives the new one that found no room.
  CHECK_EQ(countRight(*engine, stored, kValueBytes), stored.size());
  CHECK_EQ(countRight(*engine, refused, kValueBytes), 0U);
  CHECK_EQ(engine->put(kPlain, keyOf(stored[0]), std::string(std::size_t{400} << 20, 'x')),
           Status::kOutOfMemory);
  CHECK_EQ(countRight(*engine, {stored[0]}, kValueBytes), 1U);
  CHECK(engine->failure().empty());
  // With all of it gone, to somebody else, answers may find no working memory; the engine stays.
  const std::size_t before = taken.size();
  for (std::size_t piece = std::size_t{256} << 20; piece >= std::size_t{1} << 20;) {
    void* memory = nullptr;
    if (cudaMalloc(&memory, piece) == cudaSuccess) {
      taken.push_back(memory);
    } else {
      (void)cudaGetLastError();
      piece /= 2;
    }
  }
  {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < 50'000 && i < stored.size(); ++i) keys.push_back(keyOf(stored[i]));
    const auto values = mget(*engine, keys);
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(values[i] == valueOf(stored[i], kValueBytes));
    std::printf("# nothing left: an mget of %zu keys %s\n", keys.size(),
                values.empty() ? "found no working memory" : "was answered");
    CHECK_EQ(countRight(*engine, {stored[1]}, kValueBytes), 1U);
    CHECK(engine->failure().empty());
  }
  while (taken.size() > before) {
    CHECK_EQ(static_cast<int>(cudaFree(taken.back())), 0);
    taken.pop_back();
  }
  // Room again: by removal, and by what the other one gives back.
  std::vector<std::string> keys;
  for (const std::size_t number : stored) keys.push_back(keyOf(number));
  for (const Status status : mremove(*engine, keys)) CHECK_EQ(status, Status::kOk);
  for (const Status status : putRange(*engine, 0, kBatchKeys, kValueBytes)) CHECK_EQ(status, Status::kOk);
  for (void* const memory : taken) CHECK_EQ(static_cast<int>(cudaFree(memory)), 0);
  const std::size_t many = stored.size() + 10 * kBatchKeys;
  for (std::size_t first = 0; first < many; first += kBatchKeys)
    for (const Status status : putRange(*engine, first, first + kBatchKeys, kValueBytes))
      CHECK_EQ(status, Status::kOk);
  CHECK(engine->failure().empty());
  return failures() == 0 ? 0 : 1;
}

/// Runs this program again for one case. @return its exit status, or 100 and more when it was killed
int inChild(const char* which) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(kMostSeconds);
    ::execl("/proc/self/exe", "failure_test", which, nullptr);
    ::_exit(127);
  }
  int status = 0;
  CHECK_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

TEST("failure: a kernel that traps closes the engine with its name, for all at once, and the process lives") {
  if (!isSmall()) CHECK_EQ(inChild("--trap"), 0);  // The sanitizer would report what is asked for here.
}

TEST("failure: so does an access to memory that is not there") {
  if (!isSmall()) CHECK_EQ(inChild("--illegal"), 0);
}

TEST(
    "failure: GPU memory that runs out in a batch is told by index; what was done stays, and the engine "
    "too") {
  if (!isSmall()) CHECK_EQ(inChild("--exhaust"), 0);
}

}  // namespace

}  // namespace predis::test

int main(int argc, char** argv) {
  using namespace predis::test;
  const std::string which = argc > 1 ? argv[1] : "";
  if (which == "--trap") return breakUnderWork(true, "launch failure");
  if (which == "--illegal") return breakUnderWork(false, "illegal");
  if (which == "--exhaust") return exhaust();
  return runAll(which);
}
