/// @file
/// The time as one call sees it.
#pragma once

#include <chrono>
#include <cstdint>

namespace predis {

/// Unix milliseconds, read when first asked for and then kept: a call that meets no key that expires never
/// reads the clock, which would cost a tenth of a get. Belongs to one call of one thread.
class CallTime {
 public:
  /// @param source null: the system's clock
  explicit CallTime(std::int64_t (*source)() noexcept) noexcept : source_(source) {}

  [[nodiscard]] std::int64_t nowMs() noexcept {
    if (!known_) {
      nowMs_ = source_ != nullptr ? source_() : systemMs();
      known_ = true;
    }
    return nowMs_;
  }
  /// Whether a time has come. @param expiresAtMs 0 never comes
  [[nodiscard]] bool reached(std::int64_t expiresAtMs) noexcept {
    return expiresAtMs != 0 && expiresAtMs <= nowMs();
  }

 private:
  [[nodiscard]] static std::int64_t systemMs() noexcept {
    using std::chrono::duration_cast, std::chrono::milliseconds, std::chrono::system_clock;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  }

  std::int64_t (*source_)() noexcept;
  std::int64_t nowMs_ = 0;
  bool known_ = false;
};

}  // namespace predis
