#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "graphql/http/graphql_request.h"
#include "graphql/http/media_types.h"
#include "graphql/http/stored_documents.h"
#include "graphql/service.h"
#include "http/server.h"
#include "http/timers.h"

namespace firn::graphql {

// What the embedding program decides. Thread-safe; called on I/O threads: it must not block.
class Admission {
 public:
  virtual ~Admission() = default;
  // A context for one operation. `authorization` is what a WebSocket client sent in
  // connection_init, to be preferred to the header of this name. An error refuses the request, with
  // its code's status.
  virtual Result<std::shared_ptr<RequestContext>> admit(
      const http::Request& request, const std::optional<std::string>& authorization) = 0;
  // False: a foreign origin's page must not use this client's cookies. Asked before admit().
  virtual bool origin_allowed(const http::Request& request) = 0;
  // Before the answer of a request goes out: cookies, for example.
  virtual void decorate(RequestContext& context, http::Response& response) {
    (void)context;
    (void)response;
  }
};

struct GraphqlHttpOptions {
  std::string path = "/graphql";
  uint64_t body_bytes_max = 256 << 10;
  // Data with errors is 294 instead of 200.
  bool partial_is_294 = false;
  // Documents that are not stored are refused, and none are stored by clients.
  bool only_stored_documents = false;
  size_t stored_bytes_max = 16 << 20;    // in memory
  std::shared_ptr<DocumentStore> store;  // null: none beyond memory
  size_t compress_from_bytes = 4096;
  std::chrono::milliseconds event_stream_ping{12'000};
  std::chrono::milliseconds init_deadline{3'000};  // of a WebSocket, until connection_init
  size_t operations_max = 100;                     // under way on one WebSocket
  // Folder of GraphiQL's assets, served at `graphiql_path`; empty: none.
  std::string graphiql_directory;
  std::string graphiql_path = "/graphiql";
};

// GraphQL over HTTP, server-sent events and WebSocket.
class GraphqlHttp {
 public:
  GraphqlHttp(GraphqlHttpOptions options, Service& service, Admission& admission);
  // Null for a path that is not GraphQL's.
  std::optional<http::Route> route(const http::Request& request);

  // --- For the transports in this folder.
  struct Prepared {
    std::shared_ptr<const PreparedDocument> document;
    const PreparedDocument::Operation* operation = nullptr;
    bool is_mutation() const { return operation->node->operation == OperationKind::kMutation; }
    bool is_subscription() const {
      return operation->node->operation == OperationKind::kSubscription;
    }
  };
  // Finds the document, parses and validates it and chooses the operation. False: `refused` and
  // `status` (0: by the outcome) say why.
  bool prepare(const GraphqlRequest& request, bool may_store, Prepared& into, Response& refused,
               int& status);
  Service& service() { return service_; }
  Admission& admission() { return admission_; }
  const GraphqlHttpOptions& options() const { return options_; }
  http::Timers& timers() { return timers_; }

 private:
  http::Route post_or_get(const http::Request& request);
  http::Route web_socket(const http::Request& request);
  http::Route graphiql(const http::Request& request);
  void serve(const std::shared_ptr<http::Exchange>& exchange, AnswerType type);
  bool find_document(const GraphqlRequest& request, bool may_store, std::string_view& text,
                     std::string& holder, GraphqlError& error, int& status);
  int status_of(const Response& response, AnswerType type) const;

  const GraphqlHttpOptions options_;
  Service& service_;
  Admission& admission_;
  StoredDocuments stored_;
  http::Timers timers_;
};

// A response of one message, in the form of GraphQL errors.
http::Response error_answer(int status, AnswerType type, std::string_view message,
                            std::string_view code);

}  // namespace firn::graphql
