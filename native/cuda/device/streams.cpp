#include "streams.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "driver_entry.hpp"

namespace predis::cuda {

namespace {

using Clock = std::chrono::steady_clock;

/// No work that is given to a stream takes as long as that.
constexpr std::chrono::seconds kPatience{30};

/// How long a wait for a word goes without asking the driver whether the device still lives.
constexpr std::chrono::milliseconds kWordAlone{5};
/// A device writes a word within microseconds.
constexpr std::chrono::seconds kFirstWord{2};

void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

void pauseFor(std::chrono::nanoseconds duration) noexcept {
  const Clock::time_point end = Clock::now() + duration;
  do {
    pause();
  } while (Clock::now() < end);
}

}  // namespace

Streams::~Streams() {
  for (const auto& marks : marks_) {
    for (cudaEvent_t event : marks) {
      if (event != nullptr) (void)cudaEventDestroy(event);
    }
  }
  for (cudaEvent_t event : order_) {
    if (event != nullptr) (void)cudaEventDestroy(event);
  }
  for (cudaStream_t stream : streams_) {
    if (stream != nullptr) (void)cudaStreamDestroy(stream);
  }
  if (urgent_ != nullptr) (void)cudaStreamDestroy(urgent_);
  if (words_ != nullptr) (void)cudaFreeHost(words_);
}

bool Streams::open() noexcept {
  int lowest = 0;
  int highest = 0;
  if (!failure_.check(cudaDeviceGetStreamPriorityRange(&lowest, &highest),
                      "cudaDeviceGetStreamPriorityRange"))
    return false;
  // None of them waits for work on the legacy stream, or makes it wait.
  for (cudaStream_t& stream : streams_) {
    if (!failure_.check(cudaStreamCreateWithPriority(&stream, cudaStreamNonBlocking, lowest),
                        "cudaStreamCreateWithPriority"))
      return false;
  }
  for (cudaEvent_t& event : order_) {
    if (!failure_.check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "cudaEventCreateWithFlags"))
      return false;
  }
  if (!failure_.check(cudaStreamCreateWithPriority(&urgent_, cudaStreamNonBlocking, highest),
                      "cudaStreamCreateWithPriority"))
    return false;
  openWords();
  return !failure_.failed();
}

void Streams::openWords() noexcept {
  // Drivers before 12.0 write words only where their module was told to.
  constexpr unsigned kVersion = 12000;
  if (!findDriverEntry("cuStreamWriteValue32", kVersion, writeValue_)) return;
  void* memory = nullptr;
  constexpr std::size_t kBytes = Backend::kStreams * sizeof(Word);
  if (cudaHostAlloc(&memory, kBytes, cudaHostAllocMapped | cudaHostAllocPortable) != cudaSuccess) {
    (void)cudaGetLastError();
    return;
  }
  std::memset(memory, 0, kBytes);
  words_ = static_cast<Word*>(memory);
  // Seen once, it is believed.
  const Clock::time_point start = Clock::now();
  bool written = writeWord(0, 1);
  tickets_[0] = 1;
  while (written && __atomic_load_n(&words_[0].number, __ATOMIC_ACQUIRE) != 1) {
    pause();
    written = Clock::now() - start < kFirstWord;
  }
  if (written) return;
  (void)waitFor(streams_[0]);
  (void)cudaFreeHost(words_);
  words_ = nullptr;
}

bool Streams::writeWord(Stream stream, std::uint32_t number) noexcept {
  return writeValue_(streams_.at(stream), reinterpret_cast<CUdeviceptr>(&words_[stream].number), number,
                     CU_STREAM_WRITE_VALUE_DEFAULT) == CUDA_SUCCESS;
}

std::uint32_t Streams::ticket(Stream stream) noexcept {
  const std::uint32_t number = ++tickets_.at(stream);
  if (words_ != nullptr && !writeWord(stream, number) && waitFor(streams_.at(stream))) {
    // The stream is idle: whoever awaits the ticket need not.
    __atomic_store_n(&words_[stream].number, number, __ATOMIC_RELEASE);
  }
  return number;
}

Progress Streams::look(Stream stream, std::uint32_t ticket) noexcept {
  if (words_ == nullptr) return lookAt(streams_.at(stream));
  // Numbers go round.
  if (static_cast<std::int32_t>(__atomic_load_n(&words_[stream].number, __ATOMIC_ACQUIRE) - ticket) >= 0)
    return Progress::kDone;
  return failure_.failed() ? Progress::kFailed : Progress::kPending;
}

bool Streams::await(Stream stream, std::uint32_t ticket) noexcept {
  constexpr std::uint32_t kSpinsBetweenClocks = 64;
  const Clock::time_point start = Clock::now();
  for (std::uint32_t spins = 1; words_ != nullptr; ++spins) {
    const Progress progress = look(stream, ticket);
    if (progress != Progress::kPending) return progress == Progress::kDone;
    pause();
    // From here on the driver is asked too: it knows of a device that failed.
    if (spins % kSpinsBetweenClocks == 0 && Clock::now() - start > kWordAlone) break;
  }
  return waitFor(streams_.at(stream));
}

Progress Streams::lookAt(cudaStream_t stream) noexcept {
  const cudaError_t state = cudaStreamQuery(stream);
  if (state == cudaSuccess) return Progress::kDone;
  if (state != cudaErrorNotReady) {
    failure_.check(state, "waiting for the device");
    return Progress::kFailed;
  }
  (void)cudaGetLastError();
  return Progress::kPending;
}

bool Streams::waitFor(cudaStream_t stream) noexcept {
  const Clock::time_point start = Clock::now();
  for (;;) {
    const Progress progress = lookAt(stream);
    if (progress != Progress::kPending) return progress == Progress::kDone;
    const auto waited = Clock::now() - start;
    if (waited > kPatience) {
      failure_.set("waiting for the device", "it did not answer in 30 s");
      return false;
    }
    // A query takes a lock that launches of other threads need: the longer the work, the rarer the queries.
    pauseFor(std::min<std::chrono::nanoseconds>(waited / 16, std::chrono::microseconds(50)));
  }
}

void Streams::order(Stream earlier, Stream later) noexcept {
  cudaEvent_t event = order_.at(earlier);
  // What is waited for is the event as it was recorded last before the wait was given.
  if (failure_.check(cudaEventRecord(event, streams_.at(earlier)), "cudaEventRecord"))
    failure_.check(cudaStreamWaitEvent(streams_.at(later), event, 0), "cudaStreamWaitEvent");
}

void Streams::mark(Stream stream, unsigned mark) noexcept {
  cudaEvent_t& event = marks_.at(stream).at(mark);
  if (event == nullptr && !failure_.check(cudaEventCreate(&event), "cudaEventCreate")) return;
  failure_.check(cudaEventRecord(event, streams_.at(stream)), "cudaEventRecord");
}

std::uint64_t Streams::nsBetween(Stream stream, unsigned from, unsigned to) noexcept {
  cudaEvent_t first = marks_.at(stream).at(from);
  cudaEvent_t second = marks_.at(stream).at(to);
  if (first == nullptr || second == nullptr) return 0;
  float ms = 0;
  if (!failure_.check(cudaEventElapsedTime(&ms, first, second), "cudaEventElapsedTime")) return 0;
  return ms > 0 ? static_cast<std::uint64_t>(static_cast<double>(ms) * 1e6) : 0;
}

}  // namespace predis::cuda
