#include "engine_bench.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace predis::bench {

using namespace predis::cuda;

Rate repeat(double seconds, std::uint64_t perRun, const std::function<void(std::uint64_t)>& prepare,
            const std::function<void()>& work, const std::function<std::uint64_t(std::uint64_t)>& check) {
  Rate rate;
  // The first runs warm up and are checked but not counted as time.
  for (std::uint64_t run = 0; run < 2 || rate.seconds < seconds; ++run) {
    prepare(run);
    finish();
    const Timer timer;
    work();
    const double took = timer.seconds();
    const std::uint64_t right = check(run);
    if (run < 1 && right == perRun) continue;
    rate.seconds += took;
    rate.right += right;
    rate.asked += perRun;
    if (right != perRun && rate.seconds > 0) break;
  }
  return rate;
}

EngineBench::EngineBench(const Settings& settings, Report& report, std::uint64_t records,
                         std::uint32_t valueBytes)
    : settings_(settings), report_(report), records_(records), valueBytes_(valueBytes) {
  std::string whyNot;
  auto backend = makeCudaBackend(settings.device, whyNot);
  require(backend != nullptr, whyNot.c_str());
  EngineOptions options;
  options.device = settings.device;
  options.expectedKeys = records;
  engine_ = makeDeviceEngine(std::move(backend), options);
  require(engine_ != nullptr, "no memory for the engine");
  device_ = dynamic_cast<DevicePath*>(engine_.get());
  require(device_ != nullptr, "the engine has no device path");
}

void EngineBench::checkCall(BatchStatus status, const char* call) {
  if (status == BatchStatus::kOk) return;
  std::fprintf(stderr, "gpu_bench: %s: status %d %s\n", call, static_cast<int>(status),
               engine_->failure().c_str());
  std::exit(1);
}

void EngineBench::load(const char* name, std::optional<double> must, std::optional<double> aim) {
  const std::uint32_t most = valueBytes_ <= 128 ? 1U << 22 : 1U << 19;
  DeviceMemory<std::uint8_t> keys(std::size_t{most} * kKeyBytes);
  DeviceMemory<std::uint32_t> keyOffsets(most + 1), valueOffsets(most + 1), lengths(most);
  DeviceMemory<std::uint8_t> values(std::size_t{most} * valueBytes_);
  DeviceMemory<std::uint8_t> statuses(most);
  Sum sum;
  Rate rate;
  double best = 0;
  for (std::uint64_t first = 0; first < records_; first += most) {
    const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(most, records_ - first));
    const Selection selection{.first = first};
    require(makeKeys(selection, count, keys.data(), keyOffsets.data()), "keys kernel");
    require(makeValues(selection, count, valueBytes_, version_, values.data(), valueOffsets.data()),
            "values kernel");
    statuses.poison();
    finish();
    const DeviceBatch batch{.keyBlob = keys.data(),
                            .keyOffsets = keyOffsets.data(),
                            .valueBlob = values.data(),
                            .valueOffsets = valueOffsets.data(),
                            .count = count,
                            .blobBytes = std::uint64_t{count} * (kKeyBytes + valueBytes_)};
    const Timer timer;
    checkCall(device_->insertOnDevice({}, batch, statuses.data()), "insertOnDevice");
    const double took = timer.seconds();
    rate.seconds += took;
    best = std::max(best, count / took);
    // Each must say that it was done, and be there with its value.
    require(countBytes(statuses.data(), count, 0, sum.begin()), "check kernel");
    const std::uint64_t done = sum.end();
    values.poison();
    lengths.poison();
    finish();
    checkCall(device_->gatherOnDevice({}, batch, values.data(), valueBytes_, lengths.data()),
              "gatherOnDevice");
    require(checkRows(selection, count, valueBytes_, version_, values.data(), valueBytes_, lengths.data(),
                      sum.begin()),
            "check kernel");
    rate.right += std::min(done, sum.end());
    rate.asked += count;
  }
  const double writtenBytes = 2.0 * (8 + kKeyBytes + valueBytes_);
  report_.add({.name = name,
               .value = rate.perSecond() / 1e9,
               .unit = "G/s",
               .ceiling = report_.valueOf(kCopy).value_or(0) / writtenBytes,
               .ceilingName = "copying a record of this size",
               .must = must,
               .aim = aim,
               .verified = rate.right,
               .failed = rate.wrong()});
  report_.add({.name = std::string(name) + ", the best batch", .value = best / 1e9, .unit = "G/s"});
  report_.note(
      "keys: " + std::to_string(engine_->stats().keys) +
      ", memory: " + std::to_string(engine_->stats().memoryBytes >> 20) + " MiB, load factor: " +
      std::to_string(static_cast<double>(engine_->stats().keys) /
                     static_cast<double>(std::max<std::uint64_t>(1, engine_->deviceStats().indexSlots))) +
      ", index growths: " + std::to_string(engine_->deviceStats().indexGrowths));
}

void EngineBench::lookups() {
  const std::uint32_t count = deviceBatch();
  DeviceMemory<std::uint8_t> keys(std::size_t{count} * kKeyBytes);
  DeviceMemory<std::uint32_t> offsets(count + 1);
  DeviceMemory<std::uint8_t> found(count);
  Sum sum;
  const auto measure = [&](const char* name, bool present, std::optional<double> must,
                           std::optional<double> aim) {
    const Rate rate = repeat(
        settings_.seconds, count,
        [&](std::uint64_t) {
          const Selection selection{
              .first = records_ + seed_, .records = present ? records_ : 0, .seed = ++seed_};
          require(makeKeys(selection, count, keys.data(), offsets.data()), "keys kernel");
          found.poison();
        },
        [&] {
          checkCall(
              device_->lookupOnDevice(
                  {}, {.keyBlob = keys.data(), .keyOffsets = offsets.data(), .count = count}, found.data()),
              "lookupOnDevice");
        },
        [&](std::uint64_t) {
          require(countBytes(found.data(), count, present ? 1 : 0, sum.begin()), "check kernel");
          return sum.end();
        });
    // A bucket and the first 32 bytes of a record, both at random places.
    report_.add({.name = name,
                 .value = rate.perSecond() / 1e9,
                 .unit = "G/s",
                 .ceiling = report_.valueOf(kGather64).value_or(0) / (present ? 2 : 1),
                 .ceilingName = present ? "two random reads of 64 B" : "one random read of 64 B",
                 .must = must,
                 .aim = aim,
                 .verified = rate.right,
                 .failed = rate.wrong()});
  };
  measure("device-resident lookup, key verified", true, 11, 14);
  measure("device-resident lookup of keys that are not there", false, std::nullopt, std::nullopt);
}

void EngineBench::gathers(const char* name, std::optional<double> must, std::optional<double> aim) {
  const std::uint32_t count = deviceBatch();
  const std::uint32_t stride = (valueBytes_ + 15) / 16 * 16;
  DeviceMemory<std::uint8_t> keys(std::size_t{count} * kKeyBytes);
  DeviceMemory<std::uint32_t> offsets(count + 1), lengths(count);
  DeviceMemory<std::uint8_t> rows(std::size_t{count} * stride);
  Sum sum;
  const Rate rate = repeat(
      settings_.seconds, count,
      [&](std::uint64_t) {
        require(makeKeys({.records = records_, .seed = ++seed_}, count, keys.data(), offsets.data()),
                "keys kernel");
        rows.poison();
        lengths.poison();
      },
      [&] {
        checkCall(device_->gatherOnDevice(
                      {}, {.keyBlob = keys.data(), .keyOffsets = offsets.data(), .count = count}, rows.data(),
                      stride, lengths.data()),
                  "gatherOnDevice");
      },
      [&](std::uint64_t) {
        require(checkRows({.records = records_, .seed = seed_}, count, valueBytes_, version_, rows.data(),
                          stride, lengths.data(), sum.begin()),
                "check kernel");
        return sum.end();
      });
  Figure figure;
  figure.name = name;
  figure.verified = rate.right;
  figure.failed = rate.wrong();
  figure.must = must;
  figure.aim = aim;
  if (valueBytes_ <= 128) {
    figure.value = rate.perSecond() / 1e9;
    figure.unit = "G/s";
    // A bucket, and the record's 160 bytes.
    const double bucket = 1 / report_.valueOf(kGather64).value_or(1e-9);
    const double record = 160.0 / 128 / report_.valueOf(kGather128).value_or(1e-9);
    figure.ceiling = 1 / (bucket + record);
    figure.ceilingName = "random reads of 64 + 160 B";
  } else {
    const double copy = report_.valueOf(kCopy).value_or(0);
    figure.value = rate.perSecond() * 2 * valueBytes_ / 1e9 / std::max(copy, 1e-9) * 100;
    figure.unit = "% of the copy ceiling";
    report_.add({.name = std::string(name) + ", gets",
                 .value = rate.perSecond() / 1e9,
                 .unit = "G/s",
                 .verified = rate.right,
                 .failed = rate.wrong()});
  }
  report_.add(std::move(figure));
}

void benchSmall(const Settings& settings, Report& report) {
  constexpr std::uint32_t kValueBytes = 100;
  EngineBench bench(settings, report, settings.records, kValueBytes);
  bench.load("device-resident insert of new keys", 2, 4);
  if (settings.has("device")) {
    bench.lookups();
    bench.gathers("device-resident get with value", 6, 8);
  }
  if (settings.has("packed")) {
    bench.packedGets();
    bench.overlap();
  }
  if (settings.has("single")) bench.singles();
}

void benchKilobyte(const Settings& settings, Report& report) {
  constexpr std::uint32_t kValueBytes = 1024;
  EngineBench bench(settings, report, settings.kilobyteRecords, kValueBytes);
  bench.load("device-resident insert of new keys, 1 KB values", std::nullopt, std::nullopt);
  bench.gathers("device-resident get, 1 KB values, bytes read and written", 70, 85);
  bench.packedPuts();
}

}  // namespace predis::bench
