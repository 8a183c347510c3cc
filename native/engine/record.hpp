/// @file
/// The record: one key and its value, contiguous in memory, so that a read touches one place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "engine.hpp"

namespace predis {

/// Whether two byte strings of the same length are equal; faster than memcmp's call for the short keys that
/// are common.
inline bool equalBytes(const char* a, const char* b, std::size_t bytes) noexcept {
  const auto differ = [&](std::size_t at) noexcept {
    std::uint64_t x;
    std::uint64_t y;
    std::memcpy(&x, a + at, sizeof x);
    std::memcpy(&y, b + at, sizeof y);
    return x ^ y;
  };
  if (bytes > 64 || bytes < 8) return std::memcmp(a, b, bytes) == 0;
  std::uint64_t difference = differ(bytes - 8);
  for (std::size_t at = 0; at + 8 < bytes; at += 8) difference |= differ(at);
  return difference == 0;
}

/// What a key is looked for by: its bytes, its namespace, and the hash of both.
struct KeyRef {
  std::uint64_t hash;
  std::string_view bytes;
  std::uint16_t space;
};

/// Header of a record. The time at which it expires follows, where it has one, and then key and value.
/// Records start at multiples of 16 bytes.
///
/// All but the read mark is written under the exclusive lock of the record's shard alone. Readers set the
/// mark under the shared lock, so that the word it shares with the hash is always loaded and stored
/// atomically.
class alignas(16) Record {
 public:
  /// Fills in the header but for the slot class. @param expiresAtMs 0: never
  void describe(const KeyRef& key, std::size_t valueBytes, std::int64_t expiresAtMs) noexcept {
    identity_ = (identity_ & kSlotClassMask) | identityOf(key);
    valueBytes_ = static_cast<std::uint32_t>(valueBytes) | (expiresAtMs != 0 ? kExpires : 0U);
    __atomic_store_n(&hash_, key.hash & ~kReadMark, __ATOMIC_RELAXED);
    if (expiresAtMs != 0) std::memcpy(behind(), &expiresAtMs, sizeof expiresAtMs);
  }

  [[nodiscard]] std::size_t keyBytes() const noexcept { return std::size_t{identity_ & 0xFFFFU} + 1; }
  [[nodiscard]] std::uint16_t space() const noexcept {
    return static_cast<std::uint16_t>(identity_ >> 16 & (kMaxSpaces - 1U));
  }
  [[nodiscard]] std::size_t valueBytes() const noexcept { return valueBytes_ & kValueBytesMask; }
  /// The hash but for its highest bit, which is 0.
  [[nodiscard]] std::uint64_t hash() const noexcept { return loadHash() & ~kReadMark; }

  /// Whether this is the record of a key.
  [[nodiscard]] bool isOf(const KeyRef& key) const noexcept {
    return (loadHash() ^ key.hash) << 1 == 0 && ((identity_ ^ identityOf(key)) & ~kSlotClassMask) == 0 &&
           equalBytes(keyData(), key.bytes.data(), key.bytes.size());
  }

  /// Where the memory came from (see the allocator), below 64.
  [[nodiscard]] std::uint16_t slotClass() const noexcept {
    return static_cast<std::uint16_t>(identity_ >> kSlotClassShift);
  }
  void setSlotClass(std::uint16_t slotClass) noexcept {
    identity_ = (identity_ & ~kSlotClassMask) | std::uint32_t{slotClass} << kSlotClassShift;
  }

  /// Whether it ever expires.
  [[nodiscard]] bool expires() const noexcept { return (valueBytes_ & kExpires) != 0; }
  /// Unix milliseconds, or 0 for never.
  [[nodiscard]] std::int64_t expiresAtMs() const noexcept {
    if (!expires()) return 0;
    std::int64_t time = 0;
    std::memcpy(&time, this + 1, sizeof time);
    return time;
  }
  /// Sets the time. @param expiresAtMs 0: never @param keptBytes of key and value, which move when a time
  /// comes between them and the header, or goes; there must be room
  void setExpiry(std::int64_t expiresAtMs, std::size_t keptBytes) noexcept {
    if (expires() != (expiresAtMs != 0)) {
      std::memmove(expires() ? behind() : behind() + sizeof expiresAtMs, keyData(), keptBytes);
      valueBytes_ ^= kExpires;
    }
    if (expiresAtMs != 0) std::memcpy(behind(), &expiresAtMs, sizeof expiresAtMs);
  }
  void setValueBytes(std::size_t valueBytes) noexcept {
    valueBytes_ = (valueBytes_ & kExpires) | static_cast<std::uint32_t>(valueBytes);
  }

  /// Notes that it was read; any reader may. A store only when the mark is not there yet: lines that are read
  /// all the time stay shared between the cores.
  void markRead() noexcept {
    if ((loadHash() & kReadMark) == 0) __atomic_fetch_or(&hash_, kReadMark, __ATOMIC_RELAXED);
  }
  [[nodiscard]] bool wasRead() const noexcept { return (loadHash() & kReadMark) != 0; }
  void forgetRead() noexcept { __atomic_fetch_and(&hash_, ~kReadMark, __ATOMIC_RELAXED); }

  [[nodiscard]] const char* keyData() const noexcept {
    static_assert(kExpires >> 28 == sizeof(std::int64_t), "so that no branch is needed");
    return reinterpret_cast<const char*>(this + 1) + (valueBytes_ >> 28 & sizeof(std::int64_t));
  }
  [[nodiscard]] char* keyData() noexcept { return const_cast<char*>(std::as_const(*this).keyData()); }
  [[nodiscard]] const char* valueData() const noexcept { return keyData() + keyBytes(); }
  [[nodiscard]] char* valueData() noexcept { return keyData() + keyBytes(); }
  [[nodiscard]] std::string_view key() const noexcept { return {keyData(), keyBytes()}; }
  [[nodiscard]] std::string_view value() const noexcept { return {valueData(), valueBytes()}; }
  [[nodiscard]] KeyRef keyRef() const noexcept { return {hash(), key(), space()}; }

 private:
  static constexpr unsigned kSlotClassShift = 26;
  static constexpr std::uint32_t kSlotClassMask = ~std::uint32_t{0} << kSlotClassShift;
  static constexpr std::uint32_t kExpires = 1U << 31;
  static constexpr std::uint32_t kValueBytesMask = (1U << 30) - 1;
  static constexpr std::uint64_t kReadMark = std::uint64_t{1} << 63;

  /// Where the header ends.
  [[nodiscard]] char* behind() noexcept { return reinterpret_cast<char*>(this + 1); }
  [[nodiscard]] static std::uint32_t identityOf(const KeyRef& key) noexcept {
    return static_cast<std::uint32_t>(key.bytes.size() - 1) | std::uint32_t{key.space} << 16;
  }
  [[nodiscard]] std::uint64_t loadHash() const noexcept { return __atomic_load_n(&hash_, __ATOMIC_RELAXED); }

  /// Bytes of the key less one (1 byte to 64 KiB fit 16 bits), namespace (10 bits), slot class (6 bits).
  std::uint32_t identity_;
  std::uint32_t valueBytes_;  ///< Bytes of the value (30 bits); the highest bit: a time follows the header.
  std::uint64_t hash_;        ///< The highest bit, which no shard's index looks at, is the read mark.
};
static_assert(sizeof(Record) == 16, "the header is counted in memory figures");
static_assert(kMaxSpaces == 1 << 10 && kMaxKeyBytes == 1 << 16 && kMaxValueBytes < 1 << 30);

/// Bytes of a record with such a key and value.
constexpr std::size_t recordBytes(std::size_t keyBytes, std::size_t valueBytes, bool expires) noexcept {
  return sizeof(Record) + (expires ? sizeof(std::int64_t) : 0) + keyBytes + valueBytes;
}

}  // namespace predis
