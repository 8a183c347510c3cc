#include "record_memory.hpp"

#include <bitset>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace predis::cpu {

std::uint16_t RecordMemory::classOf(std::size_t bytes) noexcept {
  // Index: (bytes + 63) / 64 of a record above kSmallLimit.
  static constexpr auto kTable = [] {
    std::array<std::uint8_t, kSlabLimit / kStep + 1> table{};
    std::size_t larger = 0;
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (i * kStep > kLargerClasses[larger]) ++larger;
      table[i] = static_cast<std::uint8_t>(kSmallClasses + larger);
    }
    return table;
  }();
  if (bytes <= kSmallLimit) return static_cast<std::uint16_t>((bytes - 1) / kSmallStep);
  if (bytes <= kSlabLimit) return kTable[(bytes + kStep - 1) / kStep];
  return kLongRecord;
}

std::size_t RecordMemory::slotBytes(std::uint16_t slotClass) noexcept {
  return slotClass < kSmallClasses ? (slotClass + std::size_t{1}) * kSmallStep
                                   : kLargerClasses[slotClass - kSmallClasses];
}

bool RecordMemory::isFull(const ChunkInfo& info) noexcept {
  return info.freeUnit == kNoUnit && info.freshBytes + slotBytes(info.slotClass) > kChunkBytes;
}

Record* RecordMemory::allocate(std::size_t bytes) noexcept {
  const std::uint16_t slotClass = classOf(bytes);
  if (slotClass == kLongRecord) return allocateLong(bytes);
  ChunkInfo* info = withRoom_[slotClass];
  if (info == nullptr) {
    std::byte* const chunk = arena_.take();
    if (chunk == nullptr) return nullptr;
    info = &Arena::infoOf(chunk);
    info->slotClass = slotClass;
    info->freeUnit = kNoUnit;
    link(*info);
  }
  std::byte* slot = Arena::chunkOf(*info);
  if (info->freeUnit != kNoUnit) {
    slot += std::size_t{info->freeUnit} * kSmallStep;
    std::memcpy(&info->freeUnit, slot, sizeof info->freeUnit);
  } else {
    slot += info->freshBytes;
    info->freshBytes += static_cast<std::uint32_t>(slotBytes(slotClass));
  }
  ++info->live;
  if (isFull(*info)) unlink(*info);
  auto* const record = std::construct_at(reinterpret_cast<Record*>(slot));
  record->setSlotClass(slotClass);
  return record;
}

void RecordMemory::free(Record* record) noexcept {
  if (record->slotClass() == kLongRecord) return freeLong(record);
  ChunkInfo& info = Arena::infoOf(record);
  if (isFull(info)) link(info);
  auto* const slot = reinterpret_cast<std::byte*>(record);
  std::byte* const chunk = Arena::chunkOf(info);
  std::memcpy(slot, &info.freeUnit, sizeof info.freeUnit);
  info.freeUnit = static_cast<std::uint16_t>(static_cast<std::size_t>(slot - chunk) / kSmallStep);
  if (--info.live == 0) {
    unlink(info);
    arena_.give(chunk);
  }
}

std::size_t RecordMemory::capacity(const Record& record) noexcept {
  return record.slotClass() == kLongRecord ? blockOf(record)->recordBytes : slotBytes(record.slotClass());
}

bool RecordMemory::wellPlaced(const Record& record, std::size_t bytes) noexcept {
  if (record.slotClass() != kLongRecord) return classOf(bytes) == record.slotClass();
  const std::size_t room = blockOf(record)->recordBytes;
  return bytes > kSlabLimit && bytes <= room && bytes >= room / 2;
}

std::uint64_t RecordMemory::chargedBytes(std::size_t bytes) noexcept {
  if (!isLong(bytes)) return kChunkBytes;
  // What the C library adds: a word or two, and whole pages from the size on at which it maps memory.
  const std::size_t wanted = sizeof(LongBlock) + bytes;
  const std::size_t grain = wanted >= (std::size_t{128} << 10) ? 4096 : 16;
  return (wanted + 16 + grain - 1) / grain * grain;
}

std::uint64_t RecordMemory::chargedBytes(const Record& record) noexcept {
  return record.slotClass() == kLongRecord ? blockOf(record)->chargedBytes : kChunkBytes;
}

std::size_t RecordMemory::neighbours(Record& record, std::array<Record*, kMostNeighbours>& found) noexcept {
  if (record.slotClass() == kLongRecord) {
    found[0] = &record;
    return 1;
  }
  ChunkInfo& info = Arena::infoOf(&record);
  std::byte* const chunk = Arena::chunkOf(info);
  std::bitset<kChunkBytes / kSmallStep> isFree;
  for (std::uint16_t unit = info.freeUnit; unit != kNoUnit;) {
    isFree.set(unit);
    std::memcpy(&unit, chunk + std::size_t{unit} * kSmallStep, sizeof unit);
  }
  std::size_t count = 0;
  for (std::size_t at = 0; at < info.freshBytes; at += slotBytes(info.slotClass)) {
    if (!isFree[at / kSmallStep]) found[count++] = reinterpret_cast<Record*>(chunk + at);
  }
  return count;
}

void RecordMemory::forgetAll() noexcept {
  while (longBlocks_ != nullptr) {
    LongBlock* const block = longBlocks_;
    longBlocks_ = block->next;
    budget_.refund(block->chargedBytes);
    std::free(block);
  }
  withRoom_.fill(nullptr);
}

RecordMemory::LongBlock* RecordMemory::blockOf(const Record& record) noexcept {
  return const_cast<LongBlock*>(reinterpret_cast<const LongBlock*>(&record) - 1);
}

Record* RecordMemory::allocateLong(std::size_t bytes) noexcept {
  const std::size_t wanted = sizeof(LongBlock) + bytes;
  const std::uint64_t charged = chargedBytes(bytes);
  if (!budget_.charge(charged)) return nullptr;
  void* const memory = std::malloc(wanted);
  if (memory == nullptr) {
    budget_.refund(charged);
    return nullptr;
  }
  auto* const block =
      std::construct_at(static_cast<LongBlock*>(memory), LongBlock{nullptr, longBlocks_, bytes, charged});
  if (longBlocks_ != nullptr) longBlocks_->previous = block;
  longBlocks_ = block;
  auto* const record = std::construct_at(reinterpret_cast<Record*>(block + 1));
  record->setSlotClass(kLongRecord);
  return record;
}

void RecordMemory::freeLong(Record* record) noexcept {
  LongBlock* const block = blockOf(*record);
  (block->previous == nullptr ? longBlocks_ : block->previous->next) = block->next;
  if (block->next != nullptr) block->next->previous = block->previous;
  budget_.refund(block->chargedBytes);
  std::free(block);
}

void RecordMemory::link(ChunkInfo& info) noexcept {
  ChunkInfo*& head = withRoom_[info.slotClass];
  info.previous = nullptr;
  info.next = head;
  if (head != nullptr) head->previous = &info;
  head = &info;
}

void RecordMemory::unlink(ChunkInfo& info) noexcept {
  (info.previous == nullptr ? withRoom_[info.slotClass] : info.previous->next) = info.next;
  if (info.next != nullptr) info.next->previous = info.previous;
}

}  // namespace predis::cpu
