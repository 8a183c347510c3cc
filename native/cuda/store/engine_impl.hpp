/// @file
/// The device engine: locks, paths and coherence around the table. Its members are defined in several files,
/// by subject.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>

#include "../../engine/call_sampler.hpp"
#include "../../engine/call_time.hpp"
#include "../../engine/planted_slowdown.hpp"
#include "../../engine/shared_lock.hpp"
#include "../../engine/spaces.hpp"
#include "../mailbox.hpp"
#include "core.hpp"
#include "device_path.hpp"
#include "hot_cache.hpp"
#include "staging.hpp"

namespace predis::cuda {

/// One lock for the whole table: reading calls hold it shared, writing ones exclusively, each from its first
/// launch until its answers are back. So kernels that write never run beside others, and batches are atomic.
/// Relaxed batches let go of it between sections of a few chunks.
class DeviceEngine final : public Engine, public DevicePath {
 public:
  /// @throws std::bad_alloc
  DeviceEngine(std::unique_ptr<Backend> backend, const EngineOptions& options, const Tuning& tuning);
  [[nodiscard]] bool start() noexcept { return core_.table.start() && core_.wait(0); }

  [[nodiscard]] std::string_view kind() const noexcept override { return "cuda"; }

  // single_ops.cpp
  Status get(const Scope& scope, std::string_view key, const AnswerMemory& memory) noexcept override;
  Status put(const Scope& scope, std::string_view key, std::string_view value) noexcept override;
  Status remove(const Scope& scope, std::string_view key) noexcept override;
  Status increment(const Scope& scope, std::string_view key, std::int64_t amount,
                   std::int64_t& result) noexcept override;

  // batches.cpp
  BatchStatus mget(const Scope& scope, const PackedView& keys, const MgetSink& sink) noexcept override;
  BatchStatus mput(const Scope& scope, const PackedView& keys, const PackedView& values,
                   const std::int64_t* expiresAtMs, std::uint8_t* statuses) noexcept override;
  BatchStatus mremove(const Scope& scope, const PackedView& keys, std::uint8_t* statuses) noexcept override;
  BatchStatus execute(const Scope& scope, const OpBatch& batch, const OpResults& results) noexcept override;
  /// Nothing to do: keys that are read often come to the cache by themselves.
  void prefetch(const Scope&, const PackedView&) noexcept override {}

  // device_engine.cpp
  Status openSpace(std::string_view name, std::uint16_t& space) noexcept override {
    return spaces_.open(name, space);
  }
  [[nodiscard]] std::uint64_t countKeys(std::uint16_t space) const noexcept override;
  void clear(std::uint16_t space) noexcept override;
  void clearAll() noexcept override;
  std::uint64_t sweepExpired() noexcept override;
  [[nodiscard]] Stats stats() const noexcept override;
  void resetStats() noexcept override;
  [[nodiscard]] std::shared_ptr<std::uint8_t> allocatePinned(std::size_t bytes) noexcept override {
    return core_.pinned->allocate(bytes);
  }
  [[nodiscard]] const DeviceFacts* device() const noexcept override { return &core_.backend.facts(); }
  [[nodiscard]] DeviceStats deviceStats() const noexcept override;
  [[nodiscard]] std::string failure() const override { return core_.backend.failure(); }

  // device_path.cpp
  BatchStatus lookupOnDevice(const Scope& scope, const DeviceBatch& batch,
                             std::uint8_t* found) noexcept override;
  BatchStatus gatherOnDevice(const Scope& scope, const DeviceBatch& batch, std::uint8_t* out,
                             std::uint32_t strideBytes, std::uint32_t* valueBytes) noexcept override;
  BatchStatus mgetOnDevice(const Scope& scope, const DeviceBatch& batch,
                           const MgetOutput& out) noexcept override;
  BatchStatus insertOnDevice(const Scope& scope, const DeviceBatch& batch,
                             std::uint8_t* statuses) noexcept override;
  BatchStatus mgetToDevice(const Scope& scope, const PackedView& keys, std::uint8_t* out,
                           std::uint32_t strideBytes, std::uint32_t* valueBytes) noexcept override;
  std::shared_ptr<std::uint8_t> allocateOnDevice(std::size_t bytes) noexcept override;
  bool zeroOnDevice(std::uint8_t* device, std::size_t bytes) noexcept override;
  bool copyIn(std::uint8_t* device, const std::uint8_t* host, std::size_t bytes) noexcept override;
  bool copyOut(std::uint8_t* host, const std::uint8_t* device, std::size_t bytes) noexcept override;

 private:
  /// Lives through one call: times a sample of them, and carries the planted slowdown of a build that has
  /// one.
  struct Call {
    Call(DeviceEngine& engine, std::size_t operations) noexcept : sample(engine.sampler_, operations) {}
    CallSampler::Sample sample;
    PlantedSlowdown slowdown;
  };

  /// What a single operation asks for.
  struct Single {
    OpKind kind;
    std::uint16_t space;
    std::string_view key;
    std::string_view value = {};
    std::string_view expected = {};
    std::int64_t amount = 0;
  };

  /// Holds the exclusive lock for one writing call, or for one section of it; makes the cache coherent before
  /// it lets go.
  class Writing {
   public:
    explicit Writing(DeviceEngine& engine) noexcept;
    ~Writing();
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;
    /// Keys [from, to) of a batch were written.
    void wrote(const PackedView& keys, std::uint16_t space, std::size_t from, std::size_t to) noexcept;

   private:
    DeviceEngine& engine_;
    const std::unique_lock<SharedLock> lock_;
    const std::uint64_t evicted_;
  };

  [[nodiscard]] bool fitsMailbox(std::size_t bytes) const noexcept {
    return mailbox_ != nullptr && bytes <= Mailbox::kMaxRequestBytes &&
           (core_.path == Path::kAuto || core_.path == Path::kMailbox);
  }
  /// A read through the mailbox, under the shared lock. @return nothing when another path must do it
  [[nodiscard]] std::optional<Status> mailRead(const Single& single, CallTime& time, MailAnswer& answer,
                                               std::uint8_t* value) noexcept;
  /// A write through the mailbox, under the exclusive lock. @return nothing when another path must do it
  [[nodiscard]] std::optional<Status> mailWrite(const Single& single, CallTime& time,
                                                MailAnswer& answer) noexcept;
  [[nodiscard]] Status getByBatch(const Single& single, CallTime& time, const AnswerMemory& memory,
                                  std::uint64_t hash) noexcept;
  [[nodiscard]] Status writeByBatch(const Single& single, CallTime& time, std::int64_t& number) noexcept;
  /// One operation of `execute` through the mailbox. @return nothing when another path must do it
  [[nodiscard]] std::optional<BatchStatus> executeOne(const Scope& scope, const OpBatch& batch,
                                                      const OpResults& results) noexcept;
  /// Brings a key that was just read into the cache, under the shared lock.
  void fillCache(const Single& single, std::uint64_t hash, std::string_view value, CallTime& time) noexcept;
  [[nodiscard]] bool passesCache() const noexcept;
  /// What is due now and then while writes go on, under the exclusive lock.
  void upkeep(std::int64_t nowMs) noexcept;

  mutable Core core_;
  std::int64_t (*const nowMs_)() noexcept;
  mutable SharedLock lock_;
  Mailbox* const mailbox_;
  HotCache cache_;
  Spaces spaces_;
  CallSampler sampler_;
  bool mayExpire_ = false;  ///< Of the table: some key may have an expiry time. Under the lock.
  std::chrono::steady_clock::time_point lastSweep_;
  std::atomic<std::uint64_t> evictedBefore_{0}, expiredBefore_{0};  ///< When statistics were last reset.
};

}  // namespace predis::cuda
