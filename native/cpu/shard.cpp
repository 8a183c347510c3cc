#include "shard.hpp"

#include "../engine/decimal.hpp"

namespace predis::cpu {

namespace {

/// memcpy that allows the null pointer of an empty string.
void copyBytes(char* to, std::string_view from) noexcept {
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

}  // namespace

Status Shard::put(const KeyRef& key, std::string_view value, std::int64_t expiresAtMs,
                  CallTime& time) noexcept {
  beginWrite(time);
  // What the key had before is replaced, whether its time had come or not.
  return store(index_.find(key), key, value, expiresAtMs, time);
}

Status Shard::compareAndSet(const KeyRef& key, std::string_view expected, std::string_view value,
                            std::int64_t expiresAtMs, CallTime& time) noexcept {
  beginWrite(time);
  std::uint64_t* const entry = liveEntry(key, time);
  if (entry == nullptr || Index::recordOf(*entry)->value() != expected) return Status::kMismatch;
  return store(entry, key, value, expiresAtMs, time);
}

Status Shard::putIfAbsent(const KeyRef& key, std::string_view value, std::int64_t expiresAtMs,
                          CallTime& time) noexcept {
  beginWrite(time);
  if (liveEntry(key, time) != nullptr) return Status::kMismatch;
  return store(nullptr, key, value, expiresAtMs, time);
}

Status Shard::store(std::uint64_t* entry, const KeyRef& key, std::string_view value, std::int64_t expiresAtMs,
                    CallTime& time) noexcept {
  if (time.reached(expiresAtMs)) [[unlikely]] {
    if (entry != nullptr) removeExpired(entry);
    return Status::kOk;
  }
  return entry == nullptr ? insert(key, value, expiresAtMs) : overwrite(entry, value, expiresAtMs);
}

Status Shard::insert(const KeyRef& key, std::string_view value, std::int64_t expiresAtMs) noexcept {
  Record* const record = records_.allocate(recordBytes(key.bytes.size(), value.size(), expiresAtMs != 0));
  if (record == nullptr) return Status::kOutOfMemory;
  record->describe(key, value.size(), expiresAtMs);
  if (!index_.insert(record)) {
    records_.free(record);
    return Status::kOutOfMemory;
  }
  copyBytes(record->keyData(), key.bytes);
  copyBytes(record->valueData(), value);
  keyValueBytes_ += key.bytes.size() + value.size();
  expiringKeys_ += expiresAtMs != 0;
  return Status::kOk;
}

Status Shard::overwrite(std::uint64_t* entry, std::string_view value, std::int64_t expiresAtMs) noexcept {
  Record* const record = Index::recordOf(*entry);
  const std::size_t keyBytes = record->keyBytes();
  const std::size_t valueBytesBefore = record->valueBytes();
  const bool expiredBefore = record->expires();
  const bool expires = expiresAtMs != 0;
  const std::size_t bytes = recordBytes(keyBytes, value.size(), expires);
  Record* moved = nullptr;
  if (!RecordMemory::wellPlaced(*record, bytes)) {
    moved = records_.allocate(bytes);
    if (moved == nullptr && bytes > RecordMemory::capacity(*record)) return Status::kOutOfMemory;
  }
  if (moved != nullptr) {
    moved->describe(record->keyRef(), value.size(), expiresAtMs);
    copyBytes(moved->keyData(), record->key());
    copyBytes(moved->valueData(), value);
    Index::replace(entry, moved);
    records_.free(record);
  } else {
    if (expires || expiredBefore || evicting_) [[unlikely]] {
      record->setExpiry(expiresAtMs, keyBytes);
      Index::replace(entry, record);
    }
    record->setValueBytes(value.size());
    copyBytes(record->valueData(), value);
  }
  keyValueBytes_ += value.size() - valueBytesBefore;
  if (expires != expiredBefore) [[unlikely]]
    expiringKeys_ += std::uint64_t{expires} - std::uint64_t{expiredBefore};
  return Status::kOk;
}

Status Shard::remove(const KeyRef& key, CallTime& time) noexcept {
  beginWrite(time);
  std::uint64_t* const entry = liveEntry(key, time);
  if (entry == nullptr) return Status::kNotFound;
  removeEntry(entry);
  return Status::kOk;
}

Status Shard::increment(const KeyRef& key, std::int64_t amount, CallTime& time,
                        std::int64_t& result) noexcept {
  beginWrite(time);
  std::uint64_t* const entry = liveEntry(key, time);
  std::int64_t before = 0;
  std::int64_t expiresAtMs = 0;
  if (entry != nullptr) {
    const Record* const record = Index::recordOf(*entry);
    const auto parsed = parseDecimal(record->value());
    if (!parsed.has_value()) return Status::kNotInteger;
    before = *parsed;
    expiresAtMs = record->expiresAtMs();
  }
  std::int64_t sum = 0;
  if (__builtin_add_overflow(before, amount, &sum)) return Status::kOverflow;
  char buffer[kMaxDecimalBytes];
  const std::string_view text = formatDecimal(sum, buffer);
  const Status status = entry == nullptr ? insert(key, text, 0) : overwrite(entry, text, expiresAtMs);
  if (status == Status::kOk) result = sum;
  return status;
}

std::uint64_t* Shard::liveEntry(const KeyRef& key, CallTime& time) noexcept {
  std::uint64_t* const entry = index_.find(key);
  if (entry == nullptr || !isGone(*Index::recordOf(*entry), time)) [[likely]]
    return entry;
  removeExpired(entry);
  return nullptr;
}

void Shard::removeExpired(std::uint64_t* entry) noexcept {
  removeEntry(entry);
  Counters::add(counters.expired, 1);
}

Status Shard::expire(const KeyRef& key, std::int64_t expiresAtMs, CallTime& time) noexcept {
  beginWrite(time);
  std::uint64_t* const entry = liveEntry(key, time);
  if (entry == nullptr) return Status::kNotFound;
  if (time.reached(expiresAtMs)) {
    removeExpired(entry);
    return Status::kOk;
  }
  Record* record = Index::recordOf(*entry);
  const bool expires = expiresAtMs != 0;
  if (record->expires() == expires) {
    record->setExpiry(expiresAtMs, 0);
    return Status::kOk;
  }
  const std::size_t bytes = recordBytes(record->keyBytes(), record->valueBytes(), expires);
  if (bytes > RecordMemory::capacity(*record)) {
    Record* const moved = records_.allocate(bytes);
    if (moved == nullptr) return Status::kOutOfMemory;
    moved->describe(record->keyRef(), record->valueBytes(), expiresAtMs);
    std::memcpy(moved->keyData(), record->keyData(), record->keyBytes() + record->valueBytes());
    records_.free(record);
    record = moved;
  } else {
    record->setExpiry(expiresAtMs, record->keyBytes() + record->valueBytes());
  }
  Index::replace(entry, record);
  expiringKeys_ += expires ? 1 : ~std::uint64_t{0};
  return Status::kOk;
}

Status Shard::expiry(const KeyRef& key, CallTime& time, std::int64_t& result) const noexcept {
  const Record* const record = find(key, time);
  if (record == nullptr) return Status::kNotFound;
  result = record->expiresAtMs();
  return Status::kOk;
}

void Shard::removeEntry(std::uint64_t* entry) noexcept {
  Record* const record = Index::recordOf(*entry);
  keyValueBytes_ -= record->keyBytes() + record->valueBytes();
  expiringKeys_ -= record->expires();
  index_.erase(entry, record->hash());
  records_.free(record);
}

void Shard::forgetAll() noexcept {
  index_.forgetAll();
  records_.forgetAll();
  keyValueBytes_ = 0;
  expiringKeys_ = 0;
}

}  // namespace predis::cpu
