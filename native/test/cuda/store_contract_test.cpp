/// @file
/// The contract's tests, put to the device engine on the host's backend. With an argument: those whose names
/// begin with it.
#include "../../cuda/store/device_engine.hpp"
#include "../check.hpp"
#include "../contract/subject.hpp"

namespace predis::test {

namespace {

constexpr std::uint64_t kDeviceBytes = std::uint64_t{4} << 30;
constexpr unsigned kThreads = 2;

std::unique_ptr<Engine> makeOnHost(const EngineOptions& options) {
  return cuda::makeDeviceEngine(cuda::makeHostBackend(kDeviceBytes, kThreads), options);
}

}  // namespace

const Subject& subject() {
  // Every kernel starts threads of its own here: a fifth of the operations is enough. The limit is that of
  // the tests on a device.
  static const Subject device{"cuda", makeOnHost, std::uint64_t{24} << 20, 200};
  return device;
}

}  // namespace predis::test

int main(int count, char** arguments) { return predis::test::runAll(count > 1 ? arguments[1] : ""); }
