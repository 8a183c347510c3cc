/// @file
/// What the caller of a mixed batch gets.

#include <cstring>
#include <new>

#include "../../engine/checks.hpp"
#include "mixed_batch.hpp"

namespace predis::cuda {

void MixedBatch::takeAnswers(const Work& work, const std::vector<std::uint8_t>& gathered) noexcept {
  const Answers& answers = work.host.answers;
  for (std::uint32_t k = 0; k < work.chunk.count; ++k) {
    const std::size_t i = work.chunk.first + k;
    auto status = static_cast<Status>(answers.statuses[k]);
    const bool isGet = static_cast<OpKind>(source_.kinds[i]) == OpKind::kGet;
    if (isGet && (status == Status::kOk || status == Status::kNotFound))
      (status == Status::kOk ? hits_ : misses_) += 1;
    bool found = isGet && status == Status::kOk && answers.found[k] != 0;
    if (found) {
      const std::uint32_t bytes = answers.valueBytes[k];
      // An empty value has no place.
      const std::uint8_t* const value = gathered.data() + (bytes == 0 ? 0 : answers.valueAt[k]);
      try {
        if (bytes > UINT32_MAX - values_.size()) throw std::bad_alloc();
        values_.insert(values_.end(), value, value + bytes);
      } catch (const std::exception&) {
        status = Status::kOutOfMemory;
        found = false;
      }
    }
    setOne(i, status, status == Status::kOk ? answers.numbers[k] : 0);
    results_.values.found[i] = found ? 1 : 0;
  }
}

BatchStatus MixedBatch::finish() noexcept {
  core_.tallies.countReads(hits_, hits_ + misses_);
  const MgetSink& sink = results_.values;
  std::uint8_t* const answer = sink.memory.allocate(sink.memory.context, values_.size());
  if (!values_.empty() && answer != nullptr) std::memcpy(answer, values_.data(), values_.size());
  if (!values_.empty() && answer == nullptr) {
    for (std::size_t i = 0; i < source_.keys.count; ++i) {
      if (sink.found[i] != 0) results_.statuses[i] = static_cast<std::uint8_t>(Status::kOutOfMemory);
      sink.found[i] = 0;
      sink.offsets[i + 1] = 0;
    }
    someFailed_ = true;
  }
  if (core_.hasFailed()) return BatchStatus::kDeviceFailed;
  return someFailed_ ? BatchStatus::kSomeFailed : BatchStatus::kOk;
}

}  // namespace predis::cuda
