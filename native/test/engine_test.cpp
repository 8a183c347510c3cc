/// @file
/// What the engine promises: Redis' semantics, limits, order within batches.

#include "../engine/engine.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "check.hpp"
#include "store.hpp"

using predis::BatchStatus;
using predis::Engine;
using predis::kMaxKeyBytes;
using predis::kMaxValueBytes;
using predis::makeCpuEngine;
using predis::OpKind;
using predis::Stats;
using predis::Status;
using predis::test::Answer;
using predis::test::execute;
using predis::test::get;
using predis::test::kPlain;
using predis::test::mget;
using predis::test::mput;
using predis::test::mremove;
using predis::test::Outcome;
using predis::test::Packed;
using predis::test::Random;
using predis::test::Value;

TEST("engine: put, get, overwrite, remove") {
  const auto engine = makeCpuEngine({});
  CHECK_EQ(engine->kind(), "cpu");
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
  const auto engine = makeCpuEngine({});
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
  const auto engine = makeCpuEngine({});
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
    for (const OpKind kind : {OpKind::kGet, OpKind::kPut, OpKind::kDelete, OpKind::kIncrement}) {
      CHECK_EQ(execute(*engine, {{kind, key}})[0].status, status);
    }
  }
  CHECK_EQ(answer.asked(), 0);
}

TEST("engine: values from 0 bytes to 64 MiB come back whole, and shrink and grow in place") {
  const auto engine = makeCpuEngine({});
  Random random(1);
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{4000},
                                   std::size_t{4096}, std::size_t{100'000}, std::size_t{64} << 20,
                                   std::size_t{50} << 20, std::size_t{1000}, std::size_t{0}}) {
    std::string value(length, static_cast<char>(length));
    for (std::size_t i = 0; i < length; i += 997) value[i] = static_cast<char>(random.next());
    CHECK_EQ(engine->put(kPlain, "big", value), Status::kOk);
    CHECK(get(*engine, "big") == value);
    CHECK_EQ(engine->stats().keyValueBytes, 3 + length);
    CHECK(engine->stats().memoryBytes < 2 * length + (std::size_t{1} << 20));
  }
}

TEST("engine: a value longer than 512 MiB is refused before it is read") {
  const auto engine = makeCpuEngine({});
  engine->put(kPlain, "k", "old");
  const std::string_view endless("x", kMaxValueBytes + 1);  // never touched beyond its length
  CHECK_EQ(engine->put(kPlain, "k", endless), Status::kValueTooLong);
  CHECK(get(*engine, "k") == "old");
}

TEST("engine: increment follows INCRBY") {
  const auto engine = makeCpuEngine({});
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

TEST("engine: mget answers in order, duplicates and missing keys included, and asks for memory once") {
  const auto engine = makeCpuEngine({});
  mput(*engine, {"a", "b", "e"}, {"1", "22", ""});
  CHECK(mget(*engine, {"b", "x", "a", "b", "e", "b"}) ==
        (std::vector<Value>{"22", std::nullopt, "1", "22", "", "22"}));
  CHECK(mget(*engine, {}).empty());
  Packed keys({"a", "b", "b"});
  std::uint32_t offsets[4] = {9, 9, 9, 9};
  std::uint8_t found[3] = {9, 9, 9};
  Answer answer;
  CHECK_EQ(engine->mget(kPlain, keys.view(), {offsets, found, answer.memory(), nullptr, 0}),
           BatchStatus::kOk);
  CHECK_EQ(answer.asked(), 1);
  CHECK_EQ(answer.string(), "12222");
  Answer refusing(true);
  CHECK_EQ(engine->mget(kPlain, keys.view(), {offsets, found, refusing.memory(), nullptr, 0}),
           BatchStatus::kOutOfMemory);
  CHECK_EQ(refusing.asked(), 1);
  Packed missing({"x", "y"});
  CHECK_EQ(engine->mget(kPlain, missing.view(), {offsets, found, refusing.memory(), nullptr, 0}),
           BatchStatus::kOk);
}

TEST("engine: mget of more than 4 GiB is refused, not cut off") {
  const auto engine = makeCpuEngine({});
  engine->put(kPlain, "big", std::string(std::size_t{64} << 20, 'x'));
  const std::vector<std::string> keys(64, "big");
  Packed packed(keys);
  std::vector<std::uint32_t> offsets(65);
  std::vector<std::uint8_t> found(64);
  Answer answer;
  CHECK_EQ(engine->mget(kPlain, packed.view(), {offsets.data(), found.data(), answer.memory(), nullptr, 0}),
           BatchStatus::kTooLarge);
  CHECK_EQ(answer.asked(), 0);
}

TEST("engine: mput writes in order, the last of equal keys wins, at 99 % duplicates too") {
  const auto engine = makeCpuEngine({});
  std::vector<std::string> keys;
  std::vector<std::string> values;
  for (int i = 0; i < 20'000; ++i) {
    keys.push_back(i % 100 == 99 ? "other" + std::to_string(i) : "hot");
    values.push_back(std::string(static_cast<std::size_t>(i % 300), 'v') + std::to_string(i));
  }
  for (const Status status : mput(*engine, keys, values)) CHECK_EQ(status, Status::kOk);
  CHECK(get(*engine, "hot") == values[19'998]);
  CHECK(get(*engine, "other99") == values[99]);
  CHECK_EQ(engine->stats().keys, 201U);
  const auto removed = mremove(*engine, keys);
  CHECK_EQ(removed[0], Status::kOk);
  CHECK_EQ(removed[1], Status::kNotFound);
  CHECK_EQ(removed[99], Status::kOk);
  CHECK_EQ(engine->stats().keys, 0U);
}

TEST("engine: execute runs in order, and an operation that fails does so alone") {
  const auto engine = makeCpuEngine({});
  const auto outcomes = execute(*engine, {{OpKind::kGet, "k"},
                                          {OpKind::kPut, "k", "10"},
                                          {OpKind::kGet, "k"},
                                          {OpKind::kIncrement, "k", "", 5},
                                          {OpKind::kGet, "k"},
                                          {OpKind::kPut, "", "bad"},
                                          {OpKind::kPut, "k", "word"},
                                          {OpKind::kIncrement, "k", "", 1},
                                          {OpKind::kDelete, "k"},
                                          {OpKind::kDelete, "k"},
                                          {OpKind::kIncrement, "k", "", -3},
                                          {OpKind::kGet, "k"}});
  const Status statuses[] = {Status::kNotFound, Status::kOk,       Status::kOk, Status::kOk,
                             Status::kOk,       Status::kKeyEmpty, Status::kOk, Status::kNotInteger,
                             Status::kOk,       Status::kNotFound, Status::kOk, Status::kOk};
  for (std::size_t i = 0; i < outcomes.size(); ++i) CHECK_EQ(outcomes[i].status, statuses[i]);
  CHECK(outcomes[0].value == std::nullopt);
  CHECK(outcomes[2].value == "10");
  CHECK_EQ(outcomes[3].number, 15);
  CHECK(outcomes[4].value == "15");
  CHECK_EQ(outcomes[7].number, 0);
  CHECK_EQ(outcomes[10].number, -3);
  CHECK(outcomes[11].value == "-3");
  CHECK(execute(*engine, {}).empty());
}

TEST("engine: execute whose answer finds no memory fails its gets and keeps its writes") {
  const auto engine = makeCpuEngine({});
  const auto outcomes =
      execute(*engine, {{OpKind::kPut, "k", "v"}, {OpKind::kGet, "k"}, {OpKind::kGet, "x"}}, true);
  CHECK_EQ(outcomes[0].status, Status::kOk);
  CHECK_EQ(outcomes[1].status, Status::kOutOfMemory);
  CHECK(outcomes[1].value == std::nullopt);
  CHECK_EQ(outcomes[2].status, Status::kNotFound);
  CHECK(get(*engine, "k") == "v");
}

TEST("engine: statistics count every operation") {
  const auto engine = makeCpuEngine({});
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
  const auto engine = makeCpuEngine({});
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

int main() { return predis::test::runAll(); }
