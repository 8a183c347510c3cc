/// @file
/// What the engine asks of a device: memory, copies and the table's kernels, all ordered by streams.
/// Implemented with CUDA (cuda_backend.cu), and on the host (host_backend.cpp) so that all of the engine but
/// the kernels' machine code is tested where there is no GPU.
///
/// Errors: a call that fails makes the backend failed for good (`failure()`); later calls return at once
/// without effect and `wait` returns false. Memory is the exception: `map`, `allocateDevice` and
/// `allocatePinned` say no and nothing else changes. Thread-safety: different threads may use different
/// streams; one stream belongs to one thread at a time. The memory calls are safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "../engine/engine.hpp"
#include "layout.hpp"

namespace predis::cuda {

/// Number of a stream of the backend, 0 to Backend::kStreams - 1.
using Stream = unsigned;

/// Keys (and values) of a batch where kernels can read them: device memory, or pinned host memory. Blob
/// addresses are those of byte 0 of the caller's blob, so that its offsets hold as they are, even when only a
/// part of the blob is there. Memory is readable up to the next multiple of 16 bytes behind each blob.
struct BatchView {
  const std::uint8_t* keyBlob = nullptr;
  const std::uint32_t* keyOffsets = nullptr;  ///< count + 1
  const std::uint8_t* valueBlob = nullptr;
  const std::uint32_t* valueOffsets = nullptr;  ///< count + 1; null when the batch has no values
  const std::uint8_t* expectedBlob = nullptr;
  const std::uint32_t* expectedOffsets = nullptr;  ///< count + 1; null without compare-and-set
  const std::uint8_t* kinds = nullptr;             ///< OpKind per operation; null when all are alike
  const std::int64_t* amounts = nullptr;           ///< See OpKind; expiry times of an mput; null for none
  std::uint32_t count = 0;
  std::uint16_t space = 0;
  std::int64_t nowMs = 0;
};

/// Segments that a batch may fill. Units of all of them are numbered through; `Counters::logUnits` is the
/// cursor. A record that would cross the end of a segment takes the next place instead.
struct LogView {
  const std::uint32_t* segments = nullptr;  ///< Device memory: numbers of segments, in order.
  std::uint32_t count = 0;
};

/// Why an operation was left undone by a pass; the host makes room and runs it again.
enum class DeferReason : std::uint32_t {
  kNone = 0,
  kLogFull = 1,     ///< No room in the segments given.
  kIndexFull = 2,   ///< Both buckets full.
  kOutputFull = 3,  ///< No room in the output memory (execute's gets).
  kLarge = 4,       ///< The new record is larger than kMaxSmallRecordBytes: the host writes it.
};

/// Operations left undone: Counters::deferred of them, which the host sets to 0 before. `put` names
/// operations, and gives them the status kOutOfMemory for the case that nobody tries again (Counters::failed
/// does not count them). `apply` names places in `Runs::order`: the first of its run that is undone; the rest
/// of the run is undone too and has no results yet. What was named can be given back as `operations`.
struct Deferred {
  std::uint32_t* operations = nullptr;  ///< Device memory, room for the whole batch.
  std::uint32_t* reasons = nullptr;     ///< DeferReason, likewise.
  std::uint32_t* runEnds = nullptr;     ///< apply: the place behind the run's last operation; may be null.
};

/// A hash table of one batch that brings equal keys together. Slots are cleared by the backend before use.
/// Operations that can never be done (Status kKeyEmpty, kKeyTooLong, kValueTooLong: kernels give them these
/// statuses) have no slot, UINT32_MAX.
struct GroupScratch {
  std::uint64_t* slots = nullptr;   ///< Device memory, `slotCount` of them: hash bits | operation + 1.
  std::uint32_t slotCount = 0;      ///< A power of two, at least twice the batch.
  std::uint32_t* slotOf = nullptr;  ///< Out, per operation: its key's slot. Equal keys have equal slots.
  std::uint64_t* hashes = nullptr;  ///< Out, per operation.
};

/// Which of the operations on one key a slot names in the end.
enum class GroupKeeps : std::uint8_t { kFirst, kLast };

/// Runs of operations on one key, in batch order.
struct Runs {
  std::uint32_t* order = nullptr;  ///< Operations sorted by (slot, number).
  /// Out, room for count + 1: place in `order` of each run's first operation, then the count of operations.
  std::uint32_t* starts = nullptr;
  std::uint32_t* count = nullptr;  ///< Out: runs (one number in device memory).
};

/// Where `mget` writes. Values lie side by side in the order of keys.
struct MgetOutput {
  std::uint32_t* offsets = nullptr;  ///< count + 1; offsets[0] is written as `firstOffset`.
  std::uint8_t* found = nullptr;     ///< count
  std::uint8_t* blob = nullptr;      ///< Value i at blob + (offsets[i] - firstOffset).
  std::uint64_t blobBytes = 0;       ///< Values beyond are not written; the total is still right.
  std::uint32_t firstOffset = 0;
  /// Out, pinned host or device memory: bytes of all values. Above UINT32_MAX the offsets mean nothing.
  std::uint64_t* totalBytes = nullptr;
  bool markReferenced = false;  ///< Under eviction: sets the records' flag.
};

/// Where `apply` (mixed batches) writes.
struct ApplyOutput {
  std::uint8_t* statuses = nullptr;  ///< Status per operation.
  std::int64_t* numbers = nullptr;
  std::uint64_t* valueAt =
      nullptr;  ///< Per operation: a found get's place in `blob`, in no order of its own.
  std::uint32_t* valueBytes = nullptr;
  std::uint8_t* found = nullptr;
  std::uint8_t* blob = nullptr;  ///< Counters::outputBytes is the cursor.
  std::uint64_t blobBytes = 0;
  bool markReferenced = false;
};

/// What `maintain` does with an entry, checked in this order.
struct MaintainTask {
  bool dropExpired = false;
  std::int64_t nowMs = 0;
  bool dropSpace = false;  ///< Removes the keys of `space`.
  std::uint16_t space = 0;
  const std::uint8_t* victims =
      nullptr;         ///< Device memory, by segment: 1 when its records shall leave; null for none.
  bool evict = false;  ///< Victims' records that were not read (kReferenced) are removed, others move and
                       ///< lose the flag.
  LogView log;  ///< Where moved records go; one that finds no room stays (and is counted in `deferred`).
                ///< Large ones (isLarge) never move: they stay, and lose the flag.
};

/// One mailbox request or answer; see mailbox.hpp.
class Mailbox;

/// Of work given to a stream.
enum class Progress : std::uint8_t { kPending, kDone, kFailed };

class Backend {
 public:
  static constexpr unsigned kStreams = 8;

  virtual ~Backend() = default;

  [[nodiscard]] virtual const DeviceFacts& facts() const noexcept = 0;
  /// Empty, or what failed, for good.
  [[nodiscard]] virtual std::string failure() const = 0;
  /// Whether there is a failure.
  [[nodiscard]] virtual bool hasFailed() const noexcept = 0;

  // Memory
  /// Reserves addresses for the records (2^Entry::kAddressBits units at most) and for the index; memory comes
  /// with `map`.
  virtual std::uint8_t* reserve(std::uint64_t bytes) noexcept = 0;
  /// Puts memory behind addresses reserved: whole multiples of kSegmentBytes. One map is one unit for
  /// `unmap`.
  [[nodiscard]] virtual bool map(std::uint8_t* at, std::uint64_t bytes) noexcept = 0;
  /// Takes it back. No kernel may be reading it.
  virtual void unmap(std::uint8_t* at, std::uint64_t bytes) noexcept = 0;
  /// Gives addresses back after everything behind them was unmapped.
  virtual void release(std::uint8_t* at, std::uint64_t bytes) noexcept = 0;
  [[nodiscard]] virtual std::uint8_t* allocateDevice(std::size_t bytes) noexcept = 0;
  virtual void freeDevice(void* memory) noexcept = 0;
  [[nodiscard]] virtual std::uint8_t* allocatePinned(std::size_t bytes) noexcept = 0;
  virtual void freePinned(void* memory) noexcept = 0;
  /// Free bytes of the device, as the driver says.
  [[nodiscard]] virtual std::uint64_t freeBytes() const noexcept = 0;

  // Order
  virtual void copyToDevice(Stream stream, void* device, const void* pinned, std::size_t bytes) noexcept = 0;
  virtual void copyFromDevice(Stream stream, void* pinned, const void* device,
                              std::size_t bytes) noexcept = 0;
  virtual void copyOnDevice(Stream stream, void* to, const void* from, std::size_t bytes) noexcept = 0;
  virtual void fill(Stream stream, void* device, std::uint8_t byte, std::size_t bytes) noexcept = 0;
  /// Work given to `later` from now on starts after the work given to `earlier` until now.
  virtual void order(Stream earlier, Stream later) noexcept = 0;
  /// True when all work given to the stream is done; false when the device failed.
  [[nodiscard]] virtual bool wait(Stream stream) noexcept = 0;
  /// Whether all work given to the stream is done, without waiting.
  [[nodiscard]] virtual Progress look(Stream stream) noexcept {
    return wait(stream) ? Progress::kDone : Progress::kFailed;
  }
  /// A ticket for the kernels given to the stream until now: cheaper to look at than the stream, and of use
  /// when there is more behind them. Not for copies, whose tickets come late when other streams copy too.
  [[nodiscard]] virtual std::uint32_t ticket(Stream) noexcept { return 0; }
  [[nodiscard]] virtual Progress look(Stream stream, std::uint32_t) noexcept { return look(stream); }
  /// True when the ticket's work is done; false when the device failed.
  [[nodiscard]] virtual bool await(Stream stream, std::uint32_t) noexcept { return wait(stream); }
  /// Times of sampled work: marks before and after copies and kernels. Null marks cost nothing.
  virtual void mark(Stream stream, unsigned mark) noexcept = 0;  ///< 0 to 7, per stream
  [[nodiscard]] virtual std::uint64_t nsBetween(Stream stream, unsigned from, unsigned to) noexcept = 0;

  // Kernels. They add to the counters; those that count one pass (deferred, logUnits, outputBytes) are set by
  // the host. A record that a writer finds expired is removed or replaced and counted as expired.
  // `operations`, where there is one, lists the operations to do (device memory); null stands for all.
  /// @return false when there was no memory for its own work: then nothing was done
  virtual bool mget(Stream, const TableView&, const BatchView&, const MgetOutput&) noexcept = 0;
  /// Finds only: found[i], and nothing of the values.
  virtual void lookup(Stream, const TableView&, const BatchView&, std::uint8_t* found) noexcept = 0;
  /// Values at a fixed stride: valueBytes[i] is the value's length, or UINT32_MAX where there is no key;
  /// longer values are cut, and what lies behind shorter ones in their rows is not defined.
  virtual void gather(Stream, const TableView&, const BatchView&, std::uint8_t* out,
                      std::uint32_t strideBytes, std::uint32_t* valueBytes) noexcept = 0;
  virtual void group(Stream, const TableView&, const BatchView&, const GroupScratch&,
                     GroupKeeps) noexcept = 0;
  /// Creates or replaces; only the operation that its key's slot names acts. statuses: kOk for all that are
  /// not deferred and can be done.
  virtual void put(Stream, const TableView&, const LogView&, const BatchView&, const GroupScratch&,
                   const std::uint32_t* operations, std::uint32_t operationCount, const Deferred&,
                   std::uint8_t* statuses) noexcept = 0;
  /// Removes; the first of equal keys gets kOk when the key was there, all others kNotFound.
  virtual void erase(Stream, const TableView&, const BatchView&, const GroupScratch&,
                     std::uint8_t* statuses) noexcept = 0;
  /// Orders operations into runs by slot. @param temporary device memory of sortBytes(count)
  virtual void sortRuns(Stream, const GroupScratch&, std::uint32_t count, const Runs&,
                        std::uint8_t* temporary) noexcept = 0;
  [[nodiscard]] virtual std::size_t sortBytes(std::uint32_t count) const noexcept = 0;
  /// Runs mixed operations, each run in order. @param operations places in `order` at which undone runs
  /// resume; null: all runs.
  /// @param final 1: what finds no room fails with kOutOfMemory instead of being deferred (kLarge excepted)
  virtual void apply(Stream, const TableView&, const LogView&, const BatchView&, const Runs&,
                     const std::uint32_t* operations, std::uint32_t operationCount, const Deferred&,
                     const ApplyOutput&, bool final) noexcept = 0;
  /// Moves entries so that each bucket pair of these operations' keys has a free place, where a bounded
  /// search finds one, or else uses up a place of the stash. Operations that share buckets may be satisfied
  /// with the same free place: put again, then displace again. @return through Counters::deferred how many
  /// still have none
  virtual void displace(Stream, const TableView&, const BatchView&, const GroupScratch&,
                        const std::uint32_t* operations, std::uint32_t operationCount) noexcept = 0;
  /// Splits buckets [view.split, view.split + count), in place; the caller has mapped the memory and takes
  /// the new view after.
  virtual void splitBuckets(Stream, const TableView&, std::uint64_t count) noexcept = 0;
  /// Enters all records of one index into another, which is empty (cleared, its stash too) and large enough.
  /// Sets to.counters->stashed (from 0), and adds to its `deferred` what found no place: then `to` is not
  /// whole and is of no use. The counters may be those of `from`, but who wants to go back to it then must
  /// have kept `stashed`; nothing else of them changes.
  virtual void rebuild(Stream, const TableView& from, const TableView& to) noexcept = 0;
  virtual void maintain(Stream, const TableView&, const MaintainTask&) noexcept = 0;
  /// Writes an entry for a record that the host has placed (large ones): replaces the key's entry or makes
  /// one. statuses[0]: kOk, or kOutOfMemory when there is no place in the index.
  virtual void publish(Stream, const TableView&, std::uint64_t unit, std::uint8_t* status) noexcept = 0;
  /// Counts entries of a namespace into *count (device memory).
  virtual void countSpace(Stream, const TableView&, std::uint16_t space, std::uint64_t* count) noexcept = 0;

  /// The mailbox of the device, or null when it has none. Lives as long as the backend.
  [[nodiscard]] virtual Mailbox* mailbox() noexcept = 0;
};

/// The device of this number. @param whyNot out, when the answer is null
std::unique_ptr<Backend> makeCudaBackend(int device, std::string& whyNot);
/// The host as a device with so much memory, for tests. @param threads how many work on one kernel's keys at
/// a time
std::unique_ptr<Backend> makeHostBackend(std::uint64_t memoryBytes, unsigned threads);

}  // namespace predis::cuda
