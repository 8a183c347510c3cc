/// @file
/// Fuzzing of packed views and mixed batches: any bytes are taken for offsets, kinds and a blob; what `valid`
/// lets through must run without a fault and agree with the same operations run one by one.
///
/// Built with libFuzzer where clang is there (PREDIS_LIBFUZZER), else with a driver of its own that makes
/// random inputs; both with a fixed seed.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "../engine/engine.hpp"
#include "store.hpp"

namespace {

using namespace predis;
using predis::test::kPlain;

std::int64_t nowMs = 1000;

EngineOptions timed() {
  EngineOptions options = test::limited(std::uint64_t{4} << 20);
  options.nowMs = []() noexcept { return nowMs; };
  return options;
}

[[noreturn]] void wrong(const char* what) {
  std::fprintf(stderr, "execute_fuzz: %s\n", what);
  std::abort();
}

/// Reads little numbers off the input; zeros when it is used up.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t bytes) : data_(data), left_(bytes) {}
  std::uint8_t byte() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  std::vector<std::uint8_t> rest() { return {data_, data_ + left_}; }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

/// Offsets that mostly ascend: steps from the input, now and then a wild one.
std::vector<std::uint32_t> offsetsOf(Input& input, std::size_t count) {
  std::vector<std::uint32_t> offsets;
  std::uint32_t at = 0;
  for (std::size_t i = 0; i <= count; ++i) {
    const std::uint8_t step = input.byte();
    at += step % 8;
    if (step == 255) at = std::uint32_t{input.byte()} << (input.byte() % 32);
    offsets.push_back(at);
  }
  return offsets;
}

bool validByHand(const PackedView& view) {
  for (std::size_t i = 0; i <= view.count; ++i) {
    if (view.offsets[i] > view.blobBytes) return false;
    if (i > 0 && view.offsets[i] < view.offsets[i - 1]) return false;
  }
  return true;
}

/// Operation i of a batch by the call for it, or as a batch of its own where there is none.
Status runAlone(Engine& engine, const OpBatch& batch, std::size_t i, std::int64_t& number,
                test::Answer& answer) {
  const std::string_view key = batch.keys[i];
  const auto kind = static_cast<OpKind>(batch.kinds[i]);
  if (kind == OpKind::kGet) return engine.get(kPlain, key, answer.memory());
  if (kind == OpKind::kPut && batch.amounts[i] == 0) return engine.put(kPlain, key, batch.values[i]);
  if (kind == OpKind::kDelete) return engine.remove(kPlain, key);
  if (kind == OpKind::kIncrement) return engine.increment(kPlain, key, batch.amounts[i], number);
  const auto only = [i](const PackedView& view) {
    return PackedView{view.blob, view.blobBytes, view.offsets + i, 1};
  };
  std::uint8_t status = 77;
  std::uint32_t offsets[2] = {};
  std::uint8_t found = 77;
  engine.execute(
      kPlain,
      {batch.kinds + i, only(batch.keys), only(batch.values), batch.amounts + i, only(batch.expected)},
      {&status, &number, {offsets, &found, answer.memory(), nullptr, 0}});
  return static_cast<Status>(status);
}

void compare(Engine& batched, Engine& single, const Scope& scope, const OpBatch& batch) {
  const std::size_t count = batch.keys.count;
  std::vector<std::uint8_t> statuses(count);
  std::vector<std::int64_t> numbers(count);
  std::vector<std::uint32_t> offsets(count + 1);
  std::vector<std::uint8_t> found(count);
  test::Answer answer;
  batched.execute(
      scope, batch,
      {statuses.data(), numbers.data(), {offsets.data(), found.data(), answer.memory(), nullptr, 0}});
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t number = 0;
    test::Answer one;
    const Status status = runAlone(single, batch, i, number, one);
    if (statuses[i] != static_cast<std::uint8_t>(status)) wrong("statuses differ");
    if (numbers[i] != number) wrong("numbers differ");
    const bool isFoundGet = batch.kinds[i] == 0 && status == Status::kOk;
    if ((found[i] == 1) != isFoundGet) wrong("found differs");
    if (answer.string(offsets[i], offsets[i + 1]) != one.string()) wrong("values differ");
  }
  batched.sweepExpired();
  single.sweepExpired();
  const Stats a = batched.stats();
  const Stats b = single.stats();
  if (a.keys != b.keys || a.keyValueBytes != b.keyValueBytes) wrong("sizes differ");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  static const std::unique_ptr<Engine> batched = makeCpuEngine(timed());
  static const std::unique_ptr<Engine> single = makeCpuEngine(timed());
  Input input(data, bytes);
  const std::size_t count = input.byte() % 64;
  const Scope scope{0, input.byte() % 2 == 0 ? Consistency::kStrong : Consistency::kRelaxed};
  nowMs += input.byte() % 8;
  if (input.byte() == 0) {
    batched->clearAll();
    single->clearAll();
  }
  const std::vector<std::uint32_t> keyOffsets = offsetsOf(input, count);
  const std::vector<std::uint32_t> valueOffsets = offsetsOf(input, count);
  const std::vector<std::uint32_t> expectedOffsets = offsetsOf(input, count);
  std::vector<std::uint8_t> kinds(count);
  std::vector<std::int64_t> amounts(count);
  for (std::size_t i = 0; i < count; ++i) {
    kinds[i] = input.byte() % kOpKinds;
    const auto small = static_cast<std::int8_t>(input.byte());
    const unsigned shift = input.byte() % 56;
    if (kinds[i] == static_cast<std::uint8_t>(OpKind::kIncrement)) {
      amounts[i] = static_cast<std::int64_t>(small) << shift;
    } else {
      // the time at which a key expires: never, or around now
      amounts[i] = small % 2 == 0 ? 0 : nowMs + small % 16;
    }
  }
  std::vector<std::uint8_t> blob = input.rest();
  blob.shrink_to_fit();
  // few different bytes, digits among them, so that keys meet again and increments find numbers
  for (std::uint8_t& byte : blob) byte = static_cast<std::uint8_t>("0123-ab\0"[byte % 8]);
  const PackedView keys{blob.data(), blob.size(), keyOffsets.data(), count};
  const PackedView values{blob.data(), blob.size(), valueOffsets.data(), count};
  const PackedView expected{blob.data(), blob.size(), expectedOffsets.data(), count};
  for (const PackedView& view : {keys, values, expected}) {
    // a view of no strings is valid whatever its one offset says
    if (count > 0 && view.valid() != validByHand(view)) wrong("valid is mistaken");
  }
  if (keys.valid() && values.valid() && expected.valid())
    compare(*batched, *single, scope, {kinds.data(), keys, values, amounts.data(), expected});
  return 0;
}

#ifndef PREDIS_LIBFUZZER
int main() {
  test::Random random(2024);
  for (int run = 0; run < 30'000; ++run) {
    std::string input = random.bytes(random.below(900));
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  }
  std::puts("ok - fuzz: 30,000 random packed batches agree with single operations");
  return 0;
}
#endif
