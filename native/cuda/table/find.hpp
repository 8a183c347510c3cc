/// @file
/// Looking a key up: its first bucket; then, if that has overflowed, its second and the stash.
#pragma once

#include <cstdint>

#include "bucket.hpp"
#include "record.hpp"

namespace predis::cuda {

/// What the table has of a key.
struct Found {
  std::uint64_t* place = nullptr;  ///< Of its entry; null when there is none.
  std::uint64_t unit = 0;          ///< Of its record.
  RecordHead head{};
  std::int64_t expiresAtMs = 0;  ///< 0 for never.
  bool expired = false;          ///< There is an entry, but the key does not exist any more.
  bool firstHasPlace = false;    ///< The key's first bucket had a free place.

  PREDIS_HD bool exists() const noexcept { return place != nullptr && !expired; }
};

/// A key and where it is looked for.
struct KeyRef {
  const std::uint8_t* bytes;
  std::uint32_t length;
  std::uint16_t space;
};

namespace detail {

/// Looks at one candidate. @return whether the record has the key
template <typename Tile>
PREDIS_HD bool isRecordOf(const Tile& tile, const TableView& table, std::uint64_t unit, const KeyRef& key,
                          RecordHead& head) noexcept {
  const std::uint8_t* const record = table.recordAt(unit);
  head = readHead(record);
  return head.keyBytes() == key.length && head.space == key.space &&
         equalBytes(tile, record + head.keyAt(), key.bytes, key.length);
}

/// Looks at all entries of a bucket that have the tag: at most eight.
template <typename Tile>
PREDIS_HD bool findIn(const Tile& tile, const TableView& table, const BucketView<Tile>& view,
                      std::uint64_t tag, const KeyRef& key, Found& found) noexcept {
  for (unsigned left = view.withTag(tag); left != 0; left &= left - 1) {
    const unsigned e = lowestBit(left);
    const std::uint64_t unit = Entry::unitOf(view.entry(e));
    if (isRecordOf(tile, table, unit, key, found.head)) {
      found.place = view.place(e);
      found.unit = unit;
      return true;
    }
  }
  return false;
}

}  // namespace detail

/// Looks a key up. The same for all lanes. Bounded: two buckets and the stash. @param hash hashKey of the key
template <typename Tile>
PREDIS_HD_LARGE Found find(const Tile& tile, const TableView& table, std::uint64_t hash, const KeyRef& key,
                           std::int64_t nowMs) noexcept {
  Found found;
  const std::uint64_t tag = Entry::tagOf(hash);
  Bucket* const first = table.buckets + table.firstBucket(hash);
  const BucketView<Tile> firstView(tile, first->entries);
  found.firstHasPlace = firstView.free() != 0;
  bool has = detail::findIn(tile, table, firstView, tag, key, found);
  if (!has && firstView.overflowed()) {
    Bucket* const second = table.buckets + table.secondBucket(hash);
    has = second != first &&
          detail::findIn(tile, table, BucketView<Tile>(tile, second->entries), tag, key, found);
    if (!has) {
      const std::uint64_t stashed = atomic::load(&table.counters->stashed);
      const std::uint64_t places = stashed < Stash::kPlaces ? stashed : Stash::kPlaces;
      for (std::uint64_t i = 0; i < places && !has; i += Bucket::kEntries) {
        has = detail::findIn(tile, table, BucketView<Tile>(tile, table.stash->entries + i), tag, key, found);
      }
    }
  }
  if (!has) return found;
  found.expiresAtMs = expiryOf(table.recordAt(found.unit), found.head);
  found.expired = isExpired(found.expiresAtMs, nowMs);
  return found;
}

/// Removes an entry that `find` gave.
template <typename Tile>
PREDIS_HD void removeFound(const Tile& tile, const TableView& table, const Found& found,
                           Tally& tally) noexcept {
  uncountRecord(tile, table, found.unit, found.head, found.expiresAtMs, tally);
  replaceEntry(tile, found.place, 0);
}

}  // namespace predis::cuda
