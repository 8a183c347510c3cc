/// @file
/// The contract in the plainest way: std::map, one operation after the other.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "../../engine/decimal.hpp"
#include "../store.hpp"
#include "subject.hpp"

namespace predis::test {

class Model {
 public:
  /// Runs an operation at the time of the hand-set clock.
  Outcome run(std::uint16_t space, const Operation& operation) {
    const Key key{space, operation.key};
    const auto answer = [](Status status, std::int64_t number = 0) {
      return Outcome{status, number, std::nullopt};
    };
    switch (operation.kind) {
      case OpKind::kGet: {
        const Entry* const entry = live(key);
        if (entry == nullptr) return answer(Status::kNotFound);
        return {Status::kOk, 0, entry->value};
      }
      case OpKind::kPut:
        return answer(put(key, operation));
      case OpKind::kDelete: {
        const bool existed = live(key) != nullptr;
        entries_.erase(key);
        return answer(existed ? Status::kOk : Status::kNotFound);
      }
      case OpKind::kIncrement:
        return increment(key, operation.amount);
      case OpKind::kCompareAndSet: {
        const Entry* const entry = live(key);
        if (entry == nullptr || entry->value != operation.expected) return answer(Status::kMismatch);
        return answer(put(key, operation));
      }
      case OpKind::kPutIfAbsent:
        if (live(key) != nullptr) return answer(Status::kMismatch);
        return answer(put(key, operation));
      case OpKind::kExpire: {
        Entry* const entry = live(key);
        if (entry == nullptr) return answer(Status::kNotFound);
        entry->expiresAtMs = operation.amount;
        return answer(Status::kOk);
      }
      case OpKind::kExpiry:
        break;
    }
    const Entry* const entry = live(key);
    if (entry == nullptr) return answer(Status::kNotFound);
    return answer(Status::kOk, entry->expiresAtMs);
  }

  void clear(std::uint16_t space) {
    std::erase_if(entries_, [space](const auto& entry) { return entry.first.first == space; });
  }
  /// Forgets what has expired.
  void sweep() {
    std::erase_if(entries_, [](const auto& entry) { return isGone(entry.second); });
  }

  struct Entry {
    std::string value;
    std::int64_t expiresAtMs;
  };
  using Key = std::pair<std::uint16_t, std::string>;
  [[nodiscard]] const std::map<Key, Entry>& entries() const { return entries_; }

 private:
  static bool isGone(const Entry& entry) {
    return entry.expiresAtMs != 0 && entry.expiresAtMs <= clockMs.load();
  }
  Entry* live(const Key& key) {
    const auto found = entries_.find(key);
    return found == entries_.end() || isGone(found->second) ? nullptr : &found->second;
  }
  Status put(const Key& key, const Operation& operation) {
    entries_[key] = {operation.value, operation.amount};
    return Status::kOk;
  }
  Outcome increment(const Key& key, std::int64_t amount) {
    Entry* const entry = live(key);
    const auto before = parseDecimal(entry == nullptr ? "0" : entry->value);
    if (!before.has_value()) return {Status::kNotInteger, 0, std::nullopt};
    std::int64_t sum = 0;
    if (__builtin_add_overflow(*before, amount, &sum)) return {Status::kOverflow, 0, std::nullopt};
    entries_[key] = {std::to_string(sum), entry == nullptr ? 0 : entry->expiresAtMs};
    return {Status::kOk, sum, std::nullopt};
  }

  std::map<Key, Entry> entries_;
};

}  // namespace predis::test
