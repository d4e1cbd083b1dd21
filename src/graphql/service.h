#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graphql/execution.h"
#include "graphql/limits.h"
#include "graphql/plan.h"
#include "graphql/schema.h"

namespace firn::graphql {

struct ServiceOptions {
  Limits limits;
  std::chrono::milliseconds run_time_max{30'000};
  size_t response_bytes_max = 64 << 20;
  size_t cache_bytes_max = 32 << 20;
  // For call.blocking() and loaders. Operations under way may be its last users.
  std::shared_ptr<TaskRunner> runner;
  std::shared_ptr<Authorizer> authorizer;  // null: everything is allowed
  // Fields with one of these directives are put to the authorizer.
  std::vector<std::string> guarding_directives = {"auth"};
  ErrorMapper error_mapper;  // null: map_error
};

// How far a request came.
enum class Outcome {
  kSyntaxError,  // the document is not GraphQL
  kInvalid,      // validation, limits, choice of the operation, variables
  kExecuted,     // with or without errors of fields
};

struct Response {
  Outcome outcome = Outcome::kExecuted;
  bool has_errors = false;
  std::string body;  // JSON
};

// A document that has been parsed and validated, with the plans of its operations as they come up.
// Immutable to its users; any number of threads may run it.
class PreparedDocument {
 public:
  struct Operation {
    const Node* node = nullptr;
    bool limits_need_variables = false;
    std::unique_ptr<GraphqlError> over_limit;
    std::shared_ptr<const OperationPlan> plan;  // null where a limit is exceeded
  };
  std::string_view text() const { return document_->text(); }
  // The operation of this name, or the only one. Null: there is none, and `error` says so.
  const Operation* operation(std::optional<std::string_view> name, GraphqlError& error) const;
  size_t bytes() const { return bytes_; }

  PreparedDocument(std::shared_ptr<const Document> document, std::vector<Operation> operations);

 private:
  std::shared_ptr<const Document> document_;
  std::vector<Operation> operations_;
  size_t bytes_ = 0;
};

// Receives what a subscription gives. Called on one thread at a time.
class SubscriptionSink {
 public:
  virtual ~SubscriptionSink() = default;
  virtual void next(std::string response) = 0;
  // Nothing comes after it.
  virtual void complete() = 0;
};

// A subscription under way; ends when it is destroyed. Thread-safe.
class Subscription {
 public:
  virtual ~Subscription() = default;
  virtual void stop() = 0;
};

// A schema with its resolvers: takes documents, gives responses. Thread-safe.
class Service {
 public:
  static Result<std::unique_ptr<Service>> create(std::shared_ptr<const Schema> schema,
                                                 std::unique_ptr<const Resolvers> resolvers,
                                                 ServiceOptions options);
  virtual ~Service() = default;
  virtual const Schema& schema() const = 0;

  // Parses and validates, or finds it done. Null: `refused` says why.
  virtual std::shared_ptr<const PreparedDocument> prepare(std::string_view document,
                                                          Response& refused) = 0;

  // A handle on an operation under way, to end it early. Any thread; harmless once it is done.
  class Running {
   public:
    virtual ~Running() = default;
    virtual void cancel(Error reason) = 0;
  };
  // Runs a query or mutation. `variables` is an object or null. Calls back once, perhaps before it
  // returns (then the handle is null), perhaps on a pool thread.
  virtual std::shared_ptr<Running> execute(std::shared_ptr<const PreparedDocument> document,
                                           const PreparedDocument::Operation& operation,
                                           const Value& variables,
                                           std::shared_ptr<RequestContext> context,
                                           std::function<void(Response)> done) = 0;
  // Runs a subscription: `started` is called once with the subscription, or with null and the
  // response that says why not. After that the sink is called, from threads of the service.
  using Started = std::function<void(std::shared_ptr<Subscription>, Response)>;
  virtual void subscribe(std::shared_ptr<const PreparedDocument> document,
                         const PreparedDocument::Operation& operation, const Value& variables,
                         std::shared_ptr<RequestContext> context,
                         std::shared_ptr<SubscriptionSink> sink, Started started) = 0;

  // All at once: for embeddings without a transport of their own. Subscriptions are refused.
  void run(std::string_view document, std::optional<std::string_view> operation,
           const Value& variables, std::shared_ptr<RequestContext> context,
           std::function<void(Response)> done);
};

// A response of one error.
Response refuse(Outcome outcome, GraphqlError error);

}  // namespace firn::graphql
