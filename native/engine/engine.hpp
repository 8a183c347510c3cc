/// @file
/// The interface that every Predis engine implements (CPU now, CUDA behind the same one).
///
/// Semantics follow Redis where Redis has the command (GET, SET, DEL, MGET, MSET, INCRBY, EXISTS, DBSIZE,
/// FLUSHALL): a batch behaves as if its operations ran one after another, and no other thread sees a part of
/// it.
///
/// Thread-safety: all members of `Engine` may be called from any thread at any time, unless said otherwise.
/// Errors: no member throws across this interface, `std::bad_alloc` included; results say what happened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace predis {

inline constexpr std::size_t kMaxKeyBytes = std::size_t{64} << 10;  ///< Longest key; the shortest is 1 byte.
inline constexpr std::size_t kMaxValueBytes = std::size_t{512}
                                              << 20;  ///< Longest value, as in Redis; 0 bytes is a value.

/// What became of one operation.
enum class Status : std::uint8_t {
  kOk = 0,
  kNotFound = 1,  ///< The key does not exist (not an error).
  kKeyEmpty = 2,
  kKeyTooLong = 3,
  kValueTooLong = 4,
  kOutOfMemory =
      5,  ///< The memory limit, or the machine's memory, does not allow it; the key keeps its old value.
  kNotInteger = 6,  ///< The value is not a decimal 64-bit integer.
  kOverflow = 7,    ///< The sum leaves the range of a signed 64-bit integer; the key keeps its old value.
};

/// A batch of byte strings: string i is blob[offsets[i], offsets[i + 1]). Borrowed: it must outlive the call.
/// Whoever makes one has checked that offsets ascend and that the last one lies within the blob (see
/// `valid`).
struct PackedView {
  const std::uint8_t* blob = nullptr;
  std::size_t blobBytes = 0;
  const std::uint32_t* offsets = nullptr;  ///< count + 1 entries; may be null when count is 0.
  std::size_t count = 0;

  /// Byte string i. @pre i < count and the view is valid.
  [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
    return {reinterpret_cast<const char*>(blob) + offsets[i], std::size_t{offsets[i + 1]} - offsets[i]};
  }

  /// True when every offset ascends and lies within the blob. O(count).
  [[nodiscard]] bool valid() const noexcept {
    if (count == 0) return true;
    if (offsets == nullptr || (blob == nullptr && blobBytes != 0)) return false;
    for (std::size_t i = 0; i < count; ++i) {
      if (offsets[i] > offsets[i + 1]) return false;
    }
    return offsets[count] <= blobBytes;
  }
};

/// Memory for an answer, supplied by the caller and owned by it. A plain function and its context: no
/// allocation of its own.
struct AnswerMemory {
  void* context = nullptr;
  /// Memory for `bytes` bytes, or null when there is none. Must not throw and must not call the engine.
  std::uint8_t* (*allocate)(void* context, std::size_t bytes) noexcept = nullptr;
};

/// Where the values of an mget go. The engine asks `memory` exactly once, while it holds its locks, with
/// the total size; a null answer (for a non-zero size) makes the mget fail with kOutOfMemory.
struct MgetSink {
  std::uint32_t* offsets =
      nullptr;  ///< Out, count + 1 entries: value i is [offsets[i], offsets[i + 1]) of the blob.
  std::uint8_t* found =
      nullptr;          ///< Out, count entries: 1 where the key exists (its value may have 0 bytes), else 0.
  AnswerMemory memory;  ///< Of the blob.
};

/// Result of a batch as a whole.
enum class BatchStatus : std::uint8_t {
  kOk = 0,
  kSomeFailed = 1,   ///< Some operations failed alone; `statuses` tells which.
  kOutOfMemory = 2,  ///< mget only: the answer found no memory; nothing was changed.
  kTooLarge = 3,     ///< mget only: the values together pass 4 GiB - 1, the reach of an offset.
};

/// Kinds of operation of a mixed batch; the numbers cross the language border.
enum class OpKind : std::uint8_t { kGet = 0, kPut = 1, kDelete = 2, kIncrement = 3 };

/// A mixed batch in packed form.
struct OpBatch {
  const std::uint8_t* kinds = nullptr;    ///< `OpKind` per operation, checked by the caller.
  PackedView keys;                        ///< count keys
  PackedView values;                      ///< count values; empty strings where the kind has none
  const std::int64_t* amounts = nullptr;  ///< count amounts for increments; ignored elsewhere
};

/// Results of a mixed batch, in order. Values of gets are in the blob of `values`.
struct OpResults {
  std::uint8_t* statuses = nullptr;  ///< Out, count `Status`es.
  std::int64_t* numbers = nullptr;   ///< Out, count entries: the new value of an increment, else 0.
  MgetSink values;  ///< Out: gets that were found; other operations have empty ranges and found = 0.
};

/// Counters since construction or `resetStats`; all monotonic but the last three.
struct Stats {
  std::uint64_t gets = 0, puts = 0, deletes = 0,
                increments = 0;        ///< Operations, each key of a batch counted.
  std::uint64_t hits = 0, misses = 0;  ///< Of gets.
  std::uint64_t sampledCalls = 0, sampledNs = 0,
                sampledOps = 0;  ///< Calls that were timed (a sample), their time and operations.
  std::uint64_t elapsedNs = 0;   ///< Since construction or `resetStats`.
  std::uint64_t keys = 0;
  std::uint64_t keyValueBytes = 0;  ///< Bytes of keys and values alone.
  std::uint64_t memoryBytes = 0;    ///< Everything: records, allocator overhead, index.
};

/// An in-process key-value engine.
class Engine {
 public:
  virtual ~Engine() = default;
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  Engine(Engine&&) = delete;
  Engine& operator=(Engine&&) = delete;

  /// 'cpu' or 'cuda'.
  [[nodiscard]] virtual std::string_view kind() const noexcept = 0;

  /// Copies the value of a key out. @param memory asked once when the key exists.
  virtual Status get(std::string_view key, const AnswerMemory& memory) noexcept = 0;
  /// Creates or replaces.
  virtual Status put(std::string_view key, std::string_view value) noexcept = 0;
  /// kOk when the key existed, kNotFound when not.
  virtual Status remove(std::string_view key) noexcept = 0;
  /// Adds to a decimal integer; a missing key counts as 0. @param result the new value, when kOk.
  virtual Status increment(std::string_view key, std::int64_t amount, std::int64_t& result) noexcept = 0;

  /// Reads all keys at one moment: no other thread's batch is seen in part.
  virtual BatchStatus mget(const PackedView& keys, const MgetSink& sink) noexcept = 0;
  /// Writes in order (the last of several equal keys wins). @param statuses out, one per key.
  virtual BatchStatus mput(const PackedView& keys, const PackedView& values,
                           std::uint8_t* statuses) noexcept = 0;
  /// Deletes in order. @param statuses out: kOk existed, kNotFound did not.
  virtual BatchStatus mremove(const PackedView& keys, std::uint8_t* statuses) noexcept = 0;
  /// Runs a mixed batch in order; an operation that fails does so alone.
  virtual BatchStatus execute(const OpBatch& batch, const OpResults& results) noexcept = 0;
  /// Says that keys are read soon; changes nothing that can be observed but time.
  virtual void prefetch(const PackedView& keys) noexcept = 0;

  /// Removes all keys and gives their memory back.
  virtual void clear() noexcept = 0;
  [[nodiscard]] virtual Stats stats() const noexcept = 0;
  virtual void resetStats() noexcept = 0;
};

/// Settings of an engine.
struct EngineOptions {
  std::uint64_t memoryLimitBytes = 0;  ///< 0: none. Bounds Stats::memoryBytes.
  std::uint64_t expectedKeys = 0;      ///< Sizes the index in advance; a hint.
};

/// Makes the CPU engine. @throws std::bad_alloc
std::unique_ptr<Engine> makeCpuEngine(const EngineOptions& options);

}  // namespace predis
