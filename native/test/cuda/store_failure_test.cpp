/// @file
/// A device that fails: at every single call of the backend in turn, and in the middle of other threads'
/// work.

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "../threads.hpp"
#include "store_device.hpp"

using namespace predis;
using namespace predis::cuda::test;

using predis::cuda::DevicePath;
using predis::cuda::HostBackend;
using predis::cuda::makeDeviceEngine;
using predis::cuda::makeHostBackend;

namespace {

/// Calls in a fixed order whose answers are known. Each is checked: before the device fails it is right, the
/// call in which it fails is right or says so, and all that follow say so.
class Script {
 public:
  Script(Engine& engine, HostBackend& backend) : engine_(engine), backend_(backend) {}

  /// @param mayLose what was written may be evicted
  void run(bool mayLose) {
    mayLose_ = mayLose;
    singles();
    putMany(600, 100);
    getMany(700);
    large();
    mixed();
    upkeep();
    onDevice();
  }
  [[nodiscard]] bool hasFailed() const { return failed_; }

  void putMany(std::size_t count, std::size_t bytes, Consistency consistency = Consistency::kStrong) {
    std::vector<std::string> keys;
    std::vector<std::string> values;
    for (std::size_t i = 0; i < count; ++i) {
      keys.push_back(keyOf(i));
      values.push_back(valueOf(i, bytes));
    }
    const auto statuses = mput(engine_, keys, values, {0, consistency});
    for (std::size_t i = 0; i < count; ++i) {
      answered("putMany", statuses[i], statuses[i] == Status::kOk);
      if (statuses[i] == Status::kOk) model_[keys[i]] = values[i];
    }
    settle();
  }

 private:
  /// One answer of the call under way.
  void answered(const char* call, Status status, bool isRight) {
    if (failed_) {
      CHECK_EQ(status, Status::kDeviceFailed);
    } else if (status == Status::kDeviceFailed) {
      saidSo_ = true;
    } else if (!isRight) {
      std::ostringstream what;
      what << call << ": a wrong answer, " << status;
      predis::test::fail(__FILE__, __LINE__, what.str());
    }
  }
  /// After each call: from now on everything fails, if the device did. A call that had its answers already
  /// when it failed need not say so.
  void settle() {
    CHECK(!saidSo_ || !backend_.failure().empty());
    failed_ = failed_ || saidSo_;
    CHECK_EQ(engine_.failure(), backend_.failure());
    if (failed_) CHECK(!engine_.failure().empty());
  }

  void putOne(const std::string& key, const std::string& value) {
    const Status status = engine_.put(kPlain, key, value);
    answered("putOne", status, status == Status::kOk);
    if (status == Status::kOk) model_[key] = value;
    settle();
  }
  void getOne(const std::string& key) {
    Answer answer;
    const Status status = engine_.get(kPlain, key, answer.memory());
    const auto known = model_.find(key);
    const bool isRight = known == model_.end()   ? status == Status::kNotFound
                         : status == Status::kOk ? answer.string() == known->second
                                                 : mayLose_ && status == Status::kNotFound;
    answered("getOne", status, isRight);
    settle();
  }
  void getMany(std::size_t count) {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < count; ++i) keys.push_back(keyOf(i));
    Packed packed(keys);
    Answer answer;
    std::vector<std::uint32_t> offsets(count + 1, 77);
    std::vector<std::uint8_t> found(count, 77);
    const BatchStatus status =
        engine_.mget(kPlain, packed.view(), {offsets.data(), found.data(), answer.memory(), nullptr, 0});
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < count && status == BatchStatus::kOk; ++i) {
      const auto known = model_.find(keys[i]);
      const bool is = found[i] == 1;
      wrong += is ? known == model_.end() || answer.string(offsets[i], offsets[i + 1]) != known->second
                  : known != model_.end() && !mayLose_;
    }
    CHECK_EQ(wrong, 0U);
    answered("getMany", status == BatchStatus::kDeviceFailed ? Status::kDeviceFailed : Status::kOk,
             status == BatchStatus::kOk);
    settle();
  }
  void removeOne(const std::string& key) {
    const Status status = engine_.remove(kPlain, key);
    const bool known = model_.erase(key) != 0;
    answered("removeOne", status,
             status == Status::kOk ? known : status == Status::kNotFound && (!known || mayLose_));
    settle();
  }

  void singles() {
    putOne("single", "one");
    putOne("single", std::string(2000, 's'));
    for (int i = 0; i < 3; ++i) getOne("single");
    putOne("hot", "value");
    for (int i = 0; i < 4; ++i) getOne("hot");
    getOne("nobody");
    std::int64_t number = 0;
    const Status status = engine_.increment(kPlain, "count", 5, number);
    answered("singles", status, status == Status::kOk && (number == 5 || mayLose_));
    settle();
    removeOne("single");
    getOne("single");
    // Still in the host's cache.
    getOne("hot");
  }
  void large() {
    putOne("large", std::string(300'000, 'l'));
    putOne("longer", std::string(5 << 20, 'L'));
    getOne("longer");
    putOne("large", std::string(200'000, 'm'));
    getOne("large");
    removeOne("longer");
  }
  void mixed() {
    const auto outcomes = execute(engine_, {{OpKind::kPut, "m", "1"},
                                            {OpKind::kIncrement, "m", "", 41},
                                            {OpKind::kCompareAndSet, "m", std::string(3000, 'c'), 0, "42"},
                                            {OpKind::kPutIfAbsent, "m", "no"},
                                            {OpKind::kGet, "m"},
                                            {OpKind::kPut, "big", std::string(400'000, 'b')},
                                            {OpKind::kGet, "big"},
                                            {OpKind::kDelete, "big"},
                                            {OpKind::kExpire, "m", "", 1}});
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      answered("mixed", outcomes[i].status,
               outcomes[i].status == (i == 3 ? Status::kMismatch : Status::kOk) || mayLose_);
    }
    if (outcomes[4].status == Status::kOk) CHECK(outcomes[4].value == std::string(3000, 'c'));
    settle();
    const Outcome one = executeOne(engine_, {OpKind::kPutIfAbsent, "single", "again"});
    answered("mixed", one.status, one.status == Status::kOk);
    if (one.status == Status::kOk) model_["single"] = "again";
    settle();
    getOne("single");
  }
  void upkeep() {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < 500; ++i) keys.push_back(keyOf(i));
    const auto statuses = mremove(engine_, keys);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const bool known = model_.erase(keys[i]) != 0;
      answered("upkeep", statuses[i],
               statuses[i] == Status::kOk ? known : statuses[i] == Status::kNotFound && (!known || mayLose_));
    }
    settle();
    (void)engine_.sweepExpired();
    std::uint16_t space = 0;
    CHECK_EQ(engine_.openSpace("other", space), Status::kOk);
    const Status status = engine_.put({space, Consistency::kStrong}, "k", "v");
    answered("upkeep", status, status == Status::kOk);
    settle();
    (void)engine_.countKeys(space);
    (void)engine_.stats();
    (void)engine_.deviceStats();
    engine_.clear(space);
    putMany(300, 300, Consistency::kRelaxed);
    getMany(300);
    engine_.clearAll();
    model_.clear();
    putMany(50, 50);
    getMany(60);
  }
  void onDevice() {
    auto& path = dynamic_cast<DevicePath&>(engine_);
    const std::shared_ptr<std::uint8_t> rows = path.allocateOnDevice(4 * 64);
    const std::shared_ptr<std::uint8_t> lengths = path.allocateOnDevice(4 * sizeof(std::uint32_t));
    if (rows == nullptr || lengths == nullptr) {
      CHECK(!backend_.failure().empty());
      return;
    }
    Packed packed({keyOf(1), keyOf(2), keyOf(3), "nobody"});
    const BatchStatus status = path.mgetToDevice(kPlain, packed.view(), rows.get(), 64,
                                                 reinterpret_cast<std::uint32_t*>(lengths.get()));
    answered("onDevice", status == BatchStatus::kDeviceFailed ? Status::kDeviceFailed : Status::kOk,
             status == BatchStatus::kOk);
    settle();
    const std::shared_ptr<std::uint8_t> pinned = engine_.allocatePinned(100);
    CHECK(pinned != nullptr || !backend_.failure().empty());
  }

  Engine& engine_;
  HostBackend& backend_;
  Map model_;
  bool mayLose_ = false;
  bool saidSo_ = false;
  bool failed_ = false;
};

/// Runs the script with the device failing at one step after another. @return the step at which it did not
/// fail any more
std::uint64_t sweep(const EngineOptions& options, std::uint64_t stride,
                    const std::function<void(Script&)>& work) {
  constexpr std::uint64_t kMostSteps = 1'000'000;
  for (std::uint64_t step = 0; step < kMostSteps; step += stride) {
    auto owned = makeHostBackend(256 * kMiB, 1);
    auto* const backend = static_cast<HostBackend*>(owned.get());
    backend->failAfter(step);
    const auto engine = makeDeviceEngine(std::move(owned), options, small());
    if (engine == nullptr) continue;
    Script script(*engine, *backend);
    work(script);
    if (backend->failure().empty()) return step;
    // Whatever it was doing: from now on it says so at once.
    Answer answer;
    CHECK_EQ(engine->put(kPlain, "k", "v"), Status::kDeviceFailed);
    CHECK_EQ(engine->get(kPlain, "k", answer.memory()), Status::kDeviceFailed);
    CHECK_EQ(engine->get(kPlain, "hot", answer.memory()), Status::kDeviceFailed);
    CHECK_EQ(mput(*engine, {"k"}, {"v"})[0], Status::kDeviceFailed);
    CHECK_EQ(executeOne(*engine, {OpKind::kGet, "hot"}).status, Status::kDeviceFailed);
    if (predis::test::failures() != 0) {
      std::printf("# the device failed at step %llu\n", static_cast<unsigned long long>(step));
      return step;
    }
  }
  return kMostSteps;
}

}  // namespace

TEST("failure: at any call to the device, every answer is right or says so, and so do all that follow") {
  // The script makes each kind of call several times: every third step meets them all.
  const std::uint64_t steps = sweep(limited(0), 3, [](Script& script) { script.run(false); });
  CHECK(steps > 300);
}

TEST("failure: in the middle of eviction, compaction and runs of segments") {
  EngineOptions options = limited(24 * kMiB);
  options.eviction = Eviction::kClock;
  // Each round fills the engine: some of the steps must do.
  const std::uint64_t steps = sweep(options, 997, [](Script& script) {
    script.putMany(3000, 5000);
    script.putMany(3000, 7000);
    script.run(true);
    script.putMany(3, 13 << 20);
    script.putMany(5, 5 << 20);
  });
  CHECK(steps > 1000);
}

TEST("failure: beside other threads, each sees right answers and then the failure, and none waits") {
  constexpr unsigned kThreads = 4;
  Random random(21);
  for (int round = 0; round < 30; ++round) {
    const Device device(limited(0), small(), 256 * kMiB);
    CHECK_EQ(mput(*device, {"a", "b"}, {"1", "1"})[0], Status::kOk);
    device.backend->failAfter(random.below(400));
    std::atomic<unsigned> ended{0};
    std::atomic<unsigned> wrong{0};
    inThreads(kThreads, [&](unsigned thread) {
      bool failed = false;
      for (int call = 0; call < 5000 && !failed; ++call) {
        Answer answer;
        Status status = Status::kOk;
        switch ((thread + static_cast<unsigned>(call)) % 3) {
          case 0:
            status = mput(*device, {"a", "b"}, {"1", "1"})[0];
            break;
          case 1:
            status = device->get(kPlain, "a", answer.memory());
            if (status == Status::kOk && answer.string() != "1") ++wrong;
            break;
          default:
            status = executeOne(*device, {OpKind::kPut, keyOf(thread), "x"}).status;
        }
        failed = status == Status::kDeviceFailed;
        if (!failed && status != Status::kOk) ++wrong;
      }
      // Once it is known it stays so.
      if (failed && device->put(kPlain, "a", "2") != Status::kDeviceFailed) ++wrong;
      ended += failed;
    });
    CHECK_EQ(wrong.load(), 0U);
    CHECK_EQ(ended.load(), kThreads);
    CHECK(!device->failure().empty());
  }
}

int main(int count, char** arguments) { return predis::test::runAll(count > 1 ? arguments[1] : ""); }
