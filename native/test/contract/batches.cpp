/// @file
/// Batches: their order, their answers, what fails alone.

#include <cstdint>
#include <string>
#include <vector>

#include "../check.hpp"
#include "subject.hpp"

namespace {

using namespace predis;
using namespace predis::test;

}  // namespace

TEST("engine: mget answers in order, duplicates and missing keys included, and asks for memory once") {
  const auto engine = makeEngine();
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
  const auto engine = makeEngine();
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
  const auto engine = makeEngine();
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
  const auto engine = makeEngine();
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
  const auto engine = makeEngine();
  const auto outcomes =
      execute(*engine, {{OpKind::kPut, "k", "v"}, {OpKind::kGet, "k"}, {OpKind::kGet, "x"}}, kPlain, true);
  CHECK_EQ(outcomes[0].status, Status::kOk);
  CHECK_EQ(outcomes[1].status, Status::kOutOfMemory);
  CHECK(outcomes[1].value == std::nullopt);
  CHECK_EQ(outcomes[2].status, Status::kNotFound);
  CHECK(get(*engine, "k") == "v");
}

TEST("engine: a batch of answers alone is kOk, though keys are missing and values others than expected") {
  const auto engine = makeEngine();
  Packed keys({"a", "b"});
  Packed values({"1", "2"});
  Packed expected({"x", "y"});
  const std::uint8_t kinds[] = {static_cast<std::uint8_t>(OpKind::kDelete),
                                static_cast<std::uint8_t>(OpKind::kCompareAndSet)};
  const std::int64_t amounts[] = {0, 0};
  std::uint8_t statuses[2] = {};
  std::int64_t numbers[2] = {};
  std::uint32_t offsets[3] = {};
  std::uint8_t found[2] = {};
  Answer answer;
  CHECK_EQ(engine->execute(kPlain, {kinds, keys.view(), values.view(), amounts, expected.view()},
                           {statuses, numbers, {offsets, found, answer.memory(), nullptr, 0}}),
           BatchStatus::kOk);
  CHECK_EQ(static_cast<Status>(statuses[0]), Status::kNotFound);
  CHECK_EQ(static_cast<Status>(statuses[1]), Status::kMismatch);
}

TEST("engine: relaxed batches of one key keep its order") {
  const Scope relaxed{0, Consistency::kRelaxed};
  const auto engine = makeEngine();
  std::vector<Operation> operations;
  for (int i = 0; i < 3000; ++i) {
    const std::string key = i % 100 == 99 ? "other" + std::to_string(i) : "hot";
    operations.push_back({OpKind::kIncrement, key, "", 1});
    operations.push_back({OpKind::kGet, key});
  }
  const auto outcomes = execute(*engine, operations, relaxed);
  std::int64_t hot = 0;
  for (std::size_t i = 0; i < outcomes.size(); i += 2) {
    const std::int64_t expected = operations[i].key == "hot" ? ++hot : 1;
    CHECK_EQ(outcomes[i].number, expected);
    CHECK(outcomes[i + 1].value == std::to_string(expected));
  }
  CHECK(get(*engine, "hot", relaxed) == std::to_string(hot));
}
