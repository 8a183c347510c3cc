/// @file
/// The table of the device engine on the host: creating, replacing, finding and removing keys in batches,
/// against a model and a recount.

#include <string>
#include <unordered_map>
#include <vector>

#include "table.hpp"

using namespace predis::cuda::test;
using predis::Status;
using predis::cuda::Counters;
using predis::cuda::DeferReason;
using predis::cuda::kMaxSmallRecordBytes;
using predis::cuda::kSegmentUnits;
using predis::cuda::Stash;

TEST("table: what was put is found, what was not is not") {
  TestTable table(256, 4, kThreads);
  const auto keys = numbered("key ", 0, 1000);
  const auto values = numbered("value ", 5000, 1000);
  CHECK_EQ(table.put(keys, values), 0U);
  const auto got = table.mget(keys);
  for (std::size_t i = 0; i < keys.size(); ++i) CHECK(got[i] == values[i]);
  for (const Value& value : table.mget(numbered("other ", 0, 1000))) CHECK(!value.has_value());
  CHECK_EQ(table.view.counters->keys, 1000U);
  table.recount();
}

TEST("table: keys of every length from 1 to 100 and of 64 KiB, values of 0 bytes and more") {
  TestTable table(64, 4);
  Random random(3);
  std::vector<std::string> keys, values;
  for (std::size_t length = 1; length <= 100; ++length) {
    for (const std::size_t bytes : {std::size_t{0}, length, 5 * length}) {
      if (length == 1 && bytes != 0) continue;
      keys.push_back(random.bytes(length));
      if (length > 1) keys.back()[0] = static_cast<char>(bytes % 251);
      values.push_back(random.bytes(bytes));
    }
  }
  for (char last : {'a', 'b'}) {
    keys.push_back(std::string(predis::kMaxKeyBytes - 1, 'k') + last);
    values.push_back(random.bytes(1000));
  }
  // A key and a beginning of it, and zero bytes.
  for (const std::size_t zeros : {1U, 2U, 8U, 9U}) {
    keys.push_back(std::string("zero") + std::string(zeros, '\0'));
    values.push_back(std::to_string(zeros));
  }
  std::map<std::string, std::string> model;
  for (std::size_t i = 0; i < keys.size(); ++i) model[keys[i]] = values[i];
  CHECK_EQ(table.put(keys, values), 0U);
  const auto got = table.mget(keys);
  for (std::size_t i = 0; i < keys.size(); ++i) CHECK(got[i] == model[keys[i]]);
  CHECK_EQ(table.recount().size(), model.size());
}

TEST("table: keys and values that cannot be have their statuses and harm nobody") {
  TestTable table(8, 2);
  CHECK_EQ(
      table.put({"a", "", std::string(predis::kMaxKeyBytes + 1, 'x'), "", "b"}, {"1", "2", "3", "4", "5"}),
      0U);
  const std::vector<std::uint8_t> expected{0, 2, 3, 2, 0};
  CHECK(table.lastStatuses == expected);
  CHECK_EQ(table.view.counters->failed, 3U);
  const auto erased = table.erase({"", "a", std::string(predis::kMaxKeyBytes + 1, 'x')});
  CHECK_EQ(erased[0], Status::kKeyEmpty);
  CHECK_EQ(erased[1], Status::kOk);
  CHECK_EQ(erased[2], Status::kKeyTooLong);
  CHECK(!table.get("").has_value());
  CHECK_EQ(table.recount().size(), 1U);
}

TEST("table: the last of equal keys wins, also when 99 % of a batch are one key") {
  TestTable table(256, 4, kThreads);
  std::vector<std::string> keys, values;
  for (int i = 0; i < 20000; ++i) {
    keys.push_back(i % 100 == 0 ? "rare " + std::to_string(i) : "hot");
    values.push_back("value " + std::to_string(i));
  }
  CHECK_EQ(table.put(keys, values), 0U);
  CHECK(table.get("hot") == "value 19999");
  CHECK(table.get("rare 19900") == "value 19900");
  CHECK_EQ(table.recount().size(), 201U);
  // The first of equal keys is the one that was there.
  const auto statuses = table.erase(keys);
  std::size_t ok = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ok += statuses[i] == Status::kOk ? 1 : 0;
    CHECK_EQ(statuses[i], keys[i] == "hot" && i != 1 ? Status::kNotFound : Status::kOk);
  }
  CHECK_EQ(ok, 201U);
  CHECK_EQ(table.recount().size(), 0U);
}

TEST("table: erase everything, then find, put and erase again") {
  TestTable table(128, 8, kThreads);
  const auto keys = numbered("k", 0, 900);
  for (int round = 0; round < 5; ++round) {
    CHECK_EQ(table.put(keys, numbered("round ", static_cast<std::size_t>(round), 900)), 0U);
    table.recount();
    for (const Status status : table.erase(keys)) CHECK_EQ(status, Status::kOk);
    for (const Value& value : table.mget(keys)) CHECK(!value.has_value());
    for (const Status status : table.erase(keys)) CHECK_EQ(status, Status::kNotFound);
    CHECK_EQ(table.recount().size(), 0U);
    CHECK_EQ(table.view.counters->liveUnits, 0U);
  }
}

TEST("table: random puts and erases agree with a model, counts with a recount") {
  TestTable table(512, 40, kThreads);
  std::unordered_map<std::string, std::string> model;
  Random random(11);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::string> keys, values;
    for (int i = 0; i < 500; ++i) {
      keys.push_back("key " + std::to_string(random.below(3000)));
      values.push_back(random.bytes(random.below(random.below(4) == 0 ? 400 : 60)));
    }
    if (random.below(3) == 0) {
      const auto statuses = table.erase(keys);
      for (std::size_t i = 0; i < keys.size(); ++i)
        CHECK_EQ(statuses[i], model.erase(keys[i]) == 1 ? Status::kOk : Status::kNotFound);
    } else {
      CHECK_EQ(table.put(keys, values), 0U);
      for (std::size_t i = 0; i < keys.size(); ++i) model[keys[i]] = values[i];
    }
    const auto got = table.mget(keys);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto known = model.find(keys[i]);
      CHECK(got[i] == (known == model.end() ? Value() : Value(known->second)));
    }
    CHECK_EQ(table.recount().size(), model.size());
  }
}

TEST("table: a value that takes the same units is written in place, any other takes new room") {
  TestTable table(8, 2);
  table.put({"key"}, {std::string(20, 'a')});
  const std::uint64_t before = table.view.counters->logUnits;
  table.put({"key"}, {std::string(5, 'b')});
  CHECK_EQ(table.view.counters->logUnits, before);
  CHECK(table.get("key") == std::string(5, 'b'));
  table.put({"key"}, {std::string(50, 'c')});
  CHECK_EQ(table.view.counters->logUnits, before + 2);
  CHECK(table.get("key") == std::string(50, 'c'));
  // An expiry time needs a place before the key, which no other reader of the bucket must see move.
  table.put({"key"}, {std::string(40, 'd')}, {5000});
  CHECK_EQ(table.view.counters->logUnits, before + 4);
  table.put({"key"}, {std::string(45, 'e')}, {0});
  CHECK_EQ(table.view.counters->logUnits, before + 4);
  CHECK_EQ(table.view.counters->expiringKeys, 0U);
  table.nowMs = 6000;
  CHECK(table.get("key") == std::string(45, 'e'));
  table.recount();
}

TEST("table: keys expire when their time is reached") {
  TestTable table(8, 2);
  table.put({"a", "b", "c"}, {"1", "2", "3"}, {2000, 0, 1000});
  CHECK_EQ(table.view.counters->expiringKeys, 2U);
  CHECK(table.mget({"a", "b", "c"}) == (std::vector<Value>{"1", "2", std::nullopt}));
  table.nowMs = 1999;
  CHECK(table.get("a") == "1");
  table.nowMs = 2000;
  CHECK(!table.get("a").has_value());
  CHECK_EQ(table.erase({"a"})[0], Status::kNotFound);
  CHECK_EQ(table.view.counters->expired, 1U);
  table.put({"c"}, {"new"});
  CHECK(table.get("c") == "new");
  CHECK_EQ(table.view.counters->expired, 2U);
  CHECK_EQ(table.recount().size(), 2U);
}

TEST("table: namespaces do not see each other's keys") {
  TestTable table(8, 2);
  for (std::uint16_t space : {0, 1, 1023}) {
    table.space = space;
    table.put({"key", "only " + std::to_string(space)}, {"of " + std::to_string(space), ""});
  }
  for (std::uint16_t space : {0, 1, 1023}) {
    table.space = space;
    CHECK(table.get("key") == "of " + std::to_string(space));
  }
  CHECK(!table.get("only 1").has_value());
  table.erase({"key"});
  table.space = 1;
  CHECK(table.get("key").has_value());
  std::uint64_t count = 0;
  table.backend().countSpace(0, table.view, 1023, &count);
  CHECK_EQ(count, 1U);
  CHECK_EQ(table.recount().size(), 5U);
}

TEST("table: a log that is full defers, and the key keeps its old value") {
  TestTable table(1024, 1, kThreads);
  // 65 units each: no record may cross the end of the segment.
  const std::size_t most = kSegmentUnits / 65;
  const auto keys = numbered("key ", 0, most + 200);
  std::vector<std::string> values(keys.size(), std::string(2050, 'v'));
  const auto batch = table.putBatchOf(keys, values);
  CHECK_EQ(table.put(*batch), 200U);
  std::size_t ok = 0;
  for (const std::uint8_t status : batch->statuses) ok += status == 0 ? 1 : 0;
  CHECK_EQ(ok, most);
  for (int i = 0; i < 200; ++i)
    CHECK_EQ(batch->deferredReasons[static_cast<std::size_t>(i)],
             static_cast<std::uint32_t>(DeferReason::kLogFull));
  CHECK_EQ(table.recount().size(), most);
  std::size_t there = 0;
  std::string kept;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool is = table.get(keys[i]).has_value();
    CHECK_EQ(is, batch->statuses[i] == 0);
    there += is ? 1 : 0;
    if (is) kept = keys[i];
  }
  CHECK_EQ(there, most);
  CHECK_EQ(table.put({kept}, {std::string(3000, 'w')}), 1U);
  CHECK(table.get(kept) == values[0]);
}

TEST("table: records that are too large for the log are the host's, which publishes them") {
  TestTable table(8, 2);
  const std::string large(kMaxSmallRecordBytes, 'l');
  const auto batch = table.putBatchOf({"small", "large"}, {"s", large});
  CHECK_EQ(table.put(*batch), 1U);
  CHECK_EQ(batch->deferredOperations[0], 1U);
  CHECK_EQ(batch->deferredReasons[0], static_cast<std::uint32_t>(DeferReason::kLarge));
  table.put({"large"}, {"not yet"});

  // Behind the log: three segments less a few bytes would do, one is enough here.
  const std::uint64_t unit = std::uint64_t{table.spareSegment()} * kSegmentUnits;
  predis::cuda::RecordHead head =
      predis::cuda::RecordHead::make(5, 0, static_cast<std::uint32_t>(large.size()), true);
  std::uint8_t* const record = table.view.recordAt(unit);
  std::memcpy(record, &head, sizeof head);
  std::memset(record + 8, 0, 8);
  std::memcpy(record + 16, "large", 5);
  std::memcpy(record + 21, large.data(), large.size());
  std::uint8_t status = 77;
  table.backend().publish(0, table.view, unit, &status);
  CHECK_EQ(static_cast<int>(status), 0);
  CHECK(table.get("large") == large);
  CHECK_EQ(table.recount().size(), 2U);
  table.erase({"large"});
  CHECK_EQ(table.recount().size(), 1U);
  table.backend().publish(0, table.view, unit, &status);
  CHECK_EQ(table.recount().size(), 2U);
  table.put({"large"}, {"small again"});
  CHECK(table.get("large") == "small again");
  table.recount();
}

TEST("table: lookup and gather") {
  TestTable table(8, 2);
  table.put({"a", "b"}, {"0123456789", ""});
  const auto batch = table.batchOf({"b", "none", "a"});
  std::vector<std::uint8_t> found(3, 77);
  table.backend().lookup(0, table.view, batch->view, found.data());
  CHECK(found == (std::vector<std::uint8_t>{1, 0, 1}));
  std::vector<std::uint8_t> out(12, '.');
  std::vector<std::uint32_t> bytes(3, 77);
  table.backend().gather(0, table.view, batch->view, out.data(), 4, bytes.data());
  CHECK(bytes == (std::vector<std::uint32_t>{0, UINT32_MAX, 10}));
  // What lies behind a shorter value in its row is nobody's business.
  CHECK_EQ(std::string(out.begin() + 8, out.end()), "0123");
  CHECK_EQ(table.view.counters->hits, 4U);
  CHECK_EQ(table.view.counters->misses, 2U);
}

TEST("table: full buckets defer; displacement places keys to a load above 0.95 before the stash is touched") {
  TestTable table(2048, 16, kThreads);
  const double places = 2048 * 8;
  std::size_t next = 0;
  double loadBeforeStash = 0;
  for (;;) {
    const auto keys = numbered("key ", next, 64);
    const std::uint64_t undone = table.put(keys, keys);
    if (table.view.counters->stashed == 0)
      loadBeforeStash = static_cast<double>(table.view.counters->keys) / places;
    if (undone != 0) break;
    next += keys.size();
    if (next > 3 * 2048 * 8) break;
  }
  CHECK(loadBeforeStash > 0.95);
  CHECK_EQ(table.view.counters->stashed, Stash::kPlaces);
  std::printf("# load factor before the stash: %.3f, in the end %.3f\n", loadBeforeStash,
              static_cast<double>(table.view.counters->keys) / places);
  const auto all = table.recount();
  CHECK(all.size() >= next);
  const auto keys = numbered("key ", 0, next);
  const auto got = table.mget(keys);
  for (std::size_t i = 0; i < keys.size(); ++i) CHECK(got[i] == keys[i]);
  // Full to the last place, it still answers, erases and takes keys again.
  for (const Status status : table.erase(keys)) CHECK_EQ(status, Status::kOk);
  for (const Value& value : table.mget(keys)) CHECK(!value.has_value());
  CHECK_EQ(table.put(numbered("new ", 0, 1000), numbered("new ", 0, 1000)), 0U);
  table.recount();
}

TEST("table: with one bucket, both candidates are the same") {
  TestTable table(1, 2, kThreads);
  const auto keys = numbered("k", 0, 8);
  CHECK_EQ(table.put(keys, keys), 0U);
  CHECK_EQ(table.view.counters->stashed, 0U);
  const auto more = numbered("more ", 0, 20);
  CHECK_EQ(table.put(more, more), 0U);
  CHECK_EQ(table.recount().size(), 28U);
  for (const std::string& key : keys) CHECK(table.get(key) == key);
  for (const std::string& key : more) CHECK(table.get(key) == key);
}

int main() { return predis::test::runAll(); }
