/// What an engine and the driver say about a GPU.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <span>
#include <string>

#include "../nvml/nvml.hpp"
#include "bytes.hpp"
#include "methods.hpp"

namespace predis::binding {
namespace {

napi_value text(napi_env env, std::string_view words) {
  napi_value result = nullptr;
  check(env, napi_create_string_utf8(env, words.data(), words.size(), &result));
  return result;
}

napi_value number(napi_env env, double value) {
  napi_value result = nullptr;
  check(env, napi_create_double(env, value, &result));
  return result;
}

/// What is not known crosses the language border as NaN.
template <typename T>
double orNaN(const std::optional<T>& value) {
  return value.has_value() ? static_cast<double>(*value) : std::nan("");
}

napi_value listOf(napi_env env, std::span<const napi_value> values) {
  napi_value result = nullptr;
  check(env, napi_create_array_with_length(env, values.size(), &result));
  for (std::uint32_t i = 0; i < values.size(); ++i) check(env, napi_set_element(env, result, i, values[i]));
  return result;
}

void freePinned(napi_env /*env*/, void* /*data*/, void* hint) {
  delete static_cast<std::shared_ptr<std::uint8_t>*>(hint);
}

}  // namespace

/// (client) → null for an engine without a device; otherwise the members of `DeviceFacts` in their order
napi_value deviceFacts(Call& call) {
  const DeviceFacts* const facts = call.engine().whole().device();
  napi_env env = call.env();
  if (facts == nullptr) {
    napi_value null = nullptr;
    check(env, napi_get_null(env, &null));
    return null;
  }
  const std::array<napi_value, 10> parts{text(env, facts->name),
                                         text(env, facts->uuid),
                                         number(env, facts->ordinal),
                                         number(env, facts->computeMajor),
                                         number(env, facts->computeMinor),
                                         number(env, facts->multiprocessors),
                                         number(env, facts->driverVersion),
                                         number(env, facts->runtimeVersion),
                                         number(env, static_cast<double>(facts->memoryBytes)),
                                         number(env, static_cast<double>(facts->l2Bytes))};
  return listOf(env, parts);
}

/// (client, target: BigInt64Array of 14) → undefined; fills in the members of `DeviceStats` in their order
napi_value deviceStats(Call& call) {
  const DeviceStats s = call.engine().whole().deviceStats();
  const std::array<std::uint64_t, 14> values{s.hotCacheHits, s.mailboxCalls, s.directCalls, s.packedCalls,
                                             s.deviceCalls,  s.timedCalls,   s.kernelNs,    s.toDeviceNs,
                                             s.fromDeviceNs, s.totalNs,      s.indexSlots,  s.indexGrowths,
                                             s.compactions,  s.pinnedBytes};
  const ArrayView<std::int64_t> target = bigInt64Array(call, 1, "the target");
  if (target.length < values.size()) throw Failure("BAD_ARGUMENT", "the target is too short");
  for (std::size_t i = 0; i < values.size(); ++i) target.data[i] = static_cast<std::int64_t>(values[i]);
  return nullptr;
}

/// (client) → why the engine is of no use any more, or ''
napi_value failure(Call& call) { return text(call.env(), call.engine().whole().failure()); }

/// (client, bytes) → Uint8Array of zeros; ordinary memory of JavaScript where the runtime allows no other
napi_value allocatePinned(Call& call) {
  const std::uint32_t bytes = call.uint32(1, "the number of bytes");
  if (bytes == 0) throw Failure("BAD_ARGUMENT", "the number of bytes is 0");
  napi_env env = call.env();
  std::shared_ptr<std::uint8_t> memory = call.engine().whole().allocatePinned(bytes);
  if (memory == nullptr) throw Failure("OUT_OF_MEMORY", "no page-locked memory of that size");
  std::memset(memory.get(), 0, bytes);
  auto holder = std::make_unique<std::shared_ptr<std::uint8_t>>(std::move(memory));
  napi_value buffer = nullptr;
  const napi_status status =
      napi_create_external_arraybuffer(env, holder->get(), bytes, freePinned, holder.get(), &buffer);
  if (status == napi_ok) {
    static_cast<void>(holder.release());  // freePinned ends it
  } else if (status == napi_no_external_buffers_allowed) {
    void* data = nullptr;
    check(env, napi_create_arraybuffer(env, bytes, &data, &buffer));
    std::memset(data, 0, bytes);
  } else {
    check(env, status);
  }
  napi_value array = nullptr;
  check(env, napi_create_typedarray(env, napi_uint8_array, bytes, buffer, 0, &array));
  return array;
}

/// (device: string) → [name, uuid, driverVersion, memoryBytes, pcieMaxGeneration, pcieMaxLanes,
/// powerLimitWatts], or why there is none: string
napi_value nvmlFacts(Call& call) {
  const ByteArgument name(call, 0, "the device");
  std::string whyNot;
  const std::optional<nvml::Device> device = nvml::Device::find(name.bytes(), whyNot);
  if (!device.has_value()) return text(call.env(), whyNot);
  const nvml::Facts facts = device->facts();
  napi_env env = call.env();
  const std::array<napi_value, 7> parts{text(env, facts.name),
                                        text(env, facts.uuid),
                                        text(env, facts.driverVersion),
                                        number(env, orNaN(facts.memoryBytes)),
                                        number(env, orNaN(facts.pcieMaxGeneration)),
                                        number(env, orNaN(facts.pcieMaxLanes)),
                                        number(env, orNaN(facts.powerLimitWatts))};
  return listOf(env, parts);
}

/// (device: string, target: Float64Array of 9) → undefined, with the members of nvml::Sample in their order;
/// or why there is none: string
napi_value nvmlSample(Call& call) {
  const ByteArgument name(call, 0, "the device");
  std::string whyNot;
  const std::optional<nvml::Device> device = nvml::Device::find(name.bytes(), whyNot);
  if (!device.has_value()) return text(call.env(), whyNot);
  const nvml::Sample s = device->sample();
  const std::array<double, 9> values{orNaN(s.smClockMhz),         orNaN(s.memoryClockMhz),
                                     orNaN(s.utilizationPercent), orNaN(s.memoryUtilizationPercent),
                                     orNaN(s.memoryUsedBytes),    orNaN(s.powerWatts),
                                     orNaN(s.temperatureCelsius), orNaN(s.pcieGeneration),
                                     orNaN(s.pcieLanes)};
  const ArrayView<double> target = float64Array(call, 1, "the target");
  if (target.length < values.size()) throw Failure("BAD_ARGUMENT", "the target is too short");
  std::copy(values.begin(), values.end(), target.data);
  return nullptr;
}

}  // namespace predis::binding
