/// @file
/// The names of an engine's namespaces.
#pragma once

#include <cstdint>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "engine.hpp"

namespace predis {

/// Numbers namespaces from 1 on; 0 is the nameless one. A name is never forgotten. Thread-safe.
class Spaces {
 public:
  /// As `Engine::openSpace`.
  [[nodiscard]] Status open(std::string_view name, std::uint16_t& space) noexcept {
    try {
      const std::scoped_lock lock(mutex_);
      std::string owned(name);
      if (const auto known = numbers_.find(owned); known != numbers_.end()) {
        space = known->second;
        return Status::kOk;
      }
      if (numbers_.size() + 1 == kMaxSpaces) return Status::kOverflow;
      const auto number = static_cast<std::uint16_t>(numbers_.size() + 1);
      numbers_.emplace(std::move(owned), number);
      space = number;
      return Status::kOk;
    } catch (const std::bad_alloc&) {
      return Status::kOutOfMemory;
    }
  }

  /// How many there are, the nameless one included.
  [[nodiscard]] std::uint16_t count() const noexcept {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::uint16_t>(numbers_.size() + 1);
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::uint16_t> numbers_;
};

}  // namespace predis
