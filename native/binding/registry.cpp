#include "registry.hpp"

#include <mutex>
#include <string>
#include <unordered_map>

#include "../engine/cuda_factory.hpp"
#include "failure.hpp"

namespace predis::binding {
namespace {

struct Registry {
  std::mutex mutex;
  std::uint32_t lastId = 0;
  std::unordered_map<std::uint32_t, std::weak_ptr<SharedEngine>> engines;
};

/// Never destroyed: worker threads may still look engines up while the process runs its static destructors.
Registry& registry() {
  static auto* const instance = new Registry;
  return *instance;
}

}  // namespace

std::shared_ptr<SharedEngine> createEngine(std::string_view kind, const EngineOptions& options) {
  auto shared = std::make_shared<SharedEngine>();
  shared->options = options;
  std::string whyNot;
  if (kind == "cuda" || kind == "auto") shared->engine = makeCudaEngine(options, whyNot);
  if (kind == "cuda" && shared->engine == nullptr) {
    throw Failure("ENGINE_UNAVAILABLE", "the CUDA engine cannot run here: " + whyNot);
  }
  if (kind == "auto") shared->reason = shared->engine != nullptr ? "a CUDA device is there" : whyNot;
  if (kind == "cpu" || (kind == "auto" && shared->engine == nullptr)) shared->engine = makeCpuEngine(options);
  if (shared->engine == nullptr) throw Failure("BAD_ARGUMENT", "no such engine: '" + std::string(kind) + "'");

  Registry& all = registry();
  const std::scoped_lock lock(all.mutex);
  std::erase_if(all.engines, [](const auto& entry) { return entry.second.expired(); });
  shared->id = ++all.lastId;
  all.engines.emplace(shared->id, shared);
  return shared;
}

std::shared_ptr<SharedEngine> findEngine(std::uint32_t id) {
  Registry& all = registry();
  const std::scoped_lock lock(all.mutex);
  const auto found = all.engines.find(id);
  return found == all.engines.end() ? nullptr : found->second.lock();
}

}  // namespace predis::binding
