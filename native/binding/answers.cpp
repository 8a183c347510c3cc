#include "answers.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace predis::binding {
namespace {

/// Address of an answer of no bytes: engines and copies want one that is not null.
std::uint8_t nothing = 0;

bool isAscii(const std::uint8_t* bytes, std::size_t count) noexcept {
  std::uint64_t all = 0;
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes + i, 8);
    all |= eight;
  }
  for (; i < count; ++i) all |= bytes[i];
  return (all & 0x8080808080808080U) == 0;
}

void freeExternal(napi_env /*env*/, void* data, void* /*hint*/) { std::free(data); }

/// Lets go of the JavaScript values made while it lives.
class HandleScope {
 public:
  explicit HandleScope(napi_env env) : env_(env) { check(env, napi_open_handle_scope(env, &scope_)); }
  ~HandleScope() { napi_close_handle_scope(env_, scope_); }
  HandleScope(const HandleScope&) = delete;
  HandleScope& operator=(const HandleScope&) = delete;

 private:
  napi_env env_;
  napi_handle_scope scope_ = nullptr;
};

napi_value uint8ArrayOver(napi_env env, napi_value buffer, std::size_t bytes) {
  napi_value array = nullptr;
  check(env, napi_create_typedarray(env, napi_uint8_array, bytes, buffer, 0, &array));
  return array;
}

}  // namespace

std::uint8_t* Answer::allocate(void* context, std::size_t bytes) noexcept {
  auto& self = *static_cast<Answer*>(context);
  if (bytes <= self.lentBytes_) {
    self.data_ = self.lentBytes_ == 0 ? &nothing : self.lent_;
  } else {
    self.owned_.reset(static_cast<std::uint8_t*>(std::malloc(bytes)));
    self.data_ = self.owned_.get();
  }
  if (self.data_ != nullptr) self.bytes_ = bytes;
  return self.data_;
}

napi_value Answer::toUint8Array(napi_env env) {
  napi_value buffer = nullptr;
  if (owned_ != nullptr) {
    const napi_status status =
        napi_create_external_arraybuffer(env, owned_.get(), bytes_, freeExternal, nullptr, &buffer);
    if (status == napi_ok) {
      static_cast<void>(owned_.release());
      return uint8ArrayOver(env, buffer, bytes_);
    }
    if (status != napi_no_external_buffers_allowed) check(env, status);
  }
  return makeTypedArray(env, napi_uint8_array, data_, bytes_, 1);
}

std::uint8_t* ScratchAnswer::allocate(void* context, std::size_t bytes) noexcept {
  auto& self = *static_cast<ScratchAnswer*>(context);
  self.data_ = self.scratch_.reserve(bytes);
  if (self.data_ != nullptr) self.bytes_ = bytes;
  return self.data_;
}

napi_value makeString(napi_env env, const std::uint8_t* bytes, std::size_t count) {
  const auto* const text = count == 0 ? "" : reinterpret_cast<const char*>(bytes);
  napi_value string = nullptr;
  const napi_status status = isAscii(bytes, count) ? napi_create_string_latin1(env, text, count, &string)
                                                   : napi_create_string_utf8(env, text, count, &string);
  bool pending = false;
  if (status == napi_generic_failure && napi_is_exception_pending(env, &pending) == napi_ok && !pending) {
    throw Failure("VALUE_TOO_LONG",
                  "the value is longer than a JavaScript string may be; read it as a Buffer");
  }
  check(env, status);
  return string;
}

napi_value makeBuffer(napi_env env, const std::uint8_t* bytes, std::size_t count) {
  napi_value buffer = nullptr;
  check(env, napi_create_buffer_copy(env, count, count == 0 ? &nothing : bytes, nullptr, &buffer));
  return buffer;
}

napi_value makeTypedArray(napi_env env, napi_typedarray_type type, const void* elements, std::size_t count,
                          std::size_t elementBytes) {
  napi_value buffer = nullptr;
  void* data = nullptr;
  check(env, napi_create_arraybuffer(env, count * elementBytes, &data, &buffer));
  if (count != 0) std::memcpy(data, elements, count * elementBytes);
  napi_value array = nullptr;
  check(env, napi_create_typedarray(env, type, count, buffer, 0, &array));
  return array;
}

napi_ref makeFill(napi_env env) {
  // The only JavaScript that runs while native memory is being read: it must do nothing but store.
  constexpr const char* kSource =
      "(target, start, ...values) => {"
      " for (let i = 0; i < values.length; i++) target[start + i] = values[i];"
      " }";
  napi_value source = nullptr;
  napi_value function = nullptr;
  napi_ref reference = nullptr;
  check(env, napi_create_string_latin1(env, kSource, NAPI_AUTO_LENGTH, &source));
  check(env, napi_run_script(env, source, &function));
  check(env, napi_create_reference(env, function, 1, &reference));
  return reference;
}

napi_value makeStrings(napi_env env, napi_ref fill, const PackedView& values, const std::uint8_t* found) {
  constexpr std::size_t kAtOnce = 512;  // arguments of one call: 4 KiB of the stack
  constexpr std::size_t kFirst = 2;
  std::array<napi_value, kFirst + kAtOnce> arguments;
  napi_value target = nullptr;
  napi_value function = nullptr;
  napi_value undefined = nullptr;
  napi_value null = nullptr;
  check(env, napi_create_array_with_length(env, values.count, &target));
  check(env, napi_get_reference_value(env, fill, &function));
  check(env, napi_get_undefined(env, &undefined));
  check(env, napi_get_null(env, &null));
  arguments[0] = target;
  for (std::size_t start = 0; start < values.count; start += kAtOnce) {
    const std::size_t count = std::min(kAtOnce, values.count - start);
    const HandleScope scope(env);
    check(env, napi_create_uint32(env, static_cast<std::uint32_t>(start), &arguments[1]));
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = start + i;
      const std::size_t bytes = std::size_t{values.offsets[at + 1]} - values.offsets[at];
      arguments[kFirst + i] =
          found[at] == 0 ? null : makeString(env, values.blob + values.offsets[at], bytes);
    }
    check(env, napi_call_function(env, undefined, function, kFirst + count, arguments.data(), nullptr));
  }
  return target;
}

}  // namespace predis::binding
