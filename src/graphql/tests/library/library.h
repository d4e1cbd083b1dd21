#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "graphql/loader.h"
#include "graphql/service.h"
#include "graphql_tests/library/service.h"

// Resolvers of library.graphql, for tests, the test server and the benchmark.
namespace firn::graphql::library {

namespace schema = ::firn::graphql_tests::library;

struct AuthorRow {
  std::string id;
  std::string name;
};
struct BookRow {
  std::string id;
  std::string title;
  std::string author;
  int pages = 0;
};

class Author;
class Book;

// The rows, and what tests look at afterwards.
struct Data {
  std::vector<AuthorRow> authors;
  std::vector<BookRow> books;
  std::mutex mutex;
  std::vector<std::string> log;
  std::atomic<int> author_batches{0};
  std::atomic<int> authors_loaded{0};
  std::atomic<int> sources_closed{0};
  std::atomic<bool> gone{false};  // the reader of every subscription has left
  std::vector<std::weak_ptr<EventSource<std::shared_ptr<const schema::Book>>>> listeners;

  // `count` books by a third as many authors.
  static std::shared_ptr<Data> make(int count);
};

class Context final : public RequestContext {
 public:
  explicit Context(std::shared_ptr<Data> data, std::string role = "LIBRARIAN");
  Result<std::shared_ptr<RequestContext>> for_event() override;

  const std::shared_ptr<Data> data;
  const std::string role;
  Loader<std::string, std::shared_ptr<const schema::Author>> authors;
};

// Lets a role do what asks for READER or for the role itself.
std::shared_ptr<Authorizer> make_authorizer();

// Threads for what blocks; a queue of `queue_max`.
std::shared_ptr<TaskRunner> make_pool(int threads, size_t queue_max = 1000);

// Errors: none but bugs.
Result<std::unique_ptr<Service>> make_library(std::shared_ptr<Data> data, ServiceOptions options);

}  // namespace firn::graphql::library
