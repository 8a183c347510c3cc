/// @file
/// What mixed operations mean, in the simplest form.
#pragma once

#include <charconv>
#include <map>
#include <string>

#include "table.hpp"

namespace predis::cuda::test {

/// A map of strings, with the semantics of engine.hpp. Integers are read and written by the standard library,
/// not by the engine's own code.
class Model {
 public:
  std::int64_t nowMs = 0;

  Answer apply(const Op& op) {
    auto found = keys_.find(op.key);
    if (found != keys_.end() && found->second.expired(nowMs)) {
      keys_.erase(found);
      found = keys_.end();
    }
    const bool exists = found != keys_.end();
    switch (op.kind) {
      case OpKind::kGet:
        if (!exists) return {Status::kNotFound, 0, {}};
        return {Status::kOk, 0, found->second.value};
      case OpKind::kPut:
        keys_[op.key] = {op.value, op.amount};
        return {Status::kOk, 0, {}};
      case OpKind::kDelete:
        if (exists) keys_.erase(found);
        return {exists ? Status::kOk : Status::kNotFound, 0, {}};
      case OpKind::kIncrement:
        return increment(op, exists ? &found->second : nullptr);
      case OpKind::kCompareAndSet:
        if (!exists || found->second.value != op.expected) return {Status::kMismatch, 0, {}};
        keys_[op.key] = {op.value, op.amount};
        return {Status::kOk, 0, {}};
      case OpKind::kPutIfAbsent:
        if (exists) return {Status::kMismatch, 0, {}};
        keys_[op.key] = {op.value, op.amount};
        return {Status::kOk, 0, {}};
      case OpKind::kExpire:
        if (!exists) return {Status::kNotFound, 0, {}};
        found->second.expiresAtMs = op.amount;
        return {Status::kOk, 0, {}};
      case OpKind::kExpiry:
        return {exists ? Status::kOk : Status::kNotFound, exists ? found->second.expiresAtMs : 0, {}};
    }
    return {};
  }

  /// Keys that exist now.
  [[nodiscard]] std::map<std::string, std::string> keys() const {
    std::map<std::string, std::string> all;
    for (const auto& [key, entry] : keys_) {
      if (!entry.expired(nowMs)) all[key] = entry.value;
    }
    return all;
  }

 private:
  struct Entry {
    std::string value;
    std::int64_t expiresAtMs = 0;
    [[nodiscard]] bool expired(std::int64_t nowMs) const { return expiresAtMs != 0 && expiresAtMs <= nowMs; }
  };

  Answer increment(const Op& op, const Entry* entry) {
    std::int64_t value = 0;
    if (entry != nullptr) {
      const std::string& text = entry->value;
      const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
      // Canonical, or not an integer.
      if (parsed.ec != std::errc{} || std::to_string(value) != text) return {Status::kNotInteger, 0, {}};
    }
    std::int64_t sum = 0;
    if (__builtin_add_overflow(value, op.amount, &sum)) return {Status::kOverflow, 0, {}};
    keys_[op.key] = {std::to_string(sum), entry != nullptr ? entry->expiresAtMs : 0};
    return {Status::kOk, sum, {}};
  }

  std::map<std::string, Entry> keys_;
};

/// A random operation on one of so many keys; its values are often integers, and often expected.
inline Op randomOp(Random& random, std::uint64_t keys, std::int64_t nowMs) {
  Op op{static_cast<OpKind>(random.below(kOpKinds)), "key " + std::to_string(random.below(keys))};
  const auto value = [&]() -> std::string {
    switch (random.below(5)) {
      case 0:
        return std::to_string(static_cast<std::int64_t>(random.next()));
      case 1:
        return std::to_string(random.below(3));
      case 2:
        return random.bytes(random.below(200));
      case 3:
        return "9223372036854775807";
      default:
        return "";
    }
  };
  op.value = value();
  if (op.kind == OpKind::kCompareAndSet) op.expected = value();
  switch (op.kind) {
    case OpKind::kIncrement:
      op.amount = random.below(4) == 0 ? static_cast<std::int64_t>(random.next())
                                       : static_cast<std::int64_t>(random.below(10)) - 5;
      break;
    case OpKind::kPut:
    case OpKind::kCompareAndSet:
    case OpKind::kPutIfAbsent:
    case OpKind::kExpire:
      op.amount = random.below(2) == 0 ? 0 : nowMs - 20 + static_cast<std::int64_t>(random.below(100));
      break;
    default:
      break;
  }
  return op;
}

inline void checkAnswer(const Answer& got, const Answer& expected) {
  CHECK_EQ(got.status, expected.status);
  CHECK_EQ(got.number, expected.number);
  CHECK(got.value == expected.value);
}

}  // namespace predis::cuda::test
