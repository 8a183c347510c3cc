/// @file
/// Mixed batches: Engine::execute.
#pragma once

#include <cstdint>
#include <vector>

#include "staging.hpp"
#include "write_batch.hpp"

namespace predis::cuda {

/// One execute, or a section of a relaxed one. The caller holds the engine's exclusive lock, or the shared
/// one when all operations only read.
///
/// Operations are sorted into runs on one key; each run is done in order by one tile. Values of gets are
/// gathered in host memory of our own, because the size of the answer is known at the end only and a value
/// may be overwritten later in the same batch.
class MixedBatch {
 public:
  MixedBatch(Core& core, const BatchSource& source, const OpResults& results, bool readsOnly) noexcept
      : core_(core), source_(source), results_(results), readsOnly_(readsOnly) {}

  /// Does operations from `first` on, at most so many chunks. @return the operation behind the last one done
  [[nodiscard]] std::size_t run(std::size_t first, std::size_t mostChunks) noexcept;
  /// Hands the values over, after the last section.
  [[nodiscard]] BatchStatus finish() noexcept;

 private:
  struct Memory {
    WriteMemory write;
    Runs runs;
    std::uint32_t* runEnds[2] = {};
    std::uint8_t* temporary = nullptr;
    Counters* counters = nullptr;  ///< Of a batch that only reads: it must not touch the table's.
    static Memory lay(Layout& layout, std::uint32_t count, std::size_t sortBytes) noexcept;
  };
  /// What the kernel writes for the host, on the device and in pinned memory alike.
  struct Answers {
    std::uint64_t* valueAt = nullptr;
    std::int64_t* numbers = nullptr;
    std::uint32_t* valueBytes = nullptr;
    std::uint8_t* statuses = nullptr;
    std::uint8_t* found = nullptr;
    static Answers lay(Layout& layout, std::uint32_t count) noexcept;
  };
  struct Host {
    Answers answers;
    WriteAnswers lists;
    std::uint32_t* order = nullptr;
    Counters* counters = nullptr;
    static Host lay(Layout& layout, std::uint32_t count) noexcept;
  };
  struct Work {
    Slot& slot;
    Chunk chunk;
    BatchView view;
    Memory memory;
    Answers answers;
    Host host;
    std::size_t answerBytes = 0;
    TableView table;
    Counters pass{};  ///< Of the last pass.
  };

  void runChunk(Slot& slot, const Chunk& chunk) noexcept;
  [[nodiscard]] Status applyAll(Work& work) noexcept;
  [[nodiscard]] bool pass(Work& work, const std::uint32_t* places, std::uint32_t count, unsigned which,
                          std::uint64_t units, bool last) noexcept;
  /// Appends what the last pass wrote to the values gathered. @return false without memory, or a device
  [[nodiscard]] bool gather(Work& work, std::vector<std::uint8_t>& gathered) noexcept;
  [[nodiscard]] bool makeRoom(Work& work, unsigned which, std::uint32_t count, bool& better) noexcept;
  void takeAnswers(const Work& work, const std::vector<std::uint8_t>& gathered) noexcept;
  void setAll(const Chunk& chunk, Status status) noexcept;
  void setOne(std::size_t i, Status status, std::int64_t number) noexcept;

  Core& core_;
  const BatchSource& source_;
  const OpResults& results_;
  const bool readsOnly_;
  std::vector<std::uint8_t> values_;
  std::uint64_t outputBase_ = 0;  ///< Of the pass under way: bytes that passes before it had room for.
  std::uint64_t hits_ = 0, misses_ = 0;
  bool someFailed_ = false;
};

}  // namespace predis::cuda
