#include "mixed_batch.hpp"

#include "bytes.hpp"

namespace predis::binding {

OpBatch mixedBatch(const Call& call, std::size_t i) {
  const ArrayView<std::uint8_t> kinds = uint8Array(call, i, "the kinds");
  const PackedView keys = packedBatch(call, i + 1, "the keys");
  const PackedView values = packedBatch(call, i + 3, "the values");
  const ArrayView<std::int64_t> amounts = bigInt64Array(call, i + 5, "the amounts");
  if (kinds.length != keys.count || values.count != keys.count || amounts.length != keys.count) {
    throw Failure("BAD_BATCH", "kinds, keys, values and amounts differ in number");
  }
  for (std::size_t at = 0; at < kinds.length; ++at) {
    if (kinds.data[at] <= static_cast<std::uint8_t>(OpKind::kIncrement)) continue;
    throw Failure("BAD_BATCH", "no such kind of operation", static_cast<std::int64_t>(at));
  }
  return {kinds.data, keys, values, amounts.data, {}};
}

}  // namespace predis::binding
