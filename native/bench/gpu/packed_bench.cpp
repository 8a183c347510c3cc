// Packed batches host to host, and single operations.
#include <algorithm>
#include <atomic>
#include <barrier>
#include <optional>
#include <thread>

#include "engine_bench.hpp"

namespace predis::bench {

namespace {

/// Pinned memory from the engine, which it copies from and to without a detour.
template <typename T>
class EngineMemory {
 public:
  EngineMemory(predis::Engine& engine, std::size_t count)
      : memory_(engine.allocatePinned(count * sizeof(T) + 64)), count_(count) {
    require(memory_ != nullptr, "no pinned memory");
  }
  T* data() const { return reinterpret_cast<T*>(memory_.get()); }
  [[nodiscard]] std::size_t bytes() const { return count_ * sizeof(T); }
  void poison() { require(cudaMemsetAsync(data(), 0xA5, bytes(), cudaStreamLegacy), "cudaMemset"); }

 private:
  std::shared_ptr<std::uint8_t> memory_;
  std::size_t count_;
};

/// What one thread gives and gets: all of it pinned.
struct HostBatch {
  HostBatch(predis::Engine& engine, std::uint32_t count, std::uint32_t valueBytes)
      : keys(engine, std::size_t{count} * kKeyBytes),
        keyOffsets(engine, count + 1),
        values(engine, std::size_t{count} * valueBytes),
        offsets(engine, count + 1),
        found(engine, count) {}
  EngineMemory<std::uint8_t> keys;
  EngineMemory<std::uint32_t> keyOffsets;
  EngineMemory<std::uint8_t> values;  ///< Out for gets, in for puts.
  EngineMemory<std::uint32_t> offsets;
  EngineMemory<std::uint8_t> found;  ///< Statuses for puts.
  std::uint64_t seed = 0;

  [[nodiscard]] PackedView keyView(std::uint32_t count) const {
    return {keys.data(), keys.bytes(), keyOffsets.data(), count};
  }
  MgetSink sink() {
    MgetSink result;
    result.offsets = offsets.data();
    result.found = found.data();
    result.memory = {this, [](void* context, std::size_t bytes) noexcept -> std::uint8_t* {
                       auto* const self = static_cast<HostBatch*>(context);
                       return bytes <= self->values.bytes() ? self->values.data() : nullptr;
                     }};
    result.lent = values.data();
    result.lentBytes = values.bytes();
    return result;
  }
};

/// Runs work on so many threads at once. @return seconds from the common start to the last end
double together(unsigned threads, const std::function<void(unsigned)>& work) {
  std::barrier start(threads + 1);
  std::vector<std::thread> all;
  for (unsigned t = 0; t < threads; ++t) {
    all.emplace_back([&, t] {
      start.arrive_and_wait();
      work(t);
    });
  }
  start.arrive_and_wait();
  const Timer timer;
  for (std::thread& thread : all) thread.join();
  return timer.seconds();
}

}  // namespace

Rate EngineBench::packedGetRate(std::uint32_t batch, unsigned threads) {
  // Several batches a thread between two checks, so that starting threads does not count.
  const unsigned rounds = std::max(4U, (1U << 21) / batch / threads);
  std::vector<std::vector<std::unique_ptr<HostBatch>>> batches(threads);
  for (auto& own : batches) {
    for (unsigned r = 0; r < rounds; ++r)
      own.push_back(std::make_unique<HostBatch>(*engine_, batch, valueBytes_));
  }
  Sum sum;
  std::atomic<bool> failed{false};
  Rate rate;
  for (int run = 0; run < 2 || rate.seconds < settings_.seconds; ++run) {
    for (auto& own : batches) {
      for (auto& one : own) {
        one->seed = ++seed_;
        require(makeKeys({.records = records_, .seed = one->seed}, batch, one->keys.data(),
                         one->keyOffsets.data()),
                "keys kernel");
        one->values.poison();
        one->offsets.poison();
        one->found.poison();
      }
    }
    finish();
    const double took = together(threads, [&](unsigned t) {
      for (auto& one : batches[t]) {
        if (engine_->mget({}, one->keyView(batch), one->sink()) != BatchStatus::kOk) failed.store(true);
      }
    });
    require(!failed.load(), "mget failed");
    if (run == 0) continue;
    rate.seconds += took;
    for (auto& own : batches) {
      for (auto& one : own) {
        require(checkPacked({.records = records_, .seed = one->seed}, batch, valueBytes_, version_,
                            one->values.data(), one->offsets.data(), one->found.data(), sum.begin()),
                "check kernel");
        rate.right += sum.end();
        rate.asked += batch;
      }
    }
  }
  return rate;
}

void EngineBench::packedGets() {
  for (const std::uint32_t batch : {1U << 14, 1U << 16, 1U << 20}) {
    for (const unsigned threads : {1U, 2U, 4U, 8U}) {
      const Rate rate = packedGetRate(batch, threads);
      // A value, its offset and its mark come back; the bus is the bound.
      const double bytes = valueBytes_ + 5.0;
      const bool counts = batch >= 1U << 16;
      const double ceiling = report_.valueOf(kFromDevice).value_or(0) * 1e9 / bytes / 1e6;
      report_.add({.name = "packed mget host to host, batches of " + std::to_string(batch) + ", " +
                           std::to_string(threads) + " threads",
                   .value = rate.perSecond() / 1e6,
                   .unit = "M keys/s",
                   .ceiling = ceiling,
                   .ceilingName = "PCIe",
                   .must = counts ? std::optional(0.85 * ceiling) : std::nullopt,
                   .aim = counts ? std::optional(0.95 * ceiling) : std::nullopt,
                   .verified = rate.right,
                   .failed = rate.wrong()});
    }
  }
}

Rate EngineBench::packedPutRate(std::uint32_t batch, unsigned threads) {
  const unsigned rounds = std::max(1U, (1U << 18) / batch / threads);
  std::vector<std::vector<std::unique_ptr<HostBatch>>> batches(threads);
  for (auto& own : batches) {
    for (unsigned r = 0; r < rounds; ++r)
      own.push_back(std::make_unique<HostBatch>(*engine_, batch, valueBytes_));
  }
  DeviceMemory<std::uint8_t> rows(std::size_t{batch} * valueBytes_);
  DeviceMemory<std::uint32_t> lengths(batch);
  Sum sum;
  std::atomic<bool> failed{false};
  Rate rate;
  for (int run = 0; run < 2 || rate.seconds < settings_.seconds; ++run) {
    const std::uint32_t version = ++version_ % 256;
    std::uint64_t first = mixed(++seed_) % (records_ / 2);
    for (auto& own : batches) {
      for (auto& one : own) {
        // Records side by side, so that no key is in two batches.
        one->seed = first;
        first += batch;
        const Selection selection{.first = one->seed};
        require(makeKeys(selection, batch, one->keys.data(), one->keyOffsets.data()), "keys kernel");
        require(makeValues(selection, batch, valueBytes_, version, one->values.data(), one->offsets.data()),
                "values kernel");
        one->found.poison();
      }
    }
    require(first <= records_, "too few records for the puts");
    finish();
    const double took = together(threads, [&](unsigned t) {
      for (auto& one : batches[t]) {
        const PackedView values{one->values.data(), one->values.bytes(), one->offsets.data(), batch};
        if (engine_->mput({}, one->keyView(batch), values, nullptr, one->found.data()) != BatchStatus::kOk)
          failed.store(true);
      }
    });
    require(!failed.load(), "mput failed");
    for (auto& own : batches) {
      for (auto& one : own) {
        rows.poison();
        lengths.poison();
        finish();
        checkCall(device_->gatherOnDevice(
                      {}, {.keyBlob = one->keys.data(), .keyOffsets = one->keyOffsets.data(), .count = batch},
                      rows.data(), valueBytes_, lengths.data()),
                  "gatherOnDevice");
        require(checkRows({.first = one->seed}, batch, valueBytes_, version, rows.data(), valueBytes_,
                          lengths.data(), sum.begin()),
                "check kernel");
        const std::uint64_t right = sum.end();
        if (run == 0) continue;
        rate.right += right;
        rate.asked += batch;
      }
    }
    if (run != 0) rate.seconds += took;
  }
  return rate;
}

void EngineBench::packedPuts() {
  for (const std::uint32_t batch : {1U << 14, 1U << 16, 1U << 18}) {
    for (const unsigned threads : {1U, 2U, 4U}) {
      const Rate rate = packedPutRate(batch, threads);
      const double bytes = kKeyBytes + valueBytes_ + 8.0;
      const double ceiling = report_.valueOf(kToDevice).value_or(0);
      report_.add({.name = "packed mput host to host, 1 KB values, batches of " + std::to_string(batch) +
                           ", " + std::to_string(threads) + " threads",
                   .value = rate.perSecond() * bytes / 1e9,
                   .unit = "GB/s",
                   .ceiling = ceiling,
                   .ceilingName = "PCIe",
                   .must = 0.8 * ceiling,
                   .aim = 0.9 * ceiling,
                   .verified = rate.right,
                   .failed = rate.wrong()});
    }
  }
}

void EngineBench::overlap() {
  constexpr std::uint32_t kBatch = 1U << 20;
  const Rate pipelined = packedGetRate(kBatch, 1);
  const double batchSeconds = pipelined.seconds / (static_cast<double>(pipelined.asked) / kBatch);
  // Its parts alone: keys in, the kernel, values out.
  HostBatch host(*engine_, kBatch, valueBytes_);
  DeviceMemory<std::uint8_t> keys(host.keys.bytes()), values(host.values.bytes()), found(kBatch);
  DeviceMemory<std::uint32_t> keyOffsets(kBatch + 1), offsets(kBatch + 1);
  DeviceMemory<std::uint64_t> total(1);
  double parts[3] = {1e9, 1e9, 1e9};
  const auto copy = [](void* to, const void* from, std::size_t bytes) {
    require(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, cudaStreamLegacy), "copy");
  };
  for (int run = 0; run < 8; ++run) {
    require(
        makeKeys({.records = records_, .seed = ++seed_}, kBatch, host.keys.data(), host.keyOffsets.data()),
        "keys kernel");
    finish();
    Timer in;
    copy(keys.data(), host.keys.data(), keys.bytes());
    copy(keyOffsets.data(), host.keyOffsets.data(), keyOffsets.bytes());
    finish();
    parts[0] = std::min(parts[0], in.seconds());
    const Timer kernel;
    predis::cuda::MgetOutput out{offsets.data(), found.data(), values.data(), values.bytes(), 0,
                                 total.data(),   false};
    checkCall(device_->mgetOnDevice(
                  {}, {.keyBlob = keys.data(), .keyOffsets = keyOffsets.data(), .count = kBatch}, out),
              "mgetOnDevice");
    parts[1] = std::min(parts[1], kernel.seconds());
    const Timer outward;
    copy(host.values.data(), values.data(), values.bytes());
    copy(host.offsets.data(), offsets.data(), offsets.bytes());
    copy(host.found.data(), found.data(), found.bytes());
    finish();
    parts[2] = std::min(parts[2], outward.seconds());
  }
  const double longest = *std::max_element(parts, parts + 3);
  report_.note("one mget of 2^20 keys: " + std::to_string(batchSeconds * 1e3) + " ms; alone: in " +
               std::to_string(parts[0] * 1e3) + ", kernel " + std::to_string(parts[1] * 1e3) + ", out " +
               std::to_string(parts[2] * 1e3) + " ms");
  report_.add({.name = "overlap: pipelined time over its longest part alone",
               .value = batchSeconds / longest,
               .unit = "of 1",
               .must = 1.15,
               .aim = 1.05,
               .lessIsBetter = true,
               .verified = pipelined.right,
               .failed = pipelined.wrong()});
}

void EngineBench::singles() {
  // Batches of 1,000.
  {
    constexpr std::uint32_t kBatch = 1000;
    HostBatch host(*engine_, kBatch, valueBytes_);
    Sum sum;
    std::vector<double> micros;
    std::uint64_t right = 0;
    for (int i = 0; i < 2000; ++i) {
      require(
          makeKeys({.records = records_, .seed = ++seed_}, kBatch, host.keys.data(), host.keyOffsets.data()),
          "keys kernel");
      host.values.poison();
      finish();
      const Timer timer;
      checkCall(engine_->mget({}, host.keyView(kBatch), host.sink()), "mget");
      micros.push_back(timer.seconds() * 1e6);
      require(checkPacked({.records = records_, .seed = seed_}, kBatch, valueBytes_, version_,
                          host.values.data(), host.offsets.data(), host.found.data(), sum.begin()),
              "check kernel");
      right += sum.end();
    }
    const std::uint64_t asked = 2000ULL * kBatch;
    report_.add({.name = "one packed mget of 1,000 keys from C++, p50",
                 .value = percentile(micros, 50),
                 .unit = "us",
                 .must = 25,
                 .aim = 18,
                 .lessIsBetter = true,
                 .verified = right,
                 .failed = asked - right});
    report_.add({.name = "one packed mget of 1,000 keys from C++, p99",
                 .value = percentile(micros, 99),
                 .unit = "us"});
  }
  // One key at a time: keys at random, which the host's cache hardly has, then one over and over.
  struct Room {
    std::uint8_t bytes[2048];
    std::size_t used;
  } room{};
  const AnswerMemory memory{&room, [](void* context, std::size_t bytes) noexcept -> std::uint8_t* {
                              auto* const self = static_cast<Room*>(context);
                              self->used = bytes;
                              return bytes <= sizeof self->bytes ? self->bytes : nullptr;
                            }};
  const auto measure = [&](int calls, bool hot, std::vector<double>& micros) {
    std::uint64_t right = 0;
    for (int i = 0; i < calls; ++i) {
      const std::uint64_t record = mixed(hot ? 99 : ++seed_) % records_;
      std::uint64_t key[3];
      for (unsigned word = 0; word < 3; ++word) key[word] = keyWord(record, word);
      std::memset(room.bytes, 0xA5, valueBytes_);
      room.used = 0;
      const Timer timer;
      const Status status = engine_->get({}, {reinterpret_cast<const char*>(key), kKeyBytes}, memory);
      micros.push_back(timer.seconds() * 1e6);
      bool same = status == Status::kOk && room.used == valueBytes_;
      for (std::uint32_t b = 0; b < valueBytes_ && same; ++b)
        same = room.bytes[b] == static_cast<std::uint8_t>(valueWord(record, version_, b / 8) >> b % 8 * 8);
      right += same ? 1 : 0;
    }
    return right;
  };
  constexpr int kCalls = 100'000;
  std::vector<double> cold;
  std::vector<double> hot;
  const std::uint64_t coldRight = measure(kCalls, false, cold);
  const std::uint64_t hotRight = measure(kCalls, true, hot);
  report_.add({.name = "single get through the mailbox from C++, p50",
               .value = percentile(cold, 50),
               .unit = "us",
               .ceiling = report_.valueOf(kMailbox),
               .ceilingName = "the mailbox's round trip",
               .must = 4,
               .aim = 3,
               .lessIsBetter = true,
               .verified = coldRight,
               .failed = kCalls - coldRight});
  report_.add({.name = "single get through the mailbox from C++, p99",
               .value = percentile(cold, 99),
               .unit = "us",
               .must = 6,
               .aim = 3.3,
               .lessIsBetter = true,
               .verified = coldRight,
               .failed = kCalls - coldRight});
  report_.add({.name = "single get through the mailbox from C++, p99.9",
               .value = percentile(cold, 99.9),
               .unit = "us"});
  report_.add({.name = "single get of a hot key from C++, p50",
               .value = percentile(hot, 50),
               .unit = "us",
               .must = 0.5,
               .aim = 0.3,
               .lessIsBetter = true,
               .verified = hotRight,
               .failed = kCalls - hotRight});
  const DeviceStats stats = engine_->deviceStats();
  report_.note("mailbox calls: " + std::to_string(stats.mailboxCalls) + ", hot cache hits: " +
               std::to_string(stats.hotCacheHits) + ", direct: " + std::to_string(stats.directCalls) +
               ", packed: " + std::to_string(stats.packedCalls) +
               ", device: " + std::to_string(stats.deviceCalls));
}

}  // namespace predis::bench
