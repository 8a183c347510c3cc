/// @file
/// The engine against std::unordered_map: more than a million random operations, single, batched and mixed.

#include <cstdint>
#include <cstdio>
#include <string>
#include <unordered_map>
#include <vector>

#include "../engine/decimal.hpp"
#include "../engine/engine.hpp"
#include "check.hpp"
#include "store.hpp"

using predis::Engine;
using predis::makeCpuEngine;
using predis::OpKind;
using predis::Status;
using predis::test::execute;
using predis::test::get;
using predis::test::kPlain;
using predis::test::mget;
using predis::test::mput;
using predis::test::mremove;
using predis::test::Operation;
using predis::test::Outcome;
using predis::test::Random;
using predis::test::Value;

namespace {

/// The same semantics in the plainest way.
class Model {
 public:
  [[nodiscard]] Value get(const std::string& key) const {
    const auto found = map_.find(key);
    return found == map_.end() ? std::nullopt : Value(found->second);
  }
  void put(const std::string& key, const std::string& value) { map_[key] = value; }
  Status remove(const std::string& key) { return map_.erase(key) == 1 ? Status::kOk : Status::kNotFound; }
  Status increment(const std::string& key, std::int64_t amount, std::int64_t& result) {
    const auto before = predis::parseDecimal(map_.contains(key) ? map_[key] : "0");
    if (!before.has_value()) return Status::kNotInteger;
    std::int64_t sum = 0;
    if (__builtin_add_overflow(*before, amount, &sum)) return Status::kOverflow;
    result = sum;
    map_[key] = std::to_string(sum);
    return Status::kOk;
  }
  Outcome run(const Operation& operation) {
    switch (operation.kind) {
      case OpKind::kGet: {
        const Value value = get(operation.key);
        return {value.has_value() ? Status::kOk : Status::kNotFound, 0, value};
      }
      case OpKind::kPut:
        put(operation.key, operation.value);
        return {Status::kOk, 0, std::nullopt};
      case OpKind::kDelete:
        return {remove(operation.key), 0, std::nullopt};
      default:
        break;
    }
    std::int64_t number = 0;
    const Status status = increment(operation.key, operation.amount, number);
    return {status, number, std::nullopt};
  }
  [[nodiscard]] const std::unordered_map<std::string, std::string>& map() const { return map_; }

 private:
  std::unordered_map<std::string, std::string> map_;
};

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
    if (kind == 19) return random_.bytes(random_.below(6000));
    return std::string(random_.below(300), static_cast<char>(random_.next()));
  }
  std::int64_t amount() {
    const auto any = static_cast<std::int64_t>(random_.next());
    return random_.below(4) == 0 ? any : any % 1000;
  }
  Operation operation() {
    const std::uint64_t kind = random_.below(10);
    if (kind < 4) return {OpKind::kGet, key()};
    if (kind < 7) return {OpKind::kPut, key(), value()};
    if (kind < 8) return {OpKind::kDelete, key()};
    return {OpKind::kIncrement, key(), "", amount()};
  }
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

 private:
  Random random_;
  std::uint64_t keys_;
};

void checkWhole(Engine& engine, const Model& model) {
  CHECK_EQ(engine.stats().keys, model.map().size());
  std::uint64_t bytes = 0;
  for (const auto& [key, value] : model.map()) {
    bytes += key.size() + value.size();
    CHECK(get(engine, key) == value);
  }
  CHECK_EQ(engine.stats().keyValueBytes, bytes);
}

}  // namespace

TEST("model: 1,000,000 operations in mixed batches of 1 to 500 agree with std::unordered_map") {
  const auto engine = makeCpuEngine({});
  Model model;
  Generator generator(11, 20'000);
  for (std::size_t done = 0; done < 1'000'000;) {
    std::vector<Operation> batch(1 + generator.below(500));
    for (Operation& operation : batch) operation = generator.operation();
    const auto outcomes = execute(*engine, batch);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const Outcome expected = model.run(batch[i]);
      CHECK_EQ(outcomes[i].status, expected.status);
      CHECK_EQ(outcomes[i].number, expected.number);
      CHECK(outcomes[i].value == expected.value);
    }
    done += batch.size();
  }
  checkWhole(*engine, model);
}

TEST("model: among 200,000 keys of one length, tags that agree by chance deceive nobody") {
  const auto engine = makeCpuEngine({});
  constexpr std::uint64_t kKeys = 200'000;
  constexpr std::size_t kBatch = 1000;
  const auto key = [](std::uint64_t i) {
    char text[24];
    std::snprintf(text, sizeof text, "key:%010llu", static_cast<unsigned long long>(i));
    return std::string(text);
  };
  for (std::uint64_t begin = 0; begin < kKeys; begin += kBatch) {
    std::vector<std::string> keys;
    for (std::uint64_t i = begin; i < begin + kBatch; ++i) keys.push_back(key(i));
    mput(*engine, keys, keys);
  }
  // the first third exists, the rest does not: some thirty of each meet a tag that is not theirs
  for (std::uint64_t begin = 0; begin < 3 * kKeys; begin += kBatch) {
    std::vector<std::string> keys;
    for (std::uint64_t i = begin; i < begin + kBatch; ++i) keys.push_back(key(i));
    const auto values = mget(*engine, keys);
    for (std::size_t i = 0; i < kBatch; ++i)
      CHECK(values[i] == (begin < kKeys ? Value(keys[i]) : std::nullopt));
  }
}

TEST("model: 300,000 operations by single calls and uniform batches agree too") {
  const auto engine = makeCpuEngine({});
  Model model;
  Generator generator(12, 50'000);
  for (std::size_t done = 0; done < 300'000;) {
    const std::uint64_t kind = generator.below(6);
    const std::size_t count = 1 + generator.below(300);
    std::vector<std::string> keys(count);
    std::vector<std::string> values(count);
    for (std::string& key : keys) key = generator.key();
    for (std::string& value : values) value = generator.value();
    if (kind < 2) {
      const auto got = mget(*engine, keys);
      for (std::size_t i = 0; i < count; ++i) CHECK(got[i] == model.get(keys[i]));
    } else if (kind < 4) {
      for (const Status status : mput(*engine, keys, values)) CHECK_EQ(status, Status::kOk);
      for (std::size_t i = 0; i < count; ++i) model.put(keys[i], values[i]);
    } else if (kind == 4) {
      const auto statuses = mremove(*engine, keys);
      for (std::size_t i = 0; i < count; ++i) CHECK_EQ(statuses[i], model.remove(keys[i]));
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t amount = generator.amount();
        std::int64_t number = 0;
        std::int64_t expected = 0;
        CHECK_EQ(engine->put(kPlain, keys[i], values[i]), Status::kOk);
        model.put(keys[i], values[i]);
        CHECK_EQ(engine->increment(kPlain, keys[i], amount, number),
                 model.increment(keys[i], amount, expected));
        CHECK_EQ(number, expected);
        CHECK(get(*engine, keys[i]) == model.get(keys[i]));
        if (i % 3 == 0) CHECK_EQ(engine->remove(kPlain, keys[i]), model.remove(keys[i]));
      }
    }
    done += count;
  }
  checkWhole(*engine, model);
}

int main() { return predis::test::runAll(); }
