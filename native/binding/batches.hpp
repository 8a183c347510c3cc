/// @file
/// The packed batches, in two steps that asynchronous work can do on two threads: `run` calls the engine and
/// touches no JavaScript; `toJavaScript` makes the result.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <vector>

#include "../engine/engine.hpp"
#include "answers.hpp"
#include "bound_engine.hpp"

namespace predis::binding {

/// Values, offsets and found flags of an mget, all in memory of its own.
class GetAnswer {
 public:
  /// @throws std::bad_alloc
  explicit GetAnswer(std::size_t count) : offsets_(count + 1), found_(count) {}
  void run(const BoundEngine& engine, const PackedView& keys) noexcept;
  /// [blob: Uint8Array, offsets: Uint32Array, found: Uint8Array]. @throws Failure
  [[nodiscard]] napi_value toJavaScript(napi_env env);

 private:
  std::vector<std::uint32_t> offsets_;
  std::vector<std::uint8_t> found_;
  Answer values_;
  BatchStatus status_ = BatchStatus::kOk;
};

/// What became of each pair of an mput.
class PutAnswer {
 public:
  explicit PutAnswer(std::size_t count) : statuses_(count) {}
  /// @param expiresAtMs one for each pair, or null when none expires
  void run(const BoundEngine& engine, const PackedView& keys, const PackedView& values,
           const std::int64_t* expiresAtMs) noexcept;
  /// null when every pair was stored, otherwise the statuses: Uint8Array.
  [[nodiscard]] napi_value toJavaScript(napi_env env) const;

 private:
  std::vector<std::uint8_t> statuses_;
  BatchStatus status_ = BatchStatus::kOk;
};

/// How many keys of an mdelete existed.
class DeleteAnswer {
 public:
  explicit DeleteAnswer(std::size_t count) : statuses_(count) {}
  void run(const BoundEngine& engine, const PackedView& keys) noexcept;
  /// @throws Failure GPU_FAILED
  [[nodiscard]] napi_value toJavaScript(napi_env env) const;

 private:
  std::vector<std::uint8_t> statuses_;
  double existed_ = 0;
  BatchStatus status_ = BatchStatus::kOk;
};

/// Results of a mixed batch.
class MixedAnswer {
 public:
  explicit MixedAnswer(std::size_t count)
      : statuses_(count), numbers_(count), offsets_(count + 1), found_(count) {}
  void run(const BoundEngine& engine, const OpBatch& batch) noexcept;
  /// [statuses: Uint8Array, numbers: BigInt64Array, blob, offsets, found]. @throws Failure
  [[nodiscard]] napi_value toJavaScript(napi_env env);

 private:
  std::vector<std::uint8_t> statuses_;
  std::vector<std::int64_t> numbers_;
  std::vector<std::uint32_t> offsets_;
  std::vector<std::uint8_t> found_;
  Answer values_;
  BatchStatus status_ = BatchStatus::kOk;
};

}  // namespace predis::binding
