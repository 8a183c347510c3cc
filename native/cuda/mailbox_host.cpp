#include "mailbox_host.hpp"

#include <bit>
#include <cstring>
#include <functional>
#include <system_error>
#include <thread>

namespace predis::cuda {

namespace {

std::uint64_t load(const std::uint64_t& word) noexcept { return __atomic_load_n(&word, __ATOMIC_ACQUIRE); }
void store(std::uint64_t& word, std::uint64_t value) noexcept {
  __atomic_store_n(&word, value, __ATOMIC_RELEASE);
}

void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// True when a kernel started for one table can serve the other: level and split come with each request.
bool isSameTable(const TableView& a, const TableView& b) noexcept {
  return a.buckets == b.buckets && a.records == b.records && a.stash == b.stash && a.counters == b.counters &&
         a.segmentLiveUnits == b.segmentLiveUnits && std::memcmp(&a.seed, &b.seed, sizeof a.seed) == 0;
}

}  // namespace

MailboxHost::MailboxHost(MailKernel& kernel, mail::Lines& lines, std::uint32_t* served,
                         std::chrono::milliseconds patience, std::uint32_t firstNumber)
    : kernel_(kernel), lines_(lines), served_(served), patience_(patience) {
  for (Lane& lane : lanes_) lane.number = firstNumber;
}

bool MailboxHost::call(const TableView& table, const MailRequest& request, MailAnswer& answer,
                       std::uint8_t* value) noexcept {
  answer = {};
  if (std::uint64_t{request.keyBytes} + request.valueBytes + request.expectedBytes > kMaxRequestBytes) {
    answer.undone = DeferReason::kLarge;
    return kernel_.healthy();
  }
  unsigned number = 0;
  const std::unique_lock busy = takeLane(number);
  if (!busy.owns_lock()) return false;
  Lane& lane = lanes_[number];
  if (lane.generation != generation_.load(std::memory_order_acquire) || !isSameTable(lane.table, table)) {
    lane.table = table;
    lane.generation = 0;
  }
  // Before the request is there, so that no kernel of another table serves it.
  if ((lane.generation == 0 || hasLeft()) && !ensureKernel(lane)) return false;
  post(number, table, request);
  return receive(number, answer, value);
}

std::unique_lock<std::mutex> MailboxHost::takeLane(unsigned& lane) noexcept {
  for (lane = 0; lane < mail::kLanes; ++lane) {
    std::unique_lock<std::mutex> busy(lanes_[lane].busy, std::try_to_lock);
    if (busy.owns_lock()) return busy;
  }
  lane = static_cast<unsigned>(std::hash<std::thread::id>{}(std::this_thread::get_id()) % mail::kLanes);
  try {
    return std::unique_lock<std::mutex>(lanes_[lane].busy);
  } catch (const std::system_error&) {
    return {};
  }
}

void MailboxHost::post(unsigned laneNumber, const TableView& table, const MailRequest& request) noexcept {
  std::uint64_t* const line = lines_.requests[laneNumber];
  Lane& lane = lanes_[laneNumber];
  const std::uint32_t number = mail::nextNumber(lane.number);
  if (number < lane.number) {
    // Numbers begin again: nothing of the last round may be taken for new.
    for (std::uint32_t i = 0; i < mail::kLineWords; ++i) {
      if (i != mail::kControlWord) store(line[i], 0);
      store(lines_.answers[laneNumber][i], 0);
    }
  }
  lane.number = number;

  // Words that are not written below are padding of strings, which are filled up there.
  std::uint32_t payload[mail::kMaxRequestWords];
  const auto flags = request.markReferenced ? mail::kMarkFlag : 0U;
  payload[mail::kKindWord] =
      static_cast<std::uint32_t>(request.kind) | flags << 8 | std::uint32_t{request.space} << 16;
  payload[mail::kLengthsWord] = request.keyBytes | request.valueBytes << 11 |
                                static_cast<std::uint32_t>(std::bit_width(table.level) - 1) << 22;
  payload[mail::kSplitWord] = static_cast<std::uint32_t>(table.split);
  payload[mail::kExpectedWord] = request.expectedBytes;
  const std::uint64_t spare = request.spareUnit | std::uint64_t{request.spareUnits} << Entry::kAddressBits;
  std::memcpy(payload + mail::kNowWord, &request.nowMs, sizeof request.nowMs);
  std::memcpy(payload + mail::kAmountWord, &request.amount, sizeof request.amount);
  std::memcpy(payload + mail::kSpareWord, &spare, sizeof spare);
  const std::uint64_t hash = hashKey(request.key, request.keyBytes, request.space, table.seed);
  std::memcpy(payload + mail::kHashWord, &hash, sizeof hash);
  std::uint32_t at = mail::kHeadWords;
  const auto append = [&](const std::uint8_t* bytes, std::uint32_t count) {
    if (count == 0) return;
    const std::uint32_t end = at + mail::stringWords(count);
    payload[end - 1] = payload[end - 2] = 0;
    std::memcpy(payload + at, bytes, count);
    at = end;
  };
  append(request.key, request.keyBytes);
  append(request.value, request.valueBytes);
  append(request.expected, request.expectedBytes);
  for (std::uint32_t i = 0; i < at; ++i) store(line[mail::placeOf(i)], mail::makeWord(payload[i], number));
}

bool MailboxHost::await(unsigned laneNumber, std::uint32_t place, std::uint32_t& payload) noexcept {
  constexpr std::uint32_t kSpinsBetweenLooks = 64;
  constexpr std::uint32_t kSpinsBetweenClocks = 4096;
  // A pause can take 140 cycles, a tenth of what a get takes: the first microseconds do without.
  constexpr std::uint32_t kSpinsWithoutPause = 2048;
  const std::uint64_t& word = lines_.answers[laneNumber][place];
  Lane& lane = lanes_[laneNumber];
  Clock::time_point start{};
  for (std::uint32_t spins = 1;; ++spins) {
    const std::uint64_t seen = load(word);
    if (mail::numberOf(seen) == lane.number) {
      payload = mail::payloadOf(seen);
      return true;
    }
    if (spins > kSpinsWithoutPause) pause();
    if (spins % kSpinsBetweenLooks != 0) continue;
    // The kernel may have left before it saw the request, or behind an answer that is still on its way: the
    // next one knows which requests were served.
    if (hasLeft() && mail::numberOf(load(word)) != lane.number && !ensureKernel(lane)) return false;
    if (spins % kSpinsBetweenClocks != 0) continue;
    const Clock::time_point now = Clock::now();
    if (start == Clock::time_point{}) start = now;
    if (now - start > patience_) {
      kernel_.fail("the mailbox kernel did not answer in time");
      return false;
    }
    if (!kernel_.healthy()) return false;
  }
}

bool MailboxHost::receive(unsigned laneNumber, MailAnswer& answer, std::uint8_t* value) noexcept {
  std::uint32_t head[mail::kAnswerHeadWords];
  for (std::uint32_t i = 0; i < mail::kAnswerHeadWords; ++i) {
    if (!await(laneNumber, i, head[i])) return false;
  }
  answer.status = static_cast<Status>(head[mail::kOutcomeWord] & 0xFF);
  answer.undone = static_cast<DeferReason>(head[mail::kOutcomeWord] >> 8 & 0xFF);
  answer.tookSpare = (head[mail::kOutcomeWord] >> 16 & 1) != 0;
  answer.valueBytes = head[mail::kBytesWord];
  answer.number =
      static_cast<std::int64_t>(head[mail::kNumberWord] | std::uint64_t{head[mail::kNumberWord + 1]} << 32);
  const std::uint32_t words = mail::answerWords(answer) - mail::kAnswerHeadWords;
  for (std::uint32_t i = 0; i < words; ++i) {
    std::uint32_t payload = 0;
    if (!await(laneNumber, mail::kAnswerHeadWords + i, payload)) return false;
    const std::uint32_t left = answer.valueBytes - i * 4;
    std::memcpy(value + std::size_t{i} * 4, &payload, left < 4 ? left : 4);
  }
  return true;
}

bool MailboxHost::hasLeft() const noexcept {
  return load(lines_.left) == launched_.load(std::memory_order_acquire);
}

bool MailboxHost::ensureKernel(Lane& lane) noexcept try {
  const std::lock_guard lock(launching_);
  if (!isSameTable(table_, lane.table)) {
    if (!leaveLocked()) return false;
    table_ = lane.table;
    generation_.store(generation_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  lane.generation = generation_.load(std::memory_order_relaxed);
  if (!hasLeft()) return kernel_.healthy();
  mail::Launch launch;
  launch.table = table_;
  launch.lines = &lines_;
  launch.served = served_;
  launch.number = launched_.load(std::memory_order_relaxed) + 1;
  launched_.store(launch.number, std::memory_order_release);
  if (kernel_.launch(launch)) return true;
  launched_.store(launch.number - 1, std::memory_order_release);
  return false;
} catch (const std::system_error&) {
  return false;
}

bool MailboxHost::leaveLocked() noexcept {
  if (hasLeft()) return true;
  store(lines_.requests[0][mail::kControlWord], launched_.load(std::memory_order_relaxed));
  constexpr std::uint32_t kSpinsBetweenLooks = 1024;
  const Clock::time_point start = Clock::now();
  for (std::uint32_t spins = 1; !hasLeft(); ++spins) {
    pause();
    if (spins % kSpinsBetweenLooks != 0) continue;
    if (!kernel_.healthy()) return false;
    if (Clock::now() - start > patience_) {
      kernel_.fail("the mailbox kernel did not leave in time");
      return false;
    }
  }
  return true;
}

void MailboxHost::leave() noexcept try {
  const std::lock_guard lock(launching_);
  (void)leaveLocked();
} catch (const std::system_error&) {
  kernel_.fail("the mailbox's lock failed");
}

}  // namespace predis::cuda
