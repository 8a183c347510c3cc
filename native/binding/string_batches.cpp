/// Batches of ASCII strings, which arrive as one joined string and come back as strings: see joinedBatch.
/// Each method returns undefined when a string was not ASCII, and has then done nothing: the caller packs the
/// strings itself and takes the packed method.
#include <vector>

#include "answers.hpp"
#include "batches.hpp"
#include "bytes.hpp"
#include "methods.hpp"

namespace predis::binding {

/// (client, joined, offsets: Uint32Array) → (string | null)[]
napi_value mgetStrings(Call& call) {
  const JoinedKeys keys(call, 1);
  if (!keys.ascii()) return nullptr;
  const std::size_t count = keys.view().count;
  std::vector<std::uint32_t> offsets(count + 1);
  std::vector<std::uint8_t> found(count);
  ScratchAnswer answer(call.instance().answer);
  throwIfFailed(call.engine().mget(keys.view(), {offsets.data(), found.data(), answer.memory(), nullptr, 0}));
  return makeStrings(call.env(), call.instance().fill, {answer.data(), answer.bytes(), offsets.data(), count},
                     found.data());
}

/// (client, joinedKeys, keyOffsets, joinedValues, valueOffsets, expiresAtMs?: BigInt64Array) → null |
/// statuses: Uint8Array
napi_value mputStrings(Call& call) {
  const JoinedKeys keys(call, 1);
  if (!keys.ascii()) return nullptr;
  bool ascii = true;
  struct Trim {
    Scratch& scratch;
    ~Trim() { scratch.trim(); }
  } const trim{call.instance().second};
  const PackedView values = joinedBatch(call, 3, "the values", trim.scratch, ascii);
  if (!ascii) return nullptr;
  checkValues(keys.view(), values);
  PutAnswer answer(keys.view().count);
  answer.run(call.engine(), keys.view(), values, expiryTimes(call, 5, keys.view().count));
  return answer.toJavaScript(call.env());
}

/// (client, joined, offsets) → how many existed
napi_value mdeleteStrings(Call& call) {
  const JoinedKeys keys(call, 1);
  if (!keys.ascii()) return nullptr;
  DeleteAnswer answer(keys.view().count);
  answer.run(call.engine(), keys.view());
  return answer.toJavaScript(call.env());
}

/// (client, joined, offsets) → null
napi_value prefetchStrings(Call& call) {
  const JoinedKeys keys(call, 1);
  if (!keys.ascii()) return nullptr;
  call.engine().prefetch(keys.view());
  napi_value null = nullptr;
  check(call.env(), napi_get_null(call.env(), &null));
  return null;
}

/// (blob: Uint8Array, offsets: Uint32Array, found: Uint8Array) → (string | null)[]
napi_value decodeStrings(Call& call) {
  const PackedView values = packedBatch(call, 0, "the values");
  const ArrayView<std::uint8_t> found = uint8Array(call, 2, "found");
  if (found.length < values.count) throw Failure("BAD_BATCH", "found is shorter than the values");
  return makeStrings(call.env(), call.instance().fill, values, found.data);
}

}  // namespace predis::binding
