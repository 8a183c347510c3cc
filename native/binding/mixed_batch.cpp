#include "mixed_batch.hpp"

#include "bytes.hpp"

namespace predis::binding {

namespace {

/// True when the amount of an operation is an expiry time.
bool takesTime(OpKind kind) noexcept {
  return kind == OpKind::kPut || kind == OpKind::kCompareAndSet || kind == OpKind::kPutIfAbsent ||
         kind == OpKind::kExpire;
}

}  // namespace

OpBatch mixedBatch(const Call& call, std::size_t i) {
  const ArrayView<std::uint8_t> kinds = uint8Array(call, i, "the kinds");
  const PackedView keys = packedBatch(call, i + 1, "the keys");
  const PackedView values = packedBatch(call, i + 3, "the values");
  const ArrayView<std::int64_t> amounts = bigInt64Array(call, i + 5, "the amounts");
  const PackedView expected =
      call.given(i + 6) ? packedBatch(call, i + 6, "the values expected") : PackedView{};
  const bool compares = expected.count != 0;
  if (kinds.length != keys.count || values.count != keys.count || amounts.length != keys.count ||
      (compares && expected.count != keys.count)) {
    throw Failure("BAD_BATCH", "kinds, keys, values, amounts and values expected differ in number");
  }
  for (std::size_t at = 0; at < kinds.length; ++at) {
    const auto index = static_cast<std::int64_t>(at);
    if (kinds.data[at] >= kOpKinds) throw Failure("BAD_BATCH", "no such kind of operation", index);
    const auto kind = static_cast<OpKind>(kinds.data[at]);
    if (kind == OpKind::kCompareAndSet && !compares) {
      throw Failure("BAD_BATCH", "an operation compares, but the batch has no values expected", index);
    }
    if (takesTime(kind) && amounts.data[at] < 0) {
      throw Failure("BAD_ARGUMENT", "an expiry time is before 1970", index);
    }
  }
  return {kinds.data, keys, values, amounts.data, expected};
}

}  // namespace predis::binding
