/// @file
/// Where new records get their room.
#pragma once

#include <cstdint>

#include "../backend.hpp"

namespace predis::cuda {

/// The unit behind a place taken of the log's cursor, or 0 when a record of so many units does not fit there:
/// it would cross the end of a segment, or lies behind the last one.
PREDIS_HD std::uint64_t logUnitAt(const LogView& log, std::uint64_t cursor, std::uint64_t units) noexcept {
  const std::uint64_t segment = cursor / kSegmentUnits;
  const std::uint64_t within = cursor % kSegmentUnits;
  if (segment >= log.count || within + units > kSegmentUnits) return 0;
  return std::uint64_t{log.segments[segment]} * kSegmentUnits + within;
}

/// Takes room for one record, by one lane for its tile. Bounded; room passed over at the end of a segment is
/// lost until the segment is emptied. @return its unit, or 0 when the log is full
template <typename Tile>
PREDIS_HD std::uint64_t takeLogUnits(const Tile& tile, Counters& counters, const LogView& log,
                                     std::uint64_t units) noexcept {
  std::uint64_t unit = 0;
  if (tile.rank() == 0 && units != 0 && units <= kSegmentUnits) {
    const std::uint64_t end = std::uint64_t{log.count} * kSegmentUnits;
    // Records are at most a sixteenth of a segment, so the next place is rarely as bad. A cursor past the end
    // is not pushed further: smaller records of others may still fit before it has passed.
    for (int attempt = 0; attempt < 64 && unit == 0; ++attempt) {
      if (atomic::load(&counters.logUnits) >= end) break;
      unit = logUnitAt(log, atomic::add(&counters.logUnits, units), units);
    }
  }
  return tile.from(unit, 0);
}

/// Room of a batch: the log.
struct LogRoom {
  Counters* counters;
  LogView log;

  template <typename Tile>
  PREDIS_HD std::uint64_t take(const Tile& tile, std::uint64_t units) const noexcept {
    return takeLogUnits(tile, *counters, log, units);
  }
};

/// Room that somebody has taken already, of the size that was asked for.
struct GivenRoom {
  std::uint64_t unit;

  template <typename Tile>
  PREDIS_HD std::uint64_t take(const Tile&, std::uint64_t) const noexcept {
    return unit;
  }
};

/// Room of one mailbox request.
struct SpareRoom {
  std::uint64_t unit;
  std::uint32_t units;

  template <typename Tile>
  PREDIS_HD std::uint64_t take(const Tile&, std::uint64_t wanted) const noexcept {
    return wanted <= units ? unit : 0;
  }
};

}  // namespace predis::cuda
