/// @file
/// What tests of the CUDA backend share: the device, and memory of it that goes by itself.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "../../cuda/backend.hpp"
#include "../../cuda/mailbox.hpp"
#include "../check.hpp"
#include "../random.hpp"

namespace predis::cuda::test {

using predis::test::Random;

/// Small sizes, for compute-sanitizer, which makes kernels a hundred times slower.
inline bool isSmall() { return std::getenv("PREDIS_GPU_TEST_SMALL") != nullptr; }

/// Ends the test program when there is no device.
inline std::unique_ptr<Backend> openDevice() {
  std::string whyNot;
  auto backend = makeCudaBackend(0, whyNot);
  if (backend == nullptr) {
    std::printf("not ok - no device to test on: %s\n", whyNot.c_str());
    std::exit(1);
  }
  return backend;
}

/// The backend of all tests of a program that do not break it.
inline Backend& device() {
  static const std::unique_ptr<Backend> backend = openDevice();
  return *backend;
}

/// Pinned memory, which both sides see, as an array.
template <typename T>
class Pinned {
 public:
  explicit Pinned(std::size_t count, Backend& backend = device())
      : backend_(backend),
        at_(reinterpret_cast<T*>(backend.allocatePinned(count * sizeof(T) + 16))),
        count_(count) {
    if (at_ == nullptr) std::abort();
    std::memset(static_cast<void*>(at_), 0, count * sizeof(T) + 16);
  }
  explicit Pinned(const std::vector<T>& from) : Pinned(from.size()) {
    std::copy(from.begin(), from.end(), at_);
  }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  ~Pinned() { backend_.freePinned(at_); }
  T* data() { return at_; }
  T& operator[](std::size_t i) { return at_[i]; }
  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  Backend& backend_;
  T* at_;
  std::size_t count_;
};

/// A batch of strings in pinned memory, at addresses of any alignment.
struct PinnedStrings {
  PinnedStrings(const std::vector<std::string>& strings, unsigned misaligned)
      : blob(bytesOf(strings) + misaligned + 16), offsets(strings.size() + 1), shift(misaligned) {
    std::uint32_t at = 0;
    for (std::size_t i = 0; i < strings.size(); ++i) {
      offsets[i] = at;
      std::memcpy(blob.data() + shift + at, strings[i].data(), strings[i].size());
      at += static_cast<std::uint32_t>(strings[i].size());
    }
    offsets[strings.size()] = at;
  }
  const std::uint8_t* bytes() { return blob.data() + shift; }
  static std::size_t bytesOf(const std::vector<std::string>& strings) {
    std::size_t sum = 0;
    for (const std::string& string : strings) sum += string.size();
    return sum;
  }
  Pinned<std::uint8_t> blob;
  Pinned<std::uint32_t> offsets;
  unsigned shift;
};

/// A table of a fixed size on the device, with counters that the host reads in place.
class DeviceTable {
 public:
  DeviceTable(std::uint64_t level, std::uint32_t segments, Backend& backend = device())
      : backend_(backend), counters(1, backend), live(segments + 2, backend), list(segments, backend) {
    indexBytes_ = (level * sizeof(Bucket) + kSegmentBytes - 1) / kSegmentBytes * kSegmentBytes;
    recordBytes_ = (segments + 2ULL) * kSegmentBytes;
    view.buckets = reinterpret_cast<Bucket*>(backend.reserve(indexBytes_));
    view.records = backend.reserve(recordBytes_);
    CHECK(backend.map(reinterpret_cast<std::uint8_t*>(view.buckets), indexBytes_));
    CHECK(backend.map(view.records, recordBytes_));
    view.stash = reinterpret_cast<Stash*>(backend.allocateDevice(sizeof(Stash)));
    view.counters = reinterpret_cast<Counters*>(backend.allocateDevice(sizeof(Counters)));
    view.segmentLiveUnits =
        reinterpret_cast<std::uint32_t*>(backend.allocateDevice((segments + 2) * sizeof(std::uint32_t)));
    log_ = reinterpret_cast<std::uint32_t*>(backend.allocateDevice(segments * sizeof(std::uint32_t)));
    backend.fill(0, view.buckets, 0, indexBytes_);
    backend.fill(0, view.stash, 0, sizeof(Stash));
    backend.fill(0, view.counters, 0, sizeof(Counters));
    backend.fill(0, view.segmentLiveUnits, 0, (segments + 2) * sizeof(std::uint32_t));
    for (std::uint32_t i = 0; i < segments; ++i) list[i] = segments - i;
    backend.copyToDevice(0, log_, list.data(), segments * sizeof(std::uint32_t));
    CHECK(backend.wait(0));
    view.level = level;
    Random random(11);
    view.seed.start = random.next();
    for (auto& word : view.seed.words) word = random.next();
    log = {log_, segments};
    spareUnit = (segments + 1ULL) * kSegmentUnits;
  }
  DeviceTable(const DeviceTable&) = delete;
  DeviceTable& operator=(const DeviceTable&) = delete;
  ~DeviceTable() {
    backend_.freeDevice(log_);
    backend_.freeDevice(view.segmentLiveUnits);
    backend_.freeDevice(view.counters);
    backend_.freeDevice(view.stash);
    backend_.unmap(view.records, recordBytes_);
    backend_.unmap(reinterpret_cast<std::uint8_t*>(view.buckets), indexBytes_);
    backend_.release(view.records, recordBytes_);
    backend_.release(reinterpret_cast<std::uint8_t*>(view.buckets), indexBytes_);
  }

  const Counters& count() {
    backend_.copyFromDevice(0, counters.data(), view.counters, sizeof(Counters));
    CHECK(backend_.wait(0));
    return counters[0];
  }

  /// Puts all, read from pinned memory. @return operations undone
  std::uint64_t put(const std::vector<std::string>& keys, const std::vector<std::string>& values) {
    const auto n = static_cast<std::uint32_t>(keys.size());
    PinnedStrings keyStrings(keys, 3);
    PinnedStrings valueStrings(values, 1);
    std::uint32_t slotCount = 2;
    while (slotCount < 2 * n) slotCount *= 2;
    Pinned<std::uint64_t> slots(slotCount), hashes(n);
    Pinned<std::uint32_t> slotOf(n), undone(n), reasons(n);
    Pinned<std::uint8_t> statuses(n);
    BatchView batch;
    batch.keyBlob = keyStrings.bytes();
    batch.keyOffsets = keyStrings.offsets.data();
    batch.valueBlob = valueStrings.bytes();
    batch.valueOffsets = valueStrings.offsets.data();
    batch.count = n;
    batch.nowMs = 1000;
    // Slots are the one thing that kernels change by atomics: they lie on the device.
    auto* const deviceSlots = reinterpret_cast<std::uint64_t*>(backend_.allocateDevice(slotCount * 8ULL));
    const GroupScratch scratch{deviceSlots, slotCount, slotOf.data(), hashes.data()};
    backend_.group(0, view, batch, scratch, GroupKeeps::kLast);
    backend_.fill(0, &view.counters->deferred, 0, 8);
    backend_.put(0, view, log, batch, scratch, nullptr, 0, {undone.data(), reasons.data(), nullptr},
                 statuses.data());
    CHECK(backend_.wait(0));
    backend_.freeDevice(deviceSlots);
    return count().deferred;
  }

  TableView view{};
  LogView log;
  std::uint64_t spareUnit = 0;

 private:
  Backend& backend_;
  Pinned<Counters> counters;
  Pinned<std::uint32_t> live, list;
  std::uint32_t* log_ = nullptr;
  std::uint64_t indexBytes_ = 0, recordBytes_ = 0;
};

}  // namespace predis::cuda::test
