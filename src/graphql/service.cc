#include "graphql/service.h"

#include <algorithm>

#include <fmt/format.h>

#include "graphql/coercion.h"
#include "graphql/deadline_watch.h"
#include "graphql/document_cache.h"
#include "graphql/input_check.h"
#include "graphql/subscription.h"
#include "graphql/validation.h"

namespace firn::graphql {
namespace {

void set_code(GraphqlError& error, std::string_view code) {
  if (error.extensions.empty()) error.extensions = fmt::format(R"({{"code":"{}"}})", code);
}

// Section 6.1.2. Problems go to `errors`.
Value coerce_variables(const Schema& schema, const Document& document, const Node& operation,
                       const Value& given, std::vector<GraphqlError>& errors) {
  constexpr size_t kErrorsMax = 50;
  Value coerced = Value::object();
  for (const Node* definition : operation.variables) {
    const std::string name(definition->variable->name_text());
    const Type* type = schema.type_of(*definition->type);
    const Value* value = given.field(name);
    const auto report = [&](const std::string& path, const std::string& message) {
      if (errors.size() >= kErrorsMax) return;
      GraphqlError error;
      error.message =
          fmt::format("Variable \"${}\" has invalid value{}: {}", name,
                      path.empty() ? "" : " at \"" + path.substr(path[0] == '.') + "\"", message);
      error.locations = {document.location_of(*definition)};
      set_code(error, "BAD_USER_INPUT");
      errors.push_back(std::move(error));
    };
    if (value != nullptr) {
      coerced.fields.emplace_back(name, coerce_input(*value, *type, report));
    } else if (definition->value != nullptr) {
      Value made;
      const auto made_ok = coerce_literal(*definition->value, *type, nullptr, made);
      if (!made_ok.ok()) {
        report({}, made_ok.error().message());
      } else {
        coerced.fields.emplace_back(name, std::move(made));
      }
    } else if (type->is_non_null()) {
      report({}, fmt::format("Expected a value of non-null type \"{}\" to be provided.",
                             type->to_string()));
    }
  }
  return coerced;
}

class RunningExecution final : public Service::Running {
 public:
  explicit RunningExecution(std::shared_ptr<Execution> execution)
      : execution_(std::move(execution)) {}
  void cancel(Error reason) override {
    if (const auto execution = execution_.lock()) execution->cancel(std::move(reason));
  }

 private:
  const std::weak_ptr<Execution> execution_;
};

class SubscriptionHandle final : public Subscription {
 public:
  explicit SubscriptionHandle(std::shared_ptr<RunningSubscription> running)
      : running_(std::move(running)) {}
  ~SubscriptionHandle() override { running_->stop(); }
  void stop() override { running_->stop(); }

 private:
  const std::shared_ptr<RunningSubscription> running_;
};

class ServiceImpl final : public Service {
 public:
  ServiceImpl(std::shared_ptr<const Schema> schema, std::unique_ptr<const Resolvers> resolvers,
              ServiceOptions options)
      : schema_(std::move(schema)),
        resolvers_(std::move(resolvers)),
        options_(std::move(options)),
        cache_(options_.cache_bytes_max) {
    execution_options_.resolvers = resolvers_;
    execution_options_.runner = options_.runner;
    execution_options_.authorizer = options_.authorizer;
    execution_options_.error_mapper = options_.error_mapper;
    execution_options_.response_bytes_max = options_.response_bytes_max;
  }

  const Schema& schema() const override { return *schema_; }

  std::shared_ptr<const PreparedDocument> prepare(std::string_view text,
                                                  Response& refused) override {
    if (auto known = cache_.find(text)) return known;
    ParseOptions parse_options;
    parse_options.tokens_max = options_.limits.tokens_max;
    ParseOutcome parsed = parse(std::string(text), parse_options);
    if (!parsed.document) {
      set_code(parsed.error, parsed.over_limit ? "LIMIT_EXCEEDED" : "GRAPHQL_PARSE_FAILED");
      refused = refuse(parsed.over_limit ? Outcome::kInvalid : Outcome::kSyntaxError,
                       std::move(parsed.error));
      return nullptr;
    }
    auto errors = validate(*schema_, *parsed.document);
    if (!errors.empty()) {
      for (GraphqlError& error : errors) set_code(error, "GRAPHQL_VALIDATION_FAILED");
      refused = {Outcome::kInvalid, true, error_response(errors)};
      return nullptr;
    }
    if (auto over = check_aliases(*schema_, *parsed.document, options_.limits)) {
      refused = refuse(Outcome::kInvalid, *std::move(over));
      return nullptr;
    }
    auto prepared = compile(std::move(parsed.document));
    cache_.insert(prepared);
    return prepared;
  }

  std::shared_ptr<Running> execute(std::shared_ptr<const PreparedDocument> document,
                                   const PreparedDocument::Operation& operation,
                                   const Value& variables, std::shared_ptr<RequestContext> context,
                                   std::function<void(Response)> done) override {
    Response refused;
    auto coerced = admit(operation, variables, refused);
    if (!coerced) {
      done(std::move(refused));
      return nullptr;
    }
    // The plan keeps the syntax tree; the document itself may leave the cache.
    (void)document;
    ExecutionOptions options = execution_options_;
    options.deadline = std::chrono::steady_clock::now() + options_.run_time_max;
    auto execution = std::make_shared<Execution>(operation.plan, *std::move(coerced),
                                                 std::move(context), options);
    auto finished = std::make_shared<std::atomic<bool>>(false);
    execution->run([done = std::move(done), finished](ExecutionResult result) {
      *finished = true;
      done({Outcome::kExecuted, result.has_errors, std::move(result.response)});
    });
    if (*finished) return nullptr;
    deadlines_.watch(execution);
    return std::make_shared<RunningExecution>(execution);
  }

  void subscribe(std::shared_ptr<const PreparedDocument> document,
                 const PreparedDocument::Operation& operation, const Value& variables,
                 std::shared_ptr<RequestContext> context, std::shared_ptr<SubscriptionSink> sink,
                 Started started) override {
    (void)document;
    Response refused;
    auto coerced = admit(operation, variables, refused);
    if (!coerced) return started(nullptr, std::move(refused));
    RunningSubscription::Parts parts;
    parts.plan = operation.plan;
    parts.variables = *coerced;
    parts.context = context;
    parts.options = execution_options_;
    parts.run_time_max = options_.run_time_max;
    parts.sink = std::move(sink);
    parts.dispatcher = dispatcher_;
    ExecutionOptions options = execution_options_;
    options.deadline = std::chrono::steady_clock::now() + options_.run_time_max;
    auto execution = std::make_shared<Execution>(operation.plan, *std::move(coerced),
                                                 std::move(context), options);
    execution->subscribe([parts = std::move(parts), started = std::move(started)](
                             std::shared_ptr<EventStream> stream, ExecutionResult result) mutable {
      if (stream == nullptr) {
        return started(nullptr, {Outcome::kExecuted, true, std::move(result.response)});
      }
      parts.stream = std::move(stream);
      auto running = std::make_shared<RunningSubscription>(std::move(parts));
      started(std::make_shared<SubscriptionHandle>(running), {});
      running->begin();
    });
    deadlines_.watch(execution);
  }

 private:
  std::shared_ptr<const PreparedDocument> compile(std::shared_ptr<const Document> document) {
    std::vector<PreparedDocument::Operation> operations;
    for (const Node* node : document->definitions()) {
      if (node->kind != NodeKind::kOperationDefinition) continue;
      PreparedDocument::Operation operation;
      operation.node = node;
      auto over = check_limits(*schema_, *document, *node, options_.limits, nullptr,
                               operation.limits_need_variables);
      if (over) {
        operation.over_limit = std::make_unique<GraphqlError>(*std::move(over));
      } else {
        operation.plan = std::make_shared<OperationPlan>(OperationPlan::Parts{
            schema_, document, node, resolvers_.get(), options_.guarding_directives});
      }
      operations.push_back(std::move(operation));
    }
    return std::make_shared<PreparedDocument>(std::move(document), std::move(operations));
  }

  // The coerced variables of an operation that may run.
  std::optional<Value> admit(const PreparedDocument::Operation& operation, const Value& variables,
                             Response& refused) {
    if (operation.over_limit != nullptr) {
      refused = refuse(Outcome::kInvalid, *operation.over_limit);
      return std::nullopt;
    }
    if (operation.node->variables.empty()) {
      Value none = Value::object();
      return none;
    }
    const Document& document = operation.plan->document();
    std::vector<GraphqlError> errors;
    Value coerced = coerce_variables(*schema_, document, *operation.node, variables, errors);
    if (errors.empty() && operation.limits_need_variables) {
      bool unused = false;
      auto over =
          check_limits(*schema_, document, *operation.node, options_.limits, &coerced, unused);
      if (over) errors.push_back(*std::move(over));
    }
    if (errors.empty()) return coerced;
    refused = {Outcome::kInvalid, true, error_response(errors)};
    return std::nullopt;
  }

  const std::shared_ptr<const Schema> schema_;
  const std::shared_ptr<const Resolvers> resolvers_;
  const ServiceOptions options_;
  ExecutionOptions execution_options_;
  DocumentCache cache_;
  DeadlineWatch deadlines_;
  const std::shared_ptr<EventDispatcher> dispatcher_ = std::make_shared<EventDispatcher>();
};

}  // namespace

PreparedDocument::PreparedDocument(std::shared_ptr<const Document> document,
                                   std::vector<Operation> operations)
    : document_(std::move(document)), operations_(std::move(operations)) {
  // A plan takes about as much again as the tree.
  bytes_ = document_->bytes() * 2 + sizeof *this;
}

const PreparedDocument::Operation* PreparedDocument::operation(std::optional<std::string_view> name,
                                                               GraphqlError& error) const {
  if (!name || name->empty()) {
    if (operations_.size() == 1) return &operations_[0];
    error.message = operations_.empty()
                        ? "Must provide an operation."
                        : "Must provide operation name if query contains multiple operations.";
  } else {
    for (const Operation& operation : operations_) {
      if (operation.node->name_text() == *name) return &operation;
    }
    error.message = fmt::format("Unknown operation named \"{}\".", *name);
  }
  set_code(error, "OPERATION_RESOLUTION_FAILURE");
  return nullptr;
}

Response refuse(Outcome outcome, GraphqlError error) {
  return {outcome, true, error_response({std::move(error)})};
}

void Service::run(std::string_view document, std::optional<std::string_view> operation,
                  const Value& variables, std::shared_ptr<RequestContext> context,
                  std::function<void(Response)> done) {
  Response refused;
  const auto prepared = prepare(document, refused);
  if (prepared == nullptr) return done(std::move(refused));
  GraphqlError error;
  const auto* chosen = prepared->operation(operation, error);
  if (chosen == nullptr) return done(refuse(Outcome::kInvalid, std::move(error)));
  if (chosen->node->operation == OperationKind::kSubscription) {
    error.message = "Subscriptions need a transport that can stream.";
    return done(refuse(Outcome::kInvalid, std::move(error)));
  }
  execute(prepared, *chosen, variables, std::move(context), std::move(done));
}

Result<std::unique_ptr<Service>> Service::create(std::shared_ptr<const Schema> schema,
                                                 std::unique_ptr<const Resolvers> resolvers,
                                                 ServiceOptions options) {
  return std::unique_ptr<Service>(
      std::make_unique<ServiceImpl>(std::move(schema), std::move(resolvers), std::move(options)));
}

}  // namespace firn::graphql
