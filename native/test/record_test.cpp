/// @file
/// The record's header: nothing in it disturbs anything else. Records that share a chunk.

#include "../engine/record.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "../cpu/arena.hpp"
#include "../cpu/record_memory.hpp"
#include "check.hpp"
#include "random.hpp"

using predis::KeyRef;
using predis::kMaxKeyBytes;
using predis::kMaxSpaces;
using predis::kMaxValueBytes;
using predis::Record;
using predis::recordBytes;

namespace {

/// Memory for a record with a short value.
class Place {
 public:
  explicit Place(std::size_t keyBytes) : blocks_(recordBytes(keyBytes, 64, true) / sizeof(Block) + 1) {}
  Record& record() { return reinterpret_cast<Record&>(blocks_[0]); }

 private:
  struct alignas(16) Block {
    std::array<char, 16> bytes{};
  };
  std::vector<Block> blocks_;
};

void writeKey(Record& record, const KeyRef& key) {
  std::memcpy(record.keyData(), key.bytes.data(), key.bytes.size());
}

}  // namespace

TEST("record: is its key's own, and no other's, though the hashes agree") {
  for (const std::size_t keyBytes : {std::size_t{1}, std::size_t{24}, kMaxKeyBytes}) {
    for (const std::uint16_t space : {0, 1, kMaxSpaces - 1}) {
      Place place(keyBytes);
      Record& record = place.record();
      const std::string bytes(keyBytes, 'k');
      const KeyRef key{0xFFFF'0000'1234'5678U, bytes, space};
      record.setSlotClass(63);
      record.describe(key, 5, 0);
      writeKey(record, key);
      CHECK(record.isOf(key));
      CHECK_EQ(record.space(), space);
      CHECK_EQ(record.keyBytes(), keyBytes);
      CHECK_EQ(record.slotClass(), 63U);
      CHECK(!record.isOf({key.hash, bytes, static_cast<std::uint16_t>(space ^ 1)}));
      CHECK(!record.isOf({key.hash ^ 1, bytes, space}));
      std::string other = bytes;
      other.back() = 'l';
      CHECK(!record.isOf({key.hash, other, space}));
      other = bytes + "k";
      if (keyBytes < kMaxKeyBytes) CHECK(!record.isOf({key.hash, other, space}));
    }
  }
}

TEST("record: the read mark and the time leave the rest alone, and key and value move with the time") {
  Place place(24);
  Record& record = place.record();
  const std::string bytes = "a key of twenty-four by.";
  const KeyRef key{~std::uint64_t{0}, bytes, 77};
  record.describe(key, 10, 0);
  writeKey(record, key);
  std::memcpy(record.valueData(), "0123456789", 10);
  const auto check = [&](std::int64_t expiresAtMs, bool wasRead) {
    CHECK(record.isOf(key));
    CHECK_EQ(record.value(), "0123456789");
    CHECK_EQ(record.expiresAtMs(), expiresAtMs);
    CHECK_EQ(record.expires(), expiresAtMs != 0);
    CHECK_EQ(record.wasRead(), wasRead);
    CHECK_EQ(record.hash(), ~std::uint64_t{0} >> 1);
  };
  check(0, false);
  record.markRead();
  check(0, true);
  for (const std::int64_t time :
       {std::int64_t{1}, INT64_MAX, std::int64_t{0}, std::int64_t{0}, std::int64_t{5}}) {
    record.setExpiry(time, 24 + 10);
    check(time, true);
  }
  record.forgetRead();
  check(5, false);
  record.setValueBytes(kMaxValueBytes);
  CHECK_EQ(record.valueBytes(), kMaxValueBytes);
  CHECK_EQ(record.expiresAtMs(), 5);
}

TEST("record memory: the neighbours of a record are those of its chunk that are in use") {
  using predis::cpu::RecordMemory;
  predis::cpu::MemoryBudget budget(0);
  predis::cpu::Arena arena(budget, false);
  RecordMemory memory(budget, arena);
  predis::test::Random random(8);
  for (const std::size_t bytes : {32U, 144U, 1000U, 4096U}) {
    std::set<Record*> live;
    const auto add = [&] {
      Record* const record = memory.allocate(bytes);
      record->describe({random.next(), "k", 0}, 0, 0);
      live.insert(record);
    };
    while (live.size() < 3 * predis::cpu::kChunkBytes / bytes) add();
    for (int round = 0; round < 200; ++round) {
      if (random.below(2) == 0) add();
      if (live.size() > 10 && random.below(3) != 0) {
        const auto gone = std::next(live.begin(), static_cast<std::ptrdiff_t>(random.below(live.size())));
        memory.free(*gone);
        live.erase(gone);
      }
    }
    std::set<Record*> seen;
    std::array<Record*, RecordMemory::kMostNeighbours> found;
    for (Record* const record : live) {
      if (seen.contains(record)) continue;
      const std::size_t count = RecordMemory::neighbours(*record, found);
      seen.insert(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count));
      CHECK(seen.contains(record));
    }
    CHECK(seen == live);
    for (Record* const record : live) memory.free(record);
  }
  CHECK_EQ(budget.usedBytes(), 0U);
}

int main() { return predis::test::runAll(); }
