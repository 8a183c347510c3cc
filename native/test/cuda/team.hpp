/// @file
/// A tile whose lanes are threads of the host: the code of a device's tile, lane by lane, where sanitizers
/// see it. (kThreads in a test's source has it run under the thread sanitizer.)
#pragma once

#include <array>
#include <barrier>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "../../cuda/table/tally.hpp"

namespace predis::cuda::test {

/// What the lanes of one team exchange.
template <unsigned Lanes>
struct TeamShared {
  std::barrier<> barrier{Lanes};
  std::array<std::array<std::uint64_t, Lanes>, 2> words{};
};

/// One lane. All lanes must make the same calls, as those of a WarpTile.
template <unsigned Lanes>
class TeamTile {
 public:
  static constexpr unsigned kLanes = Lanes;
  TeamTile(TeamShared<Lanes>& shared, unsigned rank) : shared_(shared), rank_(rank) {}

  [[nodiscard]] unsigned rank() const noexcept { return rank_; }
  [[nodiscard]] unsigned ballot(bool mine) const noexcept {
    const auto& all = exchange(mine ? 1 : 0);
    unsigned bits = 0;
    for (unsigned lane = 0; lane < Lanes; ++lane) bits |= static_cast<unsigned>(all[lane]) << lane;
    return bits;
  }
  template <typename T>
  [[nodiscard]] T from(T mine, unsigned lane) const noexcept {
    static_assert(sizeof(T) <= sizeof(std::uint64_t));
    std::uint64_t word = 0;
    std::memcpy(&word, &mine, sizeof mine);
    word = exchange(word)[lane];
    std::memcpy(&mine, &word, sizeof mine);
    return mine;
  }
  void sync() const noexcept { shared_.barrier.arrive_and_wait(); }

 private:
  /// Two sets of words in turn: who writes one again has passed the barrier after which all had read it.
  const std::array<std::uint64_t, Lanes>& exchange(std::uint64_t mine) const noexcept {
    auto& words = shared_.words[turn_];
    turn_ ^= 1;
    words[rank_] = mine;
    shared_.barrier.arrive_and_wait();
    return words;
  }

  TeamShared<Lanes>& shared_;
  unsigned rank_;
  mutable unsigned turn_ = 0;
};

/// Calls body(tile, tally) in all lanes of one team; one lane's tally is added, as on a device.
template <unsigned Lanes, typename Body>
void runTeam(Counters& counters, const Body& body) {
  TeamShared<Lanes> shared;
  std::vector<std::thread> lanes;
  for (unsigned rank = 0; rank < Lanes; ++rank) {
    lanes.emplace_back([&, rank] {
      const TeamTile<Lanes> tile(shared, rank);
      Tally tally;
      body(tile, tally);
      if (rank == 0) tally.flush(counters);
    });
  }
  for (std::thread& lane : lanes) lane.join();
}

/// Runs a kernel for `count` indices.
template <unsigned Lanes, typename Kernel>
void runTeamKernel(Counters& counters, std::uint64_t count, const Kernel& kernel) {
  runTeam<Lanes>(counters, [&](const TeamTile<Lanes>& tile, Tally& tally) {
    for (std::uint64_t i = 0; i < count; ++i) kernel(tile, i, tally);
  });
}

}  // namespace predis::cuda::test
