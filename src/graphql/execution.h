#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "graphql/call.h"
#include "graphql/enum_traits.h"
#include "graphql/event_source.h"
#include "graphql/field.h"
#include "graphql/graphql_error.h"
#include "graphql/plan.h"
#include "graphql/scalars.h"
#include "graphql/schema.h"
#include "graphql/value.h"

namespace firn::graphql {

// How a C++ value is written as a GraphQL value of a type. False: it cannot be, and the type does
// not allow null, so that the null goes up. Generated code adds objects, unions and interfaces.
template <typename T>
struct OutputTraits;

// What keeps a resolver's object alive while its field is not there yet.
struct Owner {
  const void* at = nullptr;  // a shared_ptr to the object
  std::shared_ptr<const void> (*keep)(const void* at) = nullptr;
};
template <typename T>
std::shared_ptr<const void> keep_alive(const void* at) {
  return *static_cast<const std::shared_ptr<const T>*>(at);
}

// A subscription's source, whatever its events are. Thread-safe, but for write().
class EventStream {
 public:
  enum class Next { kEvent, kNothingYet, kEnd };
  virtual ~EventStream() = default;
  virtual void listen(std::function<void()> listener) = 0;
  // kEvent: there is one, held for write().
  virtual Next next() = 0;
  virtual std::optional<Error> error() const = 0;
  virtual void abandon() = 0;
  // The event as the value of the subscription's root field.
  virtual bool write(Execution& x, const PlanField& field) = 0;
};

// The generated code behind a schema.
class Resolvers : public ArgumentMaker {
 public:
  virtual bool write_root_field(Execution& x, OperationKind kind, const PlanField& field) const = 0;
  virtual Field<std::shared_ptr<EventStream>> subscribe(Execution& x,
                                                        const PlanField& field) const = 0;
};

// {message, extensions} of a resolver's error, for clients.
using ErrorMapper = std::function<void(const Error& error, GraphqlError& into)>;
// The message and errors.def's code; nothing of what internal errors say.
void map_error(const Error& error, GraphqlError& into);

// The outcome of one operation, as text.
struct ExecutionResult {
  std::string response;     // {"data":...} with errors where there are any
  bool has_errors = false;  // of fields
};

struct ExecutionOptions {
  std::shared_ptr<const Resolvers> resolvers;  // operations may outlive their service
  // Not owned: the last operation may end on the pool's own thread, which could not join itself.
  std::weak_ptr<TaskRunner> runner;
  std::shared_ptr<Authorizer> authorizer;  // null: everything is allowed
  ErrorMapper error_mapper;                // null: map_error
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  size_t response_bytes_max = 64 << 20;
};

// One operation under way. Writes its response straight into text: what is there at once goes into
// one buffer; a field that comes later leaves a hole, whose segment is put in at the end. All work
// is done on one thread at a time: the one that starts it until nothing immediate is left, then
// whichever thread brings the next result.
class Execution final : public Scheduler {
 public:
  using Done = std::function<void(ExecutionResult)>;
  using Subscribed = std::function<void(std::shared_ptr<EventStream>, ExecutionResult)>;

  Execution(std::shared_ptr<const OperationPlan> plan, Value variables,
            std::shared_ptr<RequestContext> context, const ExecutionOptions& options);
  ~Execution() override;

  // Each calls back once: before it returns, where nothing has to be waited for, or later, on any
  // thread. One of them, once.
  void run(Done done);
  void run_event(std::shared_ptr<EventStream> stream, Done done);
  // A null stream: the response says why.
  void subscribe(Subscribed done);
  // Any thread: ends it with an error, and throws away what is not done.
  void cancel(Error reason);
  bool cancelled() const;
  std::chrono::steady_clock::time_point deadline() const { return options_.deadline; }

  // --- Scheduler
  void post(std::function<void()> task) override;
  void defer(std::function<void()> task) override;
  bool run_blocking(std::function<void()> task) override;
  void dispatch_later(LoaderBase& loader) override;

  // --- For generated code and OutputTraits.
  RequestContext& context() const { return *context_; }
  const Schema& schema() const { return plan_->schema(); }
  const Value& variables() const { return variables_; }
  Call& call(const PlanField& field) {
    if (field.index < calls_.size() && calls_[field.index] != nullptr) return *calls_[field.index];
    return make_call(field);
  }
  // Null where they are wrong, which only variables can make them: then no_arguments() follows.
  template <typename T>
  const T* arguments(const PlanField& field) {
    if (field.arguments != nullptr) return static_cast<const T*>(field.arguments.get());
    return static_cast<const T*>(variable_arguments(field));
  }
  bool no_arguments(const PlanField& field) { return fail(field, argument_error(field)); }
  Error argument_error(const PlanField& field);
  bool unknown_field(const PlanField& field);

  // Writes what a resolver gave, or leaves a hole.
  template <typename T>
  bool complete(const PlanField& field, Field<T> value, const Owner& owner) {
    if (T* immediate = value.immediate()) {
      return OutputTraits<T>::write(*this, field, *field.type, *immediate);
    }
    return complete_later(field, std::move(value), owner);
  }
  template <typename T>
  bool write(const PlanField& field, const T& value) {
    return OutputTraits<T>::write(*this, field, *field.type, value);
  }
  // `field` has this error instead of a value.
  bool fail(const PlanField& field, const Error& error) { return fail(field, *field.type, error); }
  bool fail(const PlanField& field, const Type& type, const Error& error);
  // Null; an error where the type does not allow it.
  bool null(const PlanField& field, const Type& type);

  using Resolve = bool (*)(Execution& x, const void* object, const PlanField& field);
  // An object of the schema's type `type_id`, its fields by `resolve`.
  bool object(const PlanField& field, const Type& type, uint32_t type_id, Resolve resolve,
              const void* at);

  TextBuffer& text() { return segment_->text; }
  // A value that may turn out to be null as a whole: between begin and end.
  class Composite {
   public:
    Composite(Execution& x, const Type& type);
    ~Composite();
    Composite(const Composite&) = delete;
    Composite& operator=(const Composite&) = delete;
    // Takes back what was written since; writes null, or is false where that is not allowed.
    bool give_up();

   private:
    friend class Execution;
    Execution& x_;
    Composite* const outer_;
    const size_t start_;
    int region_ = -1;
    const bool nullable_;
  };
  // A step of the path to where writing is.
  class PathStep {
   public:
    PathStep(Execution& x, const PlanField& field) : PathStep(x, &field) {}
    explicit PathStep(Execution& x) : PathStep(x, nullptr) {}
    ~PathStep() { x_.path_ = outer_; }
    PathStep(const PathStep&) = delete;
    PathStep& operator=(const PathStep&) = delete;
    void set_index(uint32_t index) { index_ = index; }

   private:
    friend class Execution;
    PathStep(Execution& x, const PlanField* field) : x_(x), outer_(x.path_), field_(field) {
      x.path_ = this;
    }
    Execution& x_;
    const PathStep* const outer_;
    const PlanField* field_;  // null: an index
    uint32_t index_ = 0;
  };
  // Takes back what a failed leaf wrote; writes null or is false.
  bool replace_by_null(size_t start, const Type& type);
  // Cancelled, out of time, or the response is too large.
  bool must_stop();

 private:
  struct Segment;
  // A field whose value was not there when its place was written.
  struct Pending {
    Segment* segment = nullptr;
    const PlanField* field = nullptr;
    std::shared_ptr<const void> owner;
    virtual ~Pending() = default;
    virtual bool write(Execution& x) = 0;
  };
  template <typename T>
  struct PendingField final : Pending {
    Field<T> value;
    explicit PendingField(Field<T> later) : value(std::move(later)) {}
    bool write(Execution& x) override {
      Result<T> result = std::move(value).take();
      if (!result.ok()) return x.fail(*field, result.error());
      return OutputTraits<T>::write(x, *field, *field->type, *result);
    }
  };
  struct Hole {
    size_t offset = 0;
    Segment* child = nullptr;
    int region = -1;  // what becomes null with it; -1: the whole segment
  };
  struct Region {
    size_t start = 0;
    size_t end = SIZE_MAX;  // where it is still being written
    bool is_null = false;
  };
  struct Segment {
    TextBuffer text;
    std::vector<Hole> holes;
    std::vector<Region> regions;
    Segment* parent = nullptr;
    size_t hole = 0;  // in the parent
    bool dropped = false;
    bool is_null = false;
    std::vector<PathSegment> path;  // to the segment's field, that included
  };
  struct CoercedArguments {
    std::shared_ptr<const void> value;
    std::optional<Error> error;
  };
  enum class Mode { kOperation, kEvent, kSubscribe };

  template <typename T>
  bool complete_later(const PlanField& field, Field<T> value, const Owner& owner) {
    if (value.is_ready()) {
      Result<T> result = std::move(value).take();
      if (!result.ok()) return fail(field, result.error());
      return OutputTraits<T>::write(*this, field, *field.type, *result);
    }
    auto pending = std::make_unique<PendingField<T>>(std::move(value));
    PendingField<T>& later = *pending;
    add_hole(field, owner, std::move(pending));
    later.value.when_ready([this, &later] { fill(later); });
    return true;
  }

  void start(Mode mode);
  void run_root();
  void run_next_mutation();
  bool write_root_field(const PlanField& field);
  bool write_field(const PlanField& field, Resolve resolve, const void* at);
  void append_key(const PlanField& field, bool is_first);
  bool write_meta_field(const PlanField& field);
  bool included(const PlanField& field) const;
  bool allowed(const PlanField& field, Error& denied);
  Call& make_call(const PlanField& field);
  const void* variable_arguments(const PlanField& field);
  void add_hole(const PlanField& field, const Owner& owner, std::unique_ptr<Pending> pending);
  void fill(Pending& pending);
  void propagate_null(Segment* segment);
  bool is_dropped(const Segment* segment) const;
  void add_error(const PlanField& field, const Error& error);
  std::vector<PathSegment> current_path() const;
  std::vector<Location> locations_of(const PlanField& field) const;

  void drain();
  void settle();
  void finish();
  void assemble(const Segment& segment, std::string& out) const;
  ExecutionResult take_result();

  const std::shared_ptr<const OperationPlan> plan_;
  const Value variables_;
  const std::shared_ptr<RequestContext> context_;
  const ExecutionOptions options_;
  Mode mode_ = Mode::kOperation;
  Done done_;
  Subscribed subscribed_;
  std::shared_ptr<EventStream> stream_;
  std::optional<Field<std::shared_ptr<EventStream>>> subscribing_;

  // The operation's thread only.
  std::list<Segment> segments_;
  Segment* segment_ = nullptr;      // where writing is
  Composite* composite_ = nullptr;  // innermost that may become null, in this segment
  const PathStep* path_ = nullptr;
  std::vector<Call*> calls_;
  std::list<Call> call_storage_;
  std::unordered_map<uint32_t, CoercedArguments> arguments_;
  std::unordered_map<const FieldDefinition*, std::optional<Error>> denied_;
  std::vector<GraphqlError> errors_;
  std::vector<std::unique_ptr<Pending>> pending_;
  std::vector<std::function<void()>> ready_;
  std::vector<LoaderBase*> loaders_;
  size_t outstanding_ = 0;    // holes to fill
  size_t next_mutation_ = 0;  // index among the root's fields
  bool root_is_null_ = false;
  bool finished_ = false;
  size_t steps_ = 0;

  std::atomic<bool> cancelled_{false};
  std::mutex mutex_;
  std::vector<std::function<void()>> inbox_;
  bool draining_ = false;
};

}  // namespace firn::graphql

#include "graphql/output_traits.h"  // IWYU pragma: export
