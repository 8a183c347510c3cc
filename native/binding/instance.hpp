/// @file
/// What the addon keeps for each JavaScript thread (environment). Never shared between threads.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "registry.hpp"

namespace predis::binding {

/// Bytes that grow as needed and are kept for the next call, unless they were many.
class Scratch {
 public:
  /// Memory for `bytes` bytes, uninitialised, valid until the next call of `reserve` or `trim`; null when the
  /// machine has none. Earlier contents are lost.
  [[nodiscard]] std::uint8_t* reserve(std::size_t bytes) noexcept;
  /// Gives back what is too much to keep.
  void trim() noexcept;

 private:
  static constexpr std::size_t kKeptBytes = std::size_t{4} << 20;
  struct Free {
    void operator()(std::uint8_t* memory) const noexcept;
  };
  std::unique_ptr<std::uint8_t, Free> memory_;
  std::size_t capacity_ = 0;
};

/// A connected client: its engine and what its calls work on.
struct Client {
  std::shared_ptr<SharedEngine> shared;  ///< Null where the client has disconnected.
  Scope scope;
};

/// Addon data of one environment.
struct Instance {
  std::vector<Client> clients;             ///< JavaScript holds the index.
  std::vector<std::uint32_t> freeClients;  ///< Indices that may be given out again.
  Scratch input;                           ///< Bytes of strings on their way in.
  Scratch second;                          ///< The same, where a call has two such arguments.
  Scratch answer;                          ///< Values on their way out.
  napi_ref fill = nullptr;                 ///< See makeFill; ends with the environment.
};

}  // namespace predis::binding
