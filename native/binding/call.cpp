#include "call.hpp"

#include <cmath>
#include <string>
#include <string_view>

namespace predis::binding {
namespace {

constexpr double kTwoPow32 = 4294967296.0;
constexpr double kTwoPow53 = 9007199254740992.0;

}  // namespace

void check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending) throw PendingException{};
  const napi_extended_error_info* info = nullptr;
  const bool known = napi_get_last_error_info(env, &info) == napi_ok && info->error_message != nullptr;
  throw Failure("INTERNAL", known ? info->error_message : "a call of Node-API failed");
}

Call::Call(napi_env env, napi_callback_info info) : env_(env) {
  std::size_t count = kMaxArguments;
  void* data = nullptr;
  check(env, napi_get_cb_info(env, info, &count, arguments_.data(), nullptr, &data));
  instance_ = static_cast<Instance*>(data);
}

Client& Call::client() const {
  std::uint32_t index = 0;
  if (napi_get_value_uint32(env_, arguments_[0], &index) != napi_ok) {
    throw Failure("BAD_ARGUMENT", "the client is not a number");
  }
  if (index >= instance_->clients.size() || instance_->clients[index].shared == nullptr) {
    throw Failure("CLOSED");
  }
  return instance_->clients[index];
}

bool Call::given(std::size_t i) const noexcept {
  napi_valuetype type = napi_undefined;
  return napi_typeof(env_, arguments_[i], &type) == napi_ok && type != napi_undefined;
}

std::uint64_t Call::wholeNumber(std::size_t i, const char* name) const {
  double number = 0;
  const bool isNumber = napi_get_value_double(env_, arguments_[i], &number) == napi_ok;
  if (!isNumber || !(number >= 0) || number >= kTwoPow53 || number != std::floor(number)) {
    throw Failure("BAD_ARGUMENT", std::string(name) + " is not a whole number from 0 to 2^53 - 1");
  }
  return static_cast<std::uint64_t>(number);
}

std::uint32_t Call::uint32(std::size_t i, const char* name) const {
  const std::uint64_t number = wholeNumber(i, name);
  if (static_cast<double>(number) >= kTwoPow32) {
    throw Failure("BAD_ARGUMENT", std::string(name) + " is larger than 2^32 - 1");
  }
  return static_cast<std::uint32_t>(number);
}

std::int64_t Call::int64(std::size_t i) const {
  double number = 0;
  if (napi_get_value_double(env_, arguments_[i], &number) == napi_ok) {
    if (number != std::floor(number) || !(std::fabs(number) < kTwoPow53)) throw Failure("NOT_AN_INTEGER");
    return static_cast<std::int64_t>(number);
  }
  std::int64_t amount = 0;
  bool lossless = false;
  const napi_status status = napi_get_value_bigint_int64(env_, arguments_[i], &amount, &lossless);
  if (status == napi_bigint_expected) throw Failure("BAD_ARGUMENT", "the amount is not a number or a bigint");
  check(env_, status);
  if (!lossless) throw Failure("NOT_AN_INTEGER");
  return amount;
}

Failure explained(const Failure& failure, const Engine& engine) {
  const bool mute = std::string_view(failure.code) == "GPU_FAILED" && failure.message.empty();
  return mute ? Failure(failure.code, "the GPU failed, and the engine on it is closed: " + engine.failure(),
                        failure.index)
              : failure;
}

Failure explained(const Failure& failure, const Call& call) noexcept {
  try {
    return explained(failure, *call.shared()->engine);
  } catch (...) {  // a call without a client, or no memory for the explanation
    return failure;
  }
}

void throwToJavaScript(napi_env env, const Failure& failure) noexcept {
  napi_value code = nullptr;
  napi_value message = nullptr;
  napi_value error = nullptr;
  bool made =
      napi_create_string_utf8(env, failure.code, NAPI_AUTO_LENGTH, &code) == napi_ok &&
      napi_create_string_utf8(env, failure.message.c_str(), failure.message.size(), &message) == napi_ok &&
      napi_create_error(env, code, message, &error) == napi_ok;
  if (made && failure.index != Failure::kNoIndex) {
    napi_value index = nullptr;
    made = napi_create_int64(env, failure.index, &index) == napi_ok &&
           napi_set_named_property(env, error, "index", index) == napi_ok;
  }
  // When even this fails an exception is pending, or the environment is ending and nobody listens.
  if (made) napi_throw(env, error);
}

}  // namespace predis::binding
