/// @file
/// The host's side of the mailbox. Knows lines and launches but no CUDA, so that a thread can play the kernel
/// in tests.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "mailbox_protocol.hpp"

namespace predis::cuda {

/// Starts the kernel and knows how the device is.
class MailKernel {
 public:
  virtual ~MailKernel() = default;
  /// Starts the kernel behind all launches before it (they end by themselves). @return false when it failed
  [[nodiscard]] virtual bool launch(const mail::Launch& launch) noexcept = 0;
  /// False when the device has failed. May take a microsecond.
  [[nodiscard]] virtual bool healthy() noexcept = 0;
  /// Takes down that the mailbox does not answer: the device has failed.
  virtual void fail(const char* what) noexcept = 0;
};

/// Thread-safe, see Mailbox. All callers at a time give the same table (that is what the lock of the table is
/// for); when it becomes another, the kernel is started anew.
class MailboxHost final : public Mailbox {
 public:
  /// @param lines zeroed, pinned @param served device memory, kLanes numbers, all of them `firstNumber`
  /// @param patience how long an answer is waited for
  MailboxHost(MailKernel& kernel, mail::Lines& lines, std::uint32_t* served,
              std::chrono::milliseconds patience = std::chrono::seconds(2), std::uint32_t firstNumber = 0);
  ~MailboxHost() override { leave(); }

  bool call(const TableView& table, const MailRequest& request, MailAnswer& answer,
            std::uint8_t* value) noexcept override;
  void leave() noexcept override;

  [[nodiscard]] std::uint64_t launches() const noexcept { return launched_.load(std::memory_order_relaxed); }

 private:
  using Clock = std::chrono::steady_clock;

  /// One thread's at a time.
  struct alignas(64) Lane {
    std::mutex busy;
    std::uint32_t number = 0;      ///< Of its last request.
    std::uint64_t generation = 0;  ///< Of `table`; 0 for none.
    TableView table{};             ///< The last one that it asked for.
  };

  /// A free lane, or one to wait for.
  [[nodiscard]] std::unique_lock<std::mutex> takeLane(unsigned& lane) noexcept;
  void post(unsigned lane, const TableView& table, const MailRequest& request) noexcept;
  [[nodiscard]] bool receive(unsigned lane, MailAnswer& answer, std::uint8_t* value) noexcept;
  /// Waits for one word of the lane's answer. @return false when it did not come
  [[nodiscard]] bool await(unsigned lane, std::uint32_t place, std::uint32_t& payload) noexcept;
  /// Starts the kernel if it is not there, or serves another table than the lane's.
  [[nodiscard]] bool ensureKernel(Lane& lane) noexcept;
  [[nodiscard]] bool leaveLocked() noexcept;
  [[nodiscard]] bool hasLeft() const noexcept;

  MailKernel& kernel_;
  mail::Lines& lines_;
  std::uint32_t* const served_;
  const std::chrono::milliseconds patience_;
  Lane lanes_[mail::kLanes];
  std::mutex launching_;
  // Written under `launching_`:
  std::atomic<std::uint64_t> launched_{0};    ///< Number of the last launch.
  std::atomic<std::uint64_t> generation_{0};  ///< Counts changes of `table_`.
  TableView table_{};                         ///< Of the last launch.
};

}  // namespace predis::cuda
