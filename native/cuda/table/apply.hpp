/// @file
/// Mixed batches: the operations on each key one after another.
#pragma once

#include <cstdint>

#include "operation.hpp"

namespace predis::cuda {

/// Backend::apply for one run.
struct ApplyKernel {
  TableView table;
  LogView log;
  BatchView batch;
  Runs runs;
  const std::uint32_t* operations;
  Deferred deferred;
  ApplyOutput out;
  bool final;

  /// @param index of a run (those from *runs.count on do not exist), or into `operations`
  template <typename Tile>
  PREDIS_HD_LARGE void operator()(const Tile& tile, std::uint64_t index, Tally& tally) const noexcept {
    std::uint32_t place = 0;
    std::uint32_t end = 0;
    if (operations == nullptr) {
      if (index >= *runs.count) return;
      place = runs.starts[index];
      end = runs.starts[index + 1];
    } else {
      place = operations[index];
      if (place >= batch.count) return;
      end = runEnd(place);
    }
    Found found;
    std::uint64_t hash = 0;
    bool looked = false;
    for (; place < end; ++place) {
      const std::uint32_t i = runs.order[place];
      const Status invalid = checkOperation(batch, i);
      if (invalid != Status::kOk) {
        finish(tile, i, invalid, 0, tally);
        continue;
      }
      const Operation operation = operationOf(i);
      if (!looked) {
        hash = hashKey(operation.key.bytes, operation.key.length, operation.key.space, table.seed);
        found = find(tile, table, hash, operation.key, batch.nowMs);
        looked = true;
      }
      Outcome outcome = applyOperation(tile, table, hash, found, operation, room(), tally);
      if (operation.kind == OpKind::kGet) {
        deliver(tile, i, found, outcome, tally);
      } else if (tile.rank() == 0) {
        out.found[i] = 0;
        out.valueBytes[i] = 0;
      }
      if (outcome.undone != DeferReason::kNone) {
        if (!final || outcome.undone == DeferReason::kLarge) {
          leave(tile, place, end, outcome.undone);
          return;
        }
        outcome.status = Status::kOutOfMemory;
      }
      finish(tile, i, outcome.status, outcome.number, tally);
    }
  }

 private:
  PREDIS_HD LogRoom room() const noexcept { return {table.counters, log}; }

  /// The end of the run that a place is in: the first start behind it.
  PREDIS_HD std::uint32_t runEnd(std::uint32_t place) const noexcept {
    std::uint32_t low = 0;
    std::uint32_t high = *runs.count;
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (runs.starts[middle] <= place) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return runs.starts[low];
  }

  PREDIS_HD Operation operationOf(std::uint32_t i) const noexcept {
    Operation operation;
    operation.kind = kindOf(batch, i);
    operation.key = keyOf(batch, i);
    operation.nowMs = batch.nowMs;
    if (batch.amounts != nullptr) operation.amount = batch.amounts[i];
    if (batch.valueOffsets != nullptr) {
      operation.value = batch.valueBlob + batch.valueOffsets[i];
      operation.valueBytes = batch.valueOffsets[i + 1] - batch.valueOffsets[i];
    }
    if (batch.expectedOffsets != nullptr) {
      operation.expected = batch.expectedBlob + batch.expectedOffsets[i];
      operation.expectedBytes = batch.expectedOffsets[i + 1] - batch.expectedOffsets[i];
    }
    return operation;
  }

  template <typename Tile>
  PREDIS_HD void finish(const Tile& tile, std::uint32_t i, Status status, std::int64_t number,
                        Tally& tally) const noexcept {
    tally.failed += isFailure(status) ? 1 : 0;
    if (tile.rank() != 0) return;
    out.statuses[i] = static_cast<std::uint8_t>(status);
    out.numbers[i] = number;
    if (isFailure(status)) {
      out.found[i] = 0;
      out.valueBytes[i] = 0;
    }
  }

  /// Copies a get's value out.
  template <typename Tile>
  PREDIS_HD void deliver(const Tile& tile, std::uint32_t i, Found& found, Outcome& outcome,
                         Tally& tally) const noexcept {
    const bool exists = outcome.status == Status::kOk;
    const std::uint32_t bytes = exists ? found.head.valueBytes() : 0;
    std::uint64_t at = 0;
    if (bytes != 0) {
      if (tile.rank() == 0) at = atomic::add(&table.counters->outputBytes, bytes);
      at = tile.from(at, 0);
      if (at + bytes > out.blobBytes) {
        outcome.undone = DeferReason::kOutputFull;
        return;
      }
      copyBytes(tile, out.blob + at, table.recordAt(found.unit) + found.head.valueAt(), bytes);
      // A write of this run must not pass the copy.
      tile.sync();
    }
    if (tile.rank() == 0) {
      out.found[i] = exists ? 1 : 0;
      out.valueBytes[i] = bytes;
      out.valueAt[i] = at;
    }
    if (exists && out.markReferenced) {
      markReferenced(tile, table.recordAt(found.unit), found.head);
      found.head.valueAndFlags |= RecordHead::kReferenced;
    }
    tally.hits += exists ? 1 : 0;
    tally.misses += exists ? 0 : 1;
  }

  template <typename Tile>
  PREDIS_HD void leave(const Tile& tile, std::uint32_t place, std::uint32_t end,
                       DeferReason reason) const noexcept {
    if (tile.rank() != 0) return;
    const std::uint64_t at = atomic::add(&table.counters->deferred, std::uint64_t{1});
    deferred.operations[at] = place;
    deferred.reasons[at] = static_cast<std::uint32_t>(reason);
    if (deferred.runEnds != nullptr) deferred.runEnds[at] = end;
  }
};

}  // namespace predis::cuda
