/// @file
/// When the index grows, and how far.
///
/// A bucket not yet split has twice the keys of its split neighbours, so the load that matters in linear
/// hashing with buckets of a fixed size is that of the unsplit ones: keys / (8 * level), whatever `split` is.
/// Growth therefore starts when that passes kGrowAbove and has doubled the index by the time it reaches
/// kDoubledAt: each batch splits at least as many buckets as its new keys ask for, so no batch waits for the
/// whole index, and no bucket is ever asked to hold more than two choices and displacement can place.
#pragma once

#include <algorithm>
#include <cstdint>

#include "layout.hpp"

namespace predis::cuda {

inline constexpr double kGrowAbove = 0.80;
inline constexpr double kDoubledAt = 0.88;

/// How many buckets of a level should have been split when the index holds so many keys: 0 to `level`. At
/// `level` the doubling is complete: level doubles and split is 0.
inline std::uint64_t splitTarget(std::uint64_t keys, std::uint64_t level) noexcept {
  const double load =
      static_cast<double>(keys) / (static_cast<double>(level) * static_cast<double>(Bucket::kEntries));
  const double share = std::clamp((load - kGrowAbove) / (kDoubledAt - kGrowAbove), 0.0, 1.0);
  return std::min(level, static_cast<std::uint64_t>(share * static_cast<double>(level)));
}

/// The smallest level whose buckets hold so many keys without growing.
inline std::uint64_t levelFor(std::uint64_t keys, std::uint64_t smallestLevel) noexcept {
  std::uint64_t level = smallestLevel;
  while (static_cast<double>(keys) > kGrowAbove * static_cast<double>(level * Bucket::kEntries)) level *= 2;
  return level;
}

}  // namespace predis::cuda
