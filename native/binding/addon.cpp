/// The addon: its methods, and its data for each environment (the main thread, and each worker thread, has
/// one).
#include <napi.h>

#include <new>

#include "answers.hpp"
#include "instance.hpp"
#include "methods.hpp"

namespace predis::binding {
namespace {

/// Raised whenever a method's arguments or results change, so that a stale addon is told apart from a broken
/// one. src/predis/native.ts has the same number.
constexpr std::uint32_t kInterfaceVersion = 3;

#if defined(__clang__)
constexpr const char* kCompiler = "clang " __clang_version__;
#elif defined(__GNUC__)
constexpr const char* kCompiler = "gcc " __VERSION__;
#else
constexpr const char* kCompiler = "unknown";
#endif

template <napi_value (*Body)(Call&)>
void method(Napi::Env env, Napi::Object exports, Instance* instance, const char* name) {
  napi_value function = nullptr;
  check(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, guarded<Body>, instance, &function));
  exports.Set(name, Napi::Value(env, function));
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  auto* const instance = new Instance;
  env.SetInstanceData(instance);  // deleted when the environment ends; the clients' engines go with it
  instance->fill = makeFill(env);

  exports.Set("interfaceVersion", kInterfaceVersion);
  exports.Set("compiler", kCompiler);
  exports.Set("maxKeyBytes", static_cast<double>(kMaxKeyBytes));
  exports.Set("maxValueBytes", static_cast<double>(kMaxValueBytes));

  method<create>(env, exports, instance, "create");
  method<attach>(env, exports, instance, "attach");
  method<setScope>(env, exports, instance, "setScope");
  method<release>(env, exports, instance, "release");
  method<engineId>(env, exports, instance, "engineId");
  method<settings>(env, exports, instance, "settings");
  method<stats>(env, exports, instance, "stats");
  method<resetStats>(env, exports, instance, "resetStats");
  method<clear>(env, exports, instance, "clear");
  method<clearAll>(env, exports, instance, "clearAll");
  method<countKeys>(env, exports, instance, "countKeys");
  method<sweepExpired>(env, exports, instance, "sweepExpired");

  method<get>(env, exports, instance, "get");
  method<getBuffer>(env, exports, instance, "getBuffer");
  method<put>(env, exports, instance, "put");
  method<remove>(env, exports, instance, "remove");
  method<exists>(env, exports, instance, "exists");
  method<increment>(env, exports, instance, "increment");
  method<putUntil>(env, exports, instance, "putUntil");
  method<putIfAbsent>(env, exports, instance, "putIfAbsent");
  method<compareAndSet>(env, exports, instance, "compareAndSet");
  method<expire>(env, exports, instance, "expire");
  method<persist>(env, exports, instance, "persist");
  method<expiry>(env, exports, instance, "expiry");

  method<mgetStrings>(env, exports, instance, "mgetStrings");
  method<mputStrings>(env, exports, instance, "mputStrings");
  method<mdeleteStrings>(env, exports, instance, "mdeleteStrings");
  method<prefetchStrings>(env, exports, instance, "prefetchStrings");
  method<decodeStrings>(env, exports, instance, "decodeStrings");

  method<mget>(env, exports, instance, "mget");
  method<mput>(env, exports, instance, "mput");
  method<mdelete>(env, exports, instance, "mdelete");
  method<prefetch>(env, exports, instance, "prefetch");
  method<execute>(env, exports, instance, "execute");

  method<mgetAsync>(env, exports, instance, "mgetAsync");
  method<mputAsync>(env, exports, instance, "mputAsync");
  method<mdeleteAsync>(env, exports, instance, "mdeleteAsync");
  method<executeAsync>(env, exports, instance, "executeAsync");
  method<clearAsync>(env, exports, instance, "clearAsync");
  method<clearAllAsync>(env, exports, instance, "clearAllAsync");
  method<sweepExpiredAsync>(env, exports, instance, "sweepExpiredAsync");

  method<deviceFacts>(env, exports, instance, "deviceFacts");
  method<deviceStats>(env, exports, instance, "deviceStats");
  method<failure>(env, exports, instance, "failure");
  method<allocatePinned>(env, exports, instance, "allocatePinned");
  method<allocateDevice>(env, exports, instance, "allocateDevice");
  method<deviceAddress>(env, exports, instance, "deviceAddress");
  method<freeDevice>(env, exports, instance, "freeDevice");
  method<readDevice>(env, exports, instance, "readDevice");
  method<mgetToDevice>(env, exports, instance, "mgetToDevice");
  method<mgetStringsToDevice>(env, exports, instance, "mgetStringsToDevice");
  method<mgetToDeviceAsync>(env, exports, instance, "mgetToDeviceAsync");
  method<nvmlFacts>(env, exports, instance, "nvmlFacts");
  method<nvmlSample>(env, exports, instance, "nvmlSample");
  return exports;
}

}  // namespace
}  // namespace predis::binding

/// NODE_API_MODULE wants a function of the global namespace, and no C++ exception out of it.
static Napi::Object initialisePredis(Napi::Env env, Napi::Object exports) noexcept {
  using namespace predis::binding;
  try {
    return initialise(env, exports);
  } catch (const Failure& failure) {
    throwToJavaScript(env, failure);
  } catch (const PendingException&) {
    // it is on its way already
  } catch (const std::bad_alloc&) {
    throwToJavaScript(env, Failure("OUT_OF_MEMORY"));
  }
  return exports;
}

NODE_API_MODULE(NODE_GYP_MODULE_NAME, initialisePredis)
