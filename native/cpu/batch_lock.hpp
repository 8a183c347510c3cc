/// @file
/// The locks of a batch.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include "shard.hpp"

namespace predis::cpu {

using Shards = std::vector<std::unique_ptr<Shard>>;

/// Holds the locks of a set of shards, taken in ascending order, so that no two batches wait for each other.
class BatchLock {
 public:
  /// @param touched one bit per shard; @param written those of them that are locked exclusively
  BatchLock(const Shards& shards, std::uint64_t touched, std::uint64_t written) noexcept
      : shards_(shards), touched_(touched), written_(written) {
    for (std::uint64_t left = touched_; left != 0; left &= left - 1) {
      const auto i = static_cast<unsigned>(std::countr_zero(left));
      if ((written_ >> i & 1) != 0) {
        shards_[i]->lock.lock();
      } else {
        shards_[i]->lock.lock_shared();
      }
    }
  }
  ~BatchLock() {
    for (std::uint64_t left = touched_; left != 0; left &= left - 1) {
      const auto i = static_cast<unsigned>(std::countr_zero(left));
      if ((written_ >> i & 1) != 0) {
        shards_[i]->lock.unlock();
      } else {
        shards_[i]->lock.unlock_shared();
      }
    }
  }
  BatchLock(const BatchLock&) = delete;
  BatchLock& operator=(const BatchLock&) = delete;

 private:
  const Shards& shards_;
  const std::uint64_t touched_;
  const std::uint64_t written_;
};

}  // namespace predis::cpu
