/// @file
/// The arguments of a mixed batch.
#pragma once

#include "call.hpp"

namespace predis::binding {

/// Arguments i … i + 7: kinds, key blob, key offsets, value blob, value offsets, amounts, blob and offsets of
/// the values expected (which may be left out when no operation compares). Lengths of keys and values are
/// left to the engine, so that a bad operation fails alone.
/// @throws Failure BAD_ARGUMENT, BAD_BATCH
OpBatch mixedBatch(const Call& call, std::size_t i);

}  // namespace predis::binding
