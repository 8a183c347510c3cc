// The contract of all engines, put to the CUDA engine on a device.
#include <cstdio>
#include <cstdlib>

#include "../../engine/cuda_factory.hpp"
#include "../check.hpp"
#include "../contract/subject.hpp"

namespace predis::test {

namespace {

std::unique_ptr<Engine> makeOnDevice(const EngineOptions& options) {
  std::string whyNot;
  auto engine = makeCudaEngine(options, whyNot);
  if (engine == nullptr) {
    std::printf("not ok - no engine to test: %s\n", whyNot.c_str());
    std::fflush(stdout);
    std::_Exit(1);
  }
  return engine;
}

}  // namespace

const Subject& subject() {
  static const Subject onDevice{
      .kind = "cuda",
      .make = makeOnDevice,
      // As little as the contract's tests can do with in segments of 2 MiB: it is filled many times.
      .limitBytes = std::uint64_t{24} << 20,
      // Under compute-sanitizer a kernel takes a hundred times as long.
      .permille = std::getenv("PREDIS_GPU_TEST_SMALL") != nullptr ? std::uint64_t{2} : std::uint64_t{100},
  };
  return onDevice;
}

}  // namespace predis::test

int main(int argc, char** argv) { return predis::test::runAll(argc > 1 ? argv[1] : ""); }
