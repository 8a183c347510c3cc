/// @file
/// One engine on the device under measurement, with batches and their checks.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "../../cuda/store/device_engine.hpp"
#include "../../cuda/store/device_path.hpp"
#include "bench.hpp"

namespace predis::bench {

/// Results of repetitions: time of the calls alone, and what was right.
struct Rate {
  double seconds = 0;
  std::uint64_t right = 0, asked = 0;
  [[nodiscard]] double perSecond() const { return static_cast<double>(right) / seconds; }
  [[nodiscard]] std::uint64_t wrong() const { return asked - right; }
};

/// Repeats prepare (untimed: poisons), work (timed) and check (untimed: how many are right) for so long.
Rate repeat(double seconds, std::uint64_t perRun, const std::function<void(std::uint64_t run)>& prepare,
            const std::function<void()>& work, const std::function<std::uint64_t(std::uint64_t run)>& check);

class EngineBench {
 public:
  EngineBench(const Settings& settings, Report& report, std::uint64_t records, std::uint32_t valueBytes);

  /// Inserts all records from device memory, timed, and checks each of them after.
  void load(const char* name, std::optional<double> must, std::optional<double> aim);
  void lookups();
  void gathers(const char* name, std::optional<double> must, std::optional<double> aim);
  void packedGets();
  void packedPuts();
  void overlap();
  void singles();

 private:
  void checkCall(predis::BatchStatus status, const char* call);
  Rate packedGetRate(std::uint32_t batch, unsigned threads);
  Rate packedPutRate(std::uint32_t batch, unsigned threads);
  [[nodiscard]] std::uint32_t deviceBatch() const { return valueBytes_ <= 128 ? 1U << 24 : 1U << 20; }

  const Settings& settings_;
  Report& report_;
  const std::uint64_t records_;
  const std::uint32_t valueBytes_;
  std::unique_ptr<predis::Engine> engine_;
  predis::cuda::DevicePath* device_ = nullptr;
  std::uint64_t seed_ = 1;
  std::uint32_t version_ = 0;
};

}  // namespace predis::bench
