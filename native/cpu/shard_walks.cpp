/// What walks through a shard: looking for what has expired, a little at a time or all at once; clearing and
/// counting a namespace.
#include "shard.hpp"

namespace predis::cpu {

namespace {

/// One write in so many looks at one bucket. Eight keys at most against four writes: a shard is looked
/// through once in about as many writes as it has keys.
constexpr std::uint32_t kWritesPerBucket = 4;

}  // namespace

template <typename Unwanted>
std::uint64_t Shard::removeFrom(Bucket& bucket, const Unwanted& unwanted) noexcept {
  const std::uint64_t shape = index_.shape();
  std::uint64_t removed = 0;
  for (std::uint64_t& entry : bucket.entries) {
    if (entry == 0 || !unwanted(entry)) continue;
    removeEntry(&entry);
    ++removed;
    if (index_.shape() != shape) break;  // the bucket may be gone
  }
  return removed;
}

template <typename Unwanted>
std::uint64_t Shard::removeIf(const Unwanted& unwanted) noexcept {
  std::uint64_t removed = 0;
  for (Index::Cursor cursor; cursor.laps == 0;) {
    const Index::Cursor here = cursor;
    const std::uint64_t shape = index_.shape();
    Bucket* const bucket = index_.walk(cursor);
    if (bucket == nullptr) break;
    for (const std::uint64_t entry : bucket->entries) __builtin_prefetch(Index::recordOf(entry));
    removed += removeFrom(*bucket, unwanted);
    // Merging brought entries of another segment into buckets that were passed: there are few segments, and
    // each merge leaves one less.
    if (index_.shape() != shape) cursor = index_.beginOfSegment(here);
  }
  return removed;
}

std::uint64_t Shard::sweepExpired(CallTime& time) noexcept {
  if (expiringKeys_ == 0) return 0;
  const std::uint64_t removed = removeIf([&time](std::uint64_t entry) noexcept {
    return Index::expires(entry) && isGone(*Index::recordOf(entry), time);
  });
  Counters::add(counters.expired, removed);
  return removed;
}

void Shard::sweepSome(CallTime& time) noexcept {
  if (++writes_ % kWritesPerBucket == 0) sweepBucket(time);
}

std::uint64_t Shard::sweepBucket(CallTime& time) noexcept {
  Bucket* const bucket = index_.walk(sweep_);
  if (bucket == nullptr) return 0;
  const std::uint64_t removed = removeFrom(*bucket, [&time](std::uint64_t entry) noexcept {
    return Index::expires(entry) && isGone(*Index::recordOf(entry), time);
  });
  Counters::add(counters.expired, removed);
  return removed;
}

std::uint64_t Shard::countKeys(std::uint16_t space) const noexcept {
  std::uint64_t count = 0;
  for (Index::Cursor cursor; cursor.laps == 0;) {
    const Bucket* const bucket = index_.walk(cursor);
    if (bucket == nullptr) break;
    for (const std::uint64_t entry : bucket->entries) __builtin_prefetch(Index::recordOf(entry));
    for (const std::uint64_t entry : bucket->entries) {
      count += entry != 0 && Index::recordOf(entry)->space() == space;
    }
  }
  return count;
}

void Shard::clear(std::uint16_t space) noexcept {
  removeIf([space](std::uint64_t entry) noexcept { return Index::recordOf(entry)->space() == space; });
}

}  // namespace predis::cpu
