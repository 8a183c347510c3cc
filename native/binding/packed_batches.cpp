#include <array>

#include "batches.hpp"
#include "bytes.hpp"
#include "methods.hpp"
#include "mixed_batch.hpp"

namespace predis::binding {
namespace {

PackedView checkedKeys(Call& call) {
  const PackedView keys = packedBatch(call, 1, "the keys");
  checkKeys(keys);
  return keys;
}

/// Memory that a call reads or writes.
struct Piece {
  const void* data;
  std::size_t bytes;
};

/// @throws Failure BAD_ARGUMENT when a piece that is written shares memory with another piece
template <std::size_t kReads, std::size_t kWrites>
void refuseOverlap(const std::array<Piece, kReads>& reads, const std::array<Piece, kWrites>& writes) {
  for (std::size_t i = 0; i < kWrites; ++i) {
    bool shared = false;
    for (const Piece& read : reads) shared |= overlap(writes[i].data, writes[i].bytes, read.data, read.bytes);
    for (std::size_t j = 0; j < i; ++j) {
      shared |= overlap(writes[i].data, writes[i].bytes, writes[j].data, writes[j].bytes);
    }
    if (shared) throw Failure("BAD_ARGUMENT", "the output shares memory with the keys, or with itself");
  }
}

}  // namespace

/// (client, keyBlob, keyOffsets, outBlob: Uint8Array, outOffsets: Uint32Array, outFound: Uint8Array)
/// → outBlob when the values fit in it, otherwise a new Uint8Array
napi_value mget(Call& call) {
  const PackedView keys = checkedKeys(call);
  const ArrayView<std::uint8_t> blob = uint8Array(call, 3, "the output blob");
  const ArrayView<std::uint32_t> offsets = uint32Array(call, 4, "the output offsets");
  const ArrayView<std::uint8_t> found = uint8Array(call, 5, "the output found");
  if (offsets.length < keys.count + 1 || found.length < keys.count) {
    throw Failure("BAD_ARGUMENT",
                  "the output offsets need one more element than there are keys, found as many");
  }
  refuseOverlap(
      std::array<Piece, 2>{{{keys.blob, keys.blobBytes},
                            {keys.offsets, keys.count == 0 ? 0 : (keys.count + 1) * sizeof(std::uint32_t)}}},
      std::array<Piece, 3>{{{blob.data, blob.length},
                            {offsets.data, offsets.length * sizeof(std::uint32_t)},
                            {found.data, found.length}}});
  offsets.data[0] = 0;
  Answer answer(blob.data, blob.length);
  throwIfFailed(
      call.engine().mget(keys, {offsets.data, found.data, answer.memory(), blob.data, blob.length}));
  return answer.inLentMemory() ? call[3] : answer.toUint8Array(call.env());
}

/// (client, keyBlob, keyOffsets, valueBlob, valueOffsets, expiresAtMs?: BigInt64Array) → null | statuses:
/// Uint8Array
napi_value mput(Call& call) {
  const PackedView keys = checkedKeys(call);
  const PackedView values = packedBatch(call, 3, "the values");
  checkValues(keys, values);
  PutAnswer answer(keys.count);
  answer.run(call.engine(), keys, values, expiryTimes(call, 5, keys.count));
  return answer.toJavaScript(call.env());
}

/// (client, keyBlob, keyOffsets) → how many existed
napi_value mdelete(Call& call) {
  const PackedView keys = checkedKeys(call);
  DeleteAnswer answer(keys.count);
  answer.run(call.engine(), keys);
  return answer.toJavaScript(call.env());
}

/// (client, keyBlob, keyOffsets) → undefined
napi_value prefetch(Call& call) {
  call.engine().prefetch(checkedKeys(call));
  return nullptr;
}

/// (client, kinds: Uint8Array, keyBlob, keyOffsets, valueBlob, valueOffsets, amounts: BigInt64Array,
/// expectedBlob?, expectedOffsets?)
/// → [statuses, numbers, blob, offsets, found]
napi_value execute(Call& call) {
  const OpBatch batch = mixedBatch(call, 1);
  MixedAnswer answer(batch.keys.count);
  answer.run(call.engine(), batch);
  return answer.toJavaScript(call.env());
}

}  // namespace predis::binding
