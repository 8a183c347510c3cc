/// @file
/// The contract's tests, put to the CPU engine. With an argument: those whose names begin with it.
#include "check.hpp"
#include "contract/subject.hpp"

namespace predis::test {

const Subject& subject() {
  static const Subject cpu{"cpu", makeCpuEngine, std::uint64_t{4} << 20, 1000};
  return cpu;
}

}  // namespace predis::test

int main(int count, char** arguments) { return predis::test::runAll(count > 1 ? arguments[1] : ""); }
