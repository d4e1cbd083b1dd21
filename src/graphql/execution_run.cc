#include <algorithm>

#include "graphql/execution.h"

namespace firn::graphql {
namespace {

// How often a long answer looks at the clock, in objects.
constexpr size_t kStepsBetweenClocks = 64;

}  // namespace

Execution::Execution(std::shared_ptr<const OperationPlan> plan, Value variables,
                     std::shared_ptr<RequestContext> context, const ExecutionOptions& options)
    : plan_(std::move(plan)),
      variables_(std::move(variables)),
      context_(std::move(context)),
      options_(options) {}

Execution::~Execution() = default;

bool Execution::cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

void Execution::run(Done done) {
  done_ = std::move(done);
  start(Mode::kOperation);
}

void Execution::run_event(std::shared_ptr<EventStream> stream, Done done) {
  done_ = std::move(done);
  stream_ = std::move(stream);
  start(Mode::kEvent);
}

void Execution::subscribe(Subscribed done) {
  subscribed_ = std::move(done);
  start(Mode::kSubscribe);
}

void Execution::start(Mode mode) {
  mode_ = mode;
  draining_ = true;  // no other thread knows of this operation yet
  segment_ = &segments_.emplace_back();
  segment_->text.reserve(plan_->response_bytes_hint() + 64);
  segment_->text += "{\"data\":{";
  ready_.emplace_back([this] { run_root(); });
  drain();
}

void Execution::run_root() {
  const auto& fields = plan_->root().fields;
  if (mode_ == Mode::kOperation && plan_->kind() == OperationKind::kMutation) return;  // settle()
  for (const PlanField* field : fields) {
    if (field->is_conditional && !included(*field)) continue;
    if (!write_root_field(*field)) {
      root_is_null_ = true;
      return;
    }
  }
}

bool Execution::write_root_field(const PlanField& field) {
  append_key(field, segment_->text.back() == '{');
  PathStep step(*this, field);
  if (field.meta != MetaField::kNone) return write_meta_field(field);
  if (field.guarded) {
    Error denied(ErrorCode::kPermissionDenied, "");
    if (!allowed(field, denied)) return fail(field, denied);
  }
  if (mode_ == Mode::kOperation) {
    return options_.resolvers->write_root_field(*this, plan_->kind(), field);
  }
  if (mode_ == Mode::kEvent) return stream_->write(*this, field);
  subscribing_.emplace(options_.resolvers->subscribe(*this, field));
  if (subscribing_->is_ready()) return true;
  ++outstanding_;
  subscribing_->when_ready([this] { --outstanding_; });
  return true;
}

// Section 6.2.2: one after another, each with all that is below it.
void Execution::run_next_mutation() {
  const PlanField& field = *plan_->root().fields[next_mutation_++];
  if (field.is_conditional && !included(field)) return;
  segment_ = &segments_.front();
  composite_ = nullptr;
  path_ = nullptr;
  if (!write_root_field(field)) root_is_null_ = true;
}

// --- The operation's thread

void Execution::post(std::function<void()> task) {
  {
    std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(task));
    if (draining_) return;
    draining_ = true;
  }
  drain();
}

void Execution::defer(std::function<void()> task) { ready_.push_back(std::move(task)); }

bool Execution::run_blocking(std::function<void()> task) {
  const auto runner = options_.runner.lock();
  return runner != nullptr && runner->post(std::move(task));
}

void Execution::dispatch_later(LoaderBase& loader) { loaders_.push_back(&loader); }

void Execution::drain() {
  const auto self = shared_from_this();
  Scheduler* const outer = Scheduler::current();
  Scheduler::set_current(this);
  for (;;) {
    while (!ready_.empty()) {
      for (auto& task : std::exchange(ready_, {})) task();
    }
    {
      std::lock_guard lock(mutex_);
      for (auto& task : inbox_) ready_.push_back(std::move(task));
      inbox_.clear();
    }
    if (!ready_.empty()) continue;
    if (!loaders_.empty()) {
      for (LoaderBase* loader : std::exchange(loaders_, {})) loader->dispatch();
      continue;
    }
    settle();
    std::lock_guard lock(mutex_);
    if (!ready_.empty() || !loaders_.empty() || !inbox_.empty()) continue;
    draining_ = false;
    break;
  }
  Scheduler::set_current(outer);
}

// Nothing immediate is left.
void Execution::settle() {
  while (!finished_ && outstanding_ == 0 && ready_.empty() && loaders_.empty()) {
    const bool more = mode_ == Mode::kOperation && plan_->kind() == OperationKind::kMutation &&
                      !root_is_null_ && next_mutation_ < plan_->root().fields.size();
    if (!more) return finish();
    run_next_mutation();
  }
}

// --- The end

ExecutionResult Execution::take_result() {
  ExecutionResult result;
  Segment& root = segments_.front();
  std::string& out = result.response;
  if (root_is_null_) {
    out = "{\"data\":null";
  } else if (root.holes.empty()) {
    out = root.text.take();
    out += '}';
  } else {
    assemble(root, out);
    out += '}';
  }
  if (!errors_.empty()) {
    result.has_errors = true;
    out += ",\"errors\":[";
    for (size_t i = 0; i < errors_.size(); ++i) {
      if (i > 0) out += ',';
      write_error(errors_[i], out);
    }
    out += ']';
  }
  out += '}';
  plan_->set_response_bytes_hint(out.size());
  return result;
}

void Execution::finish() {
  finished_ = true;
  if (mode_ != Mode::kSubscribe) return std::exchange(done_, nullptr)(take_result());
  std::shared_ptr<EventStream> stream;
  ExecutionResult result;
  if (subscribing_) {
    const PlanField& field = *plan_->root().fields[0];
    auto made = std::move(*subscribing_).take();
    if (made.ok()) {
      stream = std::move(*made);
    } else {
      segment_ = &segments_.front();
      path_ = nullptr;
      PathStep step(*this, field);
      add_error(field, made.error());
    }
  }
  if (stream == nullptr) {
    result.has_errors = true;
    result.response = error_response(errors_);
  }
  std::exchange(subscribed_, nullptr)(std::move(stream), std::move(result));
}

void Execution::cancel(Error reason) {
  cancelled_ = true;
  post([this, reason = std::move(reason)] {
    if (finished_) return;
    finished_ = true;
    GraphqlError shown;
    if (options_.error_mapper) {
      options_.error_mapper(reason, shown);
    } else {
      map_error(reason, shown);
    }
    ExecutionResult result;
    result.has_errors = true;
    result.response = "{\"data\":null,\"errors\":[";
    write_error(shown, result.response);
    result.response += "]}";
    if (mode_ == Mode::kSubscribe) {
      std::exchange(subscribed_, nullptr)(nullptr, std::move(result));
    } else {
      std::exchange(done_, nullptr)(std::move(result));
    }
  });
}

bool Execution::must_stop() {
  if (++steps_ % kStepsBetweenClocks == 0 && std::chrono::steady_clock::now() > options_.deadline) {
    cancelled_ = true;
  }
  return cancelled() || segment_->text.size() > options_.response_bytes_max;
}

}  // namespace firn::graphql
