#include "library.hpp"

#if defined(__linux__)
#include <dlfcn.h>
#endif

namespace predis::nvml {
namespace {

/// A library that could be opened, or why not.
struct Opened {
  Library library;
  bool usable = false;
  std::string whyNot;
};

#if defined(__linux__)

constexpr const char* kFile = "libnvidia-ml.so.1";

template <typename Function>
bool take(void* file, const char* symbol, Function& function) noexcept {
  function = reinterpret_cast<Function>(dlsym(file, symbol));
  return function != nullptr;
}

Opened open() {
  Opened opened;
  void* const file = dlopen(kFile, RTLD_NOW | RTLD_LOCAL);  // open until the process ends
  if (file == nullptr) {
    const char* const error = dlerror();
    const std::string reason = error == nullptr ? std::string(kFile) : error;
    opened.whyNot = "no NVIDIA driver is installed, or its management library is not found (" + reason + ")";
    return opened;
  }
  Library& l = opened.library;
  if (!take(file, "nvmlInit_v2", l.initialise) ||
      !take(file, "nvmlDeviceGetHandleByIndex_v2", l.deviceByIndex) ||
      !take(file, "nvmlDeviceGetHandleByUUID", l.deviceByUuid) ||
      !take(file, "nvmlErrorString", l.errorText)) {
    opened.whyNot = std::string(kFile) + " lacks functions that every NVIDIA driver has had for years";
    return opened;
  }
  take(file, "nvmlSystemGetDriverVersion", l.driverVersion);
  take(file, "nvmlDeviceGetName", l.deviceName);
  take(file, "nvmlDeviceGetUUID", l.deviceUuid);
  take(file, "nvmlDeviceGetMemoryInfo", l.memory);
  take(file, "nvmlDeviceGetUtilizationRates", l.utilization);
  take(file, "nvmlDeviceGetClockInfo", l.clock);
  take(file, "nvmlDeviceGetPowerUsage", l.power);
  take(file, "nvmlDeviceGetEnforcedPowerLimit", l.powerLimit);
  take(file, "nvmlDeviceGetTemperature", l.temperature);
  take(file, "nvmlDeviceGetCurrPcieLinkGeneration", l.pcieGeneration);
  take(file, "nvmlDeviceGetCurrPcieLinkWidth", l.pcieLanes);
  take(file, "nvmlDeviceGetMaxPcieLinkGeneration", l.pcieMaxGeneration);
  take(file, "nvmlDeviceGetMaxPcieLinkWidth", l.pcieMaxLanes);
  const int code = l.initialise();
  opened.usable = code == kSuccess;
  if (!opened.usable) opened.whyNot = std::string(kFile) + " does not start: " + l.message(code);
  return opened;
}

#else

Opened open() {
  Opened opened;
  opened.whyNot = "GPU readings are taken on Linux alone";
  return opened;
}

#endif

}  // namespace

std::string Library::message(int code) const {
  const char* const text = errorText(code);
  return text == nullptr ? "error " + std::to_string(code) : text;
}

const Library* Library::get(std::string& whyNot) {
  // Never destroyed: worker threads may still ask while the process runs its static destructors.
  static const auto* const opened = new Opened(open());
  if (opened->usable) return &opened->library;
  whyNot = opened->whyNot;
  return nullptr;
}

}  // namespace predis::nvml
