/// @file
/// Reading kernels in their plain form: the meaning that tuned ones must have.
#pragma once

#include <cstdint>

#include "batch.hpp"

namespace predis::cuda {

namespace detail {

PREDIS_HD void countRead(bool exists, Tally& tally) noexcept {
  if (exists) {
    tally.hits += 1;
  } else {
    tally.misses += 1;
  }
}

}  // namespace detail

/// Backend::lookup for one key.
struct LookupKernel {
  TableView table;
  BatchView batch;
  std::uint8_t* found;

  template <typename Tile>
  PREDIS_HD void operator()(const Tile& tile, std::uint64_t i, Tally& tally) const noexcept {
    const bool exists = findKey(tile, table, batch, i).exists();
    if (tile.rank() == 0) found[i] = exists ? 1 : 0;
    detail::countRead(exists, tally);
  }
};

/// Backend::gather for one key.
struct GatherKernel {
  TableView table;
  BatchView batch;
  std::uint8_t* out;
  std::uint32_t strideBytes;
  std::uint32_t* valueBytes;

  template <typename Tile>
  PREDIS_HD void operator()(const Tile& tile, std::uint64_t i, Tally& tally) const noexcept {
    const Found key = findKey(tile, table, batch, i);
    const std::uint32_t bytes = key.head.valueBytes();
    if (tile.rank() == 0) valueBytes[i] = key.exists() ? bytes : UINT32_MAX;
    detail::countRead(key.exists(), tally);
    if (!key.exists()) return;
    copyBytes(tile, out + i * strideBytes, table.recordAt(key.unit) + key.head.valueAt(),
              bytes < strideBytes ? bytes : strideBytes);
  }
};

/// First pass of Backend::mget: where each key's value is, and how long.
struct MgetFindKernel {
  TableView table;
  BatchView batch;
  std::uint8_t* found;
  std::uint64_t* units;  ///< Out, count: the record, 0 where there is no key.
  bool markReferenced;

  template <typename Tile>
  PREDIS_HD void operator()(const Tile& tile, std::uint64_t i, Tally& tally) const noexcept {
    const Found key = findKey(tile, table, batch, i);
    if (tile.rank() == 0) {
      found[i] = key.exists() ? 1 : 0;
      units[i] = key.exists() ? key.unit : 0;
    }
    if (markReferenced && key.exists()) cuda::markReferenced(tile, table.recordAt(key.unit), key.head);
    detail::countRead(key.exists(), tally);
  }
};

/// Second pass: value i to blob + from[i] - from[0], unless it passes the end of the blob.
struct MgetCopyKernel {
  TableView table;
  const std::uint64_t* units;
  const std::uint64_t* from;  ///< count
  std::uint8_t* blob;
  std::uint64_t blobBytes;

  template <typename Tile>
  PREDIS_HD void operator()(const Tile& tile, std::uint64_t i, Tally&) const noexcept {
    if (units[i] == 0) return;
    const std::uint8_t* const record = table.recordAt(units[i]);
    const RecordHead head = readHead(record);
    const std::uint64_t at = from[i] - from[0];
    if (at + head.valueBytes() > blobBytes) return;
    copyBytes(tile, blob + at, record + head.valueAt(), head.valueBytes());
  }
};

}  // namespace predis::cuda
