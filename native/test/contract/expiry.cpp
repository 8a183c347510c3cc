/// @file
/// Keys that expire.

#include <cstdint>
#include <string>
#include <vector>

#include "../check.hpp"
#include "subject.hpp"

namespace {

using namespace predis;
using namespace predis::test;

std::int64_t now() { return clockMs.load(); }

}  // namespace

TEST("expiry: a key is gone at the moment its time is reached, for every operation") {
  const auto engine = makeEngine();
  const std::int64_t end = now() + 100;
  const auto renew = [&] { mput(*engine, {"k"}, {"7"}, kPlain, {end}); };
  renew();
  clockMs = end - 1;
  CHECK(get(*engine, "k") == "7");
  CHECK_EQ(executeOne(*engine, {OpKind::kExpiry, "k"}).number, end);
  CHECK_EQ(executeOne(*engine, {OpKind::kPutIfAbsent, "k", "8"}).status, Status::kMismatch);
  clockMs = end;
  CHECK(get(*engine, "k") == std::nullopt);
  CHECK(mget(*engine, {"k", "k"}) == (std::vector<Value>{std::nullopt, std::nullopt}));
  CHECK_EQ(executeOne(*engine, {OpKind::kGet, "k"}).status, Status::kNotFound);
  CHECK_EQ(executeOne(*engine, {OpKind::kExpiry, "k"}).status, Status::kNotFound);
  CHECK_EQ(executeOne(*engine, {OpKind::kExpire, "k", "", end + 100}).status, Status::kNotFound);
  CHECK(get(*engine, "k") == std::nullopt);
  const auto expired = [&] {
    clockMs = end - 1;
    renew();
    clockMs = end;
  };
  expired();
  CHECK_EQ(engine->remove(kPlain, "k"), Status::kNotFound);
  expired();
  CHECK_EQ(executeOne(*engine, {OpKind::kCompareAndSet, "k", "8", 0, "7"}).status, Status::kMismatch);
  expired();
  std::int64_t number = 0;
  CHECK_EQ(engine->increment(kPlain, "k", 1, number), Status::kOk);
  CHECK_EQ(number, 1);
  CHECK_EQ(executeOne(*engine, {OpKind::kExpiry, "k"}).number, 0);
  engine->remove(kPlain, "k");
  expired();
  CHECK_EQ(executeOne(*engine, {OpKind::kPutIfAbsent, "k", "9"}).status, Status::kOk);
  CHECK(get(*engine, "k") == "9");
}

TEST("expiry: set, moved and dropped; kept by increments, dropped by puts") {
  const auto engine = makeEngine();
  const auto expiry = [&](const std::string& key) {
    return executeOne(*engine, {OpKind::kExpiry, key}).number;
  };
  // lengths at which a time makes the record longer than its place, and at which it does not
  for (const std::size_t bytes : {1U, 7U, 20U, 100U, 5000U, 100'000U}) {
    const std::string value = valueOf(bytes, bytes);
    const std::string key = "k" + std::to_string(bytes);
    engine->put(kPlain, key, value);
    CHECK_EQ(expiry(key), 0);
    for (const std::int64_t time : {now() + 50, now() + 70, std::int64_t{0}, std::int64_t{0}, now() + 60}) {
      CHECK_EQ(executeOne(*engine, {OpKind::kExpire, key, "", time}).status, Status::kOk);
      CHECK_EQ(expiry(key), time);
      CHECK(get(*engine, key) == value);
    }
    engine->put(kPlain, key, value + "!");
    CHECK_EQ(expiry(key), 0);
    CHECK(get(*engine, key) == value + "!");
    CHECK_EQ(executeOne(*engine, {OpKind::kPut, key, value, now() + 5}).status, Status::kOk);
    CHECK_EQ(expiry(key), now() + 5);
    CHECK_EQ(executeOne(*engine, {OpKind::kCompareAndSet, key, "12", now() + 6, value}).status, Status::kOk);
    CHECK_EQ(expiry(key), now() + 6);
    std::int64_t number = 0;
    CHECK_EQ(engine->increment(kPlain, key, std::int64_t{1} << 60, number), Status::kOk);
    CHECK_EQ(expiry(key), now() + 6);
    CHECK(get(*engine, key) == std::to_string(number));
  }
  CHECK_EQ(executeOne(*engine, {OpKind::kExpire, "missing", "", now() + 5}).status, Status::kNotFound);
  CHECK_EQ(executeOne(*engine, {OpKind::kExpire, "missing", "", 0}).status, Status::kNotFound);
}

TEST("expiry: a time that has passed takes the key away at once") {
  const auto engine = makeEngine();
  mput(*engine, {"a", "b", "c"}, {"1", "2", "3"});
  CHECK_EQ(executeOne(*engine, {OpKind::kExpire, "a", "", now()}).status, Status::kOk);
  CHECK_EQ(executeOne(*engine, {OpKind::kPut, "b", "new", now() - 1}).status, Status::kOk);
  CHECK_EQ(mput(*engine, {"c", "d"}, {"new", "new"}, kPlain, {1, 1})[0], Status::kOk);
  for (const char* const key : {"a", "b", "c", "d"}) CHECK(get(*engine, key) == std::nullopt);
  engine->sweepExpired();
  CHECK_EQ(engine->stats().keys, 0U);
}

TEST("expiry: sweeping removes what has expired and nothing else, and counts it") {
  const auto engine = makeEngine();
  const std::size_t count = scaled(100'000);
  std::vector<std::string> keys;
  std::vector<std::string> values;
  std::vector<std::int64_t> times;
  const std::int64_t start = now();
  for (std::size_t i = 0; i < count; ++i) {
    keys.push_back(keyOf(i));
    values.push_back(valueOf(i, i % 60));
    times.push_back(i % 4 == 0 ? 0 : start + 10 * static_cast<std::int64_t>(i % 4));
  }
  mput(*engine, keys, values, kPlain, times);
  CHECK_EQ(engine->sweepExpired(), 0U);
  const std::uint64_t quarter = count / 4;
  for (std::uint64_t round = 1; round <= 3; ++round) {
    clockMs = start + 10 * static_cast<std::int64_t>(round);
    CHECK_EQ(engine->sweepExpired(), quarter);
    CHECK_EQ(engine->stats().keys, count - round * quarter);
    CHECK_EQ(engine->stats().expiredKeys, round * quarter);
  }
  for (std::size_t i = 0; i < count; i += 17) {
    CHECK(get(*engine, keys[i]) == (i % 4 == 0 ? Value(values[i]) : std::nullopt));
  }
  engine->resetStats();
  CHECK_EQ(engine->stats().expiredKeys, 0U);
}

TEST("expiry: the system's clock, where none is set") {
  const auto engine = predis::test::subject().make({});
  mput(*engine, {"past", "future"}, {"1", "2"}, kPlain, {1'000'000'000'000, 4'000'000'000'000});
  CHECK(get(*engine, "past") == std::nullopt);
  CHECK(get(*engine, "future") == "2");
}
