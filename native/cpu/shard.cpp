#include "shard.hpp"

#include "../engine/decimal.hpp"

namespace predis::cpu {

namespace {

/// memcpy that allows the null pointer of an empty string.
void copyBytes(char* to, std::string_view from) noexcept {
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

}  // namespace

Status Shard::put(std::uint64_t hash, std::string_view key, std::string_view value) noexcept {
  std::uint64_t* const entry = index_.find(hash, key);
  return entry == nullptr ? insert(hash, key, value) : overwrite(entry, value);
}

Status Shard::insert(std::uint64_t hash, std::string_view key, std::string_view value) noexcept {
  Record* const record = records_.allocate(recordBytes(key.size(), value.size()));
  if (record == nullptr) return Status::kOutOfMemory;
  record->keyBytesLessOne = static_cast<std::uint16_t>(key.size() - 1);
  record->valueBytes = static_cast<std::uint32_t>(value.size());
  record->hash = hash;
  if (!index_.insert(record)) {
    records_.free(record);
    return Status::kOutOfMemory;
  }
  copyBytes(record->keyData(), key);
  copyBytes(record->valueData(), value);
  keyValueBytes_ += key.size() + value.size();
  return Status::kOk;
}

Status Shard::overwrite(std::uint64_t* entry, std::string_view value) noexcept {
  Record* record = Index::recordOf(*entry);
  const std::size_t bytes = recordBytes(record->keyBytes(), value.size());
  const std::uint64_t valueBytesBefore = record->valueBytes;
  if (!RecordMemory::wellPlaced(*record, bytes)) {
    if (Record* const moved = records_.allocate(bytes)) {
      moved->keyBytesLessOne = record->keyBytesLessOne;
      moved->hash = record->hash;
      copyBytes(moved->keyData(), record->key());
      Index::replace(entry, moved);
      records_.free(record);
      record = moved;
    } else if (bytes > RecordMemory::capacity(*record)) {
      return Status::kOutOfMemory;
    }
  }
  record->valueBytes = static_cast<std::uint32_t>(value.size());
  copyBytes(record->valueData(), value);
  keyValueBytes_ += value.size() - valueBytesBefore;
  return Status::kOk;
}

Status Shard::remove(std::uint64_t hash, std::string_view key) noexcept {
  std::uint64_t* const entry = index_.find(hash, key);
  if (entry == nullptr) return Status::kNotFound;
  Record* const record = Index::recordOf(*entry);
  keyValueBytes_ -= record->keyBytes() + record->valueBytes;
  index_.erase(entry, hash);
  records_.free(record);
  return Status::kOk;
}

Status Shard::increment(std::uint64_t hash, std::string_view key, std::int64_t amount,
                        std::int64_t& result) noexcept {
  std::uint64_t* const entry = index_.find(hash, key);
  std::int64_t before = 0;
  if (entry != nullptr) {
    const auto parsed = parseDecimal(Index::recordOf(*entry)->value());
    if (!parsed.has_value()) return Status::kNotInteger;
    before = *parsed;
  }
  std::int64_t sum = 0;
  if (__builtin_add_overflow(before, amount, &sum)) return Status::kOverflow;
  char buffer[kMaxDecimalBytes];
  const std::string_view text = formatDecimal(sum, buffer);
  const Status status = entry == nullptr ? insert(hash, key, text) : overwrite(entry, text);
  if (status == Status::kOk) result = sum;
  return status;
}

void Shard::forgetAll() noexcept {
  index_.forgetAll();
  records_.forgetAll();
  keyValueBytes_ = 0;
}

}  // namespace predis::cpu
