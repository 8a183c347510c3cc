/// @file
/// One call from JavaScript: its arguments, checked, and its failures, translated.
///
/// Raw N-API on purpose: node-addon-api's CallbackInfo and wrapped values cost more than a single `get` may.
#pragma once

#include <node_api.h>

#include <array>
#include <cstdint>
#include <exception>
#include <new>
#include <stdexcept>

#include "bound_engine.hpp"
#include "failure.hpp"
#include "instance.hpp"

namespace predis::binding {

/// @throws PendingException or Failure INTERNAL when a N-API call did not succeed
void check(napi_env env, napi_status status);

/// Arguments of a call, and the data of the environment that it comes from. Lives on the stack.
class Call {
 public:
  static constexpr std::size_t kMaxArguments = 9;

  Call(napi_env env, napi_callback_info info);

  [[nodiscard]] napi_env env() const noexcept { return env_; }
  [[nodiscard]] Instance& instance() const noexcept { return *instance_; }
  /// Argument i; undefined where the caller gave fewer. @pre i < kMaxArguments
  [[nodiscard]] napi_value operator[](std::size_t i) const noexcept { return arguments_[i]; }

  /// The client whose index is argument 0. @throws Failure CLOSED, BAD_ARGUMENT
  [[nodiscard]] Client& client() const;
  /// Its engine. @throws as `client`
  [[nodiscard]] const std::shared_ptr<SharedEngine>& shared() const { return client().shared; }
  /// The same, as its client sees it. @throws as `client`
  [[nodiscard]] BoundEngine engine() const {
    const Client& own = client();
    return {*own.shared->engine, own.scope};
  }
  /// True when argument i was given.
  [[nodiscard]] bool given(std::size_t i) const noexcept;

  /// A whole number in [0, 2^53). @throws Failure BAD_ARGUMENT
  [[nodiscard]] std::uint64_t wholeNumber(std::size_t i, const char* name) const;
  /// A whole number in [0, 2^32). @throws Failure BAD_ARGUMENT
  [[nodiscard]] std::uint32_t uint32(std::size_t i, const char* name) const;
  /// A bigint, or a number that is a safe integer. @throws Failure NOT_AN_INTEGER when it does not fit 64
  /// bits
  [[nodiscard]] std::int64_t int64(std::size_t i) const;

 private:
  napi_env env_;
  Instance* instance_ = nullptr;
  std::array<napi_value, kMaxArguments> arguments_{};
};

/// A failure with what the engine says of it, where it is the GPU's and says nothing itself.
[[nodiscard]] Failure explained(const Failure& failure, const Engine& engine);
/// The same for the engine of a call, if it has one.
[[nodiscard]] Failure explained(const Failure& failure, const Call& call) noexcept;

/// Throws a failure as a JavaScript error with `code` and, in batches, `index`.
void throwToJavaScript(napi_env env, const Failure& failure) noexcept;

/// Makes a callback of a function that may throw.
template <napi_value (*Body)(Call&)>
napi_value guarded(napi_env env, napi_callback_info info) noexcept {
  try {
    Call call(env, info);
    try {
      return Body(call);
    } catch (const Failure& failure) {
      throwToJavaScript(env, explained(failure, call));
    }
  } catch (const Failure& failure) {
    throwToJavaScript(env, failure);
  } catch (const PendingException&) {
    // it is on its way already
  } catch (const std::bad_alloc&) {
    throwToJavaScript(env, Failure("OUT_OF_MEMORY"));
  } catch (const std::length_error&) {
    throwToJavaScript(env, Failure("OUT_OF_MEMORY"));
  } catch (const std::exception& error) {
    throwToJavaScript(env, Failure("INTERNAL", error.what()));
  }
  return nullptr;
}

}  // namespace predis::binding
