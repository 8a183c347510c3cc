/// Single operations that write under a condition, or that concern a key's expiry. The engine has them in
/// mixed batches alone, so each is a batch of one operation, or two.
#include <array>
#include <cstdint>
#include <string>

#include "bytes.hpp"
#include "methods.hpp"

namespace predis::binding {
namespace {

/// Up to two operations on one key, and what became of them.
class FewOps {
 public:
  FewOps(const Call& call, std::string_view key) : engine_(call.engine()) {
    if (key.empty()) throw Failure(failureCode(Status::kKeyEmpty));
    if (key.size() > kMaxKeyBytes) throw Failure(failureCode(Status::kKeyTooLong));
    key_ = key;
    keyOffsets_[1] = static_cast<std::uint32_t>(key.size());
  }

  /// @param expected of a compare-and-set; empty for other kinds
  /// @returns kOk, kNotFound or kMismatch @throws Failure for other results
  Status run(OpKind kind, std::string_view value, std::int64_t amount, std::string_view expected = {}) {
    if (value.size() > kMaxValueBytes || expected.size() > kMaxValueBytes) {
      throw Failure(failureCode(Status::kValueTooLong));
    }
    const std::array<std::uint8_t, 1> kinds{static_cast<std::uint8_t>(kind)};
    const std::array<std::uint32_t, 2> valueOffsets{0, static_cast<std::uint32_t>(value.size())};
    const std::array<std::uint32_t, 2> expectedOffsets{0, static_cast<std::uint32_t>(expected.size())};
    OpBatch batch{kinds.data(), view(key_, keyOffsets_), view(value, valueOffsets), &amount, {}};
    if (kind == OpKind::kCompareAndSet) batch.expected = view(expected, expectedOffsets);
    return execute(batch);
  }

  /// The time of a key and then none, in one batch: nothing comes between.
  Status persist() {
    const std::array<std::uint8_t, 2> kinds{static_cast<std::uint8_t>(OpKind::kExpiry),
                                            static_cast<std::uint8_t>(OpKind::kExpire)};
    std::string twice;
    twice.reserve(2 * key_.size());
    twice.append(key_).append(key_);
    const auto bytes = static_cast<std::uint32_t>(key_.size());
    const std::array<std::uint32_t, 3> keyOffsets{0, bytes, 2 * bytes};
    const std::array<std::uint32_t, 3> valueOffsets{};
    const std::array<std::int64_t, 2> amounts{};
    return execute({kinds.data(), view(twice, keyOffsets), view({}, valueOffsets), amounts.data(), {}});
  }

  /// Of the first operation.
  [[nodiscard]] std::int64_t number() const noexcept { return numbers_[0]; }

 private:
  template <std::size_t kOffsets>
  static PackedView view(std::string_view bytes,
                         const std::array<std::uint32_t, kOffsets>& offsets) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), offsets.data(), kOffsets - 1};
  }

  static std::uint8_t* noAnswer(void* /*context*/, std::size_t /*bytes*/) noexcept {
    static std::uint8_t nothing = 0;  // none of these operations reads a value
    return &nothing;
  }

  Status execute(const OpBatch& batch) {
    std::array<std::uint8_t, 2> statuses{};
    std::array<std::uint32_t, 3> offsets{};
    std::array<std::uint8_t, 2> found{};
    const BatchStatus all = engine_.execute(
        batch,
        {statuses.data(), numbers_.data(), {offsets.data(), found.data(), {nullptr, noAnswer}, nullptr, 0}});
    throwIfFailed(all);
    for (std::size_t i = 0; i < batch.keys.count; ++i) throwIfFailed(static_cast<Status>(statuses[i]));
    return static_cast<Status>(statuses[0]);
  }

  BoundEngine engine_;
  std::string_view key_;
  std::array<std::uint32_t, 2> keyOffsets_{};
  std::array<std::int64_t, 2> numbers_{};
};

napi_value boolean(napi_env env, bool value) {
  napi_value result = nullptr;
  check(env, napi_get_boolean(env, value, &result));
  return result;
}

std::int64_t expiresAt(const Call& call, std::size_t i) {
  return static_cast<std::int64_t>(call.wholeNumber(i, "the expiry time"));
}

}  // namespace

/// (client, key, value, expiresAtMs: number) → undefined
napi_value putUntil(Call& call) {
  const ByteArgument key(call, 1, "the key");
  const ByteArgument value(call, 2, "the value");
  FewOps(call, key.bytes()).run(OpKind::kPut, value.bytes(), expiresAt(call, 3));
  return nullptr;
}

/// (client, key, value, expiresAtMs: number) → true when it was created
napi_value putIfAbsent(Call& call) {
  const ByteArgument key(call, 1, "the key");
  const ByteArgument value(call, 2, "the value");
  const Status status =
      FewOps(call, key.bytes()).run(OpKind::kPutIfAbsent, value.bytes(), expiresAt(call, 3));
  return boolean(call.env(), status == Status::kOk);
}

/// (client, key, expected, value, expiresAtMs: number) → true when it was replaced
napi_value compareAndSet(Call& call) {
  const ByteArgument key(call, 1, "the key");
  const ByteArgument expected(call, 2, "the value expected");
  const ByteArgument value(call, 3, "the value");
  const Status status = FewOps(call, key.bytes())
                            .run(OpKind::kCompareAndSet, value.bytes(), expiresAt(call, 4), expected.bytes());
  return boolean(call.env(), status == Status::kOk);
}

/// (client, key, expiresAtMs: number) → true when the key exists
napi_value expire(Call& call) {
  const ByteArgument key(call, 1, "the key");
  const Status status = FewOps(call, key.bytes()).run(OpKind::kExpire, {}, expiresAt(call, 2));
  return boolean(call.env(), status == Status::kOk);
}

/// (client, key) → true when the key had a time
napi_value persist(Call& call) {
  const ByteArgument key(call, 1, "the key");
  FewOps ops(call, key.bytes());
  return boolean(call.env(), ops.persist() == Status::kOk && ops.number() != 0);
}

/// (client, key) → when it expires, 0 for never; null when there is no such key
napi_value expiry(Call& call) {
  const ByteArgument key(call, 1, "the key");
  FewOps ops(call, key.bytes());
  napi_value result = nullptr;
  if (ops.run(OpKind::kExpiry, {}, 0) == Status::kOk) {
    check(call.env(), napi_create_double(call.env(), static_cast<double>(ops.number()), &result));
  } else {
    check(call.env(), napi_get_null(call.env(), &result));
  }
  return result;
}

}  // namespace predis::binding
