/// @file
/// The engine's small parts: decimals as Redis reads them, comparison, buckets, the arena's budget, packed
/// views.

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "../cpu/arena.hpp"
#include "../cpu/index.hpp"
#include "../cpu/record_memory.hpp"
#include "../engine/decimal.hpp"
#include "../engine/engine.hpp"
#include "../engine/record.hpp"
#include "check.hpp"
#include "store.hpp"

using predis::formatDecimal;
using predis::PackedView;
using predis::parseDecimal;
using predis::Record;
using predis::cpu::Arena;
using predis::cpu::Bucket;
using predis::cpu::Index;
using predis::cpu::kChunkBytes;
using predis::cpu::MemoryBudget;
using predis::cpu::RecordMemory;
using predis::test::Random;

namespace {

/// Makes a record of an eight-byte key without a value. @param hash its highest bit does not count
void describe(Record& record, std::uint64_t hash, std::uint64_t key) {
  const std::string_view bytes(reinterpret_cast<const char*>(&key), sizeof key);
  record.describe({hash, bytes, 0}, 0, 0);
  std::memcpy(record.keyData(), &key, sizeof key);
}

}  // namespace

TEST("decimal: what Redis takes for an integer, and nothing else") {
  const auto max = std::numeric_limits<std::int64_t>::max();
  const auto min = std::numeric_limits<std::int64_t>::min();
  CHECK(parseDecimal("0") == 0);
  CHECK(parseDecimal("7") == 7);
  CHECK(parseDecimal("-1") == -1);
  CHECK(parseDecimal("9223372036854775807") == max);
  CHECK(parseDecimal("-9223372036854775808") == min);
  for (const char* const text : {"",
                                 "-",
                                 "+1",
                                 " 1",
                                 "1 ",
                                 "01",
                                 "-01",
                                 "-0",
                                 "00",
                                 "1.0",
                                 "1e3",
                                 "0x10",
                                 "abc",
                                 "--1",
                                 "1-",
                                 "1_0",
                                 "9223372036854775808",
                                 "-9223372036854775809",
                                 "99999999999999999999",
                                 "123456789012345678901"}) {
    CHECK(!parseDecimal(text).has_value());
  }
  CHECK(!parseDecimal(std::string_view("1\0", 2)).has_value());
  char buffer[predis::kMaxDecimalBytes];
  CHECK_EQ(formatDecimal(min, buffer), "-9223372036854775808");
  CHECK_EQ(formatDecimal(0, buffer), "0");
}

TEST("equalBytes: agrees with a plain comparison at every length and place of difference") {
  for (std::size_t length = 0; length <= 100; ++length) {
    const std::string a(length, 'q');
    std::string b = a;
    CHECK(predis::equalBytes(a.data(), b.data(), length));
    for (std::size_t i = 0; i < length; ++i) {
      b[i] = 'r';
      CHECK(!predis::equalBytes(a.data(), b.data(), length));
      b[i] = 'q';
    }
  }
}

TEST("bucket: match finds exactly the entries with a tag") {
  Random random(1);
  for (int round = 0; round < 2000; ++round) {
    Bucket bucket{};
    for (auto& entry : bucket.entries) {
      // few tags, the extreme ones among them, and addresses with all bits
      const std::uint64_t tags[] = {0, 1, 0x7FFF, 0x8000, 0xFFFF};
      entry = tags[random.below(5)] << 48 | random.next() >> 16;
    }
    for (const std::uint16_t tag : {0, 1, 2, 0x7FFF, 0x8000, 0xFFFF}) {
      unsigned expected = 0;
      for (unsigned i = 0; i < Bucket::kEntries; ++i)
        expected |= unsigned{bucket.entries[i] >> 48 == tag} << i;
      CHECK_EQ(bucket.match(tag), expected);
    }
  }
}

TEST("arena: counts every chunk, keeps to the budget and gives all back") {
  MemoryBudget budget(10 * kChunkBytes);
  Arena arena(budget, false);
  std::vector<std::byte*> chunks;
  while (std::byte* const chunk = arena.take()) {
    CHECK_EQ(reinterpret_cast<std::uintptr_t>(chunk) % kChunkBytes, 0U);
    CHECK(Arena::chunkOf(Arena::infoOf(chunk + kChunkBytes - 1)) == chunk);
    chunks.push_back(chunk);
  }
  CHECK_EQ(chunks.size(), 9U);  // and one for the descriptions
  CHECK_EQ(budget.usedBytes(), 10 * kChunkBytes);
  for (std::byte* const chunk : chunks) arena.give(chunk);
  CHECK_EQ(budget.usedBytes(), 0U);
}

TEST("arena: many regions, given back in any order") {
  MemoryBudget budget(0);
  Arena arena(budget, false);
  Random random(2);
  std::vector<std::byte*> chunks;
  for (int step = 0; step < 20'000; ++step) {
    if (chunks.empty() || random.below(100) < (step / 2000 % 2 == 0 ? 70 : 30)) {
      chunks.push_back(arena.take());
      chunks.back()[0] = std::byte{1};
      chunks.back()[kChunkBytes - 1] = std::byte{1};
    } else {
      std::swap(chunks[random.below(chunks.size())], chunks.back());
      arena.give(chunks.back());
      chunks.pop_back();
    }
  }
  for (std::byte* const chunk : chunks) arena.give(chunk);
  CHECK_EQ(budget.usedBytes(), 0U);
}

TEST("record memory: every size has room, aligned, apart from the others, and comes back") {
  MemoryBudget budget(0);
  Arena arena(budget, false);
  {
    RecordMemory memory(budget, arena);
    std::vector<Record*> records;
    for (std::size_t bytes = 17; bytes < 9000; bytes += bytes < 600 ? 1 : 37) {
      Record* const record = memory.allocate(bytes);
      CHECK_EQ(reinterpret_cast<std::uintptr_t>(record) % 16, 0U);
      const std::size_t capacity = RecordMemory::capacity(*record);
      CHECK(capacity >= bytes);
      // an eighth above 256 B, but for the few classes that divide a chunk badly
      CHECK(capacity <= bytes + std::max<std::size_t>(15, bytes * 3 / 10));
      CHECK(RecordMemory::wellPlaced(*record, bytes));
      std::memset(record->keyData(), static_cast<int>(bytes), bytes - sizeof(Record));
      records.push_back(record);
    }
    std::size_t bytes = 17;
    for (Record* const record : records) {
      for (std::size_t i = 0; i < bytes - sizeof(Record); ++i) {
        CHECK_EQ(static_cast<unsigned char>(record->keyData()[i]), static_cast<unsigned char>(bytes));
      }
      memory.free(record);
      bytes += bytes < 600 ? 1 : 37;
    }
    CHECK_EQ(budget.usedBytes(), 0U);
  }
  CHECK_EQ(budget.usedBytes(), 0U);
}

TEST("record memory: freed slots are used again before new chunks are taken") {
  MemoryBudget budget(0);
  Arena arena(budget, false);
  RecordMemory memory(budget, arena);
  std::vector<Record*> records;
  for (int i = 0; i < 5000; ++i) records.push_back(memory.allocate(144));
  const std::uint64_t full = budget.usedBytes();
  Random random(6);
  for (int round = 0; round < 20; ++round) {
    for (std::size_t i = 0; i < records.size(); i += 1 + random.below(3)) {
      memory.free(records[i]);
      records[i] = nullptr;
    }
    for (Record*& record : records) {
      if (record == nullptr) record = memory.allocate(144);
    }
    CHECK_EQ(budget.usedBytes(), full);
  }
  for (Record* const record : records) memory.free(record);
  CHECK_EQ(budget.usedBytes(), 0U);
}

TEST("index: erase everything, then find: two buckets, whatever was there") {
  MemoryBudget budget(0);
  Arena arena(budget, false);
  RecordMemory memory(budget, arena);
  Index index(budget, arena);
  Random random(3);
  std::vector<std::uint64_t> hashes;
  for (std::uint64_t i = 0; i < 50'000; ++i) {
    Record* const record = memory.allocate(sizeof(Record) + 8);
    describe(*record, random.next(), i);
    hashes.push_back(record->hash());
    CHECK(index.insert(record));
  }
  CHECK_EQ(index.keys(), 50'000U);
  const auto keyOf = [&hashes](const std::uint64_t& i) {
    return predis::KeyRef{hashes[i], {reinterpret_cast<const char*>(&i), sizeof i}, 0};
  };
  for (std::uint64_t i = 0; i < 50'000; ++i) CHECK(index.find(keyOf(i)) != nullptr);
  for (std::uint64_t i = 0; i < 50'000; ++i) {
    std::uint64_t* const entry = index.find(keyOf(i));
    if (entry == nullptr) {
      CHECK(false);
      continue;
    }
    Record* const record = Index::recordOf(*entry);
    index.erase(entry, hashes[i]);
    memory.free(record);
    CHECK(index.find(keyOf(i)) == nullptr);
  }
  CHECK_EQ(index.keys(), 0U);
  CHECK_EQ(budget.usedBytes(), 0U);
}

TEST("index: shrinks when most keys are gone, finds the rest, and grows again") {
  MemoryBudget recordBudget(0);
  Arena recordArena(recordBudget, false);
  RecordMemory memory(recordBudget, recordArena);
  MemoryBudget budget(0);
  Arena arena(budget, false);
  Index index(budget, arena);
  Random random(5);
  constexpr std::uint64_t kKeys = 60'000;
  constexpr std::uint64_t kKept = 500;
  std::vector<Record*> records(kKeys);
  const auto find = [&](std::uint64_t i) { return index.find(records[i]->keyRef()); };
  for (Record*& record : records) {
    record = memory.allocate(sizeof(Record) + 8);
    const std::uint64_t hash = random.next();
    describe(*record, hash, hash);
  }
  for (int round = 0; round < 3; ++round) {
    for (std::uint64_t i = round == 0 ? 0 : kKept; i < kKeys; ++i) CHECK(index.insert(records[i]));
    const std::uint64_t grown = budget.usedBytes();
    CHECK(grown > kKeys * 8);
    for (std::uint64_t i = kKept; i < kKeys; ++i) index.erase(find(i), records[i]->hash());
    CHECK(budget.usedBytes() < grown / 8);
    CHECK_EQ(index.keys(), kKept);
    for (std::uint64_t i = 0; i < kKept; ++i)
      CHECK(find(i) != nullptr && Index::recordOf(*find(i)) == records[i]);
    for (std::uint64_t i = kKept; i < kKeys; ++i) CHECK(find(i) == nullptr);
  }
}

TEST("index: keys whose hashes agree in all bits find room, then an error, never a hang") {
  MemoryBudget budget(std::uint64_t{64} << 20);
  Arena arena(budget, false);
  RecordMemory memory(budget, arena);
  Index index(budget, arena);
  std::size_t inserted = 0;
  for (std::uint64_t i = 0; i < 40; ++i) {
    Record* const record = memory.allocate(sizeof(Record) + 8);
    describe(*record, 0x123456789ABCDEF0U, i);
    if (index.insert(record)) {
      ++inserted;
    } else {
      memory.free(record);
    }
  }
  CHECK_EQ(inserted, 16U);  // two buckets of eight
  for (std::uint64_t i = 0; i < 40; ++i) {
    const std::string_view key(reinterpret_cast<const char*>(&i), sizeof i);
    CHECK_EQ(index.find({0x123456789ABCDEF0U, key, 0}) != nullptr, i < 16);
  }
}

TEST("packed view: valid tells ascending offsets within the blob") {
  const std::uint8_t blob[8] = {};
  const auto valid = [&](std::vector<std::uint32_t> offsets, std::size_t blobBytes = 8) {
    return PackedView{blob, blobBytes, offsets.data(), offsets.size() - 1}.valid();
  };
  CHECK(valid({0, 3, 3, 8}));
  CHECK(valid({2, 5}));
  CHECK(!valid({0, 9}));
  CHECK(!valid({0, 5, 4, 8}));
  CHECK(!valid({0, 4}, 3));
  CHECK(!valid({0xFFFFFFFF, 0}));
  CHECK((PackedView{nullptr, 0, nullptr, 0}.valid()));
  CHECK(!(PackedView{blob, 8, nullptr, 1}.valid()));
  const std::uint32_t empty[] = {0, 0};
  CHECK((PackedView{nullptr, 0, empty, 1}.valid()));
  CHECK(!(PackedView{nullptr, 5, empty, 1}.valid()));
}

int main() { return predis::test::runAll(); }
