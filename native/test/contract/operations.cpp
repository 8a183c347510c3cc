/// @file
/// Single operations: Redis' semantics, limits of lengths, statistics.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "../check.hpp"
#include "subject.hpp"

namespace {

using namespace predis;
using namespace predis::test;

}  // namespace

TEST("engine: put, get, overwrite, remove") {
  const auto engine = makeEngine();
  CHECK_EQ(engine->kind(), subject().kind);
  CHECK(get(*engine, "a") == std::nullopt);
  CHECK_EQ(engine->put(kPlain, "a", "1"), Status::kOk);
  CHECK(get(*engine, "a") == "1");
  CHECK_EQ(engine->put(kPlain, "a", "another value, longer than the first one"), Status::kOk);
  CHECK(get(*engine, "a") == "another value, longer than the first one");
  CHECK_EQ(engine->put(kPlain, "a", ""), Status::kOk);
  CHECK(get(*engine, "a") == "");
  CHECK_EQ(engine->remove(kPlain, "a"), Status::kOk);
  CHECK_EQ(engine->remove(kPlain, "a"), Status::kNotFound);
  CHECK(get(*engine, "a") == std::nullopt);
}

TEST("engine: keys and values are bytes, zero bytes included") {
  const auto engine = makeEngine();
  const std::string zero("a\0b", 3);
  const std::string other("a\0c", 3);
  engine->put(kPlain, zero, other);
  CHECK(get(*engine, zero) == other);
  CHECK(get(*engine, other) == std::nullopt);
  CHECK(get(*engine, "a") == std::nullopt);
  for (int byte = 0; byte < 256; ++byte) {
    const std::string key(1, static_cast<char>(byte));
    engine->put(kPlain, key, key + key);
  }
  for (int byte = 0; byte < 256; ++byte) {
    const std::string key(1, static_cast<char>(byte));
    CHECK(get(*engine, key) == key + key);
  }
}

TEST("engine: key lengths from 1 byte to 64 KiB, and every one beyond refused") {
  const auto engine = makeEngine();
  for (const std::size_t length : {std::size_t{1}, std::size_t{2}, std::size_t{100}, std::size_t{4080},
                                   std::size_t{4096}, std::size_t{65535}, kMaxKeyBytes}) {
    const std::string key(length, 'k');
    CHECK_EQ(engine->put(kPlain, key, std::to_string(length)), Status::kOk);
    CHECK(get(*engine, key) == std::to_string(length));
  }
  const std::string tooLong(kMaxKeyBytes + 1, 'k');
  Answer answer;
  std::int64_t number = 0;
  for (const auto& [key, status] :
       {std::pair{std::string(), Status::kKeyEmpty}, {tooLong, Status::kKeyTooLong}}) {
    CHECK_EQ(engine->put(kPlain, key, "v"), status);
    CHECK_EQ(engine->get(kPlain, key, answer.memory()), status);
    CHECK_EQ(engine->remove(kPlain, key), status);
    CHECK_EQ(engine->increment(kPlain, key, 1, number), status);
    CHECK_EQ(mput(*engine, {"before", key, "after"}, {"1", "2", "3"})[1], status);
    CHECK_EQ(mremove(*engine, {key})[0], status);
    CHECK(mget(*engine, {"before", key, "after"}) == (std::vector<Value>{"1", std::nullopt, "3"}));
    for (const OpKind kind :
         {OpKind::kGet, OpKind::kPut, OpKind::kDelete, OpKind::kIncrement, OpKind::kCompareAndSet,
          OpKind::kPutIfAbsent, OpKind::kExpire, OpKind::kExpiry}) {
      CHECK_EQ(execute(*engine, {{kind, key}})[0].status, status);
    }
  }
  CHECK_EQ(answer.asked(), 0);
}

TEST("engine: values from 0 bytes to 64 MiB come back whole, and shrink and grow in place") {
  const auto engine = makeEngine();
  Random random(1);
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{4000},
                                   std::size_t{4096}, std::size_t{100'000}, std::size_t{64} << 20,
                                   std::size_t{50} << 20, std::size_t{1000}, std::size_t{0}}) {
    std::string value(length, static_cast<char>(length));
    for (std::size_t i = 0; i < length; i += 997) value[i] = static_cast<char>(random.next());
    CHECK_EQ(engine->put(kPlain, "big", value), Status::kOk);
    CHECK(get(*engine, "big") == value);
    CHECK_EQ(engine->stats().keyValueBytes, 3 + length);
  }
}

TEST("engine: a value longer than 512 MiB is refused before it is read") {
  const auto engine = makeEngine();
  engine->put(kPlain, "k", "old");
  const std::string_view endless("x", kMaxValueBytes + 1);  // never touched beyond its length
  CHECK_EQ(engine->put(kPlain, "k", endless), Status::kValueTooLong);
  CHECK(get(*engine, "k") == "old");
}

TEST("engine: increment follows INCRBY") {
  const auto engine = makeEngine();
  std::int64_t number = 77;
  CHECK_EQ(engine->increment(kPlain, "n", 5, number), Status::kOk);
  CHECK_EQ(number, 5);
  CHECK_EQ(engine->increment(kPlain, "n", -7, number), Status::kOk);
  CHECK_EQ(number, -2);
  CHECK(get(*engine, "n") == "-2");
  const auto max = std::numeric_limits<std::int64_t>::max();
  const auto min = std::numeric_limits<std::int64_t>::min();
  engine->put(kPlain, "n", std::to_string(max));
  CHECK_EQ(engine->increment(kPlain, "n", 1, number), Status::kOverflow);
  CHECK(get(*engine, "n") == std::to_string(max));
  CHECK_EQ(engine->increment(kPlain, "n", min, number), Status::kOk);
  CHECK_EQ(number, -1);
  engine->put(kPlain, "n", std::to_string(min));
  CHECK_EQ(engine->increment(kPlain, "n", -1, number), Status::kOverflow);
  CHECK_EQ(engine->increment(kPlain, "fresh", min, number), Status::kOk);
  CHECK(get(*engine, "fresh") == std::to_string(min));
  for (const char* const text : {"", "abc", "1.5", " 1", "01", "+1", "9223372036854775808"}) {
    engine->put(kPlain, "n", text);
    CHECK_EQ(engine->increment(kPlain, "n", 1, number), Status::kNotInteger);
    CHECK(get(*engine, "n") == text);
  }
}

TEST("engine: statistics count every operation") {
  const auto engine = makeEngine();
  mput(*engine, {"a", "b", "a"}, {"1", "2", "3"});
  get(*engine, "a");
  get(*engine, "x");
  mget(*engine, {"a", "b", "x"});
  std::int64_t number = 0;
  engine->increment(kPlain, "a", 1, number);
  engine->remove(kPlain, "b");
  mremove(*engine, {"b", "c"});
  execute(*engine,
          {{OpKind::kGet, "a"}, {OpKind::kPut, "z", "1"}, {OpKind::kDelete, "z"}, {OpKind::kIncrement, "z"}});
  Stats stats = engine->stats();
  CHECK_EQ(stats.gets, 6U);
  CHECK_EQ(stats.hits, 4U);
  CHECK_EQ(stats.misses, 2U);
  CHECK_EQ(stats.puts, 4U);
  CHECK_EQ(stats.deletes, 4U);
  CHECK_EQ(stats.increments, 2U);
  CHECK_EQ(stats.keys, 2U);
  CHECK_EQ(stats.keyValueBytes, 4U);
  CHECK(stats.sampledCalls >= 1);
  CHECK(stats.sampledOps >= 1);
  CHECK(stats.sampledNs >= 1);
  CHECK(stats.elapsedNs >= stats.sampledNs);
  engine->resetStats();
  stats = engine->stats();
  CHECK_EQ(stats.gets + stats.puts + stats.deletes + stats.increments + stats.sampledCalls, 0U);
  CHECK_EQ(stats.keys, 2U);
}

TEST("engine: prefetch changes nothing") {
  const auto engine = makeEngine();
  mput(*engine, {"a", "b"}, {"1", "2"});
  const Stats before = engine->stats();
  Packed keys({"a", "x", "", "b"});
  engine->prefetch(kPlain, keys.view());
  Packed none;
  engine->prefetch(kPlain, none.view());
  const Stats after = engine->stats();
  CHECK_EQ(after.gets, before.gets);
  CHECK_EQ(after.keys, before.keys);
  CHECK(mget(*engine, {"a", "b"}) == (std::vector<Value>{"1", "2"}));
}

TEST("engine: compare-and-set puts when the value is the expected one, byte for byte") {
  const auto engine = makeEngine();
  const auto cas = [&](const std::string& expected, const std::string& value) {
    return executeOne(*engine, {OpKind::kCompareAndSet, "k", value, 0, expected}).status;
  };
  CHECK_EQ(cas("", "1"), Status::kMismatch);  // a key that is not there has no value, not an empty one
  CHECK(get(*engine, "k") == std::nullopt);
  engine->put(kPlain, "k", "");
  CHECK_EQ(cas("x", "1"), Status::kMismatch);
  CHECK_EQ(cas("", "1"), Status::kOk);
  CHECK_EQ(cas("1 ", "2"), Status::kMismatch);
  CHECK_EQ(cas("2", "3"), Status::kMismatch);
  CHECK(get(*engine, "k") == "1");
  const std::string longer(10'000, 'l');
  CHECK_EQ(cas("1", longer), Status::kOk);
  std::string almost = longer;
  almost.back() = 'm';
  CHECK_EQ(cas(almost, "2"), Status::kMismatch);
  CHECK_EQ(cas(longer, "2"), Status::kOk);
  CHECK(get(*engine, "k") == "2");
}

TEST("engine: put-if-absent puts once") {
  const auto engine = makeEngine();
  const auto outcomes = execute(*engine, {{OpKind::kPutIfAbsent, "k", "1"},
                                          {OpKind::kPutIfAbsent, "k", "2"},
                                          {OpKind::kGet, "k"},
                                          {OpKind::kDelete, "k"},
                                          {OpKind::kPutIfAbsent, "k", "3"},
                                          {OpKind::kCompareAndSet, "k", "4", 0, "3"},
                                          {OpKind::kCompareAndSet, "k", "5", 0, "3"}});
  const Status expected[] = {Status::kOk, Status::kMismatch, Status::kOk,      Status::kOk,
                             Status::kOk, Status::kOk,       Status::kMismatch};
  for (std::size_t i = 0; i < outcomes.size(); ++i) CHECK_EQ(outcomes[i].status, expected[i]);
  CHECK(outcomes[2].value == "1");
  CHECK(get(*engine, "k") == "4");
}

TEST("engine: memory for answers is aligned, and outlives the engine") {
  std::shared_ptr<std::uint8_t> memory;
  {
    const auto engine = makeEngine();
    memory = engine->allocatePinned(1000);
    CHECK(engine->allocatePinned(SIZE_MAX) == nullptr);
  }
  CHECK(memory != nullptr && reinterpret_cast<std::uintptr_t>(memory.get()) % 64 == 0);
  if (memory != nullptr) std::fill_n(memory.get(), 1000, std::uint8_t{1});
}
