/// @file
/// Seeds of hashes.
#pragma once

#include <cstdint>
#include <random>

#include "hash.hpp"

namespace predis {

/// A seed that nobody can foresee, from the machine's source of randomness. @throws std::exception when there
/// is none
inline HashSeed randomSeed() {
  std::random_device device;
  const auto word = [&device] { return std::uint64_t{device()} << 32 | device(); };
  HashSeed seed;
  seed.start = word();
  for (std::uint64_t& secret : seed.words) secret = word();
  return seed;
}

}  // namespace predis
