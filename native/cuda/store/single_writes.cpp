/// @file
/// Writing single operations of the device engine: the mailbox, or else a batch of one.

#include "../../engine/checks.hpp"
#include "engine_impl.hpp"
#include "mixed_batch.hpp"
#include "single_ops.hpp"
#include "write_batch.hpp"

namespace predis::cuda {

namespace {

/// Units of the record that an operation may write, 0 when the mailbox shall have no room for it.
std::uint64_t spareUnits(OpKind kind, std::size_t keyBytes, std::size_t valueBytes, bool expires) noexcept {
  constexpr std::size_t kNumberBytes = 20;
  switch (kind) {
    case OpKind::kPut:
    case OpKind::kCompareAndSet:
    case OpKind::kPutIfAbsent:
      return unitsOf(recordBytes(keyBytes, valueBytes, expires));
    case OpKind::kIncrement:
      return unitsOf(recordBytes(keyBytes, kNumberBytes, true));
    case OpKind::kExpire:
      return expires ? unitsOf(recordBytes(keyBytes, Mailbox::kMaxValueBytes, true)) : 0;
    default:
      return 0;
  }
}

/// What a refusal of memory really was.
Status refusedOrFailed(Core& core, Status status) noexcept {
  return status == Status::kOutOfMemory && core.noticeFailure() ? Status::kDeviceFailed : status;
}

}  // namespace

std::optional<Status> DeviceEngine::mailWrite(const Single& single, CallTime& time,
                                              MailAnswer& answer) noexcept {
  if (!fitsMailbox(single.key.size() + single.value.size() + single.expected.size())) return std::nullopt;
  DeviceTable& table = core_.table;
  if (!table.ready()) return std::nullopt;
  if (table.wantsReading()) {
    const SlotLoan slots(core_.slots);
    if (table.refresh(slots[0].stream)) table.tidy(slots[0].stream);
    if (!core_.wait(slots[0].stream)) return Status::kDeviceFailed;
  }
  if (spareUnits(single.kind, 1, 1, false) != 0 && table.wantsGrowth()) return std::nullopt;
  const std::uint64_t units =
      spareUnits(single.kind, single.key.size(), single.value.size(), single.amount != 0);
  MailRequest request;
  request.kind = single.kind;
  request.space = single.space;
  request.key = bytesOf(single.key);
  request.keyBytes = length(single.key);
  request.value = bytesOf(single.value);
  request.valueBytes = length(single.value);
  request.expected = bytesOf(single.expected);
  request.expectedBytes = length(single.expected);
  request.amount = single.amount;
  request.nowMs = time.nowMs();
  if (units != 0) request.spareUnit = table.spareUnit(units);
  if (request.spareUnit != 0) request.spareUnits = static_cast<std::uint32_t>(units);
  Tallies::add(core_.tallies.mailboxCalls, 1);
  if (!mailbox_->call(table.view(), request, answer, nullptr)) {
    core_.fail();
    return Status::kDeviceFailed;
  }
  if (answer.undone != DeferReason::kNone) return std::nullopt;
  if (answer.tookSpare) table.takeSpare(units);
  if (single.kind != OpKind::kIncrement && single.amount != 0) mayExpire_ = true;
  table.noteUnseenWrite(single.kind == OpKind::kDelete && answer.status == Status::kOk);
  return answer.status;
}

Status DeviceEngine::writeByBatch(const Single& single, CallTime& time, std::int64_t& number) noexcept {
  const One key(single.key);
  const One value(single.value);
  BatchSource source;
  source.keys = key.view;
  source.space = single.space;
  source.nowMs = time.nowMs();
  auto status = static_cast<std::uint8_t>(Status::kDeviceFailed);
  if (single.kind == OpKind::kDelete || single.kind == OpKind::kPut) {
    const bool put = single.kind == OpKind::kPut;
    if (put) source.values = value.view;
    WriteBatch batch(core_, put ? WriteBatch::Kind::kPut : WriteBatch::Kind::kErase, source, &status);
    (void)batch.run(0, 1);
    return refusedOrFailed(core_, static_cast<Status>(status));
  }
  const auto kind = static_cast<std::uint8_t>(single.kind);
  source.values = value.view;
  source.kinds = &kind;
  source.amounts = &single.amount;
  std::uint32_t offsets[2] = {};
  std::uint8_t found = 0;
  const OpResults results{&status, &number, {offsets, &found, {}}};
  MixedBatch batch(core_, source, results, false);
  (void)batch.run(0, 1);
  return refusedOrFailed(core_, static_cast<Status>(status));
}

Status DeviceEngine::put(const Scope& scope, std::string_view key, std::string_view value) noexcept {
  const Call call(*this, 1);
  if (const Status status = checkPair(key, value); status != Status::kOk) return status;
  Tallies::add(core_.tallies.puts, 1);
  if (core_.hasFailed()) return Status::kDeviceFailed;
  CallTime time(nowMs_);
  const Single single{OpKind::kPut, scope.space, key, value};
  const std::uint64_t hash = cache_.isOn() ? cache_.hashOf(key, scope.space) : 0;
  const Writing writing(*this);
  MailAnswer answer;
  std::int64_t number = 0;
  const std::optional<Status> done = mailWrite(single, time, answer);
  const Status status = done ? *done : writeByBatch(single, time, number);
  if (cache_.isOn()) {
    if (status == Status::kOk) {
      cache_.replace(hash, key, scope.space, value);
    } else {
      cache_.drop(hash);
    }
  }
  return status;
}

Status DeviceEngine::remove(const Scope& scope, std::string_view key) noexcept {
  const Call call(*this, 1);
  if (const Status status = checkKey(key); status != Status::kOk) return status;
  Tallies::add(core_.tallies.deletes, 1);
  if (core_.hasFailed()) return Status::kDeviceFailed;
  CallTime time(nowMs_);
  const Single single{OpKind::kDelete, scope.space, key};
  const std::uint64_t hash = cache_.isOn() ? cache_.hashOf(key, scope.space) : 0;
  const Writing writing(*this);
  if (!core_.table.ready()) return Status::kNotFound;
  MailAnswer answer;
  std::int64_t number = 0;
  const std::optional<Status> done = mailWrite(single, time, answer);
  const Status status = done ? *done : writeByBatch(single, time, number);
  if (cache_.isOn()) cache_.drop(hash);
  return status;
}

Status DeviceEngine::increment(const Scope& scope, std::string_view key, std::int64_t amount,
                               std::int64_t& result) noexcept {
  const Call call(*this, 1);
  if (const Status status = checkKey(key); status != Status::kOk) return status;
  Tallies::add(core_.tallies.increments, 1);
  if (core_.hasFailed()) return Status::kDeviceFailed;
  CallTime time(nowMs_);
  const Single single{OpKind::kIncrement, scope.space, key, {}, {}, amount};
  const std::uint64_t hash = cache_.isOn() ? cache_.hashOf(key, scope.space) : 0;
  const Writing writing(*this);
  MailAnswer answer;
  std::int64_t number = 0;
  const std::optional<Status> done = mailWrite(single, time, answer);
  const Status status = done ? *done : writeByBatch(single, time, number);
  if (done) number = answer.number;
  // The key keeps its expiry time, which is not known here: the entry cannot be replaced.
  if (cache_.isOn()) cache_.drop(hash);
  if (status == Status::kOk) result = number;
  return status;
}

}  // namespace predis::cuda
