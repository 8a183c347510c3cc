/// @file
/// The device engine on the host's backend under small limits: that growth, compaction, deferral, large
/// records and giving memory back really happen, and change no answer.

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../../cuda/host_backend.hpp"
#include "../../cuda/store/device_engine.hpp"
#include "../../cuda/store/device_path.hpp"
#include "../check.hpp"
#include "../random.hpp"
#include "../store.hpp"

using namespace predis;
using namespace predis::test;
using predis::cuda::DevicePath;
using predis::cuda::HostBackend;
using predis::cuda::makeDeviceEngine;
using predis::cuda::makeHostBackend;
using predis::cuda::Tuning;

namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

struct Device {
  explicit Device(const EngineOptions& options, const Tuning& tuning = {},
                  std::uint64_t bytes = 2048 * kMiB) {
    auto owned = makeHostBackend(bytes, 2);
    backend = static_cast<HostBackend*>(owned.get());
    engine = makeDeviceEngine(std::move(owned), options, tuning);
  }
  Engine& operator*() const { return *engine; }
  Engine* operator->() const { return engine.get(); }
  HostBackend* backend;
  std::unique_ptr<Engine> engine;
};

/// An index of few buckets and chunks of few keys.
Tuning small() {
  Tuning tuning;
  tuning.smallestLevel = 64;
  tuning.chunkKeys = 256;
  tuning.chunkBytes = 64 << 10;
  tuning.directKeys = 16;
  tuning.mostOutputBytes = 48 << 10;
  tuning.pieceBytes = 16 << 10;
  tuning.writesBetweenReadings = 50;
  tuning.deadSegments = 1;
  return tuning;
}

std::string keyOf(std::size_t i) { return "key:" + std::to_string(i); }
std::string valueOf(std::size_t i, std::size_t bytes) {
  std::string value = std::to_string(i) + "-";
  value.resize(std::max(bytes, value.size()), static_cast<char>('a' + i % 26));
  return value;
}

using Map = std::map<std::string, std::string>;

void checkAll(Engine& engine, const Map& model) {
  std::vector<std::string> keys;
  std::uint64_t bytes = 0;
  for (const auto& [key, value] : model) {
    keys.push_back(key);
    bytes += key.size() + value.size();
  }
  keys.push_back("nobody");
  const auto values = mget(engine, keys);
  CHECK_EQ(values.size(), keys.size());
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < values.size() && i + 1 < keys.size(); ++i)
    wrong += values[i] != model.at(keys[i]);
  CHECK_EQ(wrong, 0U);
  CHECK(values.empty() || !values.back().has_value());
  CHECK_EQ(engine.stats().keys, model.size());
  CHECK_EQ(engine.stats().keyValueBytes, bytes);
}

}  // namespace

TEST("store: random batches under a small limit grow, compact and agree with std::map") {
  const Device device(limited(48 * kMiB), small());
  Map model;
  Random random(1);
  for (int round = 0; round < 400; ++round) {
    const std::size_t count = 1 + random.below(900);
    std::vector<std::string> keys;
    std::vector<std::string> values;
    for (std::size_t i = 0; i < count; ++i) {
      keys.push_back(keyOf(random.below(20'000)));
      values.push_back(
          valueOf(random.below(1000), random.below(20) == 0 ? random.below(9000) : random.below(400)));
    }
    if (random.below(3) == 0) {
      const auto statuses = mremove(*device, keys);
      for (std::size_t i = 0; i < count; ++i)
        CHECK_EQ(statuses[i], model.erase(keys[i]) == 1 ? Status::kOk : Status::kNotFound);
    } else {
      const auto statuses = mput(*device, keys, values);
      for (std::size_t i = 0; i < count; ++i) {
        CHECK_EQ(statuses[i], Status::kOk);
        model[keys[i]] = values[i];
      }
    }
    CHECK(device->stats().memoryBytes <= 48 * kMiB);
    if (round % 50 == 49) checkAll(*device, model);
  }
  const DeviceStats stats = device->deviceStats();
  CHECK(stats.indexGrowths > 3);
  CHECK(stats.compactions > 0);
  CHECK(stats.packedCalls > 0 && stats.directCalls > 0);
  CHECK(stats.timedCalls > 0);
}

TEST("store: an engine that is emptied gives its memory back, however it is emptied") {
  const Device device(limited(0), small());
  const std::uint64_t beginning = device->stats().memoryBytes;
  const auto fill = [&] {
    for (std::size_t from = 0; from < 40'000; from += 4000) {
      std::vector<std::string> keys;
      std::vector<std::string> values;
      for (std::size_t i = from; i < from + 4000; ++i) {
        keys.push_back(keyOf(i));
        values.push_back(valueOf(i, 900));
      }
      mput(*device, keys, values);
    }
    CHECK(device->stats().memoryBytes > 36 * kMiB);
  };
  fill();
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < 40'000; ++i) keys.push_back(keyOf(i));
  mremove(*device, keys);
  CHECK_EQ(device->stats().keys, 0U);
  CHECK(device->stats().memoryBytes <= beginning + 12 * kMiB);
  fill();
  for (const std::string& key : keys) CHECK_EQ(device->remove(kPlain, key), Status::kOk);
  CHECK(device->stats().memoryBytes <= beginning + 12 * kMiB);
  fill();
  device->clear(0);
  CHECK_EQ(device->stats().memoryBytes, beginning);
  fill();
  device->clearAll();
  CHECK_EQ(device->stats().memoryBytes, beginning);
  CHECK(get(*device, keyOf(1)) == std::nullopt);
}

TEST("store: an index far too large for its keys is made smaller") {
  const Device device(limited(0), small());
  std::vector<std::string> keys;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < 60'000; ++i) {
    keys.push_back(keyOf(i));
    values.push_back("v");
  }
  mput(*device, keys, values);
  const std::uint64_t slots = device->deviceStats().indexSlots;
  keys.resize(58'000);
  mremove(*device, keys);
  CHECK(device->deviceStats().indexSlots * 8 <= slots);
  for (std::size_t i = 58'000; i < 60'000; ++i) CHECK(get(*device, keyOf(i)) == "v");
}

TEST("store: out of memory in the middle of a batch is told by index; what was done stays") {
  for (const bool refuse : {false, true}) {
    const Device device(limited(refuse ? 0 : 12 * kMiB), small());
    if (refuse) CHECK_EQ(device->put(kPlain, "first", "1"), Status::kOk);
    std::vector<std::string> keys;
    std::vector<std::string> values;
    for (std::size_t i = 0; i < 30'000; ++i) {
      keys.push_back(keyOf(i));
      values.push_back(valueOf(i, 700));
    }
    if (refuse) device.backend->refuseMemoryAfter(12);
    const auto statuses = mput(*device, keys, values);
    device.backend->refuseMemoryAfter(~std::uint64_t{0});
    const auto found = mget(*device, keys);
    CHECK_EQ(found.size(), keys.size());
    std::size_t done = 0;
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      done += statuses[i] == Status::kOk ? 1 : 0;
      wrong += statuses[i] == Status::kOk ? found[i] != values[i] : found[i].has_value();
      wrong += statuses[i] != Status::kOk && statuses[i] != Status::kOutOfMemory ? 1 : 0;
    }
    CHECK_EQ(wrong, 0U);
    CHECK(done > 2000 && done < keys.size());
  }
}

TEST("store: equal keys whose last one finds no memory all fail, and keep the old value") {
  const Device device(limited(8 * kMiB), small());
  CHECK_EQ(device->put(kPlain, "twice", "old"), Status::kOk);
  std::vector<std::string> keys;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < 20'000; ++i) {
    keys.push_back(keyOf(i));
    values.push_back(valueOf(i, 700));
  }
  mput(*device, keys, values);
  const auto statuses = mput(*device, {"twice", "twice"}, {"short", std::string(40'000, 'x')});
  CHECK_EQ(statuses[1], Status::kOutOfMemory);
  CHECK_EQ(statuses[0], Status::kOutOfMemory);
  CHECK(get(*device, "twice") == "old");
}

TEST("store: large records come and go in batches, singly and conditionally") {
  const Device device(limited(96 * kMiB), small());
  Map model;
  Random random(3);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::string> keys;
    std::vector<std::string> values;
    for (int i = 0; i < 12; ++i) {
      keys.push_back(keyOf(random.below(24)));
      const std::size_t kind = random.below(4);
      const std::size_t bytes = kind == 0   ? random.below(300)
                                : kind == 1 ? 131'000 + random.below(300)
                                            : random.below(5 * kMiB / 2);
      values.push_back(random.bytes(64) + std::string(bytes, static_cast<char>(random.next())));
    }
    const auto statuses = mput(*device, keys, values);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (statuses[i] == Status::kOk) model[keys[i]] = values[i];
      CHECK_EQ(statuses[i], Status::kOk);
    }
    const std::string gone = keyOf(random.below(24));
    CHECK_EQ(device->remove(kPlain, gone), model.erase(gone) == 1 ? Status::kOk : Status::kNotFound);
    CHECK(device->stats().memoryBytes <= 96 * kMiB);
    if (round % 10 == 9) checkAll(*device, model);
  }
  const std::string large(300'000, 'L');
  const auto outcomes = execute(*device, {{OpKind::kPut, "a", large},
                                          {OpKind::kPutIfAbsent, "a", large + "2"},
                                          {OpKind::kGet, "a"},
                                          {OpKind::kPutIfAbsent, "b", large},
                                          {OpKind::kDelete, "a"},
                                          {OpKind::kGet, "a"}});
  CHECK_EQ(outcomes[1].status, Status::kMismatch);
  CHECK(outcomes[2].value == large);
  CHECK_EQ(outcomes[3].status, Status::kOk);
  CHECK_EQ(outcomes[5].status, Status::kNotFound);
  CHECK(get(*device, "b") == large);
}

TEST("store: a device that fails at any step answers so at once, and nothing hangs") {
  Random random(4);
  for (int round = 0; round < 60; ++round) {
    const Device device(limited(0), small());
    device.backend->failAfter(random.below(120));
    bool failed = false;
    for (int call = 0; call < 40; ++call) {
      std::vector<std::string> keys;
      std::vector<std::string> values;
      for (std::size_t i = 0; i < 600; ++i) {
        keys.push_back(keyOf(random.below(2000)));
        values.push_back(valueOf(i, random.below(200)));
      }
      switch (random.below(5)) {
        case 0: {
          const auto statuses = mput(*device, keys, values);
          const bool now =
              std::find(statuses.begin(), statuses.end(), Status::kDeviceFailed) != statuses.end();
          CHECK(now || !failed);
          failed |= now;
          break;
        }
        case 1:
          (void)mget(*device, keys);
          break;
        case 2:
          (void)execute(*device,
                        {{OpKind::kPut, "a", "b"}, {OpKind::kGet, "a"}, {OpKind::kIncrement, "n", "", 1}});
          break;
        case 3:
          (void)mremove(*device, keys);
          break;
        default:
          (void)device->put(kPlain, "k", "v");
          (void)get(*device, "k");
      }
    }
    device.backend->failAfter(0);
    (void)device->put(kPlain, "k", "v");
    CHECK_EQ(device->put(kPlain, "k", "v"), Status::kDeviceFailed);
    CHECK_EQ(device->remove(kPlain, "k"), Status::kDeviceFailed);
    CHECK_EQ(mput(*device, {"k"}, {"v"})[0], Status::kDeviceFailed);
    CHECK(!device->failure().empty());
    (void)device->stats();
    device->clearAll();
  }
}

TEST("store: mget fills pinned, lent and other memory alike") {
  const Device device(limited(0), small());
  std::vector<std::string> keys;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < 3000; ++i) {
    keys.push_back(keyOf(i));
    values.push_back(valueOf(i, i % 500 == 0 ? 60'000 : i % 300));
  }
  mput(*device, keys, values);
  keys.push_back("missing");
  Packed packed(keys);
  std::string whole;
  for (const std::string& value : values) whole += value;
  for (const bool pinned : {true, false}) {
    for (const std::size_t lentBytes : {std::size_t{0}, whole.size() / 2, whole.size()}) {
      auto memory = device->allocatePinned(whole.size());
      std::vector<std::uint8_t> plain(whole.size());
      struct Lent {
        std::uint8_t* at;
        int asked = 0;
        static std::uint8_t* allocate(void* self, std::size_t) noexcept {
          ++static_cast<Lent*>(self)->asked;
          return static_cast<Lent*>(self)->at;
        }
      } lent{pinned ? memory.get() : plain.data()};
      std::vector<std::uint32_t> offsets(keys.size() + 1, 77);
      std::vector<std::uint8_t> found(keys.size(), 77);
      const BatchStatus status =
          device->mget(kPlain, packed.view(),
                       {offsets.data(), found.data(), {&lent, &Lent::allocate}, lent.at, lentBytes});
      CHECK_EQ(status, BatchStatus::kOk);
      CHECK_EQ(lent.asked, 1);
      CHECK_EQ(offsets.back(), whole.size());
      CHECK_EQ(int{found.back()}, 0);
      CHECK(std::equal(whole.begin(), whole.end(), reinterpret_cast<const char*>(lent.at)));
    }
  }
}

TEST("store: consumers on the device look up, gather, insert and take batches of host keys") {
  const Device device(limited(0), small());
  auto* const path = dynamic_cast<DevicePath*>(device.engine.get());
  CHECK(path != nullptr);
  std::vector<std::string> keys;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < 1000; ++i) {
    keys.push_back(keyOf(i));
    values.push_back(valueOf(i, 20));
  }
  Packed packedKeys(keys);
  Packed packedValues(values);
  const auto up = [&](const void* from, std::size_t bytes) {
    auto memory = path->allocateOnDevice(bytes + 16);
    CHECK(path->copyIn(memory.get(), static_cast<const std::uint8_t*>(from), bytes));
    return memory;
  };
  const PackedView k = packedKeys.view();
  const PackedView v = packedValues.view();
  const auto keyBlob = up(k.blob, k.blobBytes);
  const auto keyOffsets = up(k.offsets, 1001 * 4);
  const auto valueBlob = up(v.blob, v.blobBytes);
  const auto valueOffsets = up(v.offsets, 1001 * 4);
  const auto statuses = path->allocateOnDevice(1000);
  cuda::DeviceBatch batch{keyBlob.get(),
                          reinterpret_cast<const std::uint32_t*>(keyOffsets.get()),
                          valueBlob.get(),
                          reinterpret_cast<const std::uint32_t*>(valueOffsets.get()),
                          nullptr,
                          1000,
                          k.blobBytes + v.blobBytes};
  CHECK_EQ(path->insertOnDevice(kPlain, batch, statuses.get()), BatchStatus::kOk);
  CHECK(mget(*device, keys)[999] == values[999]);
  const auto found = path->allocateOnDevice(1000);
  CHECK_EQ(path->lookupOnDevice(kPlain, batch, found.get()), BatchStatus::kOk);
  std::vector<std::uint8_t> foundHere(1000);
  CHECK(path->copyOut(foundHere.data(), found.get(), 1000));
  CHECK(std::count(foundHere.begin(), foundHere.end(), 1) == 1000);
  const auto rows = path->allocateOnDevice(1001 * 32);
  std::vector<std::uint32_t> lengths(1001);
  Packed asked(keys);
  asked.add("missing");
  CHECK_EQ(path->mgetToDevice(kPlain, asked.view(), rows.get(), 32, lengths.data()), BatchStatus::kOk);
  CHECK_EQ(lengths[7], values[7].size());
  CHECK_EQ(lengths[1000], UINT32_MAX);
  std::vector<std::uint8_t> row(32);
  CHECK(path->copyOut(row.data(), rows.get() + 7 * 32, 32));
  CHECK(std::equal(values[7].begin(), values[7].end(), reinterpret_cast<const char*>(row.data())));
}

TEST("store: hot keys are answered from the host, and never with an old value") {
  EngineOptions options = limited(0);
  options.hotCacheKeys = 64;
  const Device device(options, small());
  for (int i = 0; i < 10; ++i) device->put(kPlain, keyOf(i), "0");
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 10; ++i) CHECK(get(*device, keyOf(i)) == "0");
  }
  CHECK(device->deviceStats().hotCacheHits >= 10);
  device->put(kPlain, keyOf(1), "1");
  mput(*device, {keyOf(2), keyOf(3)}, {"2", "3"});
  device->remove(kPlain, keyOf(4));
  std::int64_t sum = 0;
  CHECK_EQ(device->increment(kPlain, keyOf(5), 5, sum), Status::kOk);
  execute(*device, {{OpKind::kPut, keyOf(6), "6"}, {OpKind::kDelete, keyOf(7)}});
  std::vector<std::string> many;
  std::vector<std::string> values;
  for (std::size_t i = 8; i < 3000; ++i) {
    many.push_back(keyOf(i));
    values.push_back("many");
  }
  mput(*device, many, values);
  const std::vector<Value> expected{"0", "1", "2", "3", std::nullopt, "5", "6", std::nullopt, "many", "many"};
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(get(*device, keyOf(i)) == expected[i]);
  device->clearAll();
  for (int i = 0; i < 10; ++i) CHECK(get(*device, keyOf(i)) == std::nullopt);
}

int main() { return predis::test::runAll(); }
