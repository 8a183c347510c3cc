/// @file
/// Working memory of batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <vector>

#include "../engine/record.hpp"

namespace predis::cpu {

/// Kept by each thread from call to call, up to a bound.
struct Scratch {
  static constexpr std::size_t kKeptKeys = std::size_t{1} << 16;
  static constexpr std::size_t kKeptBytes = std::size_t{4} << 20;

  std::vector<std::uint64_t> hashes;
  std::vector<Record*> records;
  std::vector<const char*> sources;   ///< Strong reads: the values, where they lie.
  std::vector<std::uint32_t> order;   ///< Relaxed batches: the keys, shard by shard.
  std::vector<std::uint64_t> places;  ///< Where each key's value begins in `values`.
  std::vector<std::uint8_t> values;   ///< Values that were copied before the answer's size was known.

  /// @param grouped prepares for a batch that goes shard by shard. @throws std::bad_alloc
  void prepare(std::size_t keys, bool grouped) {
    values.clear();
    if (hashes.size() < keys) hashes.resize(keys);
    if (records.size() < keys) records.resize(keys);
    if (sources.size() < keys) sources.resize(keys);
    if (!grouped) return;
    if (order.size() < keys) order.resize(keys);
    if (places.size() < keys) places.resize(keys);
  }
  /// Adds a value to those kept. False when there is no memory.
  [[nodiscard]] bool keep(std::string_view value) noexcept {
    try {
      values.insert(values.end(), value.begin(), value.end());
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }
  /// Copies the values kept into the order of the batch. @param offsets in: offsets[i + 1] is the length of
  /// value i, which begins at places[i] unless it is empty; out: the offsets
  void arrange(std::size_t count, std::uint32_t* offsets, std::uint8_t* answer) const noexcept {
    std::uint32_t end = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t bytes = offsets[i + 1];
      if (bytes != 0) std::memcpy(answer + end, values.data() + places[i], bytes);
      end += bytes;
      offsets[i + 1] = end;
    }
  }
  void trim() noexcept {
    if (hashes.size() > kKeptKeys) hashes = {};
    if (records.size() > kKeptKeys) records = {};
    if (sources.size() > kKeptKeys) sources = {};
    if (order.size() > kKeptKeys) order = {};
    if (places.size() > kKeptKeys) places = {};
    if (values.capacity() > kKeptBytes) values = {};
  }
};

/// Borrows the thread's scratch memory for one batch.
class ScratchLoan {
 public:
  /// `ready()` is false when there is no memory.
  ScratchLoan(std::size_t keys, bool grouped) noexcept : scratch_(ofThread()) {
    try {
      scratch_.prepare(keys, grouped);
      ready_ = true;
    } catch (const std::bad_alloc&) {
    }
  }
  ~ScratchLoan() { scratch_.trim(); }
  ScratchLoan(const ScratchLoan&) = delete;
  ScratchLoan& operator=(const ScratchLoan&) = delete;

  [[nodiscard]] bool ready() const noexcept { return ready_; }
  [[nodiscard]] Scratch& operator*() const noexcept { return scratch_; }
  [[nodiscard]] Scratch* operator->() const noexcept { return &scratch_; }

 private:
  static Scratch& ofThread() noexcept {
    thread_local Scratch scratch;
    return scratch;
  }
  Scratch& scratch_;
  bool ready_ = false;
};

}  // namespace predis::cpu
