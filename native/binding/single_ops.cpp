#include "answers.hpp"
#include "bytes.hpp"
#include "methods.hpp"

namespace predis::binding {
namespace {

napi_value null(napi_env env) {
  napi_value result = nullptr;
  check(env, napi_get_null(env, &result));
  return result;
}

napi_value boolean(napi_env env, bool value) {
  napi_value result = nullptr;
  check(env, napi_get_boolean(env, value, &result));
  return result;
}

template <napi_value (*Make)(napi_env, const std::uint8_t*, std::size_t)>
napi_value getAs(Call& call) {
  const ByteArgument key(call, 1, "the key");
  ScratchAnswer answer(call.instance().answer);
  const Status status = call.engine().get(key.bytes(), answer.memory());
  throwIfFailed(status);
  return status == Status::kOk ? Make(call.env(), answer.data(), answer.bytes()) : null(call.env());
}

/// Notes that it was asked, which the engine does only for a key that exists, and refuses: nothing is copied.
std::uint8_t* noteAndRefuse(void* asked, std::size_t /*bytes*/) noexcept {
  *static_cast<bool*>(asked) = true;
  return nullptr;
}

}  // namespace

/// (client, key) → string | null
napi_value get(Call& call) { return getAs<makeString>(call); }

/// (client, key) → Buffer | null
napi_value getBuffer(Call& call) { return getAs<makeBuffer>(call); }

/// (client, key, value) → undefined
napi_value put(Call& call) {
  const ByteArgument key(call, 1, "the key");
  const ByteArgument value(call, 2, "the value");
  throwIfFailed(call.engine().put(key.bytes(), value.bytes()));
  return nullptr;
}

/// (client, key) → true when the key existed
napi_value remove(Call& call) {
  const ByteArgument key(call, 1, "the key");
  const Status status = call.engine().remove(key.bytes());
  throwIfFailed(status);
  return boolean(call.env(), status == Status::kOk);
}

/// (client, key) → boolean; counts as a get, as EXISTS counts in Redis' keyspace_hits
napi_value exists(Call& call) {
  const ByteArgument key(call, 1, "the key");
  bool asked = false;
  const Status status = call.engine().get(key.bytes(), {&asked, noteAndRefuse});
  if (!asked) throwIfFailed(status);
  return boolean(call.env(), asked);
}

/// (client, key, amount: number | bigint) → bigint
napi_value increment(Call& call) {
  const ByteArgument key(call, 1, "the key");
  std::int64_t sum = 0;
  throwIfFailed(call.engine().increment(key.bytes(), call.int64(2), sum));
  napi_value result = nullptr;
  check(call.env(), napi_create_bigint_int64(call.env(), sum, &result));
  return result;
}

}  // namespace predis::binding
