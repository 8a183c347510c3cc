/// @file
/// Quality of the key hash: every bit of a key reaches every bit of the hash, and keys as people write them
/// spread evenly over shards, buckets and tags.

#include "../engine/hash.hpp"

#include <bit>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "check.hpp"
#include "store.hpp"

namespace {

using predis::hashBytes;
using predis::HashSeed;
using predis::test::Random;

HashSeed seedOf(std::uint64_t number) {
  Random random(number);
  HashSeed seed;
  seed.start = random.next();
  for (auto& word : seed.words) word = random.next();
  return seed;
}

/// χ² of counts against an even spread, as a number of standard deviations from its expectation: χ² with k
/// degrees of freedom has mean k and variance 2k.
double evenness(const std::vector<std::uint32_t>& counts, double total) {
  const double expected = total / static_cast<double>(counts.size());
  double chiSquared = 0;
  for (const std::uint32_t count : counts) chiSquared += (count - expected) * (count - expected) / expected;
  const auto degrees = static_cast<double>(counts.size() - 1);
  return (chiSquared - degrees) / std::sqrt(2 * degrees);
}

}  // namespace

TEST("hash: flipping any bit of a key flips each bit of the hash half of the time") {
  constexpr int kKeys = 2000;
  for (const std::size_t length : {1U, 3U, 4U, 7U, 8U, 12U, 16U, 17U, 24U, 32U, 33U, 64U, 65U, 100U, 200U}) {
    Random random(length);
    const HashSeed seed = seedOf(length + 1000);
    for (std::size_t bit = 0; bit<length * 8; bit += length> 24 ? 13 : 3) {
      std::vector<int> flips(64, 0);
      for (int i = 0; i < kKeys; ++i) {
        std::string key = random.bytes(length);
        const std::uint64_t before = hashBytes(key, seed);
        key[bit / 8] = static_cast<char>(key[bit / 8] ^ (1 << (bit % 8)));
        const std::uint64_t difference = before ^ hashBytes(key, seed);
        for (int b = 0; b < 64; ++b)
          flips[static_cast<std::size_t>(b)] += static_cast<int>(difference >> b & 1);
      }
      // One-byte keys have 256 values only, so that their flips repeat.
      const double tolerance = length == 1 ? 0.35 : 0.08;
      for (const int count : flips) CHECK(std::abs(static_cast<double>(count) / kKeys - 0.5) < tolerance);
    }
  }
}

TEST("hash: sequential and patterned keys spread evenly over shards, directory, buckets and tags") {
  constexpr std::uint32_t kKeys = 400'000;
  const char* const patterns[] = {
      "%u",
      "key:%08u",
      "price:SYMBOL_%04u",
      "sample:%u:0",
      "%024u",
      "user/%u/profile/settings/with/a/rather/long/path/behind/it/to/pass/64/bytes"};
  for (const char* const pattern : patterns) {
    const HashSeed seed = seedOf(5);
    struct Slice {
      int shift;
      int bits;
    };
    const Slice slices[] = {{58, 6}, {46, 12}, {0, 8}, {8, 16}, {0, 14}};
    std::vector<std::vector<std::uint32_t>> counts;
    for (const Slice& slice : slices) counts.emplace_back(std::size_t{1} << slice.bits);
    for (std::uint32_t i = 0; i < kKeys; ++i) {
      char key[128];
      const int length = std::snprintf(key, sizeof key, pattern, i);
      const std::uint64_t hash = hashBytes({key, static_cast<std::size_t>(length)}, seed);
      for (std::size_t s = 0; s < std::size(slices); ++s) {
        ++counts[s][hash >> slices[s].shift & ((std::uint64_t{1} << slices[s].bits) - 1)];
      }
    }
    for (const auto& count : counts) CHECK(std::abs(evenness(count, kKeys)) < 5);
  }
}

TEST("hash: lengths, zero bytes, seeds and namespaces all count") {
  const HashSeed seed = seedOf(1);
  std::set<std::uint64_t> seen;
  for (std::size_t length = 0; length <= 300; ++length)
    seen.insert(hashBytes(std::string(length, '\0'), seed));
  CHECK_EQ(seen.size(), 301U);
  CHECK(hashBytes("key", seedOf(1)) != hashBytes("key", seedOf(2)));
  CHECK_EQ(hashBytes("key", seedOf(1)), hashBytes("key", seedOf(1)));
  seen.clear();
  for (std::uint16_t space = 0; space < 1024; ++space) seen.insert(hashBytes("key", seed, space));
  CHECK_EQ(seen.size(), 1024U);
}

TEST("hash: a change of any one byte changes the hash, at every length") {
  const HashSeed seed = seedOf(3);
  for (std::size_t length = 1; length <= 200; ++length) {
    std::string key(length, 'x');
    const std::uint64_t before = hashBytes(key, seed);
    for (std::size_t i = 0; i < length; ++i) {
      key[i] = 'y';
      CHECK(hashBytes(key, seed) != before);
      key[i] = 'x';
    }
  }
}

int main() { return predis::test::runAll(); }
