// The CPU engine on all cores of the host, under the same packed batches.
#include <atomic>
#include <thread>
#include <vector>

#include "../../engine/engine.hpp"
#include "bench.hpp"

namespace predis::bench {

void benchCpu(const Settings& settings, Report& report) {
  constexpr std::uint32_t kValueBytes = 100;
  constexpr std::uint32_t kBatch = 1U << 16;
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  EngineOptions options;
  options.expectedKeys = settings.cpuRecords;
  const auto engine = makeCpuEngine(options);

  struct Batch {
    std::vector<std::uint64_t> keys = std::vector<std::uint64_t>(kBatch * 3);
    std::vector<std::uint32_t> keyOffsets = std::vector<std::uint32_t>(kBatch + 1);
    std::vector<std::uint8_t> values = std::vector<std::uint8_t>(std::size_t{kBatch} * kValueBytes);
    std::vector<std::uint32_t> offsets = std::vector<std::uint32_t>(kBatch + 1);
    std::vector<std::uint8_t> found = std::vector<std::uint8_t>(kBatch);
    std::uint64_t right = 0, asked = 0;
    double seconds = 0;

    void draw(const Selection& selection) {
      for (std::uint32_t i = 0; i < kBatch; ++i) {
        for (unsigned word = 0; word < 3; ++word) keys[i * 3 + word] = keyWord(selection[i], word);
        keyOffsets[i + 1] = (i + 1) * kKeyBytes;
      }
    }
    PackedView keyView() const {
      return {reinterpret_cast<const std::uint8_t*>(keys.data()), keys.size() * 8, keyOffsets.data(), kBatch};
    }
  };
  static const auto byteOf = [](std::uint64_t record, std::uint32_t b) {
    return static_cast<std::uint8_t>(valueWord(record, 0, b / 8) >> b % 8 * 8);
  };
  std::atomic<std::uint64_t> next{0};
  std::atomic<bool> failed{false};
  const auto onAll = [&](const auto& work) {
    std::vector<std::thread> all;
    for (unsigned t = 0; t < threads; ++t) all.emplace_back(work, t);
    for (std::thread& thread : all) thread.join();
  };
  const std::uint64_t records = settings.cpuRecords / kBatch * kBatch;
  onAll([&](unsigned) {
    Batch batch;
    for (std::uint64_t first = next.fetch_add(kBatch); first < records; first = next.fetch_add(kBatch)) {
      batch.draw({.first = first});
      for (std::uint32_t i = 0; i < kBatch; ++i) {
        for (std::uint32_t b = 0; b < kValueBytes; ++b)
          batch.values[std::size_t{i} * kValueBytes + b] = byteOf(first + i, b);
        batch.offsets[i + 1] = (i + 1) * kValueBytes;
      }
      const PackedView values{batch.values.data(), batch.values.size(), batch.offsets.data(), kBatch};
      if (engine->mput({}, batch.keyView(), values, nullptr, batch.found.data()) != BatchStatus::kOk)
        failed.store(true);
    }
  });
  require(!failed.load(), "mput of the CPU engine failed");

  // Each thread times its calls alone; the rates of threads that run side by side add up.
  std::vector<Batch> batches(threads);
  const Timer limit;
  onAll([&](unsigned t) {
    Batch& batch = batches[t];
    for (std::uint64_t run = 0; run < 3 || limit.seconds() < 4 * settings.seconds + 1; ++run) {
      const Selection selection{.records = records, .seed = run * threads + t + 1};
      batch.draw(selection);
      std::fill(batch.values.begin(), batch.values.end(), std::uint8_t{0xA5});
      MgetSink sink;
      sink.offsets = batch.offsets.data();
      sink.found = batch.found.data();
      sink.memory = {&batch, [](void* context, std::size_t bytes) noexcept -> std::uint8_t* {
                       auto& self = *static_cast<Batch*>(context);
                       return bytes <= self.values.size() ? self.values.data() : nullptr;
                     }};
      const Timer timer;
      if (engine->mget({}, batch.keyView(), sink) != BatchStatus::kOk) failed.store(true);
      batch.seconds += timer.seconds();
      for (std::uint32_t i = 0; i < kBatch; ++i) {
        bool same = batch.found[i] == 1 && batch.offsets[i + 1] - batch.offsets[i] == kValueBytes;
        for (std::uint32_t b = 0; b < kValueBytes && same; ++b)
          same = batch.values[batch.offsets[i] + b] == byteOf(selection[i], b);
        batch.right += same ? 1 : 0;
      }
      batch.asked += kBatch;
    }
  });
  require(!failed.load(), "mget of the CPU engine failed");
  double rate = 0;
  std::uint64_t right = 0;
  std::uint64_t asked = 0;
  for (const Batch& batch : batches) {
    rate += static_cast<double>(batch.right) / batch.seconds;
    right += batch.right;
    asked += batch.asked;
  }
  report.add({.name = "CPU engine, packed mget of 65536 keys on " + std::to_string(threads) + " cores",
              .value = rate / 1e6,
              .unit = "M keys/s",
              .verified = right,
              .failed = asked - right});
  report.add({.name = "CPU engine, a core", .value = rate / threads / 1e6, .unit = "M keys/s"});
}

}  // namespace predis::bench
