/// @file
/// The functions of libnvidia-ml.so.1 that are used here, declared by hand: the addon is built where no
/// driver and no toolkit is installed. Names, numbers and layouts: NVIDIA's NVML API reference, stable since
/// version 11.
#pragma once

#include <string>

namespace predis::nvml {

// nvmlReturn_t
inline constexpr int kSuccess = 0;
// nvmlClockType_t
inline constexpr int kSmClock = 1;
inline constexpr int kMemoryClock = 2;
// nvmlTemperatureSensors_t
inline constexpr int kGpuCore = 0;

/// nvmlMemory_t, bytes.
struct Memory {
  unsigned long long total, free, used;
};

/// nvmlUtilization_t, percent of the last sampling period.
struct Utilization {
  unsigned gpu, memory;
};

/// The library, open. A function that this driver lacks is null, but for the first four.
struct Library {
  int (*initialise)() = nullptr;
  int (*deviceByIndex)(unsigned, void**) = nullptr;
  int (*deviceByUuid)(const char*, void**) = nullptr;
  const char* (*errorText)(int) = nullptr;

  int (*driverVersion)(char*, unsigned) = nullptr;
  int (*deviceName)(void*, char*, unsigned) = nullptr;
  int (*deviceUuid)(void*, char*, unsigned) = nullptr;
  int (*memory)(void*, Memory*) = nullptr;
  int (*utilization)(void*, Utilization*) = nullptr;
  int (*clock)(void*, int, unsigned*) = nullptr;
  int (*power)(void*, unsigned*) = nullptr;       ///< Milliwatts.
  int (*powerLimit)(void*, unsigned*) = nullptr;  ///< Milliwatts.
  int (*temperature)(void*, int, unsigned*) = nullptr;
  int (*pcieGeneration)(void*, unsigned*) = nullptr;
  int (*pcieLanes)(void*, unsigned*) = nullptr;
  int (*pcieMaxGeneration)(void*, unsigned*) = nullptr;
  int (*pcieMaxLanes)(void*, unsigned*) = nullptr;

  /// What an nvmlReturn_t means.
  [[nodiscard]] std::string message(int code) const;

  /// Opens and initialises the library on the first call; it stays open. Thread-safe.
  /// @param whyNot set to one plain sentence without a full stop when the result is null
  static const Library* get(std::string& whyNot);
};

}  // namespace predis::nvml
