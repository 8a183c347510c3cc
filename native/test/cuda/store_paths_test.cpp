/// @file
/// The device engine's paths: failures, kinds of memory, consumers on the device, the cache of hot keys.

#include <atomic>
#include <chrono>
#include <thread>

#include "store_device.hpp"

using namespace predis;
using namespace predis::cuda::test;

using predis::cuda::DevicePath;

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

TEST("store: values that pass 4 GiB together are refused, and nothing is asked for") {
  const Device device(limited(0), {});
  CHECK_EQ(device->put(kPlain, "long", std::string(kMiB, 'x')), Status::kOk);
  const std::vector<std::string> keys(4100, "long");
  Packed packed(keys);
  Answer answer;
  std::vector<std::uint32_t> offsets(keys.size() + 1);
  std::vector<std::uint8_t> found(keys.size());
  CHECK_EQ(device->mget(kPlain, packed.view(), {offsets.data(), found.data(), answer.memory(), nullptr, 0}),
           BatchStatus::kTooLarge);
  CHECK_EQ(answer.asked(), 0);
}

TEST("store: beside writers, readers through the cache and past it never see a value go back") {
  constexpr unsigned kThreads = 3;
  EngineOptions options = limited(0);
  options.hotCacheKeys = 16;
  const Device device(options, small());
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  mput(*device, {"a", "b"}, {"0", "0"});
  std::vector<std::thread> readers;
  for (unsigned t = 0; t < kThreads; ++t) {
    readers.emplace_back([&, t] {
      // What was seen of a pair's one key holds for the other: batches are atomic.
      long seen = 0;
      for (unsigned i = t; !stop; ++i) {
        const auto values =
            i % 5 == 0 ? mget(*device, {"a", "b"}) : std::vector<Value>{get(*device, i % 2 == 0 ? "a" : "b")};
        for (const Value& value : values) {
          const long now = value ? std::stol(*value) : -1;
          if (now < seen) ++wrong;
          seen = now;
        }
      }
    });
  }
  for (int i = 1; i <= 400; ++i) {
    const std::string value = std::to_string(i);
    mput(*device, {"a", "b"}, {value, value});
    if (i % 4 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  CHECK_EQ(wrong.load(), 0);
  CHECK(device->deviceStats().hotCacheHits > 0);
}

int main() { return predis::test::runAll(); }
