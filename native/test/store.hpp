/// @file
/// A convenient face for the engine in tests: strings in, strings out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "../engine/engine.hpp"
#include "random.hpp"

namespace predis {

inline std::ostream& operator<<(std::ostream& out, Status status) {
  return out << "Status " << static_cast<int>(status);
}
inline std::ostream& operator<<(std::ostream& out, BatchStatus status) {
  return out << "BatchStatus " << static_cast<int>(status);
}

}  // namespace predis

namespace predis::test {

/// Byte strings packed into exactly fitting heap blocks, so that the address sanitizer sees any step outside.
class Packed {
 public:
  Packed() = default;
  explicit Packed(const std::vector<std::string>& strings) {
    for (const std::string& string : strings) add(string);
  }
  void add(std::string_view string) {
    blob_.insert(blob_.end(), string.begin(), string.end());
    offsets_.push_back(static_cast<std::uint32_t>(blob_.size()));
  }
  [[nodiscard]] PackedView view() {
    blob_.shrink_to_fit();
    return {blob_.data(), blob_.size(), offsets_.data(), offsets_.size() - 1};
  }

 private:
  std::vector<std::uint8_t> blob_;
  std::vector<std::uint32_t> offsets_{0};
};

/// Collects one answer and counts how often it was asked for.
class Answer {
 public:
  /// @param refuse answers null, as when there is no memory
  explicit Answer(bool refuse = false) : refuse_(refuse) {}
  [[nodiscard]] AnswerMemory memory() { return {this, &allocate}; }
  [[nodiscard]] std::string string() const { return {bytes_.begin(), bytes_.end()}; }
  [[nodiscard]] std::string string(std::uint32_t from, std::uint32_t to) const {
    return {bytes_.begin() + from, bytes_.begin() + to};
  }
  [[nodiscard]] int asked() const { return asked_; }

 private:
  static std::uint8_t* allocate(void* self, std::size_t bytes) noexcept {
    auto& answer = *static_cast<Answer*>(self);
    ++answer.asked_;
    if (answer.refuse_) return nullptr;
    answer.bytes_.assign(bytes, 0xEE);
    answer.bytes_.shrink_to_fit();
    return answer.bytes_.data();
  }
  std::vector<std::uint8_t> bytes_;
  bool refuse_;
  int asked_ = 0;
};

/// The nameless namespace, strong.
inline constexpr Scope kPlain{};

inline EngineOptions limited(std::uint64_t memoryLimitBytes, std::uint64_t expectedKeys = 0) {
  EngineOptions options;
  options.memoryLimitBytes = memoryLimitBytes;
  options.expectedKeys = expectedKeys;
  return options;
}

using Value = std::optional<std::string>;

inline Value get(Engine& engine, std::string_view key, const Scope& scope = kPlain) {
  Answer answer;
  return engine.get(scope, key, answer.memory()) == Status::kOk ? Value(answer.string()) : std::nullopt;
}

inline std::vector<Value> mget(Engine& engine, const std::vector<std::string>& keys,
                               const Scope& scope = kPlain) {
  Packed packed(keys);
  Answer answer;
  std::vector<std::uint32_t> offsets(keys.size() + 1, 77);
  std::vector<std::uint8_t> found(keys.size(), 77);
  if (engine.mget(scope, packed.view(), {offsets.data(), found.data(), answer.memory(), nullptr, 0}) !=
      BatchStatus::kOk)
    return {};
  std::vector<Value> values;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    values.push_back(found[i] == 1 ? Value(answer.string(offsets[i], offsets[i + 1])) : std::nullopt);
  }
  return values;
}

/// Statuses of an mput. @param expiresAtMs empty, or a time for each key
inline std::vector<Status> mput(Engine& engine, const std::vector<std::string>& keys,
                                const std::vector<std::string>& values, const Scope& scope = kPlain,
                                const std::vector<std::int64_t>& expiresAtMs = {}) {
  Packed packedKeys(keys);
  Packed packedValues(values);
  std::vector<std::uint8_t> statuses(keys.size(), 77);
  engine.mput(scope, packedKeys.view(), packedValues.view(),
              expiresAtMs.empty() ? nullptr : expiresAtMs.data(), statuses.data());
  std::vector<Status> result;
  for (const std::uint8_t status : statuses) result.push_back(static_cast<Status>(status));
  return result;
}

inline std::vector<Status> mremove(Engine& engine, const std::vector<std::string>& keys,
                                   const Scope& scope = kPlain) {
  Packed packed(keys);
  std::vector<std::uint8_t> statuses(keys.size(), 77);
  engine.mremove(scope, packed.view(), statuses.data());
  std::vector<Status> result;
  for (const std::uint8_t status : statuses) result.push_back(static_cast<Status>(status));
  return result;
}

/// A mixed batch and its results.
struct Operation {
  OpKind kind;
  std::string key;
  std::string value = {};
  std::int64_t amount = 0;
  std::string expected = {};
};
struct Outcome {
  Status status;
  std::int64_t number;
  Value value;
};

inline std::vector<Outcome> execute(Engine& engine, const std::vector<Operation>& operations,
                                    const Scope& scope = kPlain, bool refuseAnswer = false) {
  Packed keys;
  Packed values;
  Packed expected;
  bool compares = false;
  std::vector<std::uint8_t> kinds;
  std::vector<std::int64_t> amounts;
  for (const Operation& operation : operations) {
    kinds.push_back(static_cast<std::uint8_t>(operation.kind));
    keys.add(operation.key);
    values.add(operation.value);
    expected.add(operation.expected);
    amounts.push_back(operation.amount);
    compares |= operation.kind == OpKind::kCompareAndSet;
  }
  const std::size_t count = operations.size();
  std::vector<std::uint8_t> statuses(count, 77);
  std::vector<std::int64_t> numbers(count, 77);
  std::vector<std::uint32_t> offsets(count + 1, 77);
  std::vector<std::uint8_t> found(count, 77);
  Answer answer(refuseAnswer);
  engine.execute(
      scope,
      {kinds.data(), keys.view(), values.view(), amounts.data(), compares ? expected.view() : PackedView{}},
      {statuses.data(), numbers.data(), {offsets.data(), found.data(), answer.memory(), nullptr, 0}});
  std::vector<Outcome> outcomes;
  for (std::size_t i = 0; i < count; ++i) {
    const bool has = found[i] == 1;
    outcomes.push_back({static_cast<Status>(statuses[i]), numbers[i],
                        has ? Value(answer.string(offsets[i], offsets[i + 1])) : std::nullopt});
  }
  return outcomes;
}

/// One operation, as a batch of its own.
inline Outcome executeOne(Engine& engine, const Operation& operation, const Scope& scope = kPlain) {
  return execute(engine, {operation}, scope)[0];
}

}  // namespace predis::test
