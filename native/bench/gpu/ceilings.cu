// The ceilings of the card and its bus, as far as a key-value engine meets them.
#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

#include "../../cuda/backend.hpp"
#include "../../cuda/mailbox.hpp"
#include "bench.hpp"

namespace predis::bench {

namespace {

/// Each thread reads pieces of 16 bytes a lane at random places; several are in flight at a time.
template <unsigned PieceBytes>
__global__ void gatherKernel(const uint4* from, std::uint64_t pieces, std::uint64_t reads, std::uint64_t seed,
                             std::uint32_t* out) {
  constexpr unsigned kLanes = PieceBytes / 16;
  constexpr unsigned kAtOnce = 4;
  const std::uint64_t thread = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  const std::uint64_t group = thread / kLanes;
  const std::uint64_t groups = std::uint64_t{gridDim.x} * blockDim.x / kLanes;
  std::uint32_t sum = 0;
  for (std::uint64_t i = group; i < reads; i += groups * kAtOnce) {
    uint4 words[kAtOnce];
#pragma unroll
    for (unsigned k = 0; k < kAtOnce; ++k)
      words[k] = from[mixed(seed + i + k * groups) % pieces * kLanes + thread % kLanes];
#pragma unroll
    for (unsigned k = 0; k < kAtOnce; ++k) sum += words[k].x ^ words[k].y ^ words[k].z ^ words[k].w;
  }
  if (sum == 0x12345678) *out = sum;
}

__global__ void emptyKernel() {}

/// The shortest of several runs in seconds, by events.
template <typename Work>
double bestSeconds(int runs, const Work& work) {
  cudaEvent_t from;
  cudaEvent_t to;
  require(cudaEventCreate(&from), "cudaEventCreate");
  require(cudaEventCreate(&to), "cudaEventCreate");
  double best = 1e9;
  for (int run = 0; run <= runs; ++run) {
    require(cudaEventRecord(from, cudaStreamLegacy), "cudaEventRecord");
    work();
    require(cudaEventRecord(to, cudaStreamLegacy), "cudaEventRecord");
    require(cudaEventSynchronize(to), "cudaEventSynchronize");
    float ms = 0;
    require(cudaEventElapsedTime(&ms, from, to), "cudaEventElapsedTime");
    if (run > 0) best = std::min(best, ms / 1e3);
  }
  (void)cudaEventDestroy(from);
  (void)cudaEventDestroy(to);
  return best;
}

template <unsigned PieceBytes>
void benchGather(Report& report, const DeviceMemory<uint4>& memory, std::uint32_t* out) {
  constexpr std::uint64_t kReads = std::uint64_t{256} << 20;
  std::uint64_t seed = PieceBytes;
  const double seconds = bestSeconds(3, [&] {
    gatherKernel<PieceBytes><<<132 * 16, 256, 0, cudaStreamLegacy>>>(
        memory.data(), memory.bytes() / PieceBytes, kReads, seed += kReads, out);
    require(cudaGetLastError(), "gather kernel");
  });
  report.add({.name = "random gather, " + std::to_string(PieceBytes) + " B pieces over 32 GiB",
              .value = kReads / seconds / 1e9,
              .unit = "G/s"});
}

void benchBus(Report& report) {
  constexpr std::size_t kMost = std::size_t{64} << 20;
  DeviceMemory<std::uint8_t> device(kMost);
  DeviceMemory<std::uint8_t> other(kMost);
  PinnedMemory<std::uint8_t> host(kMost);
  PinnedMemory<std::uint8_t> back(kMost);
  std::memset(host.data(), 1, kMost);
  std::memset(back.data(), 1, kMost);
  for (const auto& [bytes, text] : {std::pair<std::size_t, const char*>{64 << 10, "64 KiB"},
                                    {1 << 20, "1 MiB"},
                                    {16 << 20, "16 MiB"},
                                    {kMost, "64 MiB"}}) {
    const int copies = static_cast<int>(std::max<std::size_t>(4, (std::size_t{256} << 20) / bytes));
    const double to = bestSeconds(3, [&] {
      for (int i = 0; i < copies; ++i)
        require(cudaMemcpyAsync(device.data(), host.data(), bytes, cudaMemcpyHostToDevice, cudaStreamLegacy),
                "copy");
    });
    report.add({.name = std::string("PCIe to the device, ") + text + " a copy",
                .value = copies * static_cast<double>(bytes) / to / 1e9,
                .unit = "GB/s"});
    const double from = bestSeconds(3, [&] {
      for (int i = 0; i < copies; ++i)
        require(cudaMemcpyAsync(back.data(), device.data(), bytes, cudaMemcpyDeviceToHost, cudaStreamLegacy),
                "copy");
    });
    report.add({.name = std::string("PCIe from the device, ") + text + " a copy",
                .value = copies * static_cast<double>(bytes) / from / 1e9,
                .unit = "GB/s"});
  }
  cudaStream_t streams[2];
  for (cudaStream_t& stream : streams)
    require(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreate");
  double best = 1e9;
  for (int run = 0; run < 4; ++run) {
    const Timer timer;
    for (int i = 0; i < 8; ++i) {
      require(cudaMemcpyAsync(device.data(), host.data(), kMost, cudaMemcpyHostToDevice, streams[0]), "copy");
      require(cudaMemcpyAsync(back.data(), other.data(), kMost, cudaMemcpyDeviceToHost, streams[1]), "copy");
    }
    for (cudaStream_t stream : streams) require(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
    best = std::min(best, timer.seconds());
  }
  report.add({.name = "PCIe both ways at once, each", .value = 8 * kMost / best / 1e9, .unit = "GB/s"});
  std::vector<double> micros;
  for (int i = 0; i < 2000; ++i) {
    const Timer timer;
    emptyKernel<<<1, 32, 0, streams[0]>>>();
    require(cudaStreamSynchronize(streams[0]), "empty kernel");
    micros.push_back(timer.seconds() * 1e6);
  }
  report.add({.name = "empty launch and synchronise, p50", .value = percentile(micros, 50), .unit = "us"});
  report.add({.name = "empty launch and synchronise, p99", .value = percentile(micros, 99), .unit = "us"});
  for (cudaStream_t stream : streams) (void)cudaStreamDestroy(stream);
}

void benchMailbox(const Settings& settings, Report& report) {
  using namespace predis::cuda;
  std::string whyNot;
  const auto backend = makeCudaBackend(settings.device, whyNot);
  require(backend != nullptr, whyNot.c_str());
  DeviceMemory<Bucket> buckets(1);
  DeviceMemory<Stash> stash(1);
  DeviceMemory<Counters> counters(1);
  DeviceMemory<std::uint32_t> live(2);
  require(cudaMemset(buckets.data(), 0, sizeof(Bucket)), "cudaMemset");
  require(cudaMemset(stash.data(), 0, sizeof(Stash)), "cudaMemset");
  require(cudaMemset(counters.data(), 0, sizeof(Counters)), "cudaMemset");
  TableView table{};
  table.buckets = buckets.data();
  table.records = reinterpret_cast<std::uint8_t*>(buckets.data());
  table.stash = stash.data();
  table.counters = counters.data();
  table.segmentLiveUnits = live.data();
  table.level = 1;
  MailRequest request;
  std::uint8_t key[kKeyBytes] = {1};
  request.key = key;
  request.keyBytes = sizeof key;
  std::uint8_t value[Mailbox::kMaxValueBytes];
  std::vector<double> micros;
  for (int i = 0; i < 50'000; ++i) {
    MailAnswer answer;
    const Timer timer;
    require(backend->mailbox()->call(table, request, answer, value), "mailbox call");
    micros.push_back(timer.seconds() * 1e6);
    require(answer.status == Status::kNotFound, "mailbox answer");
  }
  backend->mailbox()->leave();
  report.add({.name = kMailbox, .value = percentile(micros, 50), .unit = "us"});
  report.add({.name = "mailbox round trip, p99", .value = percentile(micros, 99), .unit = "us"});
}

void benchHostCopy(Report& report) {
  constexpr std::size_t kBytes = std::size_t{256} << 20;
  std::vector<std::uint8_t> from(kBytes, 1);
  std::vector<std::uint8_t> to(kBytes, 2);
  for (const unsigned threads : {1U, 4U, 16U}) {
    double best = 1e9;
    for (int run = 0; run < 3; ++run) {
      const Timer timer;
      std::vector<std::thread> all;
      for (unsigned t = 0; t < threads; ++t) {
        all.emplace_back([&, t] {
          const std::size_t piece = kBytes / threads;
          std::memcpy(to.data() + t * piece, from.data() + t * piece, piece);
        });
      }
      for (std::thread& thread : all) thread.join();
      best = std::min(best, timer.seconds());
    }
    report.add({.name = "host memcpy, " + std::to_string(threads) + " threads",
                .value = kBytes / best / 1e9,
                .unit = "GB/s"});
  }
}

}  // namespace

void benchCeilings(const Settings& settings, Report& report) {
  {
    constexpr std::size_t kBytes = std::size_t{4} << 30;
    DeviceMemory<std::uint8_t> from(kBytes);
    DeviceMemory<std::uint8_t> to(kBytes);
    from.poison();
    const double seconds = bestSeconds(5, [&] {
      require(cudaMemcpyAsync(to.data(), from.data(), kBytes, cudaMemcpyDeviceToDevice, cudaStreamLegacy),
              "copy");
    });
    report.add({.name = kCopy, .value = 2 * kBytes / seconds / 1e9, .unit = "GB/s"});
  }
  {
    DeviceMemory<uint4> memory((std::size_t{32} << 30) / sizeof(uint4));
    DeviceMemory<std::uint32_t> out(1);
    memory.poison();
    benchGather<32>(report, memory, out.data());
    benchGather<64>(report, memory, out.data());
    benchGather<128>(report, memory, out.data());
    benchGather<256>(report, memory, out.data());
  }
  benchBus(report);
  benchMailbox(settings, report);
  benchHostCopy(report);
}

}  // namespace predis::bench
