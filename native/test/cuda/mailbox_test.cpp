// The mailbox's protocol, with a thread that plays the kernel (and kThreads that call): what the kernel's
// lanes do in parallel it does one by one, in the same words.
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <thread>

#include "../../cuda/mailbox_host.hpp"
#include "../../cuda/table/mail.hpp"
#include "table.hpp"

namespace predis::cuda::test {

namespace {

/// A stream of launches, one behind the other, each played by the same thread.
class PlayedKernel final : public MailKernel {
 public:
  PlayedKernel() : thread_([this] { runLaunches(); }) {}
  ~PlayedKernel() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  bool launch(const mail::Launch& launch) noexcept override {
    if (refuses.load()) return false;
    {
      const std::lock_guard lock(mutex_);
      launches_.push_back(launch);
    }
    wake_.notify_one();
    return true;
  }
  bool healthy() noexcept override { return !failed.load(); }
  void fail(const char*) noexcept override { failed.store(true); }

  std::atomic<bool> failed{false}, refuses{false}, isDeaf{false};
  /// Polls after which a launch leaves, whatever happens.
  std::atomic<std::uint32_t> polls{2000};
  /// Words of an answer that come late, one poll after the others.
  std::atomic<bool> answersInPieces{false};
  std::atomic<std::uint64_t> served{0};

 private:
  static std::uint64_t read(const std::uint64_t& word) { return __atomic_load_n(&word, __ATOMIC_RELAXED); }

  void runLaunches() {
    for (;;) {
      mail::Launch launch;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return ending_ || !launches_.empty(); });
        if (launches_.empty()) return;
        launch = launches_.front();
        launches_.pop_front();
      }
      play(launch);
    }
  }

  void play(const mail::Launch& launch) {
    const std::uint32_t limit = polls.load();
    for (std::uint32_t poll = 0; poll < limit; ++poll) {
      if (read(launch.lines->requests[0][mail::kControlWord]) == launch.number) break;
      for (unsigned lane = 0; lane < mail::kLanes && !isDeaf.load(); ++lane) serve(launch, lane);
      std::this_thread::yield();
    }
    // Behind all reads and writes of this launch, as the end of a kernel is.
    __atomic_store_n(&launch.lines->left, launch.number, __ATOMIC_RELEASE);
  }

  void serve(const mail::Launch& launch, unsigned lane) {
    const std::uint64_t* const line = launch.lines->requests[lane];
    const std::uint32_t number = mail::nextNumber(launch.served[lane]);
    const auto has = [&](std::uint32_t word) {
      return mail::numberOf(read(line[mail::placeOf(word)])) == number;
    };
    for (std::uint32_t i = 0; i < mail::kLengthHeadWords; ++i) {
      if (!has(i)) return;
    }
    alignas(8) std::uint32_t payload[mail::kMaxRequestWords];
    const std::uint32_t words = mail::requestWordsOf(mail::payloadOf(read(line[mail::kLengthsWord])),
                                                     mail::payloadOf(read(line[mail::kExpectedWord])));
    for (std::uint32_t i = 0; i < words; ++i) {
      if (!has(i)) return;
      payload[i] = mail::payloadOf(read(line[mail::placeOf(i)]));
    }
    // What other threads wrote before they posted: the kernel has a fence here.
    (void)__atomic_load_n(&line[0], __ATOMIC_ACQUIRE);
    const mail::Head head = mail::readHead(payload);
    TableView table = launch.table;
    table.level = head.level;
    table.split = head.split;
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(payload);
    MailRequest request;
    request.kind = head.kind;
    request.space = head.space;
    request.key = bytes + head.keyWord() * 4;
    request.keyBytes = head.keyBytes;
    request.value = bytes + head.valueWord() * 4;
    request.valueBytes = head.valueBytes;
    request.expected = bytes + head.expectedWord() * 4;
    request.expectedBytes = head.expectedBytes;
    request.amount = head.amount;
    request.nowMs = head.nowMs;
    request.spareUnit = head.spareUnit;
    request.spareUnits = head.spareUnits;
    request.markReferenced = head.markReferenced;
    std::uint8_t value[Mailbox::kMaxValueBytes + 4] = {};
    Tally tally;
    const MailAnswer answer = applyOne(predis::cuda::Lane{}, table, request, value, tally);
    tally.flush(*table.counters);
    served.fetch_add(1);
    answerWith(launch.lines->answers[lane], answer, value, number);
    launch.served[lane] = number;
  }

  void answerWith(std::uint64_t* line, const MailAnswer& answer, const std::uint8_t* value,
                  std::uint32_t number) {
    const std::uint32_t words = mail::answerWords(answer);
    const bool inPieces = answersInPieces.load();
    for (std::uint32_t n = 0; n < words; ++n) {
      // Words of one store may arrive in any order: from the end, or with pauses from the start.
      const std::uint32_t i = inPieces ? n : words - 1 - n;
      std::uint32_t payload = 0;
      if (i < mail::kAnswerHeadWords) {
        payload = mail::answerHeadWord(answer, i);
      } else {
        std::memcpy(&payload, value + (i - mail::kAnswerHeadWords) * std::size_t{4}, 4);
      }
      __atomic_store_n(&line[i], mail::makeWord(payload, number), __ATOMIC_RELEASE);
      if (inPieces && i % 8 == 3) std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<mail::Launch> launches_;
  bool ending_ = false;
  std::thread thread_;
};

/// A mailbox over a table, with room for new records from the end of the table's memory.
struct Post {
  explicit Post(TestTable& testTable, std::uint32_t firstNumber = 0,
                std::chrono::milliseconds patience = std::chrono::seconds(60))
      : table(testTable), spare(std::uint64_t{testTable.spareSegment()} * kSegmentUnits) {
    for (std::uint32_t& number : served) number = firstNumber;
    mailbox = std::make_unique<MailboxHost>(kernel, *lines, served, patience, firstNumber);
  }

  MailAnswer call(OpKind kind, std::string_view key, std::string_view value = {}, std::int64_t amount = 0,
                  std::string_view expected = {}) {
    MailRequest request;
    request.kind = kind;
    request.space = table.space;
    request.key = reinterpret_cast<const std::uint8_t*>(key.data());
    request.keyBytes = static_cast<std::uint32_t>(key.size());
    request.value = reinterpret_cast<const std::uint8_t*>(value.data());
    request.valueBytes = static_cast<std::uint32_t>(value.size());
    request.expected = reinterpret_cast<const std::uint8_t*>(expected.data());
    request.expectedBytes = static_cast<std::uint32_t>(expected.size());
    request.amount = amount;
    request.nowMs = table.nowMs;
    request.spareUnit = spare;
    request.spareUnits = 64;
    MailAnswer answer;
    answered = mailbox->call(table.view, request, answer, room);
    got.assign(reinterpret_cast<const char*>(room),
               answered && answer.valueBytes <= sizeof room ? answer.valueBytes : 0);
    if (answered && answer.tookSpare) spare += 64;
    return answer;
  }
  MailAnswer get(std::string_view key) { return call(OpKind::kGet, key); }

  TestTable& table;
  std::unique_ptr<mail::Lines> lines = std::make_unique<mail::Lines>();
  std::uint32_t served[mail::kLanes];
  PlayedKernel kernel;  ///< Ends before its memory goes.
  std::uint64_t spare;
  std::unique_ptr<MailboxHost> mailbox;  ///< Goes first, while the kernel is there to leave.
  std::uint8_t room[Mailbox::kMaxValueBytes] = {};
  std::string got;
  bool answered = false;
};

}  // namespace

TEST("mailbox: every kind of operation, with strings of every length that fits") {
  TestTable table(64, 2);
  Post post(table);
  Random random(1);
  for (const std::uint32_t keyBytes : {1U, 7U, 8U, 24U, 83U, 84U, 85U, 88U, 89U, 300U}) {
    for (const std::uint32_t valueBytes : {0U, 1U, 4U, 5U, 100U, 200U, 724U}) {
      const std::string key = random.bytes(keyBytes);
      const std::string value = random.bytes(valueBytes);
      CHECK_EQ(post.get(key).status, Status::kNotFound);
      const MailAnswer put = post.call(OpKind::kPut, key, value);
      CHECK_EQ(put.status, Status::kOk);
      CHECK(put.tookSpare);
      CHECK_EQ(post.get(key).status, Status::kOk);
      CHECK(post.got == value);
      CHECK_EQ(post.call(OpKind::kPutIfAbsent, key, "other").status, Status::kMismatch);
      CHECK_EQ(post.call(OpKind::kDelete, key).status, Status::kOk);
      CHECK_EQ(post.get(key).status, Status::kNotFound);
    }
  }
  CHECK_EQ(post.call(OpKind::kIncrement, "n", {}, 41).number, 41);
  CHECK_EQ(post.call(OpKind::kIncrement, "n", {}, -50).number, -9);
  CHECK_EQ(post.call(OpKind::kCompareAndSet, "n", "x", 0, "8").status, Status::kMismatch);
  CHECK_EQ(post.call(OpKind::kCompareAndSet, "n", "x", 0, "-9").status, Status::kOk);
  CHECK_EQ(post.call(OpKind::kExpire, "n", {}, 5'000'000'000'000).status, Status::kOk);
  CHECK_EQ(post.call(OpKind::kExpiry, "n").number, 5'000'000'000'000);
  post.mailbox->leave();
  CHECK_EQ(table.recount().size(), 1U);
}

TEST("mailbox: what does not fit is not done, and says so") {
  TestTable table(64, 2);
  Post post(table);
  CHECK(post.call(OpKind::kPut, "long", std::string(1021, 'v')).undone == DeferReason::kLarge);
  CHECK(post.call(OpKind::kPut, "long", std::string(1020, 'v')).undone == DeferReason::kNone);
  CHECK_EQ(post.get("long").valueBytes, 1020U);
  CHECK(post.got == std::string(1020, 'v'));
  CHECK_EQ(table.put({"longer"}, {std::string(1025, 'w')}), 0U);
  const MailAnswer answer = post.get("longer");
  CHECK(answer.undone == DeferReason::kOutputFull);
  CHECK_EQ(answer.valueBytes, 1025U);
}

TEST("mailbox: a kernel that leaves at any moment serves every request exactly once") {
  TestTable table(64, 2);
  Post post(table);
  post.kernel.answersInPieces.store(true);
  Random random(2);
  std::int64_t sum = 0;
  constexpr int kCalls = 3000;
  for (int i = 0; i < kCalls; ++i) {
    post.kernel.polls.store(1 + static_cast<std::uint32_t>(random.below(3)));
    sum += i;
    const MailAnswer answer = post.call(OpKind::kIncrement, "sum", {}, i);
    CHECK(post.answered);
    CHECK_EQ(answer.number, sum);
    if (i % 8 == 0) {
      post.get("sum");
      CHECK_EQ(post.got, std::to_string(sum));
    }
    if (random.below(16) == 0) post.mailbox->leave();
  }
  CHECK_EQ(post.kernel.served.load(), static_cast<std::uint64_t>(kCalls + kCalls / 8));
  CHECK(post.mailbox->launches() > 100);
}

TEST("mailbox: more kThreads than lanes, each sees its own answers") {
  TestTable table(1024, 2);
  std::vector<std::string> keys = numbered("key ", 0, 400);
  std::vector<std::string> values;
  for (const std::string& key : keys) values.push_back("value of " + key + std::string(key.size() * 7, '.'));
  CHECK_EQ(table.put(keys, values), 0U);
  Post post(table);
  post.kernel.polls.store(50);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < mail::kLanes + 2; ++t) {
    threads.emplace_back([&, t] {
      std::uint8_t room[Mailbox::kMaxValueBytes];
      for (std::size_t n = 0; n < 300; ++n) {
        const std::size_t i = (n * 7 + t * 67) % keys.size();
        MailRequest request;
        request.key = reinterpret_cast<const std::uint8_t*>(keys[i].data());
        request.keyBytes = static_cast<std::uint32_t>(keys[i].size());
        MailAnswer answer;
        if (!post.mailbox->call(table.view, request, answer, room) || answer.status != Status::kOk ||
            std::string_view(reinterpret_cast<const char*>(room), answer.valueBytes) != values[i])
          wrong.fetch_add(1);
        if (n % 100 == 99) post.mailbox->leave();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_EQ(wrong.load(), 0);
}

TEST("mailbox: numbers that begin again, with the lines of the last round full") {
  TestTable table(64, 2);
  const std::string value = Random(4).bytes(400);
  CHECK_EQ(table.put({"long"}, {value}), 0U);
  Post post(table, 0xFFFFFFF0U);
  post.kernel.answersInPieces.store(true);
  // Behind the heads, which every request writes anew, may lie what a round ago had the numbers to come.
  for (std::uint32_t i = mail::kHeadWords; i < mail::kLineWords; ++i) {
    if (i != mail::kControlWord) post.lines->requests[0][i] = mail::makeWord(77, 1);
    post.lines->answers[0][i] = mail::makeWord(77, 1);
  }
  for (std::int64_t i = 1; i <= 15; ++i) CHECK_EQ(post.call(OpKind::kIncrement, "n", {}, 1).number, i);
  for (int i = 0; i < 20; ++i) {
    post.get("long");
    CHECK(post.got == value);
  }
  CHECK_EQ(post.kernel.served.load(), 35U);
}

TEST("mailbox: another table starts the kernel anew") {
  TestTable one(64, 2);
  TestTable other(128, 2);
  CHECK_EQ(one.put({"a"}, {"1"}), 0U);
  CHECK_EQ(other.put({"a"}, {"2"}), 0U);
  Post post(one);
  const TableView views[] = {one.view, other.view};
  MailRequest request;
  request.key = reinterpret_cast<const std::uint8_t*>("a");
  request.keyBytes = 1;
  for (int i = 0; i < 20; ++i) {
    MailAnswer answer;
    CHECK(post.mailbox->call(views[i / 2 % 2], request, answer, post.room));
    CHECK_EQ(static_cast<char>(post.room[0]), i / 2 % 2 == 0 ? '1' : '2');
  }
}

TEST("mailbox: a device that does not answer, or cannot be started, fails the call") {
  TestTable table(64, 2);
  {
    Post post(table, 0, std::chrono::milliseconds(100));
    post.kernel.isDeaf.store(true);
    post.kernel.polls.store(1U << 30);
    post.get("a");
    CHECK(!post.answered);
    CHECK(post.kernel.failed.load());
  }
  Post post(table);
  post.kernel.refuses.store(true);
  post.get("a");
  CHECK(!post.answered);
}

}  // namespace predis::cuda::test

int main() { return predis::test::runAll(); }
