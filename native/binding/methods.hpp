/// @file
/// The native methods, by file. Argument 0 is the client's index, where there is a client; the rest is
/// written at each. All throw JavaScript errors with a `code` of src/predis/errors.ts. src/predis/native.ts
/// declares the same methods to TypeScript.
#pragma once

#include <node_api.h>

#include "call.hpp"

namespace predis::binding {

// lifecycle.cpp
napi_value create(Call& call);
napi_value attach(Call& call);
napi_value setScope(Call& call);
napi_value release(Call& call);
napi_value engineId(Call& call);
napi_value settings(Call& call);
napi_value stats(Call& call);
napi_value resetStats(Call& call);
napi_value clear(Call& call);
napi_value clearAll(Call& call);
napi_value countKeys(Call& call);
napi_value sweepExpired(Call& call);

// single_ops.cpp
napi_value get(Call& call);
napi_value getBuffer(Call& call);
napi_value put(Call& call);
napi_value remove(Call& call);
napi_value exists(Call& call);
napi_value increment(Call& call);

// conditional_ops.cpp
napi_value putUntil(Call& call);
napi_value putIfAbsent(Call& call);
napi_value compareAndSet(Call& call);
napi_value expire(Call& call);
napi_value persist(Call& call);
napi_value expiry(Call& call);

// string_batches.cpp
napi_value mgetStrings(Call& call);
napi_value mputStrings(Call& call);
napi_value mdeleteStrings(Call& call);
napi_value prefetchStrings(Call& call);
napi_value decodeStrings(Call& call);

// packed_batches.cpp
napi_value mget(Call& call);
napi_value mput(Call& call);
napi_value mdelete(Call& call);
napi_value prefetch(Call& call);
napi_value execute(Call& call);

// async_batches.cpp
napi_value mgetAsync(Call& call);
napi_value mputAsync(Call& call);
napi_value mdeleteAsync(Call& call);
napi_value executeAsync(Call& call);
napi_value mgetToDeviceAsync(Call& call);
napi_value clearAsync(Call& call);
napi_value clearAllAsync(Call& call);
napi_value sweepExpiredAsync(Call& call);

// gpu.cpp
napi_value deviceFacts(Call& call);
napi_value deviceStats(Call& call);
napi_value failure(Call& call);
napi_value allocatePinned(Call& call);
napi_value nvmlFacts(Call& call);
napi_value nvmlSample(Call& call);

// device_memory.cpp
napi_value allocateDevice(Call& call);
napi_value deviceAddress(Call& call);
napi_value freeDevice(Call& call);
napi_value readDevice(Call& call);
napi_value mgetToDevice(Call& call);
napi_value mgetStringsToDevice(Call& call);

}  // namespace predis::binding
