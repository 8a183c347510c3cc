/// @file
/// Engines against the model: more than a million random operations of all kinds, single, batched and mixed,
/// in several namespaces, strong and relaxed, while time goes on.

#include "model.hpp"

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "../check.hpp"
#include "subject.hpp"

namespace {

using namespace predis;
using namespace predis::test;

class Generator {
 public:
  Generator(std::uint64_t seed, std::uint64_t keys) : random_(seed), keys_(keys) {}

  /// Half of the keys asked for are from a hot hundredth.
  std::string key() {
    const std::uint64_t i = random_.below(2) == 0 ? random_.below(keys_ / 100 + 1) : random_.below(keys_);
    std::string key = std::to_string(i);
    // a length that follows from the key, and a zero byte
    key.resize(key.size() + i % 40, '\0');
    return key;
  }
  std::string value() {
    const std::uint64_t kind = random_.below(20);
    if (kind < 6) return std::to_string(static_cast<std::int64_t>(random_.next()));
    if (kind < 9) return std::to_string(random_.below(4));  // so that compare-and-set meets what it expects
    if (kind == 19) return random_.bytes(random_.below(6000));
    return std::string(random_.below(300), static_cast<char>(random_.next()));
  }
  std::int64_t amount() {
    const auto any = static_cast<std::int64_t>(random_.next());
    return random_.below(4) == 0 ? any : any % 1000;
  }
  /// Mostly never; else past, now or soon.
  std::int64_t expiresAtMs() {
    if (random_.below(4) != 0) return 0;
    return clockMs.load() - 3 + static_cast<std::int64_t>(random_.below(60));
  }
  Operation operation() {
    const std::uint64_t kind = random_.below(16);
    if (kind < 5) return {OpKind::kGet, key()};
    if (kind < 8) return {OpKind::kPut, key(), value(), expiresAtMs()};
    if (kind < 9) return {OpKind::kDelete, key()};
    if (kind < 11) return {OpKind::kIncrement, key(), "", amount()};
    if (kind < 13) return {OpKind::kCompareAndSet, key(), value(), expiresAtMs(), value()};
    if (kind < 14) return {OpKind::kPutIfAbsent, key(), value(), expiresAtMs()};
    if (kind < 15) return {OpKind::kExpire, key(), "", expiresAtMs()};
    return {OpKind::kExpiry, key()};
  }
  Scope scope() {
    return {static_cast<std::uint16_t>(random_.below(4)),
            random_.below(2) == 0 ? Consistency::kStrong : Consistency::kRelaxed};
  }
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

 private:
  Random random_;
  std::uint64_t keys_;
};

void checkOutcome(const Outcome& got, const Outcome& expected) {
  CHECK_EQ(got.status, expected.status);
  CHECK_EQ(got.number, expected.number);
  CHECK(got.value == expected.value);
}

/// Compares everything. Sweeps both.
void checkWhole(Engine& engine, Model& model) {
  engine.sweepExpired();
  model.sweep();
  CHECK_EQ(engine.stats().keys, model.entries().size());
  std::uint64_t bytes = 0;
  std::uint64_t keysOf[4] = {};
  for (const auto& [key, entry] : model.entries()) {
    bytes += key.second.size() + entry.value.size();
    ++keysOf[key.first];
    CHECK(get(engine, key.second, {key.first, Consistency::kStrong}) == entry.value);
  }
  CHECK_EQ(engine.stats().keyValueBytes, bytes);
  for (std::uint16_t space = 0; space < 4; ++space) CHECK_EQ(engine.countKeys(space), keysOf[space]);
}

void openSpaces(Engine& engine) {
  for (std::uint16_t i = 1; i < 4; ++i) {
    std::uint16_t space = 0;
    CHECK_EQ(engine.openSpace("space " + std::to_string(i), space), Status::kOk);
    CHECK_EQ(space, i);
  }
}

/// Now and then: time goes on, a namespace is cleared, everything is compared.
void meanwhile(Generator& generator, Engine& engine, Model& model) {
  if (generator.below(3) == 0) clockMs += static_cast<std::int64_t>(generator.below(20));
  if (generator.below(300) == 0) {
    const auto space = static_cast<std::uint16_t>(generator.below(4));
    engine.clear(space);
    model.clear(space);
  }
  if (generator.below(100) == 0) checkWhole(engine, model);
}

}  // namespace

TEST("model: 1,000,000 operations in mixed batches of 1 to 500 agree with std::map") {
  const auto engine = makeEngine();
  openSpaces(*engine);
  Model model;
  Generator generator(11, 20'000);
  for (std::size_t done = 0; done < scaled(1'000'000);) {
    const Scope scope = generator.scope();
    std::vector<Operation> batch(1 + generator.below(500));
    for (Operation& operation : batch) operation = generator.operation();
    const auto outcomes = execute(*engine, batch, scope);
    for (std::size_t i = 0; i < batch.size(); ++i)
      checkOutcome(outcomes[i], model.run(scope.space, batch[i]));
    done += batch.size();
    meanwhile(generator, *engine, model);
  }
  checkWhole(*engine, model);
}

TEST("model: 300,000 operations by single calls and uniform batches agree too") {
  const auto engine = makeEngine();
  openSpaces(*engine);
  Model model;
  Generator generator(12, 50'000);
  for (std::size_t done = 0; done < scaled(300'000);) {
    const Scope scope = generator.scope();
    const auto expected = [&](const Operation& operation) { return model.run(scope.space, operation); };
    const std::uint64_t kind = generator.below(6);
    const std::size_t count = 1 + generator.below(300);
    std::vector<std::string> keys(count);
    std::vector<std::string> values(count);
    for (std::string& key : keys) key = generator.key();
    for (std::string& value : values) value = generator.value();
    if (kind < 2) {
      const auto got = mget(*engine, keys, scope);
      CHECK_EQ(got.size(), count);
      for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == expected({OpKind::kGet, keys[i]}).value);
    } else if (kind < 4) {
      std::vector<std::int64_t> times(kind == 2 ? 0 : count);
      for (std::int64_t& time : times) time = generator.expiresAtMs();
      for (const Status status : mput(*engine, keys, values, scope, times)) CHECK_EQ(status, Status::kOk);
      for (std::size_t i = 0; i < count; ++i) {
        expected({OpKind::kPut, keys[i], values[i], times.empty() ? 0 : times[i]});
      }
    } else if (kind == 4) {
      const auto statuses = mremove(*engine, keys, scope);
      for (std::size_t i = 0; i < count; ++i) {
        CHECK_EQ(statuses[i], expected({OpKind::kDelete, keys[i]}).status);
      }
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t amount = generator.amount();
        std::int64_t number = 0;
        CHECK_EQ(engine->put(scope, keys[i], values[i]), Status::kOk);
        expected({OpKind::kPut, keys[i], values[i]});
        const Status status = engine->increment(scope, keys[i], amount, number);
        checkOutcome({status, number, std::nullopt}, expected({OpKind::kIncrement, keys[i], "", amount}));
        CHECK(get(*engine, keys[i], scope) == expected({OpKind::kGet, keys[i]}).value);
        if (i % 3 != 0) continue;
        CHECK_EQ(engine->remove(scope, keys[i]), expected({OpKind::kDelete, keys[i]}).status);
      }
    }
    done += count;
    meanwhile(generator, *engine, model);
  }
  checkWhole(*engine, model);
}

TEST("model: among 200,000 keys of one length, tags that agree by chance deceive nobody") {
  const auto engine = makeEngine();
  const std::uint64_t total = scaled(200'000);
  constexpr std::size_t kBatch = 1000;
  const auto key = [](std::uint64_t i) {
    char text[32];
    std::snprintf(text, sizeof text, "key:%010llu", static_cast<unsigned long long>(i));
    return std::string(text);
  };
  const auto batchFrom = [&](std::uint64_t begin) {
    std::vector<std::string> keys;
    for (std::uint64_t i = begin; i < begin + kBatch; ++i) keys.push_back(key(i));
    return keys;
  };
  for (std::uint64_t begin = 0; begin < total; begin += kBatch) {
    const auto keys = batchFrom(begin);
    mput(*engine, keys, keys);
  }
  // the first third exists, the rest does not: some thirty of each meet a tag that is not theirs
  for (std::uint64_t begin = 0; begin < 3 * total; begin += kBatch) {
    const auto keys = batchFrom(begin);
    const auto values = mget(*engine, keys);
    for (std::size_t i = 0; i < kBatch; ++i) {
      CHECK(values[i] == (begin < total ? Value(keys[i]) : std::nullopt));
    }
  }
}
