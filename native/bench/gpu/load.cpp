// How full an index of a fixed size becomes before an insert finds no place.
#include <vector>

#include "../../cuda/backend.hpp"
#include "bench.hpp"

namespace predis::bench {

using namespace predis::cuda;

void benchLoad(const Settings& settings, Report& report) {
  constexpr std::uint64_t kLevel = std::uint64_t{1} << 20;
  constexpr std::uint32_t kBatch = 1U << 16;
  constexpr std::uint32_t kSegments =
      static_cast<std::uint32_t>(kLevel * Bucket::kEntries * 2 / kSegmentUnits) + 8;
  std::string whyNot;
  const auto backend = makeCudaBackend(settings.device, whyNot);
  require(backend != nullptr, whyNot.c_str());
  DeviceMemory<Bucket> buckets(kLevel);
  DeviceMemory<std::uint8_t> records((kSegments + 1ULL) * kSegmentBytes);
  DeviceMemory<Stash> stash(1);
  DeviceMemory<Counters> counters(1);
  DeviceMemory<std::uint32_t> live(kSegments + 1);
  DeviceMemory<std::uint32_t> segments(kSegments);
  std::vector<std::uint32_t> list(kSegments);
  for (std::uint32_t i = 0; i < kSegments; ++i) list[i] = i + 1;
  require(cudaMemset(buckets.data(), 0, buckets.bytes()), "cudaMemset");
  require(cudaMemset(stash.data(), 0, stash.bytes()), "cudaMemset");
  require(cudaMemset(counters.data(), 0, counters.bytes()), "cudaMemset");
  require(cudaMemset(live.data(), 0, live.bytes()), "cudaMemset");
  require(cudaMemcpy(segments.data(), list.data(), segments.bytes(), cudaMemcpyHostToDevice), "cudaMemcpy");
  TableView table{};
  table.buckets = buckets.data();
  table.records = records.data();
  table.stash = stash.data();
  table.counters = counters.data();
  table.segmentLiveUnits = live.data();
  table.level = kLevel;
  table.seed.start = mixed(1);
  for (std::uint64_t i = 0; i < 5; ++i) table.seed.words[i] = mixed(2 + i);

  DeviceMemory<std::uint8_t> keyBlob(kBatch * kKeyBytes);
  DeviceMemory<std::uint8_t> valueBlob(kBatch * 8);
  DeviceMemory<std::uint32_t> keyOffsets(kBatch + 1), valueOffsets(kBatch + 1), slotOf(kBatch),
      undone(kBatch), again(kBatch), reasons(kBatch);
  DeviceMemory<std::uint64_t> slots(2 * kBatch), hashes(kBatch);
  DeviceMemory<std::uint8_t> statuses(kBatch);
  BatchView batch;
  batch.keyBlob = keyBlob.data();
  batch.keyOffsets = keyOffsets.data();
  batch.valueBlob = valueBlob.data();
  batch.valueOffsets = valueOffsets.data();
  batch.count = kBatch;
  const GroupScratch scratch{slots.data(), 2 * kBatch, slotOf.data(), hashes.data()};
  const Deferred deferred{undone.data(), reasons.data(), nullptr};
  Counters counted{};
  std::uint64_t keysBefore = 0;
  const std::uint64_t batches = kLevel * Bucket::kEntries / kBatch;
  for (std::uint64_t b = 0; b < batches; ++b) {
    const Selection selection{.first = b * kBatch};
    require(makeKeys(selection, kBatch, keyBlob.data(), keyOffsets.data()), "keys kernel");
    require(makeValues(selection, kBatch, 8, 0, valueBlob.data(), valueOffsets.data()), "values kernel");
    finish();
    keysBefore = counted.keys;
    backend->group(0, table, batch, scratch, GroupKeeps::kLast);
    std::uint32_t operations = 0;
    for (int round = 0; round < 8; ++round) {
      backend->fill(0, &table.counters->deferred, 0, sizeof table.counters->deferred);
      backend->put(0, table, {segments.data(), kSegments}, batch, scratch,
                   round == 0 ? nullptr : again.data(), operations, deferred, statuses.data());
      require(backend->wait(0), "put");
      require(cudaMemcpy(&counted, counters.data(), sizeof counted, cudaMemcpyDeviceToHost), "cudaMemcpy");
      operations = static_cast<std::uint32_t>(counted.deferred);
      if (operations == 0) break;
      // The list is read while the next one is written: a copy of it is given.
      require(cudaMemcpy(again.data(), undone.data(), again.bytes(), cudaMemcpyDeviceToDevice), "cudaMemcpy");
      backend->displace(0, table, batch, scratch, again.data(), operations);
      require(backend->wait(0), "displace");
    }
    if (operations != 0) break;
    keysBefore = counted.keys;
  }
  report.add({.name = "load factor reached before growth, no insert failed",
              .value = static_cast<double>(keysBefore) / static_cast<double>(kLevel * Bucket::kEntries),
              .unit = "of 1",
              .must = 0.8,
              .aim = 0.95,
              .verified = keysBefore});
}

}  // namespace predis::bench
