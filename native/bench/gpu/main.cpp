// The GPU bench: the card's ceilings, then the engine, each figure beside the ceiling that bounds it.
//
//   gpu_bench [--parts ceilings,device,packed,single,kilobyte,load,cpu] [--records N] [--kilobyte-records N]
//             [--cpu-records N] [--seconds S] [--device N] [--json FILE] [--quiet]
//
// Rates count results that were checked in the same run alone. Ends with 1 when one was wrong.
#include <cstring>
#include <string_view>

#include "bench.hpp"

int main(int argc, char** argv) {
  using namespace predis::bench;
  Settings settings;
  bool quiet = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--quiet") {
      quiet = true;
      continue;
    }
    require(i + 1 < argc, "an option wants a value");
    const char* const value = argv[++i];
    if (word == "--parts")
      settings.parts = value;
    else if (word == "--records")
      settings.records = std::strtoull(value, nullptr, 10);
    else if (word == "--kilobyte-records")
      settings.kilobyteRecords = std::strtoull(value, nullptr, 10);
    else if (word == "--cpu-records")
      settings.cpuRecords = std::strtoull(value, nullptr, 10);
    else if (word == "--seconds")
      settings.seconds = std::strtod(value, nullptr);
    else if (word == "--device")
      settings.device = std::atoi(value);
    else if (word == "--json")
      settings.json = value;
    else
      require(false, "unknown option; see the head of native/bench/gpu/main.cpp");
  }
  require(settings.records >= 1 << 16 && settings.kilobyteRecords >= 1 << 20, "too few records");
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess || count == 0) {
    std::fprintf(stderr, "gpu_bench: no CUDA device here; nothing was measured\n");
    return 3;
  }
  require(cudaSetDevice(settings.device), "cudaSetDevice");
  cudaDeviceProp properties{};
  require(cudaGetDeviceProperties(&properties, settings.device), "cudaGetDeviceProperties");
  Report report(quiet);
  report.setFact("device", properties.name);
  report.setFact("records", std::to_string(settings.records));
  report.note(std::string(properties.name) + ", " + std::to_string(settings.records) +
              " records of 24 + 100 bytes");
  const Timer timer;
  if (settings.has("ceilings")) benchCeilings(settings, report);
  if (settings.has("device") || settings.has("packed") || settings.has("single"))
    benchSmall(settings, report);
  if (settings.has("kilobyte")) benchKilobyte(settings, report);
  if (settings.has("load")) benchLoad(settings, report);
  if (settings.has("cpu")) benchCpu(settings, report);
  report.note("took " + std::to_string(static_cast<int>(timer.seconds())) + " s");
  if (!settings.json.empty()) require(report.writeJson(settings.json), "cannot write the JSON file");
  return report.allVerified() ? 0 : 1;
}
