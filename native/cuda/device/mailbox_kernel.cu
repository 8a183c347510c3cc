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

/// Brings a request that goes on behind its first words to the workspace: those a lane each has read already.
/// @return false when the rest did not come
__device__ __noinline__ bool takeLong(const std::uint64_t* line, std::uint32_t words, std::uint32_t number,
                                      Workspace& work) {
  const std::uint32_t rank = threadIdx.x & 31;
  const std::uint32_t places = mail::placeOf(words - 1) + 1;
  for (std::uint32_t from = kWarpLanes; from < places; from += kWarpLanes) {
    const std::uint32_t place = from + rank;
    const bool wanted = place < places;
    std::uint64_t word = wanted ? readWord(line + place) : 0;
    bool missing = wanted && mail::numberOf(word) != number;
    for (std::uint32_t again = 0; __any_sync(kAll, missing) != 0; ++again) {
      if (again == kMaxRereads) return false;
      if (missing) word = readWord(line + place);
      missing = wanted && mail::numberOf(word) != number;
    }
    if (wanted) work.request[place - 1] = mail::payloadOf(word);
  }
  __syncwarp();
  return true;
}

/// What a get found, the same in all lanes.
struct Got {
  Status status = Status::kNotFound;
  DeferReason undone = DeferReason::kNone;
  std::uint32_t valueBytes = 0;
  std::uint32_t valueAt = 0;  ///< Of the value in the workspace's record.
  std::uint64_t unit = 0;     ///< Of a record that is to be marked as read; 0 for none.
};

/// A get for the case that the key is not in the stash: both of its buckets are read at once, then the record
/// with its value in one go. The head comes from the lanes that read it, because this is the way of every
/// single get, and each trip by shared memory and each instruction of it counts: they come from afar.
/// @param payload the request's word of this lane
/// @return false when the general way must be taken
__device__ __forceinline__ bool getFast(const TableView& table, std::uint32_t payload, Workspace& work,
                                        Got& got) {
  const std::uint32_t rank = threadIdx.x & 31;
  const auto wordOf = [payload](std::uint32_t word) {
    return __shfl_sync(kAll, payload, static_cast<int>(word));
  };
  const std::uint64_t hash = wordOf(mail::kHashWord) | std::uint64_t{wordOf(mail::kHashWord + 1)} << 32;
  const std::uint32_t lengths = wordOf(mail::kLengthsWord);
  TableView now = table;
  now.level = mail::levelOf(lengths);
  now.split = wordOf(mail::kSplitWord);
  const std::uint64_t first = now.firstBucket(hash);
  const std::uint64_t second = now.secondBucket(hash);
  const std::uint64_t* const place =
      table.buckets[rank < Bucket::kEntries ? first : second].entries + rank % Bucket::kEntries;
  constexpr std::uint32_t kStashedLane = 2 * Bucket::kEntries;
  const std::uint64_t entry =
      rank <= kStashedLane ? readWord(rank < kStashedLane ? place : &table.counters->stashed) : 0;
  // While they come:
  const std::uint32_t kindWord = wordOf(mail::kKindWord);
  const std::uint32_t keyBytes = lengths & mail::kLengthMask;
  const auto* const key = reinterpret_cast<const std::uint64_t*>(work.request + mail::kHeadWords);

  unsigned candidates = __ballot_sync(kAll, rank < kStashedLane && Entry::hasTag(entry, Entry::tagOf(hash)));
  const bool overflowed = (__shfl_sync(kAll, entry, Bucket::kOverflowedEntry) & Entry::kFlag) != 0;
  if (!overflowed || first == second) candidates &= (1U << Bucket::kEntries) - 1;
  for (; candidates != 0; candidates &= candidates - 1) {
    const std::uint64_t unit =
        Entry::unitOf(__shfl_sync(kAll, entry, __ffs(static_cast<int>(candidates)) - 1));
    const auto* const record = reinterpret_cast<const std::uint64_t*>(table.recordAt(unit));
    // Memory is there to the end of the record's segment, and may not be behind it.
    const std::uint64_t wordsThere = (kSegmentUnits - unit % kSegmentUnits) * (kUnitBytes / 8);
    const std::uint64_t word = rank < wordsThere ? readWord(record + rank) : 0;
    const std::uint64_t headWord = __shfl_sync(kAll, word, 0);
    __syncwarp();
    work.record[rank] = word;
    const RecordHead found{static_cast<std::uint16_t>(headWord), static_cast<std::uint16_t>(headWord >> 16),
                           static_cast<std::uint32_t>(headWord >> 32)};
    const std::uint32_t keyAt = found.keyAt() / 8;
    // Words of the key: the one that holds other bytes too is compared without them. The first 32 words of
    // the record are here.
    bool differs = false;
    const std::uint32_t keyWord = rank - keyAt;
    if (keyWord < (keyBytes + 7) / 8) {
      const std::uint32_t left = keyBytes - keyWord * 8;
      const std::uint64_t mask = left >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << left * 8) - 1;
      differs = ((word ^ key[keyWord]) & mask) != 0;
    }
    if (__any_sync(kAll, differs) != 0 || found.keyBytes() != keyBytes || found.space != kindWord >> 16)
      continue;
    const std::uint32_t valueAt = found.valueAt();
    const bool tooLong = found.valueBytes() > Mailbox::kMaxValueBytes;
    const std::uint32_t bytes = tooLong ? valueAt : valueAt + found.valueBytes();
    if (bytes > kWarpLanes * 8) {
      for (std::uint32_t i = kWarpLanes + rank; i < (bytes + 7) / 8; i += kWarpLanes)
        work.record[i] = readWord(record + i);
      __syncwarp();
      // The rest of a key that is longer than what came first.
      for (std::uint32_t i = kWarpLanes - keyAt + rank; i < (keyBytes + 7) / 8; i += kWarpLanes) {
        const std::uint32_t left = keyBytes - i * 8;
        const std::uint64_t mask = left >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << left * 8) - 1;
        differs |= ((work.record[keyAt + i] ^ key[i]) & mask) != 0;
      }
      if (__any_sync(kAll, differs) != 0) continue;
    }
    if (found.hasExpiry()) {
      const auto expiresAtMs = static_cast<std::int64_t>(__shfl_sync(kAll, word, 1));
      const std::uint64_t nowMs = wordOf(mail::kNowWord) | std::uint64_t{wordOf(mail::kNowWord + 1)} << 32;
      if (isExpired(expiresAtMs, static_cast<std::int64_t>(nowMs))) return true;
    }
    __syncwarp();
    got.status = Status::kOk;
    got.valueBytes = found.valueBytes();
    got.valueAt = valueAt;
    if (tooLong) got.undone = DeferReason::kOutputFull;
    if ((kindWord >> 8 & mail::kMarkFlag) != 0 && (found.valueAndFlags & RecordHead::kReferenced) == 0)
      got.unit = unit;
    return true;
  }
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
__device__ __forceinline__ MailAnswer applyGeneral(const TableView& table, const mail::Head& head,
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

/// Writes an answer's line, the value from the workspace.
/// @param headWord the word of an answer's head that this lane writes, if it writes one
__device__ __forceinline__ void writeAnswer(std::uint64_t* line, std::uint32_t number, std::uint32_t headWord,
                                            std::uint32_t valueWords, std::uint32_t valueAt,
                                            const Workspace& work) {
  const std::uint32_t rank = threadIdx.x & 31;
  for (std::uint32_t i = rank; i < mail::kAnswerHeadWords + valueWords; i += kWarpLanes) {
    const std::uint32_t payload = i < mail::kAnswerHeadWords
                                      ? headWord
                                      : valueWord(work.value, valueAt + (i - mail::kAnswerHeadWords) * 4);
    writeWord(line + i, mail::makeWord(payload, number));
  }
}

/// Does a get and answers it, if it can be done fast.
__device__ __forceinline__ bool serveFast(const TableView& table, std::uint64_t* line, std::uint32_t number,
                                          std::uint32_t payload, Workspace& work) {
  const std::uint32_t rank = threadIdx.x & 31;
  Got got;
  if (!getFast(table, payload, work, got)) return false;
  // Before the answer, after which the host may give the record's room to another.
  if (got.unit != 0 && rank == 0)
    atomic::bitOr(reinterpret_cast<std::uint32_t*>(table.recordAt(got.unit)) + 1, RecordHead::kReferenced);
  const std::uint32_t headWord = rank == mail::kOutcomeWord
                                     ? mail::outcomeWordOf(got.status, got.undone, false)
                                 : rank == mail::kBytesWord ? got.valueBytes
                                                            : 0;
  const bool follows = got.undone == DeferReason::kNone;
  writeAnswer(line, number, headWord, follows ? mail::valueWords(got.valueBytes) : 0, got.valueAt, work);
  // Counted when the answer is on its way.
  if (rank == 0 && follows)
    atomic::add(got.status == Status::kOk ? &table.counters->hits : &table.counters->misses,
                std::uint64_t{1});
  return true;
}

/// Does the request in the workspace, whatever it is, and answers it.
/// Its own function, so that its registers are not those of the polling loop.
__device__ __noinline__ void serveGeneral(const TableView& launchTable, std::uint64_t* line,
                                          std::uint32_t number, Workspace& work) {
  const mail::Head head = mail::readHead(work.request);
  TableView table = launchTable;
  table.level = head.level;
  table.split = head.split;
  const MailAnswer answer = applyGeneral(table, head, work);
  const std::uint32_t rank = threadIdx.x & 31;
  writeAnswer(line, number, mail::answerHeadWord(answer, rank),
              mail::answerWords(answer) - mail::kAnswerHeadWords, 0, work);
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
      const std::uint32_t payload = mail::payloadOf(word);
      const std::uint32_t words = mail::requestWordsOf(__shfl_sync(kAll, payload, mail::kLengthsWord),
                                                       __shfl_sync(kAll, payload, mail::kExpectedWord));
      const std::uint32_t wordsHere = min(words, mail::kControlWord);
      // A request that is not yet wholly here is read again by the next poll.
      if ((~there & ((1U << wordsHere) - 1)) == 0) {
        if (rank < wordsHere) work.request[rank] = payload;
        __syncwarp();
        if (words == wordsHere || takeLong(requests, words, number, work)) {
          std::uint64_t* const answers = launch.lines->answers[lane];
          const std::uint32_t lengths = __shfl_sync(kAll, payload, mail::kLengthsWord);
          const bool isGet = (__shfl_sync(kAll, payload, mail::kKindWord) & 0xFF) ==
                             static_cast<std::uint32_t>(OpKind::kGet);
          const bool done = isGet && (lengths & mail::kLengthMask) != 0 &&
                            serveFast(launch.table, answers, number, payload, work);
          if (!done) serveGeneral(launch.table, answers, number, work);
          if (rank == 0) launch.served[lane] = number;
          number = mail::nextNumber(number);
          served = true;
          __syncwarp();
        }
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
