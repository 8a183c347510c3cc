/// @file
/// The interface that every Predis engine implements: the CPU engine, and the CUDA engine behind the same
/// one.
///
/// Semantics follow Redis where Redis has the command (GET, SET, SET NX, SET PXAT, DEL, MGET, MSET, INCRBY,
/// PEXPIREAT, PERSIST, PEXPIRETIME, EXISTS, DBSIZE, FLUSHDB): a batch behaves as if its operations ran one
/// after another. What other threads may see of it depends on `Consistency`.
///
/// Expiry: times are Unix milliseconds; a key is gone at the moment its time is reached, as read from the
/// engine's clock once at the start of each call. Its memory comes back when it is next touched by a write or
/// when the engine sweeps; until then it is counted in `Stats::keys`, as by Redis.
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
  kNotInteger = 6,    ///< The value is not a decimal 64-bit integer.
  kOverflow = 7,      ///< The sum leaves the range of a signed 64-bit integer; the key keeps its old value.
  kMismatch = 8,      ///< Compare-and-set: the key has another value, or none. Put-if-absent: it has one.
  kDeviceFailed = 9,  ///< The device failed (`Engine::failure` says how); the operation was not done, or may
                      ///< have been: nothing on the device can be trusted any more.
};

/// What a call promises about other threads. Both: an operation on one key is atomic, and one thread's calls
/// take effect in its order.
enum class Consistency : std::uint8_t {
  /// Linearizable, and batches are atomic: what a call did is seen by every call that starts after it
  /// returned, and no other strong call sees a part of a batch.
  kStrong = 0,
  /// Batches need not be atomic: another thread may see the first part of a batch before the rest is done. A
  /// get may be answered with a value that another thread replaced at most `kMaxStalenessMs` before. Engines
  /// may promise more: the CPU engine's answers are never stale, nor are the CUDA engine's, whose batches
  /// that
  /// only read are atomic in either mode.
  kRelaxed = 1,
};
inline constexpr std::uint32_t kMaxStalenessMs = 10;

inline constexpr std::uint16_t kMaxSpaces = 1024;  ///< Namespaces, the nameless one (0) included.

/// Where and how a call works.
struct Scope {
  std::uint16_t space = 0;  ///< From `Engine::openSpace`; 0 is the nameless namespace. Checked by the caller.
  Consistency consistency = Consistency::kStrong;
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
  /// Memory that an engine may fill before the total size is known (may be null): `memory` must hand out this
  /// very memory for sizes up to `lentBytes`, and its contents are arbitrary after a failure. A device engine
  /// overlaps copies into it; when it is pinned (`Engine::allocatePinned`), it is copied to without a detour.
  std::uint8_t* lent = nullptr;
  std::size_t lentBytes = 0;
};

/// Result of a batch as a whole.
enum class BatchStatus : std::uint8_t {
  kOk = 0,
  kSomeFailed = 1,    ///< Some operations failed alone; `statuses` tells which. kNotFound and kMismatch are
                      ///< answers, not failures.
  kOutOfMemory = 2,   ///< mget only: the answer found no memory; nothing was changed.
  kTooLarge = 3,      ///< mget only: the values together pass 4 GiB - 1, the reach of an offset.
  kDeviceFailed = 4,  ///< The device failed; see Status::kDeviceFailed, which every operation not done has.
};

/// Kinds of operation of a mixed batch; the numbers cross the language border.
enum class OpKind : std::uint8_t {
  kGet = 0,
  kPut = 1,  ///< amount: when the key expires, 0 for never (a time it had before is dropped)
  kDelete = 2,
  kIncrement = 3,      ///< amount: what is added; the key keeps its expiry
  kCompareAndSet = 4,  ///< puts when the key's value equals `expected`; amount as for kPut
  kPutIfAbsent = 5,    ///< puts when the key does not exist; amount as for kPut
  kExpire =
      6,  ///< amount: when the key expires (a time passed: at once), 0 for never; kNotFound without the key
  kExpiry = 7,  ///< number: when the key expires, 0 for never; kNotFound without the key
};
inline constexpr std::uint8_t kOpKinds = 8;

/// A mixed batch in packed form.
struct OpBatch {
  const std::uint8_t* kinds = nullptr;    ///< `OpKind` per operation, checked by the caller.
  PackedView keys;                        ///< count keys
  PackedView values;                      ///< count values; empty strings where the kind has none
  const std::int64_t* amounts = nullptr;  ///< count amounts, see OpKind; expiry times are not negative
  PackedView expected;  ///< count values for compare-and-set; count 0 when the batch has none
};

/// Results of a mixed batch, in order. Values of gets are in the blob of `values`.
struct OpResults {
  std::uint8_t* statuses = nullptr;  ///< Out, count `Status`es.
  std::int64_t* numbers =
      nullptr;      ///< Out, count entries: the new value of an increment, the time of kExpiry, else 0.
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
  std::uint64_t memoryBytes =
      0;  ///< Everything: records, allocator overhead, index (on the device, if there).
  std::uint64_t evictedKeys = 0;  ///< Removed to make room, since construction or `resetStats`.
  std::uint64_t expiredKeys = 0;  ///< Found to have expired and removed, likewise.
};

/// What a device engine knows of its device and of the work it gave it. Times are sums of event
/// measurements over `timedCalls` calls, a sample.
struct DeviceStats {
  std::uint64_t hotCacheHits = 0, mailboxCalls = 0, directCalls = 0, packedCalls = 0, deviceCalls = 0;
  std::uint64_t timedCalls = 0, kernelNs = 0, toDeviceNs = 0, fromDeviceNs = 0, totalNs = 0;
  std::uint64_t indexSlots = 0;  ///< Places of the index; keys over these is its load factor.
  std::uint64_t indexGrowths = 0, compactions = 0;
  std::uint64_t pinnedBytes = 0;  ///< Page-locked host memory of the engine.
};

/// Facts of a device, read once.
struct DeviceFacts {
  std::string name;
  std::string uuid;
  int ordinal = 0;
  int computeMajor = 0, computeMinor = 0, multiprocessors = 0;
  int driverVersion = 0, runtimeVersion = 0;  ///< As CUDA counts: 13000 is 13.0.
  std::uint64_t memoryBytes = 0, l2Bytes = 0;
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
  virtual Status get(const Scope& scope, std::string_view key, const AnswerMemory& memory) noexcept = 0;
  /// Creates or replaces; the key does not expire.
  virtual Status put(const Scope& scope, std::string_view key, std::string_view value) noexcept = 0;
  /// kOk when the key existed, kNotFound when not.
  virtual Status remove(const Scope& scope, std::string_view key) noexcept = 0;
  /// Adds to a decimal integer; a missing key counts as 0. @param result the new value, when kOk.
  virtual Status increment(const Scope& scope, std::string_view key, std::int64_t amount,
                           std::int64_t& result) noexcept = 0;

  /// Reads all keys.
  virtual BatchStatus mget(const Scope& scope, const PackedView& keys, const MgetSink& sink) noexcept = 0;
  /// Writes in order (the last of several equal keys wins). @param expiresAtMs count times, 0 for never; null
  /// when no key expires. @param statuses out, one per key.
  virtual BatchStatus mput(const Scope& scope, const PackedView& keys, const PackedView& values,
                           const std::int64_t* expiresAtMs, std::uint8_t* statuses) noexcept = 0;
  /// Deletes in order. @param statuses out: kOk existed, kNotFound did not.
  virtual BatchStatus mremove(const Scope& scope, const PackedView& keys,
                              std::uint8_t* statuses) noexcept = 0;
  /// Runs a mixed batch in order; an operation that fails does so alone. Compare-and-set, put-if-absent and
  /// the expiry operations exist here alone: single ones are batches of one.
  virtual BatchStatus execute(const Scope& scope, const OpBatch& batch,
                              const OpResults& results) noexcept = 0;
  /// Says that keys are read soon; changes nothing that can be observed but time, if that: the CUDA engine
  /// does nothing here.
  virtual void prefetch(const Scope& scope, const PackedView& keys) noexcept = 0;

  /// The number of a namespace, new or known. @param name not empty, up to kMaxKeyBytes
  /// @return kOk, kOutOfMemory, or kOverflow when there are kMaxSpaces already
  virtual Status openSpace(std::string_view name, std::uint16_t& space) noexcept = 0;
  /// Keys of a namespace, expired ones not yet removed included. May take time in proportion to all keys.
  [[nodiscard]] virtual std::uint64_t countKeys(std::uint16_t space) const noexcept = 0;
  /// Removes all keys of a namespace and gives their memory back.
  virtual void clear(std::uint16_t space) noexcept = 0;
  /// Removes all keys of all namespaces and gives their memory back.
  virtual void clearAll() noexcept = 0;
  /// Removes what has expired. @return how many keys
  virtual std::uint64_t sweepExpired() noexcept = 0;

  [[nodiscard]] virtual Stats stats() const noexcept = 0;
  virtual void resetStats() noexcept = 0;

  /// Host memory that a device copies from and to without a detour; ordinary memory for engines without a
  /// device. 64-byte aligned. @return null when there is none. It may outlive the engine.
  [[nodiscard]] virtual std::shared_ptr<std::uint8_t> allocatePinned(std::size_t bytes) noexcept = 0;

  /// Facts of the device, or null for an engine without one. Lives as long as the engine.
  [[nodiscard]] virtual const DeviceFacts* device() const noexcept { return nullptr; }
  [[nodiscard]] virtual DeviceStats deviceStats() const noexcept { return {}; }
  /// Why the engine is of no use any more ("unspecified launch failure"), or empty. Every call of a failed
  /// engine answers kDeviceFailed; the process goes on.
  [[nodiscard]] virtual std::string failure() const { return {}; }
};

/// What happens to a write for which the memory limit leaves no room.
enum class Eviction : std::uint8_t {
  kNone = 0,   ///< It fails with kOutOfMemory.
  kClock = 1,  ///< Keys not read since the hand last passed are removed first, the oldest before the younger.
};

/// The way an operation takes to a device engine; pinned for measurements.
enum class Path : std::uint8_t {
  kAuto = 0,     ///< By size.
  kMailbox = 1,  ///< Single operations through the persistent kernel, batches as by kAuto.
  kDirect = 2,   ///< One launch that reads and writes host memory itself.
  kPacked = 3,   ///< Copy engines and kernels, overlapped.
};

/// Settings of an engine.
struct EngineOptions {
  std::uint64_t memoryLimitBytes = 0;  ///< 0: none. Bounds Stats::memoryBytes.
  std::uint64_t expectedKeys = 0;      ///< Sizes the index in advance; a hint.
  Eviction eviction = Eviction::kNone;
  /// Unix time in milliseconds; null for the system's clock. For tests.
  std::int64_t (*nowMs)() noexcept = nullptr;
  // Of device engines:
  int device = 0;  ///< Ordinal of the CUDA device.
  Path path = Path::kAuto;
  std::uint32_t hotCacheKeys = 1 << 16;  ///< Keys of the host-side cache; 0 for none.
};

/// Makes the CPU engine. @throws std::bad_alloc
std::unique_ptr<Engine> makeCpuEngine(const EngineOptions& options);

}  // namespace predis
