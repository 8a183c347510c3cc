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
using predis::test::limited;

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

void compare(Engine& batched, Engine& single, const OpBatch& batch) {
  const std::size_t count = batch.keys.count;
  std::vector<std::uint8_t> statuses(count);
  std::vector<std::int64_t> numbers(count);
  std::vector<std::uint32_t> offsets(count + 1);
  std::vector<std::uint8_t> found(count);
  test::Answer answer;
  batched.execute(
      kPlain, batch,
      {statuses.data(), numbers.data(), {offsets.data(), found.data(), answer.memory(), nullptr, 0}});
  for (std::size_t i = 0; i < count; ++i) {
    Status status = Status::kOk;
    std::int64_t number = 0;
    test::Answer one;
    switch (static_cast<OpKind>(batch.kinds[i])) {
      case OpKind::kGet:
        status = single.get(kPlain, batch.keys[i], one.memory());
        break;
      case OpKind::kPut:
        status = single.put(kPlain, batch.keys[i], batch.values[i]);
        break;
      case OpKind::kDelete:
        status = single.remove(kPlain, batch.keys[i]);
        break;
      default:
        status = single.increment(kPlain, batch.keys[i], batch.amounts[i], number);
        break;
    }
    if (statuses[i] != static_cast<std::uint8_t>(status)) wrong("statuses differ");
    if (numbers[i] != number) wrong("numbers differ");
    const bool isFoundGet = batch.kinds[i] == 0 && status == Status::kOk;
    if ((found[i] == 1) != isFoundGet) wrong("found differs");
    if (answer.string(offsets[i], offsets[i + 1]) != one.string()) wrong("values differ");
  }
  const Stats a = batched.stats();
  const Stats b = single.stats();
  if (a.keys != b.keys || a.keyValueBytes != b.keyValueBytes) wrong("sizes differ");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  static const std::unique_ptr<Engine> batched = makeCpuEngine(limited(std::uint64_t{4} << 20, 0));
  static const std::unique_ptr<Engine> single = makeCpuEngine(limited(std::uint64_t{4} << 20, 0));
  Input input(data, bytes);
  const std::size_t count = input.byte() % 32;
  if (input.byte() == 0) {
    batched->clearAll();
    single->clearAll();
  }
  const std::vector<std::uint32_t> keyOffsets = offsetsOf(input, count);
  const std::vector<std::uint32_t> valueOffsets = offsetsOf(input, count);
  std::vector<std::uint8_t> kinds(count);
  std::vector<std::int64_t> amounts(count);
  for (std::size_t i = 0; i < count; ++i) {
    kinds[i] = input.byte() % 4;
    amounts[i] = static_cast<std::int64_t>(static_cast<std::int8_t>(input.byte())) << (input.byte() % 56);
    if (kinds[i] != static_cast<std::uint8_t>(OpKind::kIncrement)) amounts[i] = 0;  // else: an expiry time
  }
  std::vector<std::uint8_t> blob = input.rest();
  blob.shrink_to_fit();
  // few different bytes, digits among them, so that keys meet again and increments find numbers
  for (std::uint8_t& byte : blob) byte = static_cast<std::uint8_t>("0123-ab\0"[byte % 8]);
  const PackedView keys{blob.data(), blob.size(), keyOffsets.data(), count};
  const PackedView values{blob.data(), blob.size(), valueOffsets.data(), count};
  for (const PackedView& view : {keys, values}) {
    // a view of no strings is valid whatever its one offset says
    if (count > 0 && view.valid() != validByHand(view)) wrong("valid is mistaken");
  }
  if (keys.valid() && values.valid())
    compare(*batched, *single, {kinds.data(), keys, values, amounts.data(), {}});
  return 0;
}

#ifndef PREDIS_LIBFUZZER
int main() {
  test::Random random(2024);
  for (int run = 0; run < 30'000; ++run) {
    std::string input = random.bytes(random.below(600));
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  }
  std::puts("ok - fuzz: 30,000 random packed batches agree with single operations");
  return 0;
}
#endif
