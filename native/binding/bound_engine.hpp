/// @file
/// An engine as one client sees it.
#pragma once

#include <cstdint>
#include <string_view>

#include "../engine/engine.hpp"

namespace predis::binding {

/// An engine and the scope that a client works in: the engine's methods, without a scope to name at each.
/// Small; handed on by value. @pre the engine outlives it
class BoundEngine {
 public:
  BoundEngine(Engine& engine, const Scope& scope) noexcept : engine_(engine), scope_(scope) {}

  /// For what concerns all namespaces.
  [[nodiscard]] Engine& whole() const noexcept { return engine_; }
  [[nodiscard]] const Scope& scope() const noexcept { return scope_; }

  Status get(std::string_view key, const AnswerMemory& memory) const noexcept {
    return engine_.get(scope_, key, memory);
  }
  Status put(std::string_view key, std::string_view value) const noexcept {
    return engine_.put(scope_, key, value);
  }
  Status remove(std::string_view key) const noexcept { return engine_.remove(scope_, key); }
  Status increment(std::string_view key, std::int64_t amount, std::int64_t& result) const noexcept {
    return engine_.increment(scope_, key, amount, result);
  }
  BatchStatus mget(const PackedView& keys, const MgetSink& sink) const noexcept {
    return engine_.mget(scope_, keys, sink);
  }
  BatchStatus mput(const PackedView& keys, const PackedView& values, const std::int64_t* expiresAtMs,
                   std::uint8_t* statuses) const noexcept {
    return engine_.mput(scope_, keys, values, expiresAtMs, statuses);
  }
  BatchStatus mremove(const PackedView& keys, std::uint8_t* statuses) const noexcept {
    return engine_.mremove(scope_, keys, statuses);
  }
  BatchStatus execute(const OpBatch& batch, const OpResults& results) const noexcept {
    return engine_.execute(scope_, batch, results);
  }
  void prefetch(const PackedView& keys) const noexcept { engine_.prefetch(scope_, keys); }
  [[nodiscard]] std::uint64_t countKeys() const noexcept { return engine_.countKeys(scope_.space); }
  /// Of the client's namespace alone.
  void clear() const noexcept { engine_.clear(scope_.space); }

 private:
  Engine& engine_;
  Scope scope_;
};

}  // namespace predis::binding
