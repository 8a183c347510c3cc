#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "bytes.hpp"
#include "methods.hpp"

namespace predis::binding {
namespace {

napi_value number(napi_env env, double value) {
  napi_value result = nullptr;
  check(env, napi_create_double(env, value, &result));
  return result;
}

/// A number that stands for one of an enumeration's members. @throws Failure BAD_ARGUMENT
template <typename E>
E choice(const Call& call, std::size_t i, const char* name, E last) {
  const std::uint32_t chosen = call.uint32(i, name);
  if (chosen > static_cast<std::uint32_t>(last)) {
    throw Failure("BAD_ARGUMENT", std::string(name) + " is none of its choices");
  }
  return static_cast<E>(chosen);
}

/// Gives a client of this environment an index. @returns it, for JavaScript
napi_value addClient(Call& call, std::shared_ptr<SharedEngine> shared) {
  Instance& instance = call.instance();
  std::uint32_t index = 0;
  if (instance.freeClients.empty()) {
    index = static_cast<std::uint32_t>(instance.clients.size());
    instance.freeClients.reserve(instance.clients.size() + 1);  // so that release need not allocate
    instance.clients.push_back({std::move(shared), {}});
  } else {
    index = instance.freeClients.back();
    instance.freeClients.pop_back();
    instance.clients[index] = {std::move(shared), {}};
  }
  return number(call.env(), index);
}

}  // namespace

/// (kind: string, memoryLimitBytes, expectedKeys, eviction, device, path, hotCacheKeys: numbers) → client
napi_value create(Call& call) {
  const ByteArgument kind(call, 0, "the engine");
  EngineOptions options;
  options.memoryLimitBytes = call.wholeNumber(1, "memoryLimitBytes");
  options.expectedKeys = call.wholeNumber(2, "expectedKeys");
  options.eviction = choice<Eviction>(call, 3, "eviction", Eviction::kClock);
  options.device = static_cast<int>(std::min<std::uint32_t>(call.uint32(4, "device"), 0x7fffffff));
  options.path = choice<Path>(call, 5, "path", Path::kPacked);
  options.hotCacheKeys = call.uint32(6, "hotCacheKeys");
  return addClient(call, createEngine(kind.bytes(), options));
}

/// (engineId: number) → client
napi_value attach(Call& call) {
  std::shared_ptr<SharedEngine> shared = findEngine(call.uint32(0, "the engine's number"));
  if (shared == nullptr)
    throw Failure("CLOSED", "the engine to attach to is gone: its last client disconnected");
  return addClient(call, std::move(shared));
}

/// (client, namespace: string, consistency: number) → undefined. Holds for the client's later calls.
napi_value setScope(Call& call) {
  Client& client = call.client();
  const ByteArgument name(call, 1, "the namespace");
  Scope scope;
  scope.consistency = choice<Consistency>(call, 2, "consistency", Consistency::kRelaxed);
  if (!name.bytes().empty()) {
    const Status status = client.shared->engine->openSpace(name.bytes(), scope.space);
    if (status == Status::kOverflow) throw Failure("TOO_MANY_NAMESPACES");
    throwIfFailed(status);
  }
  client.scope = scope;
  return nullptr;
}

/// (client) → undefined. The engine ends with its last client.
napi_value release(Call& call) {
  static_cast<void>(call.shared());
  const std::uint32_t index = call.uint32(0, "the client");
  call.instance().clients[index] = {};
  call.instance().freeClients.push_back(index);
  return nullptr;
}

/// (client) → number that `attach` takes, in any thread of this process
napi_value engineId(Call& call) { return number(call.env(), call.shared()->id); }

/// (client) → [kind, reason, memoryLimitBytes, expectedKeys, eviction, device, path, hotCacheKeys]
napi_value settings(Call& call) {
  const SharedEngine& shared = *call.shared();
  const std::string_view kind = shared.engine->kind();
  const EngineOptions& o = shared.options;
  napi_value name = nullptr;
  napi_value reason = nullptr;
  check(call.env(), napi_create_string_latin1(call.env(), kind.data(), kind.size(), &name));
  check(call.env(), napi_create_string_utf8(call.env(), shared.reason.data(), shared.reason.size(), &reason));
  const std::array<napi_value, 8> values{name,
                                         reason,
                                         number(call.env(), static_cast<double>(o.memoryLimitBytes)),
                                         number(call.env(), static_cast<double>(o.expectedKeys)),
                                         number(call.env(), static_cast<int>(o.eviction)),
                                         number(call.env(), o.device),
                                         number(call.env(), static_cast<int>(o.path)),
                                         number(call.env(), o.hotCacheKeys)};
  napi_value result = nullptr;
  check(call.env(), napi_create_array_with_length(call.env(), values.size(), &result));
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    check(call.env(), napi_set_element(call.env(), result, i, values[i]));
  }
  return result;
}

/// (client, target: BigInt64Array of 15) → undefined; fills in the members of `Stats` in their order
napi_value stats(Call& call) {
  const Stats s = call.engine().whole().stats();
  const std::array<std::uint64_t, 15> values{s.gets,        s.puts,        s.deletes,      s.increments,
                                             s.hits,        s.misses,      s.sampledCalls, s.sampledNs,
                                             s.sampledOps,  s.elapsedNs,   s.keys,         s.keyValueBytes,
                                             s.memoryBytes, s.evictedKeys, s.expiredKeys};
  const ArrayView<std::int64_t> target = bigInt64Array(call, 1, "the target");
  if (target.length < values.size()) throw Failure("BAD_ARGUMENT", "the target is too short");
  for (std::size_t i = 0; i < values.size(); ++i) target.data[i] = static_cast<std::int64_t>(values[i]);
  return nullptr;
}

/// (client) → undefined
napi_value resetStats(Call& call) {
  call.engine().whole().resetStats();
  return nullptr;
}

/// (client) → undefined; of the client's namespace
napi_value clear(Call& call) {
  call.engine().clear();
  return nullptr;
}

/// (client) → undefined; of all namespaces
napi_value clearAll(Call& call) {
  call.engine().whole().clearAll();
  return nullptr;
}

/// (client) → keys of the client's namespace
napi_value countKeys(Call& call) {
  return number(call.env(), static_cast<double>(call.engine().countKeys()));
}

/// (client) → how many keys were removed
napi_value sweepExpired(Call& call) {
  return number(call.env(), static_cast<double>(call.engine().whole().sweepExpired()));
}

}  // namespace predis::binding
