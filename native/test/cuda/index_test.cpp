/// @file
/// The whole index of the device engine's table: splitting, rebuilding, sweeping, moving records; and the
/// backend's own failures.

#include <string>
#include <vector>

#include "table.hpp"

using namespace predis::cuda::test;
using predis::Status;
using predis::cuda::Bucket;
using predis::cuda::kSegmentBytes;
using predis::cuda::kSegmentUnits;
using predis::cuda::LogView;
using predis::cuda::MaintainTask;
using predis::cuda::TableView;

TEST("index: grows by splitting under load, from one bucket to four thousand, and shrinks by a rebuild") {
  TestTable table(1, 12, kThreads, 4096);
  Random random(1);
  std::size_t keys = 0;
  // Kept about half full, so that the stash, which only a rebuild empties, is touched while it is tiny alone.
  while (table.view.level < 4096) {
    const std::uint64_t level = table.view.level;
    const std::uint64_t count = std::min(level - table.view.split, 1 + random.below(level / 2 + 1));
    table.backend().splitBuckets(0, table.view, count);
    table.view.split += count;
    if (table.view.split == level) {
      table.view.level *= 2;
      table.view.split = 0;
    }
    const std::size_t target = table.view.level * 5;
    const auto more = numbered("key ", keys, target - std::min(keys, target));
    CHECK_EQ(table.put(more, more), 0U);
    keys += more.size();
    if (level < 64 || random.below(4) == 0) CHECK_EQ(table.recount().size(), keys);
  }
  const auto all = numbered("key ", 0, keys);
  const auto got = table.mget(all);
  for (std::size_t i = 0; i < keys; ++i) CHECK(got[i] == all[i]);
  for (const Value& value : table.mget(numbered("none ", 0, 2000))) CHECK(!value.has_value());

  // A rebuild into an index of another size, the counters shared.
  const auto some = numbered("key ", 0, keys / 2);
  table.erase(some);
  auto& backend = table.backend();
  TableView smaller = table.view;
  smaller.level = 2048;
  smaller.buckets = reinterpret_cast<Bucket*>(backend.allocateDevice(2048 * sizeof(Bucket)));
  smaller.stash = reinterpret_cast<predis::cuda::Stash*>(backend.allocateDevice(sizeof(predis::cuda::Stash)));
  backend.fill(0, smaller.buckets, 0, 2048 * sizeof(Bucket));
  backend.fill(0, smaller.stash, 0, sizeof(predis::cuda::Stash));
  table.view.counters->deferred = 0;
  backend.rebuild(0, table.view, smaller);
  CHECK_EQ(table.view.counters->deferred, 0U);
  const TableView before = table.view;
  table.view = smaller;
  CHECK_EQ(table.recount().size(), keys - some.size());
  for (std::size_t i = some.size(); i < keys; i += 7) CHECK(table.get(all[i]) == all[i]);
  CHECK(!table.get(all[0]).has_value());

  // One that is too small says so, and changes nothing of the old one.
  TableView tiny = smaller;
  tiny.level = 1;
  tiny.buckets = before.buckets;
  tiny.stash = before.stash;
  backend.fill(0, tiny.buckets, 0, sizeof(Bucket));
  backend.fill(0, tiny.stash, 0, sizeof(predis::cuda::Stash));
  const std::uint64_t stashed = table.view.counters->stashed;
  backend.rebuild(0, table.view, tiny);
  const std::uint64_t room = Bucket::kEntries + predis::cuda::Stash::kPlaces;
  CHECK(keys - some.size() > room);
  CHECK_EQ(table.view.counters->deferred, keys - some.size() - room);
  table.view.counters->stashed = stashed;
  CHECK_EQ(table.recount().size(), keys - some.size());
  backend.freeDevice(smaller.buckets);
  backend.freeDevice(smaller.stash);
  table.view = before;
}

TEST("index: splitting at a load that fills buckets, with displaced and stashed keys") {
  TestTable table(128, 8, kThreads, 512);
  const auto keys = numbered("key ", 0, 1150);
  CHECK_EQ(table.put(keys, keys), 0U);
  CHECK(table.view.counters->stashed > 0);
  while (table.view.level < 512) {
    table.backend().splitBuckets(0, table.view, 32);
    table.view.split += 32;
    if (table.view.split == table.view.level) {
      table.view.level *= 2;
      table.view.split = 0;
    }
    CHECK_EQ(table.recount().size(), keys.size());
    const auto got = table.mget(keys);
    for (std::size_t i = 0; i < keys.size(); ++i) CHECK(got[i] == keys[i]);
  }
}

TEST("maintain: removes what has expired, or a namespace, and nothing else") {
  TestTable table(128, 8, kThreads);
  const auto keys = numbered("key ", 0, 600);
  std::vector<std::int64_t> expiry;
  for (int i = 0; i < 600; ++i) expiry.push_back(i % 3 == 0 ? 0 : 1000 + i);
  CHECK_EQ(table.put(keys, keys, expiry), 0U);
  table.space = 9;
  CHECK_EQ(table.put(keys, keys), 0U);
  MaintainTask task;
  task.dropExpired = true;
  task.nowMs = 1300;
  table.backend().maintain(0, table.view, task);
  CHECK_EQ(table.recount().size(), 1200U - 200U);
  CHECK_EQ(table.view.counters->expired, 200U);
  MaintainTask drop;
  drop.dropSpace = true;
  drop.space = 9;
  table.backend().maintain(0, table.view, drop);
  CHECK_EQ(table.view.counters->keys, 400U);
  CHECK(!table.get("key 3").has_value());
  table.space = 0;
  CHECK(table.get("key 3") == "key 3");
  CHECK(!table.get("key 1").has_value());
  CHECK(table.get("key 599") == "key 599");
  CHECK_EQ(table.recount().size(), 400U);
  CHECK_EQ(table.view.counters->expired, 200U);
}

TEST("maintain: victims move to other segments, or are evicted unless they were read") {
  for (const bool evict : {false, true}) {
    TestTable table(2048, 6, kThreads);
    // The log is two segments at first, then two others.
    const LogView all = table.log;
    table.log = {all.segments, 2};
    const auto keys = numbered("key ", 0, 4000);
    std::vector<std::string> values;
    for (const std::string& key : keys) values.push_back(key + std::string(900, '.'));
    CHECK_EQ(table.put(keys, values), 0U);
    table.erase(numbered("key ", 0, 1000));
    const auto read = numbered("key ", 2000, 500);
    table.mget(read, true);
    std::vector<std::uint8_t> victims(8, 0);
    victims[all.segments[0]] = 1;
    const std::uint32_t there = table.view.segmentLiveUnits[all.segments[0]];
    CHECK(there > 0);
    table.view.counters->deferred = table.view.counters->logUnits = 0;
    MaintainTask task;
    task.victims = victims.data();
    task.evict = evict;
    task.log = {all.segments + 2, 2};
    table.backend().maintain(0, table.view, task);
    CHECK_EQ(table.view.counters->deferred, 0U);
    CHECK_EQ(table.view.segmentLiveUnits[all.segments[0]], 0U);
    const auto left = table.recount();
    CHECK_EQ(left.size() + table.view.counters->evicted, 3000U);
    CHECK_EQ(table.view.counters->evicted > 0, evict);
    for (std::size_t i = 2000; i < 2500; ++i) CHECK(table.get(keys[i]) == values[i]);
    if (!evict) continue;
    // They have lost the mark, and go with the next pass unless they are read again.
    std::fill(victims.begin(), victims.end(), 1);
    table.mget(numbered("key ", 2000, 1), true);
    table.view.counters->logUnits = 0;
    task.log = {all.segments + 4, 2};
    table.backend().maintain(0, table.view, task);
    table.view.counters->logUnits = 0;
    const std::uint64_t evicted = table.view.counters->evicted;
    CHECK(evicted > 2000);
    CHECK(table.get("key 2000") == values[2000]);
    table.recount();
  }
}

TEST("maintain: records that find no room stay where they are") {
  TestTable table(64, 3);
  const LogView all = table.log;
  table.log = {all.segments, 1};
  const auto keys = numbered("key ", 0, 300);
  CHECK_EQ(table.put(keys, keys), 0U);
  std::vector<std::uint8_t> victims(5, 1);
  MaintainTask task;
  task.victims = victims.data();
  task.log = {all.segments + 1, 1};
  table.view.counters->logUnits = kSegmentUnits - 100;
  table.view.counters->deferred = 0;
  table.backend().maintain(0, table.view, task);
  CHECK_EQ(table.view.counters->deferred, 200U);
  CHECK_EQ(table.view.segmentLiveUnits[all.segments[0]], 200U);
  CHECK_EQ(table.recount().size(), 300U);
}

TEST("host backend: its memory limit and the failures that tests ask for") {
  const auto backend = predis::cuda::makeHostBackend(3 * kSegmentBytes, 1);
  auto& host = static_cast<predis::cuda::HostBackend&>(*backend);
  std::uint8_t* const range = host.reserve(8 * kSegmentBytes);
  CHECK(host.map(range, 2 * kSegmentBytes));
  CHECK(!host.map(range + 2 * kSegmentBytes, 2 * kSegmentBytes));
  CHECK_EQ(host.freeBytes(), kSegmentBytes);
  std::uint8_t* const block = host.allocateDevice(kSegmentBytes);
  CHECK(block != nullptr);
  CHECK(host.allocateDevice(1) == nullptr);
  CHECK(host.failure().empty());
  host.freeDevice(block);
  range[5] = 5;
  host.unmap(range, 2 * kSegmentBytes);
  CHECK_EQ(host.usedBytes(), 0U);
  CHECK(host.map(range, 2 * kSegmentBytes));
  host.unmap(range, 2 * kSegmentBytes);
  host.release(range, 8 * kSegmentBytes);
  host.refuseMemoryAfter(1);
  std::uint8_t* const pinned = host.allocatePinned(100);
  CHECK(pinned != nullptr);
  CHECK(host.allocateDevice(1) == nullptr);
  CHECK(host.allocatePinned(1) == nullptr);
  host.failAfter(3);
  host.fill(0, pinned, 1, 100);
  host.fill(0, pinned, 2, 100);
  CHECK(host.wait(0));
  host.fill(0, pinned, 3, 100);
  CHECK_EQ(static_cast<int>(pinned[99]), 2);
  CHECK(!host.wait(0));
  CHECK(!host.failure().empty());
  host.freePinned(pinned);
}

int main() { return predis::test::runAll(); }
