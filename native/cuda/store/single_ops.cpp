/// @file
/// Reading single operations of the device engine (the cache, the mailbox, or else a batch of one), and
/// mixed batches of one.

#include "single_ops.hpp"

#include <array>
#include <cstring>
#include <mutex>

#include "../../engine/checks.hpp"
#include "engine_impl.hpp"
#include "read_batch.hpp"

namespace predis::cuda {

namespace {

/// Asks for the caller's memory at most once, and remembers it.
struct Asked {
  const AnswerMemory& memory;
  std::uint8_t* at = nullptr;
  static std::uint8_t* allocate(void* self, std::size_t bytes) noexcept {
    auto& asked = *static_cast<Asked*>(self);
    // Nothing is asked for a key that may not exist; an empty value is asked for by whoever knows.
    if (bytes != 0) asked.at = asked.memory.allocate(asked.memory.context, bytes);
    return asked.at;
  }
};

}  // namespace

bool DeviceEngine::passesCache() const noexcept {
  // Under eviction the device must hear of reads now and then, or hot keys would seem never to be read.
  thread_local std::uint32_t calls = 0;
  return core_.evicts && ++calls % 64 == 0;
}

std::optional<Status> DeviceEngine::mailRead(const Single& single, CallTime& time, MailAnswer& answer,
                                             std::uint8_t* value) noexcept {
  if (!fitsMailbox(single.key.size())) return std::nullopt;
  MailRequest request;
  request.kind = single.kind;
  request.space = single.space;
  request.key = bytesOf(single.key);
  request.keyBytes = length(single.key);
  request.nowMs = time.nowMs();
  request.markReferenced = core_.evicts;
  Tallies::add(core_.tallies.mailboxCalls, 1);
  if (!mailbox_->call(core_.table.view(), request, answer, value)) {
    core_.fail();
    return Status::kDeviceFailed;
  }
  if (answer.undone != DeferReason::kNone) return std::nullopt;
  return answer.status;
}

void DeviceEngine::fillCache(const Single& single, std::uint64_t hash, std::string_view value,
                             CallTime& time) noexcept {
  if (!cache_.isOn() || !cache_.wants(hash, single.key.size() + value.size())) return;
  std::int64_t expiresAtMs = 0;
  if (mayExpire_) {
    // The answer of a get does not say when its key expires.
    MailAnswer answer;
    Single ask = single;
    ask.kind = OpKind::kExpiry;
    if (mailRead(ask, time, answer, nullptr) != Status::kOk) return;
    expiresAtMs = answer.number;
  }
  cache_.fill(hash, single.key, single.space, value, expiresAtMs);
}

Status DeviceEngine::get(const Scope& scope, std::string_view key, const AnswerMemory& memory) noexcept {
  const Call call(*this, 1);
  if (const Status status = checkKey(key); status != Status::kOk) return status;
  CallTime time(nowMs_);
  std::uint64_t hash = 0;
  // Nothing is answered from the cache of a device that is lost.
  if (core_.hasFailed()) return Status::kDeviceFailed;
  if (cache_.isOn()) {
    hash = cache_.hashOf(key, scope.space);
    HotCache::Hit hit;
    if (cache_.get(hash, key, scope.space, time, hit) && !passesCache()) {
      Tallies::add(core_.tallies.hits, 1);
      Tallies::add(core_.tallies.hotCacheHits, 1);
      return handOver(memory, hit.value, hit.valueBytes);
    }
  }
  const std::shared_lock lock(lock_);
  const Single single{OpKind::kGet, scope.space, key};
  Status status = Status::kNotFound;
  if (core_.table.ready()) {
    MailAnswer answer;
    std::array<std::uint8_t, Mailbox::kMaxValueBytes> value;
    const std::optional<Status> done = mailRead(single, time, answer, value.data());
    if (!done) return getByBatch(single, time, memory, hash);
    status = *done;
    if (status == Status::kOk) {
      fillCache(single, hash, {reinterpret_cast<const char*>(value.data()), answer.valueBytes}, time);
      core_.tallies.countReads(1, 1);
      return handOver(memory, value.data(), answer.valueBytes);
    }
  }
  if (status == Status::kNotFound) core_.tallies.countReads(0, 1);
  return status;
}

Status DeviceEngine::getByBatch(const Single& single, CallTime& time, const AnswerMemory& memory,
                                std::uint64_t hash) noexcept {
  const One one(single.key);
  BatchSource source;
  source.keys = one.view;
  source.space = single.space;
  source.nowMs = time.nowMs();
  std::uint32_t offsets[2] = {};
  std::uint8_t found = 0;
  Asked asked{memory};
  const MgetSink sink{offsets, &found, {&asked, &Asked::allocate}};
  ReadBatch batch(core_, source, sink);
  const BatchStatus done = batch.run();
  if (done == BatchStatus::kDeviceFailed) return Status::kDeviceFailed;
  if (done != BatchStatus::kOk) return core_.noticeFailure() ? Status::kDeviceFailed : Status::kOutOfMemory;
  core_.tallies.countReads(batch.hits(), 1);
  if (found == 0) return Status::kNotFound;
  if (offsets[1] == 0) (void)memory.allocate(memory.context, 0);
  fillCache(single, hash, {reinterpret_cast<const char*>(asked.at), offsets[1]}, time);
  return Status::kOk;
}

std::optional<BatchStatus> DeviceEngine::executeOne(const Scope& scope, const OpBatch& batch,
                                                    const OpResults& results) noexcept {
  const auto kind = static_cast<OpKind>(batch.kinds[0]);
  Single single{kind, scope.space, batch.keys[0]};
  if (checkKey(single.key) != Status::kOk) return std::nullopt;
  if (batch.values.count != 0) single.value = batch.values[0];
  if (batch.expected.count != 0) single.expected = batch.expected[0];
  single.amount = batch.amounts[0];
  CallTime time(nowMs_);
  MailAnswer answer;
  std::array<std::uint8_t, Mailbox::kMaxValueBytes> value;
  std::optional<Status> done;
  if (!isWrite(kind)) {
    const std::shared_lock lock(lock_);
    if (!core_.table.ready()) return std::nullopt;
    done = mailRead(single, time, answer, value.data());
  } else {
    Writing writing(*this);
    done = mailWrite(single, time, answer);
    if (done) writing.wrote(batch.keys, scope.space, 0, 1);
  }
  if (!done) return std::nullopt;
  const MgetSink& sink = results.values;
  Status status = *done;
  const bool found = kind == OpKind::kGet && status == Status::kOk;
  const std::uint32_t bytes = found ? answer.valueBytes : 0;
  if (kind == OpKind::kGet && status != Status::kDeviceFailed) core_.tallies.countReads(found ? 1 : 0, 1);
  std::uint8_t* const to = sink.memory.allocate(sink.memory.context, bytes);
  if (bytes != 0 && to == nullptr) status = Status::kOutOfMemory;
  const bool given = found && status == Status::kOk;
  if (given && bytes != 0) std::memcpy(to, value.data(), bytes);
  results.statuses[0] = static_cast<std::uint8_t>(status);
  results.numbers[0] = status == Status::kOk ? answer.number : 0;
  sink.found[0] = given ? 1 : 0;
  sink.offsets[0] = 0;
  sink.offsets[1] = given ? bytes : 0;
  if (status == Status::kDeviceFailed) return BatchStatus::kDeviceFailed;
  return isFailure(status) ? BatchStatus::kSomeFailed : BatchStatus::kOk;
}

}  // namespace predis::cuda
