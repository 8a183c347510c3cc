/// @file
/// What only happens when several tiles meet in a bucket or a slot, and when hashes collide. kThreads work on
/// each kernel; rounds are many because meetings are rare.

#include <cstring>
#include <string>
#include <vector>

#include "table.hpp"

using namespace predis::cuda::test;
using namespace predis::cuda;
using predis::Status;

TEST("races: threads that insert into the same few buckets lose no key") {
  for (std::size_t round = 0; round < 150; ++round) {
    TestTable table(16, 2, kThreads);
    const auto keys = numbered("key ", round * 1000, 110);
    CHECK_EQ(table.put(keys, keys), 0U);
    CHECK_EQ(table.recount().size(), keys.size());
    // And removing some while others take their places, in the next batch.
    const auto statuses = table.erase(numbered("key ", round * 1000, 50));
    for (const Status status : statuses) CHECK_EQ(status, Status::kOk);
    const auto more = numbered("more ", round * 1000, 50);
    CHECK_EQ(table.put(more, more), 0U);
    CHECK_EQ(table.recount().size(), 110U);
  }
}

TEST("races: threads that displace entries of the same buckets lose and double none") {
  for (std::size_t round = 0; round < 60; ++round) {
    TestTable table(32, 2, kThreads);
    const auto keys = numbered("key ", round * 1000, 330);
    const auto batch = table.putBatchOf(keys, keys);
    // All at once: with 256 places, many are displaced for at a time.
    CHECK_EQ(table.put(*batch), 0U);
    CHECK_EQ(table.recount().size(), keys.size());
    for (std::size_t i = 0; i < keys.size(); i += 11) CHECK(table.get(keys[i]) == keys[i]);
  }
}

TEST("races: of equal keys the last acts, or the first, in batches of every size") {
  TestTable table(16, 2, kThreads);
  for (std::uint32_t round = 0; round < 1500; ++round) {
    // Few, so that the last of the batch meets those just before it.
    const std::uint32_t count = round == 0 ? 6000 : 9 + round % 16;
    const auto batch = table.batchOf(std::vector<std::string>(count, "hot"));
    const GroupKeeps keeps = round % 2 == 0 ? GroupKeeps::kLast : GroupKeeps::kFirst;
    table.backend().group(0, table.view, batch->view, batch->scratch(), keeps);
    const std::uint32_t slot = batch->slotOf[0];
    for (const std::uint32_t other : batch->slotOf) CHECK_EQ(other, slot);
    CHECK_EQ(slotOperation(batch->slots[slot]), keeps == GroupKeeps::kLast ? count - 1 : 0U);
  }
}

TEST("collisions: keys and namespaces of equal hashes are told apart by their bytes") {
  TestTable table(4, 2, kThreads);
  // Keys of 9 to 16 bytes that begin so have hashes that follow from their length alone (see hashBytes).
  std::memcpy(&table.view.seed.words[1], "collide!", 8);
  std::vector<std::string> keys, values;
  for (char c = 'a'; c <= 'p'; ++c) keys.push_back(std::string("collide!") + c);
  for (const std::string& key : keys) values.push_back("of " + key);
  const auto hashOf = [&](const std::string& key, std::uint16_t space) {
    return hashKey(reinterpret_cast<const std::uint8_t*>(key.data()), 9, space, table.view.seed);
  };
  CHECK_EQ(hashOf(keys[0], 0), hashOf(keys[1], 0));
  CHECK_EQ(hashOf(keys[0], 0), hashOf(keys[0], 3));
  // Each twice in the batch, and more than two buckets hold: the rest is in the stash.
  auto twice = keys;
  twice.insert(twice.end(), keys.begin(), keys.end());
  auto lastValues = values;
  for (const std::string& value : values) lastValues.push_back(value + " at last");
  CHECK_EQ(table.put(twice, lastValues), 0U);
  table.space = 3;
  CHECK_EQ(table.put({keys[0], keys[1], keys[2]}, {"x", "y", "z"}), 0U);
  CHECK(!table.get(keys[3]).has_value());
  CHECK(table.get(keys[2]) == "z");
  CHECK_EQ(table.recount().size(), 19U);
  CHECK(table.view.counters->stashed >= 3);
  table.space = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) CHECK(table.get(keys[i]) == values[i] + " at last");
  for (const Status status : table.erase(keys)) CHECK_EQ(status, Status::kOk);
  CHECK_EQ(table.recount().size(), 3U);
}

int main() { return predis::test::runAll(); }
