/// @file
/// The lanes' code: bytes at every alignment, and the kernels by teams of several lanes, as a device runs
/// them. (With kThreads for lanes: the thread sanitizer looks for lanes that race.)

#include <cstring>
#include <string>
#include <vector>

#include "../../cuda/table/apply.hpp"
#include "../../cuda/table/mail.hpp"
#include "../../cuda/table/read.hpp"
#include "model.hpp"
#include "team.hpp"

using namespace predis::cuda::test;
using namespace predis::cuda;

TEST("bytes: copies by 1 to 32 lanes at every alignment are whole and touch nothing else") {
  Random random(1);
  const std::string source = random.bytes(400);
  for (const unsigned lanes : {1U, 8U, 32U}) {
    for (std::size_t toAt = 0; toAt < 16; ++toAt) {
      for (std::size_t fromAt = 0; fromAt < 16; ++fromAt) {
        for (std::size_t bytes = 0; bytes <= 100; bytes += (bytes < 40 ? 1 : 7)) {
          alignas(16) std::uint8_t from[256];
          alignas(16) std::uint8_t to[256];
          std::memcpy(from, source.data(), sizeof from);
          std::memset(to, 0x5A, sizeof to);
          for (unsigned rank = 0; rank < lanes; ++rank)
            detail::copyShare(rank, lanes, to + 32 + toAt, from + 32 + fromAt, bytes);
          std::uint8_t expected[256];
          std::memset(expected, 0x5A, sizeof expected);
          if (bytes != 0) std::memcpy(expected + 32 + toAt, from + 32 + fromAt, bytes);
          CHECK(std::memcmp(to, expected, sizeof to) == 0);
        }
      }
    }
  }
}

TEST("bytes: comparisons at every alignment see a difference in any byte, and none outside") {
  Random random(2);
  for (const unsigned lanes : {1U, 8U}) {
    for (std::size_t aAt = 0; aAt < 8; ++aAt) {
      for (std::size_t bAt = 0; bAt < 8; ++bAt) {
        for (std::size_t bytes = 0; bytes <= 72; bytes += (bytes < 34 ? 1 : 5)) {
          const std::string text = random.bytes(bytes);
          alignas(16) std::uint8_t a[128];
          alignas(16) std::uint8_t b[128];
          std::memset(a, 1, sizeof a);
          std::memset(b, 2, sizeof b);
          std::memcpy(a + 16 + aAt, text.data(), bytes);
          std::memcpy(b + 16 + bAt, text.data(), bytes);
          const auto equal = [&] {
            bool all = true;
            for (unsigned rank = 0; rank < lanes; ++rank)
              all &= detail::equalShare(rank, lanes, a + 16 + aAt, b + 16 + bAt, bytes);
            return all;
          };
          CHECK(equal());
          for (std::size_t i = 0; i < bytes; ++i) {
            b[16 + bAt + i] ^= 0x40;
            CHECK(!equal());
            b[16 + bAt + i] ^= 0x40;
          }
        }
      }
    }
  }
}

namespace {

/// Puts with displacement, reads and erases, all by one team.
template <unsigned Lanes>
void putReadErase() {
  TestTable table(16, 4);
  Counters& counters = *table.view.counters;
  Random random(Lanes);
  std::vector<std::string> keys, values;
  for (std::size_t i = 0; i < 140; ++i) {
    keys.push_back(random.bytes(1 + random.below(60)) + std::to_string(i));
    values.push_back(random.bytes(random.below(150)));
  }
  const auto batch = table.putBatchOf(keys, values);
  std::vector<std::uint32_t> operations;
  for (int round = 0; round < 20; ++round) {
    counters.deferred = 0;
    runTeamKernel<Lanes>(
        counters, round == 0 ? keys.size() : operations.size(),
        PutKernel{table.view, table.log, batch->view, batch->scratch(),
                  round == 0 ? nullptr : operations.data(), batch->deferred(), batch->statuses.data()});
    if (counters.deferred == 0) break;
    CHECK(round < 19);
    operations.assign(batch->deferredOperations.begin(),
                      batch->deferredOperations.begin() + static_cast<std::ptrdiff_t>(counters.deferred));
    counters.deferred = 0;
    runTeamKernel<Lanes>(counters, operations.size(),
                         DisplaceKernel{table.view, batch->scratch(), operations.data()});
  }
  // 16 buckets have 128 places.
  CHECK(counters.stashed >= 12);
  CHECK_EQ(table.recount().size(), keys.size());

  std::vector<std::uint8_t> found(keys.size(), 77);
  std::vector<std::uint64_t> units(keys.size()), from(keys.size() + 1);
  runTeamKernel<Lanes>(counters, keys.size(),
                       MgetFindKernel{table.view, batch->view, found.data(), units.data(), true});
  std::string expected;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    CHECK_EQ(static_cast<int>(found[i]), 1);
    from[i] = expected.size();
    expected += values[i];
  }
  std::vector<std::uint8_t> blob(expected.size());
  runTeamKernel<Lanes>(counters, keys.size(),
                       MgetCopyKernel{table.view, units.data(), from.data(), blob.data(), blob.size()});
  CHECK(std::string(blob.begin(), blob.end()) == expected);
  CHECK_EQ(counters.hits, keys.size());

  table.backend().group(0, table.view, batch->view, batch->scratch(), GroupKeeps::kFirst);
  runTeamKernel<Lanes>(counters, keys.size() / 2,
                       EraseKernel{table.view, batch->view, batch->scratch(), batch->statuses.data()});
  CHECK_EQ(table.recount().size(), keys.size() - keys.size() / 2);
}

}  // namespace

TEST("lanes: put, displace, read and erase by teams of 2, 8 and 16") {
  putReadErase<2>();
  putReadErase<8>();
  putReadErase<16>();
}

TEST("lanes: mixed batches by a team of 8 agree with a model") {
  TestTable table(64, 8);
  Counters& counters = *table.view.counters;
  Model model;
  Random random(9);
  for (int round = 0; round < 8; ++round) {
    table.nowMs = model.nowMs = 1000 + round * 20;
    std::vector<Op> ops;
    for (int i = 0; i < 100; ++i) ops.push_back(randomOp(random, 30, table.nowMs));
    const auto batch = table.mixedBatchOf(ops);
    TestTable::Results results(ops.size(), 1 << 16);
    counters.deferred = counters.outputBytes = 0;
    runTeamKernel<8>(counters, ops.size(),
                     ApplyKernel{table.view, table.log, batch->view, batch->runs(), nullptr,
                                 batch->deferred(), results.out(), false});
    CHECK_EQ(counters.deferred, 0U);
    const auto answers = results.answers();
    for (std::size_t i = 0; i < ops.size(); ++i) checkAnswer(answers[i], model.apply(ops[i]));
    table.recount();
  }
}

TEST("lanes: mailbox requests, splitting, moving, publishing and rebuilding by a team of 8") {
  TestTable table(8, 4, 1, 16);
  Counters& counters = *table.view.counters;
  table.log.count = 1;
  const auto keys = numbered("key ", 0, 50);
  std::vector<std::string> values;
  for (std::size_t i = 0; i < keys.size(); ++i) values.push_back(std::string(i * 3, 'v') + keys[i]);
  CHECK_EQ(table.put(keys, values), 0U);
  runTeamKernel<8>(counters, 8, SplitKernel{table.view});
  table.view.level = 16;
  CHECK_EQ(table.recount().size(), 50U);

  std::vector<std::uint8_t> victims(6, 1);
  MaintainTask task;
  task.victims = victims.data();
  task.log = {table.log.segments + 1, 1};
  counters.logUnits = 0;
  runTeamKernel<8>(counters, allEights(table.view), MaintainKernel{table.view, task});
  CHECK_EQ(table.view.segmentLiveUnits[table.log.segments[0]], 0U);
  table.recount();
  const auto got = table.mget(keys);
  for (std::size_t i = 0; i < keys.size(); ++i) CHECK(got[i] == values[i]);

  std::vector<std::uint8_t> value(Mailbox::kMaxValueBytes);
  MailRequest request;
  request.key = reinterpret_cast<const std::uint8_t*>("key 40");
  request.keyBytes = 6;
  MailAnswer answer;
  const auto call = [&] {
    runTeam<8>(counters, [&](const TeamTile<8>& tile, Tally& tally) {
      const MailAnswer mine = applyOne(tile, table.view, request, value.data(), tally);
      if (tile.rank() == 0) answer = mine;
    });
  };
  call();
  CHECK(std::string(value.begin(), value.begin() + answer.valueBytes) == values[40]);
  request.kind = predis::OpKind::kIncrement;
  request.key = reinterpret_cast<const std::uint8_t*>("number");
  request.amount = -12345;
  request.spareUnit = std::uint64_t{table.spareSegment()} * kSegmentUnits;
  request.spareUnits = 1;
  call();
  CHECK(answer.tookSpare);
  CHECK_EQ(answer.number, -12345);
  call();
  CHECK(!answer.tookSpare);
  CHECK(table.get("number") == "-24690");

  // The same record again, as the host publishes its own.
  std::uint8_t status = 77;
  runTeamKernel<8>(counters, 1, PublishKernel{table.view, request.spareUnit, &status});
  CHECK_EQ(static_cast<int>(status), 0);
  CHECK_EQ(table.recount().size(), 51U);

  std::vector<Bucket> buckets(32, Bucket{});
  const auto stash = std::make_unique<Stash>();
  TableView larger = table.view;
  larger.buckets = buckets.data();
  larger.stash = stash.get();
  larger.level = 32;
  counters.stashed = counters.deferred = 0;
  runTeamKernel<8>(counters, allEights(table.view), RebuildKernel{table.view, larger});
  const TableView before = table.view;
  table.view = larger;
  CHECK_EQ(table.recount().size(), 51U);
  std::uint64_t count = 0;
  runTeamKernel<8>(counters, allEights(table.view), CountSpaceKernel{table.view, 0, &count});
  CHECK_EQ(count, 51U);
  table.view = before;
}

int main() { return predis::test::runAll(); }
