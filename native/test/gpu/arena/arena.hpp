/// @file
/// Host memory with a mirror on the device, and a stack in it: what tests of the table do with plain pointers
/// on the host backend works on a device then.
///
/// Tests run as a context of their own whose stack and whose allocations lie in the arena. When one gives the
/// device work, it is left; the arena is copied to its mirror, the kernel runs on the mirror with all
/// pointers translated, the mirror is copied back, and the test goes on. So everything that a kernel may read
/// or write by mistake is compared with what the host's form of the kernel does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace predis::cuda::test {

class Arena {
 public:
  static constexpr std::size_t kBytes = std::size_t{1} << 30;

  /// Runs tests with stack and heap in the arena. @return what they return. Once a process.
  static int runWithin(int (*tests)());
  /// From within: leaves the tests while `work` runs between the two copies. What it writes to the arena
  /// itself is lost. @return what it returns
  static bool onDevice(const std::function<bool()>& work);
  /// Where the device has what is at this address here. Ends the program when that is not in the arena.
  static std::uint8_t* mirrorOf(const void* address);
  template <typename T>
  static T* translated(T* pointer) {
    if (pointer == nullptr) return nullptr;
    return reinterpret_cast<T*>(mirrorOf(pointer));
  }
  /// Memory in the arena, 2 MiB aligned, and back.
  static std::uint8_t* take(std::size_t bytes);
  static void give(void* memory);
};

}  // namespace predis::cuda::test
