/// @file
/// A table on the host backend for tests: batches of strings in, answers out, and a recount of everything.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "../../cuda/host_backend.hpp"
#include "../../cuda/mailbox.hpp"
#include "../../cuda/table/displace.hpp"
#include "../../cuda/table/index.hpp"
#include "../check.hpp"
#include "../random.hpp"

namespace predis {

inline std::ostream& operator<<(std::ostream& out, Status status) {
  return out << "Status " << static_cast<int>(status);
}

}  // namespace predis

namespace predis::cuda::test {

using predis::test::Random;
using Value = std::optional<std::string>;

/// Work on one kernel at a time, so that the thread sanitizer sees what kernels race for.
inline constexpr unsigned kThreads = 4;

/// One operation of a mixed batch.
struct Op {
  OpKind kind;
  std::string key;
  std::string value = {};
  std::int64_t amount = 0;
  std::string expected = {};
};

/// Strings one behind the other, as a batch has them, at an address of any alignment.
class Packed {
 public:
  explicit Packed(unsigned misaligned = 0) : blob_(misaligned, 0xAB), misaligned_(misaligned) {}
  void add(std::string_view string) {
    blob_.insert(blob_.end(), string.begin(), string.end());
    offsets_.push_back(static_cast<std::uint32_t>(blob_.size() - misaligned_));
  }
  /// @pre nothing is added any more
  [[nodiscard]] const std::uint8_t* blob() {
    blob_.resize(blob_.size() + 16);
    return blob_.data() + misaligned_;
  }
  [[nodiscard]] const std::uint32_t* offsets() const { return offsets_.data(); }
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(offsets_.size() - 1); }

 private:
  std::vector<std::uint8_t> blob_;
  std::vector<std::uint32_t> offsets_{0};
  unsigned misaligned_;
};

/// A batch of operations with all memory that the kernels need.
struct Batch {
  explicit Batch(std::uint32_t count)
      : slots(
            std::size_t{1} << (64 - static_cast<unsigned>(__builtin_clzll(2ULL * std::max(count, 1U) - 1)))),
        slotOf(count, 77),
        hashes(count, 77),
        deferredOperations(count),
        deferredReasons(count),
        runEnds(count),
        order(count),
        starts(count + std::size_t{1}),
        statuses(count, 77) {}

  Packed keys{3}, values{5}, expected{1};
  std::vector<std::uint8_t> kinds;
  std::vector<std::int64_t> amounts;
  BatchView view;
  std::vector<std::uint64_t> slots;
  std::vector<std::uint32_t> slotOf;
  std::vector<std::uint64_t> hashes;
  std::vector<std::uint32_t> deferredOperations, deferredReasons, runEnds, order, starts;
  std::uint32_t runCount = 0;
  std::vector<std::uint8_t> statuses;

  GroupScratch scratch() {
    return {slots.data(), static_cast<std::uint32_t>(slots.size()), slotOf.data(), hashes.data()};
  }
  Deferred deferred() { return {deferredOperations.data(), deferredReasons.data(), runEnds.data()}; }
  Runs runs() { return {order.data(), starts.data(), &runCount}; }
};

/// What a mixed operation answered.
struct Answer {
  Status status;
  std::int64_t number;
  Value value;
};

class TestTable {
 public:
  /// @param level buckets, a power of two @param segments of the log
  TestTable(std::uint64_t level, std::uint32_t segments, unsigned threads = 1, std::uint64_t mostBuckets = 0)
      : backend_(makeHostBackend(std::uint64_t{8} << 30, threads)), segmentCount_(segments) {
    const std::uint64_t buckets = std::max(mostBuckets, level);
    indexBytes_ = (buckets * sizeof(Bucket) + kSegmentBytes - 1) / kSegmentBytes * kSegmentBytes;
    view.buckets = reinterpret_cast<Bucket*>(backend_->reserve(indexBytes_));
    // Two segments more: unit 0 is nobody's, and large records go to the end.
    recordBytes_ = (segments + 2ULL) * kSegmentBytes;
    view.records = backend_->reserve(recordBytes_);
    CHECK(backend_->map(bytesOf(view.buckets), indexBytes_));
    CHECK(backend_->map(view.records, recordBytes_));
    view.stash = reinterpret_cast<Stash*>(backend_->allocateDevice(sizeof(Stash)));
    view.counters = reinterpret_cast<Counters*>(backend_->allocateDevice(sizeof(Counters)));
    view.segmentLiveUnits =
        reinterpret_cast<std::uint32_t*>(backend_->allocateDevice((segments + 2) * sizeof(std::uint32_t)));
    segmentList_ = reinterpret_cast<std::uint32_t*>(backend_->allocateDevice(segments * 4ULL + 4));
    backend_->fill(0, view.buckets, 0, level * sizeof(Bucket));
    // Buckets to come hold anything.
    backend_->fill(0, view.buckets + level, 0xEE, (buckets - level) * sizeof(Bucket));
    backend_->fill(0, view.stash, 0, sizeof(Stash));
    backend_->fill(0, view.counters, 0, sizeof(Counters));
    backend_->fill(0, view.segmentLiveUnits, 0, (segments + 2) * sizeof(std::uint32_t));
    // Segments in no order of their own: the log must follow the list.
    for (std::uint32_t i = 0; i < segments; ++i) segmentList_[i] = segments - i;
    view.level = level;
    view.split = 0;
    Random random(7);
    view.seed.start = random.next();
    for (auto& word : view.seed.words) word = random.next();
    log = {segmentList_, segments};
  }
  TestTable(const TestTable&) = delete;
  TestTable& operator=(const TestTable&) = delete;
  ~TestTable() {
    backend_->freeDevice(segmentList_);
    backend_->freeDevice(view.segmentLiveUnits);
    backend_->freeDevice(view.counters);
    backend_->freeDevice(view.stash);
    backend_->unmap(view.records, recordBytes_);
    backend_->unmap(bytesOf(view.buckets), indexBytes_);
    backend_->release(view.records, recordBytes_);
    backend_->release(bytesOf(view.buckets), indexBytes_);
  }

  [[nodiscard]] HostBackend& backend() { return static_cast<HostBackend&>(*backend_); }
  [[nodiscard]] std::uint32_t spareSegment() const { return segmentCount_ + 1; }

  std::unique_ptr<Batch> batchOf(const std::vector<std::string>& keys) const {
    auto batch = std::make_unique<Batch>(static_cast<std::uint32_t>(keys.size()));
    for (const std::string& key : keys) batch->keys.add(key);
    batch->view.keyBlob = batch->keys.blob();
    batch->view.keyOffsets = batch->keys.offsets();
    batch->view.count = batch->keys.count();
    batch->view.space = space;
    batch->view.nowMs = nowMs;
    return batch;
  }

  /// Grouped by key, with values.
  std::unique_ptr<Batch> putBatchOf(const std::vector<std::string>& keys,
                                    const std::vector<std::string>& values,
                                    const std::vector<std::int64_t>& expiresAtMs = {}) {
    auto batch = batchOf(keys);
    for (const std::string& value : values) batch->values.add(value);
    batch->view.valueBlob = batch->values.blob();
    batch->view.valueOffsets = batch->values.offsets();
    batch->amounts = expiresAtMs;
    if (!expiresAtMs.empty()) batch->view.amounts = batch->amounts.data();
    backend_->group(0, view, batch->view, batch->scratch(), GroupKeeps::kLast);
    return batch;
  }

  /// Puts until nothing is undone any more that displacement can help. @return operations undone
  std::uint64_t put(Batch& batch) {
    std::vector<std::uint32_t> operations;
    std::uint64_t before = ~std::uint64_t{0};
    for (int round = 0;; ++round) {
      view.counters->deferred = 0;
      backend_->put(0, view, log, batch.view, batch.scratch(), round == 0 ? nullptr : operations.data(),
                    static_cast<std::uint32_t>(operations.size()), batch.deferred(), batch.statuses.data());
      const std::uint64_t undone = view.counters->deferred;
      if (undone == 0 || undone == before) return undone;
      before = undone;
      operations.assign(batch.deferredOperations.begin(),
                        batch.deferredOperations.begin() + static_cast<std::ptrdiff_t>(undone));
      view.counters->deferred = 0;
      backend_->displace(0, view, batch.view, batch.scratch(), operations.data(),
                         static_cast<std::uint32_t>(undone));
    }
  }
  std::uint64_t put(const std::vector<std::string>& keys, const std::vector<std::string>& values,
                    const std::vector<std::int64_t>& expiresAtMs = {}) {
    const auto batch = putBatchOf(keys, values, expiresAtMs);
    const std::uint64_t undone = put(*batch);
    lastStatuses = batch->statuses;
    return undone;
  }

  std::vector<Status> erase(const std::vector<std::string>& keys) {
    const auto batch = batchOf(keys);
    backend_->group(0, view, batch->view, batch->scratch(), GroupKeeps::kFirst);
    backend_->erase(0, view, batch->view, batch->scratch(), batch->statuses.data());
    std::vector<Status> statuses;
    for (const std::uint8_t status : batch->statuses) statuses.push_back(static_cast<Status>(status));
    return statuses;
  }

  std::vector<Value> mget(const std::vector<std::string>& keys, bool markReferenced = false) {
    const auto batch = batchOf(keys);
    std::vector<std::uint32_t> offsets(keys.size() + 1, 77);
    std::vector<std::uint8_t> found(keys.size(), 77);
    std::uint64_t total = 77;
    MgetOutput out{offsets.data(), found.data(), nullptr, 0, 5, &total, markReferenced};
    backend_->mget(0, view, batch->view, out);
    std::vector<std::uint8_t> blob(total);
    out.blob = blob.data();
    out.blobBytes = total;
    backend_->mget(0, view, batch->view, out);
    CHECK_EQ(offsets[0], 5U);
    std::vector<Value> values;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      values.push_back(
          found[i] == 0 ? std::nullopt
                        : Value(std::string(blob.data() + offsets[i] - 5, blob.data() + offsets[i + 1] - 5)));
    }
    return values;
  }
  Value get(const std::string& key) { return mget({key})[0]; }

  /// Sorted into runs.
  std::unique_ptr<Batch> mixedBatchOf(const std::vector<Op>& ops) {
    std::vector<std::string> keys;
    for (const Op& op : ops) keys.push_back(op.key);
    auto batch = batchOf(keys);
    for (const Op& op : ops) {
      batch->values.add(op.value);
      batch->expected.add(op.expected);
      batch->kinds.push_back(static_cast<std::uint8_t>(op.kind));
      batch->amounts.push_back(op.amount);
    }
    batch->view.valueBlob = batch->values.blob();
    batch->view.valueOffsets = batch->values.offsets();
    batch->view.expectedBlob = batch->expected.blob();
    batch->view.expectedOffsets = batch->expected.offsets();
    batch->view.kinds = batch->kinds.data();
    batch->view.amounts = batch->amounts.data();
    backend_->group(0, view, batch->view, batch->scratch(), GroupKeeps::kFirst);
    std::vector<std::uint8_t> temporary(backend_->sortBytes(batch->view.count));
    backend_->sortRuns(0, batch->scratch(), batch->view.count, batch->runs(), temporary.data());
    return batch;
  }

  /// Memory of apply's results.
  struct Results {
    Results(std::size_t count, std::size_t blobBytes)
        : statuses(count, 77),
          numbers(count, 77),
          valueAt(count, 77),
          valueBytes(count, 77),
          found(count, 77),
          blob(blobBytes) {}
    ApplyOutput out() {
      return {statuses.data(), numbers.data(), valueAt.data(), valueBytes.data(),
              found.data(),    blob.data(),    blob.size(),    false};
    }
    std::vector<Answer> answers() const {
      std::vector<Answer> all;
      for (std::size_t i = 0; i < statuses.size(); ++i) {
        all.push_back({static_cast<Status>(statuses[i]), numbers[i],
                       found[i] == 1 ? Value(std::string(blob.data() + valueAt[i],
                                                         blob.data() + valueAt[i] + valueBytes[i]))
                                     : std::nullopt});
      }
      return all;
    }
    std::vector<std::uint8_t> statuses;
    std::vector<std::int64_t> numbers;
    std::vector<std::uint64_t> valueAt;
    std::vector<std::uint32_t> valueBytes;
    std::vector<std::uint8_t> found, blob;
  };

  /// Runs a mixed batch; runs left undone are resumed after displacement.
  std::vector<Answer> apply(const std::vector<Op>& ops, bool final = false) {
    const auto batch = mixedBatchOf(ops);
    Results results(ops.size(), std::size_t{1} << 20);
    view.counters->outputBytes = 0;
    std::vector<std::uint32_t> places;
    for (int round = 0; round < 50; ++round) {
      view.counters->deferred = 0;
      backend_->apply(0, view, log, batch->view, batch->runs(), round == 0 ? nullptr : places.data(),
                      static_cast<std::uint32_t>(places.size()), batch->deferred(), results.out(), final);
      const std::uint64_t undone = view.counters->deferred;
      if (undone == 0) return results.answers();
      places.assign(batch->deferredOperations.begin(),
                    batch->deferredOperations.begin() + static_cast<std::ptrdiff_t>(undone));
      std::vector<std::uint32_t> operations;
      for (const std::uint32_t place : places) operations.push_back(batch->order[place]);
      view.counters->deferred = 0;
      backend_->displace(0, view, batch->view, batch->scratch(), operations.data(),
                         static_cast<std::uint32_t>(undone));
    }
    predis::test::fail(__FILE__, __LINE__, "apply: operations stay undone");
    return results.answers();
  }

  /// Walks the whole table and compares it with the counters, and each key's place with where it may be.
  /// @return keys and values, by namespace and key
  std::map<std::pair<std::uint16_t, std::string>, std::string> recount() {
    std::map<std::pair<std::uint16_t, std::string>, std::string> all;
    Counters truth{};
    std::vector<std::uint32_t> live(segmentCount_ + 2);
    for (std::uint64_t eight = 0; eight < allEights(view); ++eight) {
      for (unsigned e = 0; e < Bucket::kEntries; ++e) {
        const std::uint64_t entry = eightAt(view, eight)[e];
        const bool stashed = eight >= view.bucketCount();
        if (e == Bucket::kLockEntry) CHECK((entry & Entry::kFlag) == 0);
        if (Entry::isFree(entry)) continue;
        const std::uint64_t unit = Entry::unitOf(entry);
        const std::uint8_t* const record = view.recordAt(unit);
        const RecordHead head = readHead(record);
        const std::uint64_t hash = hashOfRecord(view, unit);
        CHECK(Entry::hasTag(entry, Entry::tagOf(hash)));
        const std::uint64_t first = view.firstBucket(hash);
        if (stashed) CHECK((eight - view.bucketCount()) * Bucket::kEntries + e < view.counters->stashed);
        if (!stashed) CHECK(eight == first || eight == view.secondBucket(hash));
        if (eight != first) {
          CHECK((view.buckets[first].entries[Bucket::kOverflowedEntry] & Entry::kFlag) != 0);
        }
        const auto* const key = reinterpret_cast<const char*>(record) + head.keyAt();
        const bool isNew = all.emplace(std::pair(head.space, std::string(key, head.keyBytes())),
                                       std::string(key + head.keyBytes(), head.valueBytes()))
                               .second;
        CHECK(isNew);
        truth.keys += 1;
        truth.keyValueBytes += head.keyBytes() + head.valueBytes();
        truth.expiringKeys += expiryOf(record, head) != 0 ? 1 : 0;
        const std::uint64_t units = unitsOf(head);
        truth.liveUnits += units;
        for (std::uint64_t u = unit; u < unit + units; u = (u / kSegmentUnits + 1) * kSegmentUnits) {
          const std::uint64_t end = std::min(unit + units, (u / kSegmentUnits + 1) * kSegmentUnits);
          live.at(u / kSegmentUnits) += static_cast<std::uint32_t>(end - u);
        }
      }
    }
    CHECK_EQ(view.counters->keys, truth.keys);
    CHECK_EQ(view.counters->keyValueBytes, truth.keyValueBytes);
    CHECK_EQ(view.counters->expiringKeys, truth.expiringKeys);
    CHECK_EQ(view.counters->liveUnits, truth.liveUnits);
    for (std::size_t i = 0; i < live.size(); ++i) CHECK_EQ(view.segmentLiveUnits[i], live[i]);
    return all;
  }

  TableView view{};
  LogView log;
  std::uint16_t space = 0;
  std::int64_t nowMs = 1000;
  std::vector<std::uint8_t> lastStatuses;

 private:
  static std::uint8_t* bytesOf(void* at) { return static_cast<std::uint8_t*>(at); }

  std::unique_ptr<Backend> backend_;
  std::uint32_t segmentCount_;
  std::uint32_t* segmentList_ = nullptr;
  std::uint64_t indexBytes_ = 0, recordBytes_ = 0;
};

/// "key 17" and the like.
inline std::vector<std::string> numbered(const char* prefix, std::size_t from, std::size_t count) {
  std::vector<std::string> keys;
  keys.reserve(count);
  for (std::size_t i = 0; i < count; ++i) keys.push_back(prefix + std::to_string(from + i));
  return keys;
}

}  // namespace predis::cuda::test
