// Serves the library over HTTP, for clients in tests and for the benchmark:
// graphql_test_server PORT [BOOKS] [--threads N] [--only-stored] [--graphiql DIR]. Prints the port.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "graphql/http/graphql_http.h"
#include "graphql/tests/library/library.h"
#include "http/server.h"

namespace firn::graphql::library {
namespace {

// Whoever has the key "librarian" is one; "wrong" is refused; everybody else reads.
class TestAdmission final : public Admission {
 public:
  explicit TestAdmission(std::shared_ptr<Data> data) : data_(std::move(data)) {}
  Result<std::shared_ptr<RequestContext>> admit(
      const http::Request& request, const std::optional<std::string>& authorization) override {
    std::string key(request.headers.get("Authorization").value_or(""));
    if (authorization) key = *authorization;
    if (key == "Bearer wrong") return Error(ErrorCode::kUnauthenticated, "the key is not known");
    return std::shared_ptr<RequestContext>(
        std::make_shared<Context>(data_, key == "Bearer librarian" ? "LIBRARIAN" : "READER"));
  }
  bool origin_allowed(const http::Request& request) override {
    const auto origin = request.headers.get("Origin");
    return !origin || origin->find("evil") == std::string_view::npos;
  }

 private:
  const std::shared_ptr<Data> data_;
};

int serve(int argc, char** argv) {
  int books = 50;
  http::ServerOptions http;
  GraphqlHttpOptions options;
  ServiceOptions service_options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool more = i + 1 < argc;
    if (argument == "--threads" && more) {
      http.io_threads = std::atoi(argv[++i]);
    } else if (argument == "--only-stored") {
      options.only_stored_documents = true;
    } else if (argument == "--partial-294") {
      options.partial_is_294 = true;
    } else if (argument == "--graphiql" && more) {
      options.graphiql_directory = argv[++i];
    } else if (argument == "--books" && more) {
      books = std::atoi(argv[++i]);
    } else {
      http.port = static_cast<uint16_t>(std::atoi(argument.c_str()));
    }
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  service_options.runner = make_pool(4);
  service_options.authorizer = make_authorizer();
  auto data = Data::make(books);
  auto service = MUST(make_library(data, service_options));
  TestAdmission admission(data);
  GraphqlHttp graphql(options, *service, admission);
  auto server = MUST(http::Server::start(http, [&](const http::Request& request) {
    if (auto route = graphql.route(request)) return *std::move(route);
    http::Route nothing;
    nothing.buffered = [](const std::shared_ptr<http::Exchange>& exchange) {
      exchange->respond(http::Response::error(Error(ErrorCode::kNotFound, "nothing is here")));
    };
    return nothing;
  }));
  std::printf("%d\n", server->port());
  std::fflush(stdout);
  int got = 0;
  sigwait(&signals, &got);
  server->drain(std::chrono::milliseconds(1000));
  return 0;
}

}  // namespace
}  // namespace firn::graphql::library

int main(int argc, char** argv) { return firn::graphql::library::serve(argc, argv); }
