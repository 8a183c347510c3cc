#include "nvml.hpp"

#include <array>
#include <charconv>

#include "library.hpp"

namespace predis::nvml {
namespace {

/// The ordinal that a text of decimal digits is.
std::optional<unsigned> ordinalOf(std::string_view text) noexcept {
  unsigned ordinal = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, ordinal);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return ordinal;
}

/// A text that a function writes into a buffer; empty where it is not supported.
template <typename Function, typename... Arguments>
std::string textOf(Function function, Arguments... arguments) {
  // The longest that NVML writes: names have 96 bytes, UUIDs 96, versions 80.
  std::array<char, 96> buffer{};
  if (function == nullptr || function(arguments..., buffer.data(), buffer.size()) != kSuccess) return {};
  buffer.back() = '\0';
  return buffer.data();
}

/// A number that a function writes; empty where it is not supported.
template <typename T, typename Function, typename... Arguments>
std::optional<T> numberOf(Function function, Arguments... arguments) noexcept {
  T number{};
  if (function == nullptr || function(arguments..., &number) != kSuccess) return std::nullopt;
  return number;
}

std::optional<double> thousandths(std::optional<double> number) noexcept {
  return number.has_value() ? std::optional(*number / 1000.0) : std::nullopt;
}

}  // namespace

std::optional<Device> Device::find(std::string_view device, std::string& whyNot) {
  const Library* const library = Library::get(whyNot);
  if (library == nullptr) return std::nullopt;
  void* handle = nullptr;
  const std::optional<unsigned> ordinal = ordinalOf(device);
  const int code = ordinal.has_value() ? library->deviceByIndex(*ordinal, &handle)
                                       : library->deviceByUuid(std::string(device).c_str(), &handle);
  if (code != kSuccess) {
    whyNot = "the driver's library knows no device '" + std::string(device) + "': " + library->message(code);
    return std::nullopt;
  }
  return Device(handle);
}

Facts Device::facts() const {
  std::string ignored;
  const Library* const library = Library::get(ignored);
  if (library == nullptr) return {};
  Facts facts;
  facts.name = textOf(library->deviceName, handle_);
  facts.uuid = textOf(library->deviceUuid, handle_);
  facts.driverVersion = textOf(library->driverVersion);
  if (const auto memory = numberOf<Memory>(library->memory, handle_)) facts.memoryBytes = memory->total;
  facts.pcieMaxGeneration = numberOf<unsigned>(library->pcieMaxGeneration, handle_);
  facts.pcieMaxLanes = numberOf<unsigned>(library->pcieMaxLanes, handle_);
  facts.powerLimitWatts = thousandths(numberOf<unsigned>(library->powerLimit, handle_));
  return facts;
}

Sample Device::sample() const noexcept {
  std::string ignored;
  const Library* const library = Library::get(ignored);
  if (library == nullptr) return {};
  Sample sample;
  sample.smClockMhz = numberOf<unsigned>(library->clock, handle_, kSmClock);
  sample.memoryClockMhz = numberOf<unsigned>(library->clock, handle_, kMemoryClock);
  if (const auto use = numberOf<Utilization>(library->utilization, handle_)) {
    sample.utilizationPercent = use->gpu;
    sample.memoryUtilizationPercent = use->memory;
  }
  if (const auto memory = numberOf<Memory>(library->memory, handle_)) sample.memoryUsedBytes = memory->used;
  sample.powerWatts = thousandths(numberOf<unsigned>(library->power, handle_));
  sample.temperatureCelsius = numberOf<unsigned>(library->temperature, handle_, kGpuCore);
  sample.pcieGeneration = numberOf<unsigned>(library->pcieGeneration, handle_);
  sample.pcieLanes = numberOf<unsigned>(library->pcieLanes, handle_);
  return sample;
}

}  // namespace predis::nvml
