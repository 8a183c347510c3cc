/// @file
/// Namespaces.

#include <cstdint>
#include <string>
#include <vector>

#include "../check.hpp"
#include "subject.hpp"

namespace {

using namespace predis;
using namespace predis::test;

Scope open(Engine& engine, const std::string& name) {
  std::uint16_t space = 0;
  CHECK_EQ(engine.openSpace(name, space), Status::kOk);
  return {space, Consistency::kStrong};
}

}  // namespace

TEST("spaces: the same key lives in each namespace on its own") {
  const auto engine = makeEngine();
  const Scope users = open(*engine, "users");
  const Scope orders = open(*engine, "orders");
  CHECK(users.space != 0 && orders.space != 0 && users.space != orders.space);
  CHECK_EQ(open(*engine, "users").space, users.space);
  engine->put(kPlain, "k", "none");
  engine->put(users, "k", "user");
  mput(*engine, {"k", "other"}, {"order", "x"}, orders);
  CHECK(get(*engine, "k") == "none");
  CHECK(get(*engine, "k", users) == "user");
  CHECK(mget(*engine, {"k", "other"}, orders) == (std::vector<Value>{"order", "x"}));
  CHECK(mget(*engine, {"k", "other"}, users) == (std::vector<Value>{"user", std::nullopt}));
  CHECK_EQ(engine->remove(users, "k"), Status::kOk);
  CHECK_EQ(engine->remove(users, "k"), Status::kNotFound);
  CHECK(get(*engine, "k") == "none");
  CHECK(execute(*engine, {{OpKind::kGet, "k"}}, orders)[0].value == "order");
  CHECK_EQ(engine->countKeys(0), 1U);
  CHECK_EQ(engine->countKeys(users.space), 0U);
  CHECK_EQ(engine->countKeys(orders.space), 2U);
}

TEST("spaces: clearing one leaves the others, clearing all none") {
  const auto engine = makeEngine();
  const std::size_t count = scaled(60'000);
  std::vector<Scope> scopes{kPlain, open(*engine, "one"), open(*engine, "two")};
  for (std::size_t i = 0; i < count; ++i) engine->put(scopes[i % 3], keyOf(i), valueOf(i, i % 50));
  for (const Scope& scope : scopes) CHECK_EQ(engine->countKeys(scope.space), count / 3);
  engine->clear(scopes[1].space);
  CHECK_EQ(engine->countKeys(scopes[1].space), 0U);
  CHECK_EQ(engine->stats().keys, count / 3 * 2);
  for (std::size_t i = 0; i < count; i += 13) {
    CHECK(get(*engine, keyOf(i), scopes[i % 3]) == (i % 3 == 1 ? std::nullopt : Value(valueOf(i, i % 50))));
  }
  engine->clear(0);
  CHECK_EQ(engine->stats().keys, count / 3);
  CHECK_EQ(engine->countKeys(scopes[2].space), count / 3);
  engine->put(scopes[1], "again", "1");
  CHECK(get(*engine, "again", scopes[1]) == "1");
  engine->clearAll();
  CHECK_EQ(engine->stats().keys, 0U);
  CHECK_EQ(engine->stats().keyValueBytes, 0U);
  CHECK(get(*engine, "again", scopes[1]) == std::nullopt);
  CHECK_EQ(open(*engine, "two").space, scopes[2].space);
}

TEST("spaces: there are 1,024, and one more is refused") {
  const auto engine = makeEngine();
  std::vector<Scope> scopes{kPlain};
  for (std::size_t i = 1; i < kMaxSpaces; ++i) scopes.push_back(open(*engine, "space" + std::to_string(i)));
  std::uint16_t space = 77;
  CHECK_EQ(engine->openSpace("one too many", space), Status::kOverflow);
  CHECK_EQ(engine->openSpace("space1023", space), Status::kOk);
  CHECK_EQ(space, scopes[1023].space);
  // short keys and long ones, and at the greatest length every bit of both is in use
  const std::string longest(kMaxKeyBytes, 'k');
  for (const Scope& scope : scopes) engine->put(scope, "k", std::to_string(scope.space));
  for (const std::size_t i : {1U, 512U, 1023U}) engine->put(scopes[i], longest, std::to_string(i));
  for (const Scope& scope : scopes) CHECK(get(*engine, "k", scope) == std::to_string(scope.space));
  for (const std::size_t i : {1U, 512U, 1023U}) CHECK(get(*engine, longest, scopes[i]) == std::to_string(i));
  CHECK(get(*engine, longest, scopes[2]) == std::nullopt);
}
