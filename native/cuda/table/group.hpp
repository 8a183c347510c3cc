/// @file
/// Bringing the equal keys of a batch together: an open-addressing table of the batch's own, one thread an
/// operation. A slot holds 32 bits of the hash and the operation that stands for its key.
#pragma once

#include <cstdint>

#include "batch.hpp"

namespace predis::cuda {

/// Slot of an operation that can never be done (checkOperation).
inline constexpr std::uint32_t kNoSlot = ~std::uint32_t{0};

/// The operation that a slot names in the end.
PREDIS_HD std::uint32_t slotOperation(std::uint64_t slot) noexcept {
  return static_cast<std::uint32_t>(slot) - 1;
}

/// True when operation i is the one of its key's that acts.
PREDIS_HD bool actsForKey(const GroupScratch& scratch, std::uint32_t i) noexcept {
  const std::uint32_t slot = scratch.slotOf[i];
  return slot != kNoSlot && slotOperation(atomic::load(&scratch.slots[slot])) == i;
}

struct GroupKernel {
  TableView table;
  BatchView batch;
  GroupScratch scratch;
  GroupKeeps keeps;

  /// One operation. The probe ends at a free slot or after all of them, whatever the keys are.
  template <typename Tile>
  PREDIS_HD void operator()(const Tile& tile, std::uint64_t index, Tally&) const noexcept {
    static_assert(Tile::kLanes == 1, "each lane would enter the operation");
    const auto i = static_cast<std::uint32_t>(index);
    scratch.slotOf[i] = kNoSlot;
    scratch.hashes[i] = 0;
    if (checkOperation(batch, i) != Status::kOk) return;
    const KeyRef key = keyOf(batch, i);
    const std::uint64_t hash = hashKey(key.bytes, key.length, key.space, table.seed);
    scratch.hashes[i] = hash;
    const std::uint64_t mine = (hash & ~std::uint64_t{0xFFFFFFFF}) | (i + std::uint64_t{1});
    const std::uint32_t mask = scratch.slotCount - 1;
    auto slot = static_cast<std::uint32_t>(hash) & mask;
    for (std::uint32_t probe = 0; probe < scratch.slotCount; ++probe, slot = (slot + 1) & mask) {
      std::uint64_t* const word = &scratch.slots[slot];
      std::uint64_t seen = atomic::load(word);
      if (seen == 0) {
        seen = atomic::compareAndSwap(word, 0, mine);
        if (seen == 0) {
          scratch.slotOf[i] = slot;
          return;
        }
      }
      if ((seen ^ mine) >> 32 != 0 || !sameKey(tile, key, slotOperation(seen))) continue;
      if (keeps == GroupKeeps::kLast) {
        if (seen < mine) atomic::max(word, mine);
      } else {
        if (seen > mine) atomic::min(word, mine);
      }
      scratch.slotOf[i] = slot;
      return;
    }
  }

 private:
  template <typename Tile>
  PREDIS_HD bool sameKey(const Tile& tile, const KeyRef& key, std::uint32_t other) const noexcept {
    const KeyRef theirs = keyOf(batch, other);
    return theirs.length == key.length && equalBytes(tile, theirs.bytes, key.bytes, key.length);
  }
};

}  // namespace predis::cuda
