/// @file
/// The device engine under small limits: that growth, compaction, deferral, large records and giving memory
/// back really happen, and change no answer.

#include "store_device.hpp"

using namespace predis;
using namespace predis::cuda::test;

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

int main() { return predis::test::runAll(); }
