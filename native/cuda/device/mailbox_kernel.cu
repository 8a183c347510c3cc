/// @file
/// The kernel behind the mailbox: polls lines of pinned memory and does single operations.
///
/// It lives beside kernels that write the table, so nothing of the table may come from this multiprocessor's
/// L1 cache: gets read by volatile loads, which pass it by, and other operations begin with a fence, which
/// empties it.
///
/// Every warp-wide call stands where all lanes of a warp come by: conditions of the polling loop follow from
/// ballots and shuffles alone, never from what one lane has read.
#include "../table/mail.hpp"
#include "mailbox_kernel.hpp"

namespace predis::cuda {

namespace {

constexpr unsigned kAll = 0xFFFFFFFFU;
constexpr unsigned kWarpLanes = 32;
using Warp = WarpTile<32>;

/// Polls of a launch at most, beside the limits of time: a poll takes half a microsecond or more, so that
/// this is a few lives.
constexpr std::uint32_t kMaxPolls = 1U << 19;
constexpr std::uint32_t kPollsBetweenClocks = 8;
/// Rereads of the rest of a request whose head is there: microseconds as a rule.
constexpr std::uint32_t kMaxRereads = 1U << 16;
/// A lane without a request for so long polls less often, for the sake of the bus.
constexpr std::uint64_t kDrowsyNs = 20'000;
constexpr unsigned kDrowsyPauseNs = 2000;

/// Bytes of a record with the longest key and value that pass through here, and what a read of whole words
/// adds.
constexpr std::uint32_t kRecordWords = (16 + Mailbox::kMaxRequestBytes + Mailbox::kMaxValueBytes) / 8 + 2;

/// Working memory of one lane.
struct alignas(16) Workspace {
  std::uint32_t request[mail::kMaxRequestWords + 2];  ///< Payload. Strings start at multiples of 8 bytes.
  union {
    std::uint64_t record[kRecordWords];     ///< Of a get: the record, or what matters of it.
    std::uint32_t value[kRecordWords * 2];  ///< Of another operation: its answer's value.
  };
};

__device__ __forceinline__ std::uint64_t readWord(const std::uint64_t* word) {
  return *const_cast<const volatile std::uint64_t*>(word);
}
__device__ __forceinline__ void writeWord(std::uint64_t* word, std::uint64_t value) {
  *const_cast<volatile std::uint64_t*>(word) = value;
}
__device__ __forceinline__ std::uint64_t nowNs() {
  std::uint64_t ns;
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(ns));
  return ns;
}

/// Four bytes of the value, `at` bytes into it, from the words that hold it.
__device__ __forceinline__ std::uint32_t valueWord(const std::uint32_t* words, std::uint32_t at) {
  return __funnelshift_r(words[at / 4], words[at / 4 + 1], (at & 3) * 8);
}

/// Reads the payload of a request whose first words a lane each has read, and whose length is known.
/// @return false when the rest did not come
__device__ __forceinline__ bool takeRequest(const std::uint64_t* line, std::uint64_t firstWord,
                                            std::uint32_t words, std::uint32_t number, Workspace& work) {
  const std::uint32_t rank = threadIdx.x & 31;
  const std::uint32_t places = mail::placeOf(words - 1) + 1;
  for (std::uint32_t from = 0; from < places; from += kWarpLanes) {
    const std::uint32_t place = from + rank;
    const bool wanted = place != mail::kControlWord && place < places;
    std::uint64_t word = from == 0 ? firstWord : wanted ? readWord(line + place) : 0;
    bool missing = wanted && mail::numberOf(word) != number;
    for (std::uint32_t again = 0; __any_sync(kAll, missing) != 0; ++again) {
      if (again == kMaxRereads) return false;
      if (missing) word = readWord(line + place);
      missing = wanted && mail::numberOf(word) != number;
    }
    if (wanted) work.request[place < mail::kControlWord ? place : place - 1] = mail::payloadOf(word);
  }
  __syncwarp();
  return true;
}

/// A get for the case that the key is not in the stash: both of its buckets are read at once, then the record
/// with its value in one go. @return false when the general way must be taken
__device__ __forceinline__ bool getFast(const TableView& table, const mail::Head& head, Workspace& work,
                                        MailAnswer& answer, std::uint32_t& valueAt, bool& referenced,
                                        std::uint64_t& unitFound) {
  const std::uint32_t rank = threadIdx.x & 31;
  const auto* const key = reinterpret_cast<const std::uint64_t*>(work.request + mail::kHeadWords);
  const std::uint64_t hash = head.hash;
  const std::uint64_t first = table.firstBucket(hash);
  const std::uint64_t second = table.secondBucket(hash);
  const std::uint64_t* const place =
      table.buckets[rank < Bucket::kEntries ? first : second].entries + rank % Bucket::kEntries;
  constexpr std::uint32_t kStashedLane = 2 * Bucket::kEntries;
  const std::uint64_t entry =
      rank <= kStashedLane ? readWord(rank < kStashedLane ? place : &table.counters->stashed) : 0;
  unsigned candidates = __ballot_sync(kAll, rank < kStashedLane && Entry::hasTag(entry, Entry::tagOf(hash)));
  const bool overflowed = (__shfl_sync(kAll, entry, Bucket::kOverflowedEntry) & Entry::kFlag) != 0;
  if (!overflowed || first == second) candidates &= (1U << Bucket::kEntries) - 1;
  for (; candidates != 0; candidates &= candidates - 1) {
    const std::uint64_t unit =
        Entry::unitOf(__shfl_sync(kAll, entry, __ffs(static_cast<int>(candidates)) - 1));
    const auto* const record = reinterpret_cast<const std::uint64_t*>(table.recordAt(unit));
    // Memory is there to the end of the record's segment, and may not be behind it.
    const std::uint64_t wordsThere = (kSegmentUnits - unit % kSegmentUnits) * (kUnitBytes / 8);
    std::uint64_t word = rank < wordsThere ? readWord(record + rank) : 0;
    __syncwarp();
    work.record[rank] = word;
    __syncwarp();
    const std::uint64_t headWord = work.record[0];
    const RecordHead found{static_cast<std::uint16_t>(headWord), static_cast<std::uint16_t>(headWord >> 16),
                           static_cast<std::uint32_t>(headWord >> 32)};
    if (found.keyBytes() != head.keyBytes || found.space != head.space) continue;
    const bool tooLong = found.valueBytes() > Mailbox::kMaxValueBytes;
    const std::uint32_t bytes = tooLong ? found.valueAt() : found.valueAt() + found.valueBytes();
    for (std::uint32_t i = kWarpLanes + rank; i < (bytes + 7) / 8; i += kWarpLanes)
      work.record[i] = readWord(record + i);
    __syncwarp();
    // Words of the key: those that hold other bytes too are compared without them.
    bool differs = false;
    for (std::uint32_t i = rank; i < (head.keyBytes + 7) / 8; i += kWarpLanes) {
      const std::uint32_t left = head.keyBytes - i * 8;
      const std::uint64_t mask = left >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << left * 8) - 1;
      differs |= ((work.record[found.keyAt() / 8 + i] ^ key[i]) & mask) != 0;
    }
    if (__any_sync(kAll, differs) != 0) continue;
    const std::int64_t expiresAtMs = found.hasExpiry() ? static_cast<std::int64_t>(work.record[1]) : 0;
    if (isExpired(expiresAtMs, head.nowMs)) {
      answer.status = Status::kNotFound;
      return true;
    }
    answer.valueBytes = found.valueBytes();
    if (tooLong) answer.undone = DeferReason::kOutputFull;
    valueAt = found.valueAt();
    referenced = (found.valueAndFlags & RecordHead::kReferenced) != 0;
    unitFound = unit;
    return true;
  }
  answer.status = Status::kNotFound;
  if (!overflowed) return true;
  // Many entries of the stash at a time; one that looks like the key is for the general way.
  const std::uint64_t stashed = __shfl_sync(kAll, entry, kStashedLane);
  const auto places = static_cast<std::uint32_t>(stashed < Stash::kPlaces ? stashed : Stash::kPlaces);
  bool maybe = false;
#pragma unroll 4
  for (std::uint32_t i = rank; i < places; i += kWarpLanes)
    maybe |= Entry::hasTag(readWord(&table.stash->entries[i]), Entry::tagOf(hash));
  return __any_sync(kAll, maybe) == 0;
}

/// The general way: all kinds, by the table's own code.
/// Its own function, so that its registers are not those of the polling loop.
__device__ __noinline__ MailAnswer applyGeneral(const TableView& table, const mail::Head& head,
                                                Workspace& work) {
  // What other kernels wrote before the host posted the request is seen from here on.
  __threadfence_system();
  const auto* const strings = reinterpret_cast<const std::uint8_t*>(work.request);
  MailRequest request;
  request.kind = head.kind;
  request.space = head.space;
  request.key = strings + head.keyWord() * 4;
  request.keyBytes = head.keyBytes;
  request.value = strings + head.valueWord() * 4;
  request.valueBytes = head.valueBytes;
  request.expected = strings + head.expectedWord() * 4;
  request.expectedBytes = head.expectedBytes;
  request.amount = head.amount;
  request.nowMs = head.nowMs;
  request.spareUnit = head.spareUnit;
  request.spareUnits = head.spareUnits;
  request.markReferenced = head.markReferenced;
  Tally tally;
  const MailAnswer answer =
      applyOne(Warp{}, table, request, reinterpret_cast<std::uint8_t*>(work.value), tally);
  if ((threadIdx.x & 31) == 0) tally.flush(*table.counters);
  // And what was written here is seen by all who act on the answer.
  __threadfence_system();
  __syncwarp();
  return answer;
}

/// Does the request in the workspace and writes the answer's line.
__device__ __forceinline__ void serve(const TableView& launchTable, std::uint64_t* line, std::uint32_t number,
                                      Workspace& work) {
  const std::uint32_t rank = threadIdx.x & 31;
  const mail::Head head = mail::readHead(work.request);
  TableView table = launchTable;
  table.level = head.level;
  table.split = head.split;
  MailAnswer answer;
  std::uint32_t valueAt = 0;
  bool done = false;
  bool referenced = false;
  std::uint64_t unit = 0;
  if (head.kind == OpKind::kGet && head.keyBytes != 0) {
    done = getFast(table, head, work, answer, valueAt, referenced, unit);
    // Before the answer, after which the host may give the record's room to another.
    if (unit != 0 && head.markReferenced && !referenced && rank == 0)
      atomic::bitOr(reinterpret_cast<std::uint32_t*>(table.recordAt(unit)) + 1, RecordHead::kReferenced);
  }
  if (!done) {
    answer = applyGeneral(table, head, work);
    valueAt = 0;
  }
  const std::uint32_t words = mail::answerWords(answer);
  for (std::uint32_t i = rank; i < words; i += kWarpLanes) {
    const std::uint32_t payload = i < mail::kAnswerHeadWords
                                      ? mail::answerHeadWord(answer, i)
                                      : valueWord(work.value, valueAt + (i - mail::kAnswerHeadWords) * 4);
    writeWord(line + i, mail::makeWord(payload, number));
  }
  // Counted when the answer is on its way.
  if (done && rank == 0 && answer.undone == DeferReason::kNone) {
    const bool exists = answer.status == Status::kOk;
    atomic::add(exists ? &table.counters->hits : &table.counters->misses, std::uint64_t{1});
  }
  __syncwarp();
}

__global__ void __launch_bounds__(mail::kLanes* kWarpLanes) mailboxKernel(mail::Launch launch) {
  __shared__ Workspace workspaces[mail::kLanes];
  __shared__ std::uint64_t lastServedNs;
  __shared__ std::uint32_t leaving;
  const unsigned lane = threadIdx.x / kWarpLanes;
  const std::uint32_t rank = threadIdx.x & 31;
  Workspace& work = workspaces[lane];
  const std::uint64_t startNs = __shfl_sync(kAll, nowNs(), 0);
  if (threadIdx.x == 0) {
    lastServedNs = startNs;
    leaving = 0;
  }
  __syncthreads();

  const std::uint64_t* const requests = launch.lines->requests[lane];
  std::uint32_t number = mail::nextNumber(launch.served[lane]);
  std::uint64_t mineServedNs = startNs;
  bool drowsy = false;
  for (std::uint32_t poll = 0; poll < kMaxPolls; ++poll) {
    bool served = false;
    // One read at a time: several under way at once were tried, and slowed each other down on the bus
    // (NOTES.md).
    const std::uint64_t word = readWord(requests + rank);
    const unsigned there = __ballot_sync(kAll, mail::numberOf(word) == number);
    constexpr unsigned kLengthHead = (1U << mail::kLengthHeadWords) - 1;
    if ((there & kLengthHead) == kLengthHead) {
      const std::uint32_t count =
          mail::requestWordsOf(__shfl_sync(kAll, mail::payloadOf(word), mail::kLengthsWord),
                               __shfl_sync(kAll, mail::payloadOf(word), mail::kExpectedWord));
      if (takeRequest(requests, word, count, number, work)) {
        serve(launch.table, launch.lines->answers[lane], number, work);
        if (rank == 0) launch.served[lane] = number;
        number = mail::nextNumber(number);
        served = true;
      }
    }
    const std::uint64_t control = word;
    // The clock is slow to read; what it decides can wait some polls.
    if (served) {
      drowsy = false;
      mineServedNs = 0;
    }
    if (poll % kPollsBetweenClocks != 0) {
      if (drowsy) __nanosleep(kDrowsyPauseNs);
      continue;
    }
    // Flags between warps are read and written by atomics, as racecheck wants it.
    const std::uint32_t others = rank == 0 ? atomicOr(&leaving, 0U) : 0;
    if (__shfl_sync(kAll, others, 0) != 0) break;
    const std::uint64_t now = __shfl_sync(kAll, nowNs(), 0);
    if (mineServedNs == 0) {
      mineServedNs = now;
      if (rank == 0) atomic::max(&lastServedNs, now);
    }
    // The first lane, which a single thread uses, stays awake.
    drowsy = lane != 0 && now - mineServedNs > kDrowsyNs;
    if (lane == 0) {
      const std::uint64_t asked = __shfl_sync(kAll, control, mail::kControlWord);
      const std::uint64_t last = __shfl_sync(kAll, rank == 0 ? atomic::max(&lastServedNs, 0) : 0, 0);
      // A clock that was set back counts as time passed.
      const bool over = asked == launch.number || now - startNs > launch.lifeNs ||
                        (now > last && now - last > launch.idleNs);
      if (over) break;
    }
  }
  // Whoever ends its loop first takes the others with it.
  if (rank == 0) atomicOr(&leaving, 1U);
  __syncthreads();
  if (threadIdx.x == 0) {
    __threadfence_system();
    writeWord(&launch.lines->left, launch.number);
  }
}

}  // namespace

cudaError_t launchMailbox(cudaStream_t stream, const mail::Launch& launch) noexcept {
  mailboxKernel<<<1, mail::kLanes * kWarpLanes, 0, stream>>>(launch);
  return cudaGetLastError();
}

cudaError_t preloadMailbox() noexcept {
  cudaFuncAttributes attributes;
  return cudaFuncGetAttributes(&attributes, mailboxKernel);
}

}  // namespace predis::cuda
