/// @file
/// What the operations of one lane or tile change of the counters: gathered in registers and added once, so
/// that a kernel does not spend its time on a dozen words that every key of the batch adds to.
#pragma once

#include <cstdint>

#include "../layout.hpp"

namespace predis::cuda {

/// Differences; those of keys to expiringKeys may be below zero, in two's complement. All lanes of a tile
/// have the same numbers: one lane's are added.
struct Tally {
  std::uint64_t keys = 0, keyValueBytes = 0, liveUnits = 0, expiringKeys = 0;
  std::uint64_t hits = 0, misses = 0;
  std::uint64_t evicted = 0, expired = 0, failed = 0;

  PREDIS_HD void flush(Counters& counters) noexcept {
    addTo(counters.keys, keys);
    addTo(counters.keyValueBytes, keyValueBytes);
    addTo(counters.liveUnits, liveUnits);
    addTo(counters.expiringKeys, expiringKeys);
    addTo(counters.hits, hits);
    addTo(counters.misses, misses);
    addTo(counters.evicted, evicted);
    addTo(counters.expired, expired);
    addTo(counters.failed, failed);
    *this = Tally{};
  }

 private:
  PREDIS_HD static void addTo(std::uint64_t& counter, std::uint64_t difference) noexcept {
    if (difference != 0) atomic::add(&counter, difference);
  }
};

}  // namespace predis::cuda
