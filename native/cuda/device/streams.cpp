#include "streams.hpp"

#include <algorithm>
#include <chrono>

namespace predis::cuda {

namespace {

using Clock = std::chrono::steady_clock;

/// No work that is given to a stream takes as long as that.
constexpr std::chrono::seconds kPatience{30};

void pauseFor(std::chrono::nanoseconds duration) noexcept {
  const Clock::time_point end = Clock::now() + duration;
  do {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
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
  return failure_.check(cudaStreamCreateWithPriority(&urgent_, cudaStreamNonBlocking, highest),
                        "cudaStreamCreateWithPriority");
}

void Streams::order(Stream earlier, Stream later) noexcept {
  cudaEvent_t event = order_.at(earlier);
  // What is waited for is the event as it was recorded last before the wait was given.
  if (failure_.check(cudaEventRecord(event, streams_.at(earlier)), "cudaEventRecord"))
    failure_.check(cudaStreamWaitEvent(streams_.at(later), event, 0), "cudaStreamWaitEvent");
}

bool Streams::waitFor(cudaStream_t stream) noexcept {
  const Clock::time_point start = Clock::now();
  for (;;) {
    const cudaError_t state = cudaStreamQuery(stream);
    if (state == cudaSuccess) return true;
    if (state != cudaErrorNotReady) return failure_.check(state, "waiting for the device");
    (void)cudaGetLastError();
    const auto waited = Clock::now() - start;
    if (waited > kPatience) {
      failure_.set("waiting for the device", "it did not answer in 30 s");
      return false;
    }
    // A query takes a lock that launches of other threads need: the longer the work, the rarer the queries.
    pauseFor(std::min<std::chrono::nanoseconds>(waited / 16, std::chrono::microseconds(50)));
  }
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
