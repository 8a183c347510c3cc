#include "device_table.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "table_control.hpp"

namespace predis::cuda {

namespace {

/// Addresses cost nothing, and with four times the memory a run of neighbours is found whatever is in use.
constexpr std::uint64_t kAddressesPerByte = 4;
constexpr std::uint64_t kMostSegments = (std::uint64_t{1} << Entry::kAddressBits) / kSegmentUnits;
/// What the counters of one table begin with; the rest are sums since the engine began.
constexpr std::size_t kTruthBytes = offsetof(Counters, hits);

std::uint64_t memoryBytes(const Backend& backend, std::uint64_t limitBytes) noexcept {
  const std::uint64_t device = std::max<std::uint64_t>(backend.facts().memoryBytes, kSegmentBytes);
  return limitBytes == 0 ? device : std::min(device, limitBytes);
}

std::uint32_t segmentsFor(std::uint64_t bytes) noexcept {
  return static_cast<std::uint32_t>(
      std::min(kMostSegments, bytes / kSegmentBytes * kAddressesPerByte + kAddressesPerByte));
}

std::uint64_t bucketsFor(std::uint64_t bytes, std::uint64_t smallest) noexcept {
  return std::max(smallest * 2, std::bit_ceil(bytes / sizeof(Bucket)));
}

}  // namespace

DeviceTable::DeviceTable(Backend& backend, Budget& budget, const EngineOptions& options, const Tuning& tuning,
                         const HashSeed& seed)
    : backend_(backend),
      budget_(budget),
      tuning_(tuning),
      evicts_(options.eviction != Eviction::kNone),
      expectedKeys_(options.expectedKeys),
      mostBuckets_(bucketsFor(memoryBytes(backend, options.memoryLimitBytes), tuning.smallestLevel)),
      segments_(backend, budget, segmentsFor(memoryBytes(backend, options.memoryLimitBytes))),
      indexes_{{backend, budget, mostBuckets_}, {backend, budget, mostBuckets_}} {
  view_.seed = seed;
  log_.reserve(segments_.capacity());
  uploadedLog_.reserve(segments_.capacity());
  candidates_.reserve(segments_.capacity());
}

DeviceTable::~DeviceTable() {
  if (Mailbox* const mailbox = backend_.mailbox()) mailbox->leave();
  if (fixed_ != nullptr) {
    backend_.freeDevice(fixed_);
    budget_.give(fixedBytes_);
  }
  if (pinned_ != nullptr) backend_.freePinned(pinned_);
}

bool DeviceTable::start() noexcept {
  if (!segments_.reserve() || !indexes_[0].reserve() || !indexes_[1].reserve()) return false;
  const std::size_t count = segments_.capacity();
  const auto lay = [&](Layout& device) noexcept {
    stashes_[0] = device.array<Stash>(1);
    stashes_[1] = device.array<Stash>(1);
    view_.counters = device.array<Counters>(1);
    readCounters_ = device.array<Counters>(1);
    view_.segmentLiveUnits = device.array<std::uint32_t>(count);
    deviceLog_ = device.array<std::uint32_t>(count);
    deviceVictims_ = device.array<std::uint8_t>(count);
  };
  const auto layPinned = [&](Layout& pinned) noexcept {
    control_ = pinned.array<Control>(1);
    pinnedLog_ = pinned.array<std::uint32_t>(count);
    pinnedVictims_ = pinned.array<std::uint8_t>(count);
    pinnedLive_ = pinned.array<std::uint32_t>(count);
  };
  Layout size;
  lay(size);
  if (!budget_.take(size.bytes())) return false;
  fixed_ = backend_.allocateDevice(size.bytes());
  if (fixed_ == nullptr) {
    budget_.give(size.bytes());
    return false;
  }
  fixedBytes_ = size.bytes();
  Layout device(fixed_);
  lay(device);
  Layout pinnedSize;
  layPinned(pinnedSize);
  pinned_ = backend_.allocatePinned(pinnedSize.bytes());
  if (pinned_ == nullptr) return false;
  pinnedBytes_ = pinnedSize.bytes();
  Layout pinned(pinned_);
  layPinned(pinned);
  *control_ = Control{};
  backend_.fill(0, view_.counters, 0, sizeof(Counters));
  view_.records = segments_.base();
  view_.level = tuning_.smallestLevel;
  return true;
}

TableView DeviceTable::readView() const noexcept {
  TableView view = view_;
  view.counters = readCounters_;
  return view;
}

void DeviceTable::beginPass(Stream stream, std::uint64_t logUnits, std::uint64_t outputBytes) noexcept {
  control_->pass = {0, logUnits, outputBytes, 0};
  static_assert(offsetof(Counters, failed) - offsetof(Counters, deferred) == 24, "copied in one piece");
  backend_.copyToDevice(stream, &view_.counters->deferred, &control_->pass, sizeof control_->pass);
}

bool DeviceTable::endPass(Stream stream) noexcept {
  backend_.copyFromDevice(stream, &control_->counters, view_.counters, sizeof(Counters));
  if (!backend_.wait(stream)) return false;
  known_ = control_->counters;
  unseenWrites_ = unseenRemovals_ = 0;
  if (known_.stashed == stashedForReaders_) return true;
  stashedForReaders_ = known_.stashed;
  backend_.copyToDevice(stream, &readCounters_->stashed, &control_->counters.stashed, sizeof known_.stashed);
  return backend_.wait(stream);
}

bool DeviceTable::refresh(Stream stream) noexcept { return endPass(stream); }

bool DeviceTable::readCounters(Stream stream, Counters& pinned) const noexcept {
  // Requests of others through the mailbox count hits and misses meanwhile: these are left out.
  pinned = Counters{};
  backend_.copyFromDevice(stream, &pinned, view_.counters, kTruthBytes);
  backend_.copyFromDevice(stream, &pinned.evicted, &view_.counters->evicted,
                          sizeof pinned.evicted + sizeof pinned.expired);
  return backend_.wait(stream);
}

void DeviceTable::clearTable(Stream stream) noexcept {
  backend_.fill(stream, view_.buckets, 0, view_.bucketCount() * sizeof(Bucket));
  backend_.fill(stream, view_.stash, 0, sizeof(Stash));
  backend_.fill(stream, view_.segmentLiveUnits, 0, segments_.capacity() * sizeof(std::uint32_t));
  backend_.fill(stream, view_.counters, 0, kTruthBytes);
  backend_.fill(stream, readCounters_, 0, sizeof(Counters));
  stashedForReaders_ = 0;
}

void DeviceTable::reset(Stream stream, bool unmap) noexcept {
  for (std::uint32_t segment = 1; segment < segments_.capacity(); ++segment) {
    const SegmentUse use = segments_.use(segment);
    if (use == SegmentUse::kLog || use == SegmentUse::kLarge) segments_.giveBack(segment);
  }
  open_ = openLarge_ = {};
  log_.clear();
  segments_.unmapSpare(unmap);
  deadAfterTidying_ = stashedAfterRebuild_ = 0;
  if (!ready_) return;
  view_.level = tuning_.smallestLevel;
  view_.split = 0;
  clearTable(stream);
  if (!endPass(stream)) return;
  indexes_[current_].shrink(unmap ? 0 : view_.level);
  ready_ = !unmap;
}

}  // namespace predis::cuda
