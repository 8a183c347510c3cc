/// @file
/// Mixed batches and mailbox requests of the device engine's table, against a model.

#include <string>
#include <vector>

#include "model.hpp"

using namespace predis::cuda::test;
using predis::OpKind;
using predis::Status;
using predis::cuda::DeferReason;
using predis::cuda::kMaxSmallRecordBytes;
using predis::cuda::kSegmentUnits;
using predis::cuda::MailAnswer;
using predis::cuda::Mailbox;
using predis::cuda::MailRequest;

TEST("apply: random mixed batches agree with a model, in runs of all lengths") {
  for (const std::uint64_t keys : {1U, 7U, 300U, 3000U}) {
    TestTable table(256, 20, kThreads);
    Model model;
    Random random(keys);
    for (int round = 0; round < 30; ++round) {
      table.nowMs = model.nowMs = 1000 + round * 20;
      std::vector<Op> ops;
      for (int i = 0; i < 400; ++i) ops.push_back(randomOp(random, keys, table.nowMs));
      const auto answers = table.apply(ops);
      for (std::size_t i = 0; i < ops.size(); ++i) checkAnswer(answers[i], model.apply(ops[i]));
      table.recount();
      // All in one batch: on a device each kernel costs a copy of the whole table there and back.
      std::vector<std::string> there;
      std::vector<predis::cuda::test::Value> expected;
      for (const auto& [key, value] : model.keys()) {
        there.push_back(key);
        expected.emplace_back(value);
      }
      there.emplace_back("nobody");
      expected.emplace_back(std::nullopt);
      CHECK(table.mget(there) == expected);
    }
  }
}

TEST("apply: operations that can never be done fail alone, with their own status") {
  TestTable table(8, 2);
  const auto answers = table.apply({{OpKind::kPut, "a", "1"},
                                    {OpKind::kGet, ""},
                                    {OpKind::kIncrement, "a", "", 5},
                                    {OpKind::kPut, std::string(predis::kMaxKeyBytes + 1, 'x'), "1"},
                                    {OpKind::kGet, "a"},
                                    {OpKind::kGet, ""}});
  CHECK_EQ(answers[1].status, Status::kKeyEmpty);
  CHECK_EQ(answers[3].status, Status::kKeyTooLong);
  CHECK_EQ(answers[5].status, Status::kKeyEmpty);
  CHECK_EQ(answers[2].number, 6);
  CHECK(answers[4].value == "6");
  CHECK_EQ(table.view.counters->failed, 3U);
}

TEST("apply: increments keep the expiry time, puts and an expiry of 0 drop it") {
  TestTable table(8, 2);
  const auto answers = table.apply({{OpKind::kPut, "n", "41", 5000},
                                    {OpKind::kIncrement, "n", "", 1},
                                    {OpKind::kExpiry, "n"},
                                    {OpKind::kExpire, "n", "", 0},
                                    {OpKind::kExpiry, "n"},
                                    {OpKind::kExpire, "n", "", 7000},
                                    {OpKind::kExpiry, "n"},
                                    {OpKind::kPut, "n", "1"},
                                    {OpKind::kExpiry, "n"},
                                    {OpKind::kExpire, "n", "", 999},
                                    {OpKind::kGet, "n"}});
  CHECK_EQ(answers[1].number, 42);
  CHECK_EQ(answers[2].number, 5000);
  CHECK_EQ(answers[4].number, 0);
  CHECK_EQ(answers[6].number, 7000);
  CHECK_EQ(answers[8].number, 0);
  CHECK_EQ(answers[9].status, Status::kOk);
  CHECK_EQ(answers[10].status, Status::kNotFound);
  CHECK_EQ(table.recount().size(), 0U);
}

TEST("apply: a run that finds no room for an answer stops there and is resumed") {
  TestTable table(8, 2);
  table.put({"a", "b"}, {std::string(60, 'a'), std::string(60, 'b')});
  const std::vector<Op> ops{{OpKind::kGet, "a"},
                            {OpKind::kPut, "a", "new"},
                            {OpKind::kGet, "a"},
                            {OpKind::kGet, "b"},
                            {OpKind::kDelete, "b"}};
  const auto batch = table.mixedBatchOf(ops);
  TestTable::Results results(ops.size(), 70);
  table.view.counters->outputBytes = table.view.counters->deferred = 0;
  auto& backend = table.backend();
  backend.apply(0, table.view, table.log, batch->view, batch->runs(), nullptr, 0, batch->deferred(),
                results.out(), false);
  CHECK_EQ(table.view.counters->deferred, 1U);
  const std::uint32_t place = batch->deferredOperations[0];
  CHECK_EQ(batch->deferredReasons[0], static_cast<std::uint32_t>(DeferReason::kOutputFull));
  // Whichever run came second is undone from its get on, and says where it ends.
  const std::string key = ops[batch->order[place]].key;
  CHECK_EQ(batch->runEnds[0] - place,
           key == "b"
               ? 2U
               : (ops[batch->order[place]].kind == OpKind::kGet && batch->order[place] == 0 ? 3U : 1U));
  table.view.counters->outputBytes = table.view.counters->deferred = 0;
  TestTable::Results more(ops.size(), 200);
  backend.apply(0, table.view, table.log, batch->view, batch->runs(), &place, 1, batch->deferred(),
                more.out(), false);
  CHECK_EQ(table.view.counters->deferred, 0U);
  const auto second = more.answers();
  CHECK(second[batch->order[place]].value.has_value());
  CHECK(table.get("a") == "new");
  CHECK(!table.get("b").has_value());
  // Those that were done are not done again.
  for (std::size_t i = 0; i < ops.size(); ++i) CHECK((results.statuses[i] == 77) != (more.statuses[i] == 77));
}

TEST("apply: a log that is full defers, and fails what the last pass cannot do") {
  TestTable table(64, 1);
  table.put({"a"}, {"old"});
  table.view.counters->logUnits = kSegmentUnits;
  const std::vector<Op> ops{{OpKind::kPut, "a", std::string(100, 'n')},
                            {OpKind::kGet, "a"},
                            {OpKind::kPut, "new", "value"},
                            {OpKind::kIncrement, "number", "", 1},
                            {OpKind::kDelete, "a"}};
  const auto batch = table.mixedBatchOf(ops);
  TestTable::Results results(ops.size(), 1000);
  table.view.counters->deferred = 0;
  table.backend().apply(0, table.view, table.log, batch->view, batch->runs(), nullptr, 0, batch->deferred(),
                        results.out(), false);
  CHECK_EQ(table.view.counters->deferred, 3U);
  for (const std::uint8_t status : results.statuses) CHECK_EQ(static_cast<int>(status), 77);
  CHECK(table.get("a") == "old");
  const auto answers = table.apply(ops, true);
  CHECK_EQ(answers[0].status, Status::kOutOfMemory);
  CHECK(answers[1].value == "old");
  CHECK_EQ(answers[2].status, Status::kOutOfMemory);
  CHECK_EQ(answers[3].status, Status::kOutOfMemory);
  CHECK_EQ(answers[3].number, 0);
  CHECK_EQ(answers[4].status, Status::kOk);
  CHECK_EQ(table.recount().size(), 0U);
}

TEST("apply: a large value is the host's only when its condition holds") {
  TestTable table(8, 2);
  const std::string large(kMaxSmallRecordBytes, 'l');
  const auto answers = table.apply({{OpKind::kPut, "a", "1"},
                                    {OpKind::kPutIfAbsent, "a", large},
                                    {OpKind::kCompareAndSet, "a", large, 0, "2"}});
  CHECK_EQ(answers[1].status, Status::kMismatch);
  CHECK_EQ(answers[2].status, Status::kMismatch);
  const auto batch = table.mixedBatchOf({{OpKind::kCompareAndSet, "a", large, 0, "1"}});
  TestTable::Results results(1, 10);
  table.backend().apply(0, table.view, table.log, batch->view, batch->runs(), nullptr, 0, batch->deferred(),
                        results.out(), true);
  CHECK_EQ(table.view.counters->deferred, 1U);
  CHECK_EQ(batch->deferredReasons[0], static_cast<std::uint32_t>(DeferReason::kLarge));
}

TEST("mailbox: random single operations agree with a model") {
  // All records go to the spare segment: the log needs none.
  TestTable table(64, 1);
  Model model;
  Random random(5);
  Mailbox& mailbox = *table.backend().mailbox();
  std::uint64_t spare = std::uint64_t{table.spareSegment()} * kSegmentUnits;
  std::vector<std::uint8_t> value(Mailbox::kMaxValueBytes);
  for (int i = 0; i < 5000; ++i) {
    const std::int64_t nowMs = 1000 + i / 10;
    table.nowMs = model.nowMs = nowMs;
    const Op op = randomOp(random, 20, nowMs);
    MailRequest request;
    request.kind = op.kind;
    request.key = reinterpret_cast<const std::uint8_t*>(op.key.data());
    request.keyBytes = static_cast<std::uint32_t>(op.key.size());
    request.value = reinterpret_cast<const std::uint8_t*>(op.value.data());
    request.valueBytes = static_cast<std::uint32_t>(op.value.size());
    request.expected = reinterpret_cast<const std::uint8_t*>(op.expected.data());
    request.expectedBytes = static_cast<std::uint32_t>(op.expected.size());
    request.amount = op.amount;
    request.nowMs = nowMs;
    MailAnswer answer;
    CHECK(mailbox.call(table.view, request, answer, value.data()));
    if (answer.undone != DeferReason::kNone) {
      // No room given: nothing was done.
      CHECK(answer.undone == DeferReason::kLogFull && !answer.tookSpare);
      request.spareUnit = spare;
      request.spareUnits = 32;
      CHECK(mailbox.call(table.view, request, answer, value.data()));
      CHECK(answer.undone == DeferReason::kNone && answer.tookSpare);
      spare += 8;
    } else {
      CHECK(!answer.tookSpare);
    }
    const Answer expected = model.apply(op);
    CHECK_EQ(answer.status, expected.status);
    CHECK_EQ(answer.number, expected.number);
    CHECK_EQ(answer.valueBytes, expected.value.value_or("").size());
    if (expected.value)
      CHECK(std::string(value.begin(), value.begin() + answer.valueBytes) == *expected.value);
  }
  table.recount();
}

TEST("mailbox: what does not fit a line takes another path") {
  TestTable table(8, 2);
  table.put({"long"}, {std::string(Mailbox::kMaxValueBytes + 1, 'v')});
  MailRequest request;
  request.key = reinterpret_cast<const std::uint8_t*>("long");
  request.keyBytes = 4;
  MailAnswer answer;
  std::vector<std::uint8_t> value(Mailbox::kMaxValueBytes);
  CHECK(table.backend().mailbox()->call(table.view, request, answer, value.data()));
  CHECK(answer.undone == DeferReason::kOutputFull);
  CHECK_EQ(answer.valueBytes, Mailbox::kMaxValueBytes + 1);
  CHECK_EQ(table.view.counters->hits, 0U);
  request.kind = OpKind::kPut;
  request.value = value.data();
  request.valueBytes = Mailbox::kMaxRequestBytes;
  CHECK(table.backend().mailbox()->call(table.view, request, answer, value.data()));
  CHECK(answer.undone == DeferReason::kLarge);
}

int main() { return predis::test::runAll(); }
