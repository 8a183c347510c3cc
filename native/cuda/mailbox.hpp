/// @file
/// The mailbox: single operations through lines of pinned memory that a persistent kernel polls, without a
/// launch each.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../engine/engine.hpp"
#include "backend.hpp"

namespace predis::cuda {

/// One operation as the mailbox takes it.
struct MailRequest {
  OpKind kind = OpKind::kGet;
  std::uint16_t space = 0;
  const std::uint8_t* key = nullptr;
  std::uint32_t keyBytes = 0;
  const std::uint8_t* value = nullptr;  ///< Of writes.
  std::uint32_t valueBytes = 0;
  const std::uint8_t* expected = nullptr;  ///< Of compare-and-set.
  std::uint32_t expectedBytes = 0;
  std::int64_t amount = 0;  ///< See OpKind.
  std::int64_t nowMs = 0;
  /// Room that a new record may take, chosen by the host: `spareUnits` units from `spareUnit`; 0 for none.
  std::uint64_t spareUnit = 0;
  std::uint32_t spareUnits = 0;
  bool markReferenced = false;
};

/// What came back.
struct MailAnswer {
  Status status = Status::kOk;
  DeferReason undone = DeferReason::kNone;  ///< Not kNone: nothing was done; take another path. kOutputFull:
                                            ///< the value has valueBytes bytes, more than an answer holds.
  std::int64_t number = 0;
  std::uint32_t valueBytes = 0;
  bool tookSpare = false;  ///< The spare room is a record now.
};

/// Thread-safe: threads take lanes of their own, or wait for one. What the lock of the table is to batches it
/// is to requests too: gets may run beside gets and reading batches, a write runs alone.
class Mailbox {
 public:
  static constexpr std::uint32_t kMaxRequestBytes =
      1024;  ///< Key, value and expected value together. A larger request is answered with kLarge.
  static constexpr std::uint32_t kMaxValueBytes = 1024;  ///< Of an answer.

  virtual ~Mailbox() = default;
  /// Does one operation. @param value out, room for kMaxValueBytes
  /// @return false when the device failed or did not answer in time (the backend has failed then)
  [[nodiscard]] virtual bool call(const TableView& table, const MailRequest& request, MailAnswer& answer,
                                  std::uint8_t* value) noexcept = 0;
  /// Makes the kernel leave and waits for it (microseconds): before memory is unmapped or freed, and at the
  /// end.
  virtual void leave() noexcept = 0;
};

}  // namespace predis::cuda
