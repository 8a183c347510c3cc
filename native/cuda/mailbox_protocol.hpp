/// @file
/// Lines of the mailbox: how a request and its answer lie in pinned memory, for both sides.
///
/// A line is 8-byte words. The lower half of each carries 4 bytes, the upper half the number of the request,
/// which counts up by one a lane: a line is complete when all of its words have the number, so that neither
/// side needs a fence or a flag, in whatever order words arrive. 8-byte words arrive whole.
///
/// Both sides go by these functions alone; the kernel's lanes take words in parallel, so everything is
/// written per word.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mailbox.hpp"

namespace predis::cuda::mail {

/// Lanes: each has a request line, an answer line and a warp.
inline constexpr unsigned kLanes = 4;

/// Words of a request that the kernel's 32 lanes read in one go. The last of them is no payload but the
/// control word.
inline constexpr std::uint32_t kFirstWords = 32;
inline constexpr std::uint32_t kControlWord = kFirstWords - 1;

/// Payload words of a request's head.
enum HeadWord : std::uint32_t {
  kKindWord = 0,     ///< OpKind | flags << 8 | space << 16
  kLengthsWord = 1,  ///< Bytes of key | of value << 11 | log2 of the level << 22
  kSplitWord = 2,
  kExpectedWord = 3,  ///< Bytes of the expected value.
  kNowWord = 4,       ///< Two words each from here on.
  kAmountWord = 6,
  kSpareWord = 8,  ///< Unit | units << 35
  kHashWord =
      10,  ///< Of the key in its namespace: the host has it in ten nanoseconds, a lane in two hundred.
  kHeadWords = 12,
};
/// Head words without which the length of a request is not known.
inline constexpr std::uint32_t kLengthHeadWords = kExpectedWord + 1;

/// Payload words of an answer's head; the value follows.
enum AnswerWord : std::uint32_t {
  kOutcomeWord = 0,  ///< Status | DeferReason << 8 | tookSpare << 16
  kBytesWord = 1,    ///< Bytes of the value. It follows when nothing was left undone.
  kNumberWord = 2,   ///< Two words.
  kAnswerHeadWords = 4,
};

inline constexpr std::uint32_t kMarkFlag = 1;  ///< MailRequest::markReferenced

/// Strings start at multiples of 8 bytes of the payload.
PREDIS_HD std::uint32_t stringWords(std::uint32_t bytes) noexcept { return (bytes + 7) / 8 * 2; }
PREDIS_HD std::uint32_t valueWords(std::uint32_t bytes) noexcept { return (bytes + 3) / 4; }

inline constexpr std::uint32_t kMaxRequestWords = kHeadWords + (Mailbox::kMaxRequestBytes + 3 * 8) / 4;
inline constexpr std::uint32_t kMaxAnswerWords = kAnswerHeadWords + Mailbox::kMaxValueBytes / 4;
/// A line, the control word included: a whole number of 256 bytes, what a warp reads at a time.
inline constexpr std::uint32_t kLineWords = (kMaxRequestWords + 1 + 31) / 32 * 32;
static_assert(kMaxAnswerWords <= kLineWords);
static_assert(Mailbox::kMaxRequestBytes < 2048, "lengths have 11 bits");

/// Place of a payload word in a request line.
PREDIS_HD std::uint32_t placeOf(std::uint32_t payloadWord) noexcept {
  return payloadWord < kControlWord ? payloadWord : payloadWord + 1;
}

PREDIS_HD std::uint64_t makeWord(std::uint32_t payload, std::uint32_t number) noexcept {
  return std::uint64_t{number} << 32 | payload;
}
PREDIS_HD std::uint32_t numberOf(std::uint64_t word) noexcept {
  return static_cast<std::uint32_t>(word >> 32);
}
PREDIS_HD std::uint32_t payloadOf(std::uint64_t word) noexcept { return static_cast<std::uint32_t>(word); }

/// The number after this one; 0 is none.
PREDIS_HD std::uint32_t nextNumber(std::uint32_t number) noexcept { return number + 1 == 0 ? 1 : number + 1; }

/// What a head says.
struct Head {
  OpKind kind;
  bool markReferenced;
  std::uint16_t space;
  std::uint32_t keyBytes, valueBytes, expectedBytes;
  std::uint64_t level, split;
  std::int64_t nowMs, amount;
  std::uint64_t hash;
  std::uint64_t spareUnit;
  std::uint32_t spareUnits;

  PREDIS_HD std::uint32_t keyWord() const noexcept { return kHeadWords; }
  PREDIS_HD std::uint32_t valueWord() const noexcept { return keyWord() + stringWords(keyBytes); }
  PREDIS_HD std::uint32_t expectedWord() const noexcept { return valueWord() + stringWords(valueBytes); }
};

/// Payload words of a request with these lengths.
PREDIS_HD std::uint32_t requestWords(std::uint32_t keyBytes, std::uint32_t valueBytes,
                                     std::uint32_t expectedBytes) noexcept {
  return kHeadWords + stringWords(keyBytes) + stringWords(valueBytes) + stringWords(expectedBytes);
}
/// The same from the words of a head; bounded by what a line holds, whatever they say.
PREDIS_HD std::uint32_t requestWordsOf(std::uint32_t lengthsWord, std::uint32_t expectedWord) noexcept {
  const std::uint32_t words =
      requestWords(lengthsWord & 0x7FF, lengthsWord >> 11 & 0x7FF, expectedWord & 0x7FF);
  return words < kMaxRequestWords ? words : kMaxRequestWords;
}

/// Each of the three lengths of a request.
inline constexpr std::uint32_t kLengthMask = 0x7FF;
PREDIS_HD std::uint64_t levelOf(std::uint32_t lengthsWord) noexcept {
  return std::uint64_t{1} << (lengthsWord >> 22);
}

/// @param payload the head's words, side by side
PREDIS_HD Head readHead(const std::uint32_t* payload) noexcept {
  const auto two = [payload](std::uint32_t word) {
    return payload[word] | std::uint64_t{payload[word + 1]} << 32;
  };
  Head head;
  head.kind = static_cast<OpKind>(payload[kKindWord] & 0xFF);
  head.markReferenced = (payload[kKindWord] >> 8 & kMarkFlag) != 0;
  head.space = static_cast<std::uint16_t>(payload[kKindWord] >> 16);
  head.keyBytes = payload[kLengthsWord] & 0x7FF;
  head.valueBytes = payload[kLengthsWord] >> 11 & 0x7FF;
  head.level = levelOf(payload[kLengthsWord]);
  head.split = payload[kSplitWord];
  head.expectedBytes = payload[kExpectedWord] & 0x7FF;
  head.nowMs = static_cast<std::int64_t>(two(kNowWord));
  head.amount = static_cast<std::int64_t>(two(kAmountWord));
  head.hash = two(kHashWord);
  head.spareUnit = two(kSpareWord) & Entry::kAddressMask;
  head.spareUnits = static_cast<std::uint32_t>(two(kSpareWord) >> Entry::kAddressBits);
  return head;
}

PREDIS_HD std::uint32_t outcomeWordOf(Status status, DeferReason undone, bool tookSpare) noexcept {
  return static_cast<std::uint32_t>(status) | static_cast<std::uint32_t>(undone) << 8 |
         (tookSpare ? 1U << 16 : 0U);
}

/// Payload words of an answer: a value too long for it does not follow.
PREDIS_HD std::uint32_t answerWords(const MailAnswer& answer) noexcept {
  const bool follows = answer.undone == DeferReason::kNone && answer.valueBytes <= Mailbox::kMaxValueBytes;
  return kAnswerHeadWords + (follows ? valueWords(answer.valueBytes) : 0);
}

/// Word `word` of an answer's head.
PREDIS_HD std::uint32_t answerHeadWord(const MailAnswer& answer, std::uint32_t word) noexcept {
  switch (word) {
    case kOutcomeWord:
      return outcomeWordOf(answer.status, answer.undone, answer.tookSpare);
    case kBytesWord:
      return answer.valueBytes;
    case kNumberWord:
      return static_cast<std::uint32_t>(static_cast<std::uint64_t>(answer.number));
    default:
      return static_cast<std::uint32_t>(static_cast<std::uint64_t>(answer.number) >> 32);
  }
}

/// Memory that both sides see. Every word is read and written whole.
struct alignas(256) Lines {
  std::uint64_t requests[kLanes][kLineWords];
  std::uint64_t answers[kLanes][kLineWords];
  /// Number of the last launch of the kernel that has left. Only the kernel writes it, last of all.
  alignas(256) std::uint64_t left;
};

/// What one launch of the kernel works with.
struct Launch {
  TableView table;  ///< Its level and split are those of each request.
  Lines* lines = nullptr;
  std::uint32_t* served = nullptr;  ///< Device memory: number of the last request served, by lane.
  /// Number of this launch, from 1. The kernel leaves when the control word of lane 0 has it.
  std::uint64_t number = 0;
  std::uint64_t idleNs = 2'000'000;   ///< It leaves after so long without a request,
  std::uint64_t lifeNs = 50'000'000;  ///< and after so long in any case.
};

}  // namespace predis::cuda::mail
