/// @file
/// Running a test in several threads.
#pragma once

#include <thread>
#include <vector>

namespace predis::test {

/// Runs body(thread) in each of `count` threads and waits for all.
template <typename Body>
void inThreads(unsigned count, const Body& body) {
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < count; ++t) threads.emplace_back([&body, t] { body(t); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace predis::test
