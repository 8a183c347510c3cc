/// @file
/// What the driver says about an NVIDIA GPU, through its management library (NVML). The library is opened at
/// run time and never linked, so that the addon loads where there is no driver; what it does not answer is
/// absent with the reason, never guessed. Source of names and numbers: NVIDIA's NVML API reference.
///
/// Thread-safety: all functions may be called from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace predis::nvml {

/// Facts that stay while the machine runs. A member is empty where the driver or the device does not tell it.
struct Facts {
  std::string name;
  std::string uuid;
  std::string driverVersion;  ///< E.g. "580.65.06".
  std::optional<std::uint64_t> memoryBytes;
  std::optional<std::uint32_t> pcieMaxGeneration;  ///< Of device and slot together.
  std::optional<std::uint32_t> pcieMaxLanes;
  std::optional<double> powerLimitWatts;
};

/// One reading. A member is empty where the device does not tell it.
struct Sample {
  std::optional<std::uint32_t> smClockMhz, memoryClockMhz;
  std::optional<std::uint32_t>
      utilizationPercent;  ///< Time with a kernel running, of the driver's last period.
  std::optional<std::uint32_t>
      memoryUtilizationPercent;                  ///< Time with device memory read or written, likewise.
  std::optional<std::uint64_t> memoryUsedBytes;  ///< By all processes and the driver.
  std::optional<double> powerWatts;
  std::optional<std::uint32_t> temperatureCelsius;
  std::optional<std::uint32_t> pcieGeneration, pcieLanes;  ///< Now: an idle link may be slower.
};

/// A device that the driver knows, or why there is none.
class Device {
 public:
  /// @param device its UUID as CUDA and NVML write it ("GPU-…", "MIG-…"), or an ordinal of NVML in decimal
  /// digits (which is not CUDA's where CUDA_VISIBLE_DEVICES is set)
  /// @param whyNot set to one plain sentence without a full stop when the result is empty
  static std::optional<Device> find(std::string_view device, std::string& whyNot);

  [[nodiscard]] Facts facts() const;
  [[nodiscard]] Sample sample() const noexcept;

 private:
  explicit Device(void* handle) noexcept : handle_(handle) {}
  void* handle_;
};

}  // namespace predis::nvml
