#include "batches.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace predis::binding {
namespace {

napi_value arrayOf(napi_env env, std::span<const napi_value> values) {
  napi_value result = nullptr;
  check(env, napi_create_array_with_length(env, values.size(), &result));
  for (std::uint32_t i = 0; i < values.size(); ++i) check(env, napi_set_element(env, result, i, values[i]));
  return result;
}

napi_value toArray(napi_env env, const std::vector<std::uint8_t>& bytes) {
  return makeTypedArray(env, napi_uint8_array, bytes.data(), bytes.size(), 1);
}

napi_value toArray(napi_env env, const std::vector<std::uint32_t>& numbers) {
  return makeTypedArray(env, napi_uint32_array, numbers.data(), numbers.size(), sizeof(std::uint32_t));
}

}  // namespace

void GetAnswer::run(const BoundEngine& engine, const PackedView& keys) noexcept {
  status_ = engine.mget(keys, {offsets_.data(), found_.data(), values_.memory(), nullptr, 0});
}

napi_value GetAnswer::toJavaScript(napi_env env) {
  throwIfFailed(status_);
  const std::array<napi_value, 3> parts{values_.toUint8Array(env), toArray(env, offsets_),
                                        toArray(env, found_)};
  return arrayOf(env, parts);
}

void PutAnswer::run(const BoundEngine& engine, const PackedView& keys, const PackedView& values,
                    const std::int64_t* expiresAtMs) noexcept {
  status_ = engine.mput(keys, values, expiresAtMs, statuses_.data());
}

napi_value PutAnswer::toJavaScript(napi_env env) const {
  if (status_ != BatchStatus::kOk) return toArray(env, statuses_);
  napi_value null = nullptr;
  check(env, napi_get_null(env, &null));
  return null;
}

void DeleteAnswer::run(const BoundEngine& engine, const PackedView& keys) noexcept {
  status_ = engine.mremove(keys, statuses_.data());
  existed_ = static_cast<double>(
      std::count(statuses_.begin(), statuses_.end(), static_cast<std::uint8_t>(Status::kOk)));
}

napi_value DeleteAnswer::toJavaScript(napi_env env) const {
  throwIfFailed(status_);
  napi_value count = nullptr;
  check(env, napi_create_double(env, existed_, &count));
  return count;
}

void MixedAnswer::run(const BoundEngine& engine, const OpBatch& batch) noexcept {
  status_ = engine.execute(
      batch,
      {statuses_.data(), numbers_.data(), {offsets_.data(), found_.data(), values_.memory(), nullptr, 0}});
}

napi_value MixedAnswer::toJavaScript(napi_env env) {
  throwIfFailed(status_);
  const std::array<napi_value, 5> parts{
      toArray(env, statuses_),
      makeTypedArray(env, napi_bigint64_array, numbers_.data(), numbers_.size(), sizeof(std::int64_t)),
      values_.toUint8Array(env), toArray(env, offsets_), toArray(env, found_)};
  return arrayOf(env, parts);
}

}  // namespace predis::binding
