/// The packed batches again, on libuv's thread pool, each returning a promise. Their input is copied first:
/// JavaScript goes on running meanwhile, and may change or transfer the arrays that it gave.
#include <memory>
#include <utility>
#include <vector>

#include "batches.hpp"
#include "bytes.hpp"
#include "device_memory.hpp"
#include "methods.hpp"
#include "mixed_batch.hpp"

namespace predis::binding {
namespace {

/// A copy of a packed batch.
class OwnedBatch {
 public:
  explicit OwnedBatch(const PackedView& view)
      : blob_(view.blob, view.blob + (view.count == 0 ? 0 : view.offsets[view.count])),
        offsets_(view.offsets, view.offsets + (view.count == 0 ? 0 : view.count + 1)),
        count_(view.count) {}

  [[nodiscard]] PackedView view() const noexcept {
    return {blob_.data(), blob_.size(), offsets_.data(), count_};
  }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  std::vector<std::uint8_t> blob_;
  std::vector<std::uint32_t> offsets_;
  std::size_t count_;
};

/// One batch under way. Made and ended on the JavaScript thread; `run` happens on another. Holds the engine,
/// and nothing of the environment, which may be ending when the work is done.
class Work {
 public:
  explicit Work(const Call& call) : shared_(call.shared()), scope_(call.engine().scope()) {}
  virtual ~Work() = default;
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  /// Queues the work. @returns its promise
  static napi_value start(napi_env env, std::unique_ptr<Work> work) {
    napi_value promise = nullptr;
    napi_value name = nullptr;
    check(env, napi_create_string_latin1(env, "predis.batch", NAPI_AUTO_LENGTH, &name));
    check(env, napi_create_async_work(env, nullptr, name, &Work::execute, &Work::complete, work.get(),
                                      &work->handle_));
    const napi_status status = [&] {
      const napi_status made = napi_create_promise(env, &work->deferred_, &promise);
      return made == napi_ok ? napi_queue_async_work(env, work->handle_) : made;
    }();
    if (status != napi_ok) napi_delete_async_work(env, work->handle_);
    check(env, status);
    static_cast<void>(work.release());  // `complete` ends it
    return promise;
  }

 protected:
  virtual void run(const BoundEngine& engine) noexcept = 0;
  virtual napi_value answer(napi_env env) = 0;

 private:
  static void execute(napi_env /*env*/, void* data) {
    auto& work = *static_cast<Work*>(data);
    work.run({*work.shared_->engine, work.scope_});
  }

  static void complete(napi_env env, napi_status status, void* data) {
    const std::unique_ptr<Work> work(static_cast<Work*>(data));
    napi_delete_async_work(env, work->handle_);
    if (status == napi_ok) work->settle(env);
  }

  /// Where N-API refuses (the environment is ending), nobody awaits the promise any more.
  void settle(napi_env env) noexcept {
    napi_value value = nullptr;
    if (guardedAnswer(env, value)) {
      napi_resolve_deferred(env, deferred_, value);
    } else if (napi_get_and_clear_last_exception(env, &value) == napi_ok) {
      napi_reject_deferred(env, deferred_, value);
    }
  }

  bool guardedAnswer(napi_env env, napi_value& value) noexcept {
    try {
      value = answer(env);
      return true;
    } catch (const Failure& failure) {
      throwToJavaScript(env, explained(failure, *shared_->engine));
    } catch (const PendingException&) {
      // it is the reason to reject with
    } catch (const std::exception&) {
      throwToJavaScript(env, Failure("OUT_OF_MEMORY"));
    }
    return false;
  }

  std::shared_ptr<SharedEngine> shared_;
  Scope scope_;
  napi_async_work handle_ = nullptr;
  napi_deferred deferred_ = nullptr;
};

/// The keys of a call, checked. @throws Failure
PackedView checkedKeys(Call& call) {
  const PackedView keys = packedBatch(call, 1, "the keys");
  checkKeys(keys);
  return keys;
}

class GetWork final : public Work {
 public:
  GetWork(const Call& call, const PackedView& keys) : Work(call), keys_(keys), answer_(keys.count) {}

 private:
  void run(const BoundEngine& engine) noexcept override { answer_.run(engine, keys_.view()); }
  napi_value answer(napi_env env) override { return answer_.toJavaScript(env); }

  OwnedBatch keys_;
  GetAnswer answer_;
};

class PutWork final : public Work {
 public:
  PutWork(const Call& call, const PackedView& keys, const PackedView& values, const std::int64_t* expiresAtMs)
      : Work(call), keys_(keys), values_(values), answer_(keys.count) {
    if (expiresAtMs != nullptr) expiresAtMs_.assign(expiresAtMs, expiresAtMs + keys.count);
  }

 private:
  void run(const BoundEngine& engine) noexcept override {
    answer_.run(engine, keys_.view(), values_.view(), expiresAtMs_.empty() ? nullptr : expiresAtMs_.data());
  }
  napi_value answer(napi_env env) override { return answer_.toJavaScript(env); }

  OwnedBatch keys_;
  OwnedBatch values_;
  std::vector<std::int64_t> expiresAtMs_;  ///< Empty when no key expires.
  PutAnswer answer_;
};

class DeleteWork final : public Work {
 public:
  DeleteWork(const Call& call, const PackedView& keys) : Work(call), keys_(keys), answer_(keys.count) {}

 private:
  void run(const BoundEngine& engine) noexcept override { answer_.run(engine, keys_.view()); }
  napi_value answer(napi_env env) override { return answer_.toJavaScript(env); }

  OwnedBatch keys_;
  DeleteAnswer answer_;
};

class MixedWork final : public Work {
 public:
  MixedWork(const Call& call, const OpBatch& batch)
      : Work(call),
        kinds_(batch.kinds, batch.kinds + batch.keys.count),
        keys_(batch.keys),
        values_(batch.values),
        amounts_(batch.amounts, batch.amounts + batch.keys.count),
        expected_(batch.expected),
        answer_(batch.keys.count) {}

 private:
  void run(const BoundEngine& engine) noexcept override {
    answer_.run(engine, {kinds_.data(), keys_.view(), values_.view(), amounts_.data(), expected_.view()});
  }
  napi_value answer(napi_env env) override { return answer_.toJavaScript(env); }

  std::vector<std::uint8_t> kinds_;
  OwnedBatch keys_;
  OwnedBatch values_;
  std::vector<std::int64_t> amounts_;
  OwnedBatch expected_;
  MixedAnswer answer_;
};

class DeliverWork final : public Work {
 public:
  DeliverWork(const Call& call, const PackedView& keys)
      : Work(call), delivery_(call, keys.count), keys_(keys), valueBytes_(keys.count) {}

 private:
  void run(const BoundEngine& engine) noexcept override {
    status_ = delivery_.run(engine, keys_.view(), valueBytes_.data());
  }
  napi_value answer(napi_env env) override {
    Delivery::throwIfFailed(status_);
    return makeTypedArray(env, napi_uint32_array, valueBytes_.data(), valueBytes_.size(),
                          sizeof(std::uint32_t));
  }

  Delivery delivery_;
  OwnedBatch keys_;
  std::vector<std::uint32_t> valueBytes_;
  BatchStatus status_ = BatchStatus::kOk;
};

napi_value undefined(napi_env env) {
  napi_value result = nullptr;
  check(env, napi_get_undefined(env, &result));
  return result;
}

/// Freeing millions of records takes a while, too.
class ClearWork final : public Work {
 public:
  using Work::Work;

 private:
  void run(const BoundEngine& engine) noexcept override { engine.clear(); }
  napi_value answer(napi_env env) override { return undefined(env); }
};

class ClearAllWork final : public Work {
 public:
  using Work::Work;

 private:
  void run(const BoundEngine& engine) noexcept override { engine.whole().clearAll(); }
  napi_value answer(napi_env env) override { return undefined(env); }
};

class SweepWork final : public Work {
 public:
  using Work::Work;

 private:
  void run(const BoundEngine& engine) noexcept override { keys_ = engine.whole().sweepExpired(); }
  napi_value answer(napi_env env) override {
    napi_value keys = nullptr;
    check(env, napi_create_double(env, static_cast<double>(keys_), &keys));
    return keys;
  }

  std::uint64_t keys_ = 0;
};

}  // namespace

/// (client) → Promise<undefined>
napi_value clearAsync(Call& call) { return Work::start(call.env(), std::make_unique<ClearWork>(call)); }

/// (client) → Promise<undefined>
napi_value clearAllAsync(Call& call) { return Work::start(call.env(), std::make_unique<ClearAllWork>(call)); }

/// (client) → Promise<how many keys were removed>
napi_value sweepExpiredAsync(Call& call) {
  return Work::start(call.env(), std::make_unique<SweepWork>(call));
}

/// (client, keyBlob, keyOffsets) → Promise<[blob, offsets, found]>
napi_value mgetAsync(Call& call) {
  return Work::start(call.env(), std::make_unique<GetWork>(call, checkedKeys(call)));
}

/// (client, memory, offset, stride, keyBlob, keyOffsets) → Promise<the values' lengths: Uint32Array>
napi_value mgetToDeviceAsync(Call& call) {
  const PackedView keys = packedBatch(call, 4, "the keys");
  checkKeys(keys);
  return Work::start(call.env(), std::make_unique<DeliverWork>(call, keys));
}

/// (client, keyBlob, keyOffsets, valueBlob, valueOffsets, expiresAtMs?) → Promise<null | statuses>
napi_value mputAsync(Call& call) {
  const PackedView keys = checkedKeys(call);
  const PackedView values = packedBatch(call, 3, "the values");
  checkValues(keys, values);
  return Work::start(call.env(),
                     std::make_unique<PutWork>(call, keys, values, expiryTimes(call, 5, keys.count)));
}

/// (client, keyBlob, keyOffsets) → Promise<how many existed>
napi_value mdeleteAsync(Call& call) {
  return Work::start(call.env(), std::make_unique<DeleteWork>(call, checkedKeys(call)));
}

/// (client, kinds, keyBlob, keyOffsets, valueBlob, valueOffsets, amounts, expectedBlob?, expectedOffsets?)
/// → Promise<[statuses, numbers, blob, offsets, found]>
napi_value executeAsync(Call& call) {
  return Work::start(call.env(), std::make_unique<MixedWork>(call, mixedBatch(call, 1)));
}

}  // namespace predis::binding
