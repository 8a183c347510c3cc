/// @file
/// Speed of the CPU engine from C++: random keys, every value read checked inside the timed run, beside the
/// machine's own ceilings measured in the same run.
///
///   engine_bench [keys=1000000] [keyBytes=24] [valueBytes=100] [seconds=0.5]

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "../engine/engine.hpp"

namespace {

using predis::AnswerMemory;
using predis::BatchStatus;
using predis::Engine;
using predis::MgetSink;
using predis::PackedView;
using predis::Status;
constexpr predis::Scope kPlain{};
using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "engine_bench: wrong result: %s\n", what);
  std::exit(1);
}

/// splitmix64 (Steele, Lea, Flood 2014), as a random source and as the value of a key.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

struct Random {
  std::uint64_t state;
  std::uint64_t next() { return mix(state += 0x9E3779B97F4A7C15U); }
};

/// Keys and values that follow from an index, so that what was read can be checked without remembering it.
struct Shape {
  std::size_t keys;
  std::size_t keyBytes;
  std::size_t valueBytes;

  void key(std::uint64_t index, std::uint8_t* out) const {
    std::array<char, 32> digits{};
    const int length =
        std::snprintf(digits.data(), digits.size(), "%llu", static_cast<unsigned long long>(index));
    std::memset(out, 'k', keyBytes);
    std::memcpy(out + keyBytes - static_cast<std::size_t>(length), digits.data(),
                static_cast<std::size_t>(length));
  }
  void value(std::uint64_t index, std::uint64_t version, std::uint8_t* out) const {
    std::uint64_t word = mix(index * 31 + version);
    std::size_t at = 0;
    for (; at + 8 <= valueBytes; at += 8, word += 0x9E3779B97F4A7C15U) std::memcpy(out + at, &word, 8);
    std::memset(out + at, static_cast<int>(index & 0xFF), valueBytes - at);
  }
  /// First and last words and the length: cheap enough to be inside the timed run.
  [[nodiscard]] bool isValue(std::uint64_t index, std::uint64_t version, const std::uint8_t* got,
                             std::size_t bytes) const {
    if (bytes != valueBytes) return false;
    const std::size_t words = valueBytes / 8;
    if (words == 0) return true;
    const std::uint64_t first = mix(index * 31 + version);
    const std::uint64_t last = first + (words - 1) * 0x9E3779B97F4A7C15U;
    return std::memcmp(got, &first, 8) == 0 && std::memcmp(got + (words - 1) * 8, &last, 8) == 0;
  }
};

/// A packed batch of strings of one length.
struct Packed {
  std::vector<std::uint8_t> blob;
  std::vector<std::uint32_t> offsets;

  Packed(std::size_t count, std::size_t bytes) : blob(count * bytes), offsets(count + 1) {
    for (std::size_t i = 0; i <= count; ++i) offsets[i] = static_cast<std::uint32_t>(i * bytes);
  }
  [[nodiscard]] PackedView view() const {
    return {blob.data(), blob.size(), offsets.data(), offsets.size() - 1};
  }
};

/// Batches prepared in advance: which keys, and the bytes.
struct Batches {
  std::vector<std::vector<std::uint64_t>> indices;
  std::vector<Packed> keys;
  std::vector<Packed> values;

  Batches(const Shape& shape, std::size_t batch, std::size_t totalKeys, std::uint64_t seed, bool withValues,
          std::uint64_t version, bool sequential) {
    Random random{seed};
    std::uint64_t next = 0;
    for (std::size_t done = 0; done < totalKeys; done += batch) {
      Packed packedKeys(batch, shape.keyBytes);
      Packed packedValues(withValues ? batch : 0, shape.valueBytes);
      std::vector<std::uint64_t> chosen(batch);
      for (std::size_t i = 0; i < batch; ++i) {
        chosen[i] = sequential ? next++ : random.next() % shape.keys;
        shape.key(chosen[i], packedKeys.blob.data() + i * shape.keyBytes);
        if (withValues) shape.value(chosen[i], version, packedValues.blob.data() + i * shape.valueBytes);
      }
      indices.push_back(std::move(chosen));
      keys.push_back(std::move(packedKeys));
      values.push_back(std::move(packedValues));
    }
  }
};

struct Answer {
  std::vector<std::uint8_t> blob;
  static std::uint8_t* allocate(void* self, std::size_t bytes) noexcept {
    auto& blob = static_cast<Answer*>(self)->blob;
    if (blob.size() < bytes) blob.resize(bytes);
    return blob.data();
  }
  AnswerMemory memory() { return {this, &allocate}; }
};

/// Runs body(thread) on each of `threads` until the time is over; each call returns how many operations it
/// did.
/// @return operations a second, of all threads together
double measure(unsigned threads, double seconds,
               const std::function<std::function<std::size_t()>(unsigned)>& prepare) {
  std::vector<std::function<std::size_t()>> bodies;
  for (unsigned t = 0; t < threads; ++t) bodies.push_back(prepare(t));
  for (auto& body : bodies) body();  // warm-up
  std::atomic<unsigned> ready{0};
  std::vector<double> rates(threads);
  const auto run = [&](unsigned t) {
    ready.fetch_add(1);
    while (ready.load() < threads) {
    }
    std::size_t operations = 0;
    const auto begin = Clock::now();
    double elapsed = 0;
    do {
      operations += bodies[t]();
      elapsed = secondsSince(begin);
    } while (elapsed < seconds);
    rates[t] = static_cast<double>(operations) / elapsed;
  };
  std::vector<std::thread> workers;
  for (unsigned t = 1; t < threads; ++t) workers.emplace_back(run, t);
  run(0);
  for (auto& worker : workers) worker.join();
  double sum = 0;
  for (const double rate : rates) sum += rate;
  return sum;
}

void print(const char* what, std::size_t batch, unsigned threads, double perSecond) {
  std::printf("%-22s %7zu %8u %12.2f %10.1f\n", what, batch, threads, perSecond / 1e6,
              1e9 * threads / perSecond);
  std::fflush(stdout);
}

std::function<std::size_t()> mgetBody(Engine& engine, const Shape& shape, const Batches& batches,
                                      std::uint64_t version) {
  auto answer = std::make_shared<Answer>();
  const std::size_t batch = batches.indices[0].size();
  auto offsets = std::make_shared<std::vector<std::uint32_t>>(batch + 1);
  auto found = std::make_shared<std::vector<std::uint8_t>>(batch);
  auto next = std::make_shared<std::size_t>(0);
  return [=, &engine, &shape, &batches] {
    const std::size_t b = (*next)++ % batches.keys.size();
    const MgetSink sink{offsets->data(), found->data(), answer->memory(), nullptr, 0};
    if (engine.mget(kPlain, batches.keys[b].view(), sink) != BatchStatus::kOk) die("mget");
    for (std::size_t i = 0; i < batch; ++i) {
      const std::uint32_t at = (*offsets)[i];
      if (!(*found)[i] ||
          !shape.isValue(batches.indices[b][i], version, answer->blob.data() + at, (*offsets)[i + 1] - at)) {
        die("value of mget");
      }
    }
    return batch;
  };
}

std::function<std::size_t()> mputBody(Engine& engine, const Batches& batches) {
  const std::size_t batch = batches.indices[0].size();
  auto statuses = std::make_shared<std::vector<std::uint8_t>>(batch);
  auto next = std::make_shared<std::size_t>(0);
  return [=, &engine, &batches] {
    const std::size_t b = (*next)++ % batches.keys.size();
    if (engine.mput(kPlain, batches.keys[b].view(), batches.values[b].view(), nullptr, statuses->data()) !=
        BatchStatus::kOk)
      die("mput");
    return batch;
  };
}

std::function<std::size_t()> getBody(Engine& engine, const Shape& shape, const Batches& batches,
                                     std::uint64_t version) {
  auto answer = std::make_shared<Answer>();
  auto next = std::make_shared<std::size_t>(0);
  return [=, &engine, &shape, &batches] {
    const std::size_t b = (*next)++ % batches.keys.size();
    const PackedView keys = batches.keys[b].view();
    for (std::size_t i = 0; i < keys.count; ++i) {
      if (engine.get(kPlain, keys[i], answer->memory()) != Status::kOk ||
          !shape.isValue(batches.indices[b][i], version, answer->blob.data(), shape.valueBytes)) {
        die("get");
      }
    }
    return keys.count;
  };
}

std::function<std::size_t()> putBody(Engine& engine, const Batches& batches) {
  auto next = std::make_shared<std::size_t>(0);
  return [=, &engine, &batches] {
    const std::size_t b = (*next)++ % batches.keys.size();
    const PackedView keys = batches.keys[b].view();
    const PackedView values = batches.values[b].view();
    for (std::size_t i = 0; i < keys.count; ++i) {
      if (engine.put(kPlain, keys[i], values[i]) != Status::kOk) die("put");
    }
    return keys.count;
  };
}

/// Ceilings: what this machine's memory allows, whoever asks.
void ceilings(const Shape& shape, double seconds) {
  std::printf("\nCeilings of this machine, measured now\n");
  constexpr std::size_t kCopyBytes = std::size_t{256} << 20;
  std::vector<std::uint8_t> from(kCopyBytes, 1);
  std::vector<std::uint8_t> to(kCopyBytes, 2);
  for (const unsigned threads : {1U, 2U}) {
    const double rate = measure(threads, seconds, [&](unsigned t) {
      const std::size_t part = kCopyBytes / threads;
      return [&, t, part] {
        std::memcpy(to.data() + t * part, from.data() + t * part, part);
        return part;
      };
    });
    std::printf("  memcpy, %u thread(s): %.1f GB/s copied\n", threads, rate / 1e9);
  }
  // A table as large as the engine's records: pieces of 192 bytes (three lines, what a record of 24 + 100
  // bytes takes), at random, independent of each other, so that the core overlaps them as it can.
  const std::size_t pieces = std::max<std::size_t>(shape.keys, 1024);
  std::vector<std::uint64_t> table(pieces * 24, 1);
  for (const unsigned threads : {1U, 2U}) {
    const double rate = measure(threads, seconds, [&](unsigned t) {
      auto random = std::make_shared<Random>(Random{t + 99});
      return [&table, pieces, random] {
        constexpr std::size_t kPieces = 4096;
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < kPieces; ++i) {
          const std::uint64_t* const p = table.data() + random->next() % pieces * 24;
          sum += p[0] + p[8] + p[16];
        }
        if (sum != 3 * kPieces) die("ceiling");
        return kPieces;
      };
    });
    std::printf("  random reads of 3 lines, %u thread(s): %.1f M/s\n", threads, rate / 1e6);
  }
  // One after the other: each address comes from the read before, as a bucket's entry leads to its record. A
  // get on its own is two of these.
  std::vector<std::uint64_t> order(pieces);
  for (std::size_t i = 0; i < pieces; ++i) order[i] = i;
  Random shuffle{5};
  for (std::size_t i = pieces - 1; i > 0; --i) std::swap(order[i], order[shuffle.next() % (i + 1)]);
  for (std::size_t i = 0; i < pieces; ++i) table[order[i] * 24] = order[(i + 1) % pieces];
  const double chained = measure(1, seconds, [&](unsigned) {
    auto at = std::make_shared<std::uint64_t>(0);
    return [&table, at] {
      constexpr std::size_t kSteps = 4096;
      for (std::size_t i = 0; i < kSteps; ++i) *at = table[*at * 24];
      return kSteps;
    };
  });
  std::printf("  chained random reads, 1 thread: %.1f ns each\n", 1e9 / chained);
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, double fallback) { return argc > i ? std::atof(argv[i]) : fallback; };
  const Shape shape{static_cast<std::size_t>(argument(1, 1e6)), static_cast<std::size_t>(argument(2, 24)),
                    static_cast<std::size_t>(argument(3, 100))};
  const double seconds = argument(4, 0.5);
  std::printf("%zu keys of %zu B with values of %zu B; values read are verified in the timed run\n",
              shape.keys, shape.keyBytes, shape.valueBytes);
  std::printf("%-22s %7s %8s %12s %10s\n", "operation", "batch", "threads", "M keys/s", "ns/key");

  constexpr std::size_t kLoadBatch = 10'000;
  const Batches load(shape, kLoadBatch, shape.keys, 1, true, 0, true);
  double best = 0;
  std::unique_ptr<Engine> engine;
  for (int repeat = 0; repeat < 3; ++repeat) {
    engine = predis::makeCpuEngine({});
    const auto body = mputBody(*engine, load);
    const auto begin = Clock::now();
    for (std::size_t b = 0; b < load.keys.size(); ++b) body();
    best = std::max(best, static_cast<double>(load.keys.size() * kLoadBatch) / secondsSince(begin));
  }
  print("mput, fresh keys", kLoadBatch, 1, best);
  const predis::Stats stats = engine->stats();
  std::printf("%-22s %.1f B a key beside key and value\n", "memory",
              static_cast<double>(stats.memoryBytes - stats.keyValueBytes) / static_cast<double>(stats.keys));

  for (const unsigned threads : {1U, 2U}) {
    for (const std::size_t batch :
         {std::size_t{10}, std::size_t{100}, std::size_t{1000}, std::size_t{10'000}}) {
      std::vector<std::unique_ptr<Batches>> batches;
      for (unsigned t = 0; t < threads; ++t) {
        batches.push_back(std::make_unique<Batches>(shape, batch, 1'000'000, t + 7, true, 0, false));
      }
      print("mget", batch, threads,
            measure(threads, seconds, [&](unsigned t) { return mgetBody(*engine, shape, *batches[t], 0); }));
      print("mput, overwriting", batch, threads,
            measure(threads, seconds, [&](unsigned t) { return mputBody(*engine, *batches[t]); }));
      if (batch == 1000) {
        const Shape hot{std::min<std::size_t>(shape.keys, 10'000), shape.keyBytes, shape.valueBytes};
        const Batches hotBatches(hot, batch, 100'000, 99, false, 0, false);
        print("get, 10,000 hot keys", 1, threads,
              measure(threads, seconds, [&](unsigned) { return getBody(*engine, hot, hotBatches, 0); }));
        print("get", 1, threads,
              measure(threads, seconds, [&](unsigned t) { return getBody(*engine, shape, *batches[t], 0); }));
        print("put, overwriting", 1, threads,
              measure(threads, seconds, [&](unsigned t) { return putBody(*engine, *batches[t]); }));
      }
    }
  }
  ceilings(shape, seconds);
  return 0;
}
