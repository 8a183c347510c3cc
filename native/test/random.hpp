/// @file
/// Random numbers for tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace predis::test {

/// splitmix64 (Steele, Lea, Flood 2014): the same numbers everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t x = state_ += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
  }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  std::string bytes(std::size_t count) {
    std::string result(count, '\0');
    for (char& c : result) c = static_cast<char>(next());
    return result;
  }

 private:
  std::uint64_t state_;
};

}  // namespace predis::test
