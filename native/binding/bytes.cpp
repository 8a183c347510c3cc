#include "bytes.hpp"

#include <string>

namespace predis::binding {
namespace {

[[noreturn]] void notAn(const char* name, const char* what) {
  throw Failure("BAD_ARGUMENT", std::string(name) + " is not " + what);
}

template <typename T>
ArrayView<T> typedArray(const Call& call, std::size_t i, const char* name, napi_typedarray_type wanted,
                        const char* what) {
  napi_typedarray_type type = napi_int8_array;
  std::size_t length = 0;
  void* data = nullptr;
  napi_value buffer = nullptr;
  const napi_status status =
      napi_get_typedarray_info(call.env(), call[i], &type, &length, &data, &buffer, nullptr);
  if (status != napi_ok || type != wanted) notAn(name, what);
  bool owned = false;
  if (napi_is_arraybuffer(call.env(), buffer, &owned) != napi_ok || !owned) {
    throw Failure("BAD_ARGUMENT",
                  std::string(name) + " lies in a SharedArrayBuffer, where another thread could change it");
  }
  bool detached = false;
  if (length == 0 && napi_is_detached_arraybuffer(call.env(), buffer, &detached) == napi_ok && detached) {
    throw Failure("BAD_ARGUMENT", std::string(name) + " is detached: its buffer was transferred elsewhere");
  }
  return {static_cast<T*>(data), length};
}

/// Strings described by `offsets` over a blob of `blobBytes`. @throws Failure BAD_BATCH
PackedView packed(const std::uint8_t* blob, std::size_t blobBytes, const ArrayView<std::uint32_t>& offsets,
                  const char* name) {
  if (offsets.length == 0) {
    throw Failure("BAD_BATCH", std::string(name) + ": offsets are empty; n strings need n + 1 of them");
  }
  const PackedView view{blob, blobBytes, offsets.data, offsets.length - 1};
  if (view.count == 0) return {};
  if (!view.valid()) {
    throw Failure("BAD_BATCH", std::string(name) + ": offsets run backwards or past the end of the blob (" +
                                   std::to_string(blobBytes) + " bytes)");
  }
  return view;
}

}  // namespace

ArrayView<std::uint8_t> uint8Array(const Call& call, std::size_t i, const char* name) {
  return typedArray<std::uint8_t>(call, i, name, napi_uint8_array, "a Uint8Array");
}

ArrayView<std::uint32_t> uint32Array(const Call& call, std::size_t i, const char* name) {
  return typedArray<std::uint32_t>(call, i, name, napi_uint32_array, "a Uint32Array");
}

ArrayView<std::int64_t> bigInt64Array(const Call& call, std::size_t i, const char* name) {
  return typedArray<std::int64_t>(call, i, name, napi_bigint64_array, "a BigInt64Array");
}

ArrayView<double> float64Array(const Call& call, std::size_t i, const char* name) {
  return typedArray<double>(call, i, name, napi_float64_array, "a Float64Array");
}

bool overlap(const void* a, std::size_t aBytes, const void* b, std::size_t bBytes) noexcept {
  const auto aFirst = reinterpret_cast<std::uintptr_t>(a);
  const auto bFirst = reinterpret_cast<std::uintptr_t>(b);
  return aBytes != 0 && bBytes != 0 && aFirst < bFirst + bBytes && bFirst < aFirst + aBytes;
}

ByteArgument::ByteArgument(const Call& call, std::size_t i, const char* name) {
  std::size_t length = 0;
  const napi_status status =
      napi_get_value_string_utf8(call.env(), call[i], short_.data(), short_.size(), &length);
  if (status == napi_ok) {
    // N-API cuts what does not fit at a whole character (at most 3 bytes early) and keeps a byte for the
    // final 0.
    if (length + 4 < short_.size()) {
      bytes_ = {short_.data(), length};
      return;
    }
    check(call.env(), napi_get_value_string_utf8(call.env(), call[i], nullptr, 0, &length));
    long_.reset(new char[length + 1]);
    check(call.env(), napi_get_value_string_utf8(call.env(), call[i], long_.get(), length + 1, &length));
    bytes_ = {long_.get(), length};
    return;
  }
  if (status != napi_string_expected) check(call.env(), status);
  const ArrayView<std::uint8_t> array =
      typedArray<std::uint8_t>(call, i, name, napi_uint8_array, "a string or a Uint8Array");
  bytes_ = {reinterpret_cast<const char*>(array.data), array.length};
}

PackedView packedBatch(const Call& call, std::size_t i, const char* name) {
  const ArrayView<std::uint8_t> blob = uint8Array(call, i, name);
  return packed(blob.data, blob.length, uint32Array(call, i + 1, name), name);
}

PackedView joinedBatch(const Call& call, std::size_t i, const char* name, Scratch& scratch, bool& ascii) {
  const ArrayView<std::uint32_t> offsets = uint32Array(call, i + 1, name);
  if (offsets.length == 0) return packed(nullptr, 0, offsets, name);
  const std::size_t units = offsets.data[offsets.length - 1];
  std::uint8_t* const bytes = scratch.reserve(units + 8);
  if (bytes == nullptr) throw Failure("OUT_OF_MEMORY");
  // In UTF-8 every UTF-16 unit takes one byte exactly when it is ASCII, and more otherwise: the string is
  // ASCII when as many bytes as units were written and there was room for more.
  std::size_t written = 0;
  const napi_status status =
      napi_get_value_string_utf8(call.env(), call[i], reinterpret_cast<char*>(bytes), units + 8, &written);
  if (status == napi_string_expected) notAn(name, "a string");
  check(call.env(), status);
  ascii = written == units;
  return ascii ? packed(bytes, units, offsets, name) : PackedView{};
}

const std::int64_t* expiryTimes(const Call& call, std::size_t i, std::size_t count) {
  if (!call.given(i)) return nullptr;
  const ArrayView<std::int64_t> times = bigInt64Array(call, i, "the expiry times");
  if (times.length != count) {
    throw Failure("BAD_BATCH",
                  std::to_string(count) + " keys but " + std::to_string(times.length) + " expiry times");
  }
  for (std::size_t at = 0; at < count; ++at) {
    if (times.data[at] < 0) {
      throw Failure("BAD_ARGUMENT", "an expiry time is before 1970", static_cast<std::int64_t>(at));
    }
  }
  return times.data;
}

void checkKeys(const PackedView& keys) {
  for (std::size_t i = 0; i < keys.count; ++i) {
    const std::size_t bytes = std::size_t{keys.offsets[i + 1]} - keys.offsets[i];
    if (bytes - 1 < kMaxKeyBytes) continue;  // 1 … kMaxKeyBytes: 0 wraps around
    throw Failure(failureCode(bytes == 0 ? Status::kKeyEmpty : Status::kKeyTooLong), {},
                  static_cast<std::int64_t>(i));
  }
}

void checkValues(const PackedView& keys, const PackedView& values) {
  if (keys.count != values.count) {
    throw Failure("BAD_BATCH",
                  std::to_string(keys.count) + " keys but " + std::to_string(values.count) + " values");
  }
  for (std::size_t i = 0; i < values.count; ++i) {
    if (std::size_t{values.offsets[i + 1]} - values.offsets[i] <= kMaxValueBytes) continue;
    throw Failure(failureCode(Status::kValueTooLong), {}, static_cast<std::int64_t>(i));
  }
}

}  // namespace predis::binding
