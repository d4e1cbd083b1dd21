#include "graphql/tests/library/library.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <thread>

#include <fmt/format.h>

#include "graphql/json.h"

namespace firn::graphql::library {
namespace {

std::shared_ptr<const schema::Book> find_book(const std::shared_ptr<Data>& data,
                                              std::string_view id);

class AuthorObject final : public schema::Author {
 public:
  AuthorObject(std::shared_ptr<Data> data, const AuthorRow& row)
      : data_(std::move(data)), row_(row) {}

  Field<std::string> id(Call&) const override { return row_.id; }
  Field<std::string> name(Call&) const override { return row_.name; }
  Field<std::vector<std::shared_ptr<const schema::Book>>> books(Call& call) const override {
    auto work = [this]() -> Result<std::vector<std::shared_ptr<const schema::Book>>> {
      std::vector<std::shared_ptr<const schema::Book>> found;
      for (const BookRow& book : data_->books) {
        if (book.author == row_.id) found.push_back(find_book(data_, book.id));
      }
      return found;
    };
    return call.blocking(std::move(work));
  }
  Field<int32_t> salary(Call&) const override {
    return Error(ErrorCode::kInternal, "the database is at /secret/place");
  }
  Field<std::shared_ptr<const schema::Author>> mentor(Call& call) const override {
    if (row_.id == "a0") return nullptr;
    return call.context_as<Context>().authors.load(call, "a0");
  }

 private:
  const std::shared_ptr<Data> data_;
  const AuthorRow& row_;
};

class BookObject final : public schema::Book {
 public:
  BookObject(std::shared_ptr<Data> data, const BookRow& row) : data_(std::move(data)), row_(row) {}

  Field<std::string> id(Call&) const override { return row_.id; }
  Field<std::string> title(Call&) const override { return row_.title; }
  Field<schema::Genre> genre(Call&) const override {
    return row_.pages % 2 == 0 ? schema::Genre::kNovel : schema::Genre::kScienceFiction;
  }
  Field<int32_t> pages(Call&) const override { return row_.pages; }
  Field<std::optional<double>> weight(Call&) const override {
    if (row_.pages == 13) return std::nullopt;
    return row_.pages * 0.5;
  }
  Field<std::optional<DateTime>> published(Call&) const override {
    return DateTime{int64_t{row_.pages} * 86'400'000'000};
  }
  Field<int64_t> copies(Call&) const override { return int64_t{1} << 40; }
  Field<std::optional<RawJson>> extra(Call&) const override {
    return RawJson{R"({"pages":)" + std::to_string(row_.pages) + "}"};
  }
  Field<std::vector<std::string>> tags(Call&) const override {
    std::vector<std::string> tags(2);
    tags[0] = "a";
    tags[1] = "b\n";
    return tags;
  }
  Field<bool> in_print(Call&) const override { return true; }
  Field<std::shared_ptr<const schema::Author>> author(Call& call) const override {
    return call.context_as<Context>().authors.load(call, row_.author);
  }
  Field<std::shared_ptr<const schema::Author>> must_author(Call& call) const override {
    auto loading = call.context_as<Context>().authors.load(call, row_.author);
    auto author = co_await loading;
    if (!author.ok()) co_return std::move(author).error();
    co_return *author;
  }
  Field<std::optional<std::string>> review(Call& call,
                                           const schema::BookReviewArgs& args) const override {
    auto count = [&]() -> Result<int> { return args.stars + 1; };
    auto counting = call.blocking(std::move(count));
    const auto counted = co_await counting;
    if (!counted.ok()) co_return counted.error();
    std::string text = fmt::format("{} of 5", *counted - 1);
    if (args.words) {
      for (const std::string& word : *args.words) text += " " + word;
    }
    auto shout = [text]() -> Result<std::string> { return text + "!"; };
    auto shouting = call.blocking(std::move(shout));
    co_return co_await shouting;
  }
  Field<std::string> must_review(Call& call) const override {
    auto work = []() -> Result<std::string> {
      return Error(ErrorCode::kNotFound, "nobody has read it");
    };
    return call.blocking(std::move(work));
  }
  Field<schema::Shelf> shelf(Call&) const override {
    schema::Shelf neighbour{.room = "west",
                            .position = std::nullopt,
                            .labels = std::vector<std::optional<std::string>>{"x", std::nullopt},
                            .neighbours = std::vector<schema::Shelf>{},
                            .keeper = nullptr};
    return schema::Shelf{.room = "east",
                         .position = row_.pages,
                         .labels = std::vector<std::optional<std::string>>{},
                         .neighbours = std::vector<schema::Shelf>{neighbour},
                         .keeper = std::make_shared<const AuthorObject>(data_, data_->authors[0])};
  }
  Field<std::optional<double>> price(Call&) const override { return 9.5; }
  Field<std::optional<std::string>> default_(Call&) const override { return "none"; }
  Field<std::vector<std::shared_ptr<const schema::Book>>> similar(
      Call&, const schema::BookSimilarArgs& args) const override {
    std::vector<std::shared_ptr<const schema::Book>> found;
    for (int i = 0; i < args.first.value_or(2) && i < static_cast<int>(data_->books.size()); ++i) {
      found.push_back(
          std::make_shared<const BookObject>(data_, data_->books[static_cast<size_t>(i)]));
    }
    return found;
  }

 private:
  const std::shared_ptr<Data> data_;
  const BookRow& row_;
};

std::shared_ptr<const schema::Book> find_book(const std::shared_ptr<Data>& data,
                                              std::string_view id) {
  for (const BookRow& row : data->books) {
    if (row.id == id) return std::make_shared<const BookObject>(data, row);
  }
  return nullptr;
}

bool matches(const schema::Filter& filter, const BookRow& row) {
  if (filter.title && *filter.title != row.title) return false;
  if (row.pages < filter.min_pages) return false;
  if (filter.not_ && *filter.not_ != nullptr && matches(**filter.not_, row)) return false;
  if (filter.any) {
    for (const auto& one : *filter.any) {
      if (matches(one, row)) return true;
    }
    return false;
  }
  return true;
}

template <typename T>
std::string show(const Optional<T>& value) {
  if (!value.given()) return "\"absent\"";
  if (value.is_null()) return "null";
  TextBuffer out;
  const Status written = ScalarTraits<T>::write(*value, out);
  return written.ok() ? out.take() : "\"?\"";
}

class QueryObject final : public schema::Query {
 public:
  explicit QueryObject(std::shared_ptr<Data> data) : data_(std::move(data)) {}

  Field<std::string> hello(Call&) const override { return "world"; }
  Field<std::shared_ptr<const schema::Book>> book(
      Call&, const schema::QueryBookArgs& args) const override {
    return find_book(data_, args.id);
  }
  Field<std::shared_ptr<const schema::Book>> book_by(
      Call&, const schema::QueryBookByArgs& args) const override {
    if (args.key.id) return find_book(data_, *args.key.id);
    for (const BookRow& row : data_->books) {
      if (row.title == *args.key.title) return find_book(data_, row.id);
    }
    return nullptr;
  }
  Field<schema::BookConnection> books(Call&, const schema::QueryBooksArgs& args) const override {
    std::vector<schema::BookEdge> edges;
    for (const BookRow& row : data_->books) {
      if (args.filter && !matches(**args.filter, row)) continue;
      if (static_cast<int32_t>(edges.size()) >= args.first) break;
      edges.push_back({.cursor = row.id, .node = std::make_shared<const BookObject>(data_, row)});
    }
    const auto total = static_cast<int32_t>(data_->books.size());
    return schema::BookConnection{
        .edges = std::move(edges),
        .page_info = schema::PageInfo{.has_next_page = total > args.first, .end_cursor = "end"},
        .total_count = total};
  }
  Field<std::vector<std::shared_ptr<const schema::Book>>> all_books(Call&) const override {
    std::vector<std::shared_ptr<const schema::Book>> all;
    for (const BookRow& row : data_->books) {
      all.push_back(std::make_shared<const BookObject>(data_, row));
    }
    return all;
  }
  Field<std::optional<schema::Node>> node(Call& call,
                                          const schema::QueryNodeArgs& args) const override {
    if (args.id == "p") co_return schema::Pamphlet{.id = "p", .text = "read me"};
    if (auto book = find_book(data_, args.id)) co_return schema::Node(std::move(book));
    auto loading = call.context_as<Context>().authors.load(call, args.id);
    auto author = co_await loading;
    if (!author.ok()) co_return author.error();
    if (*author == nullptr) co_return std::nullopt;
    co_return schema::Node(*author);
  }
  Field<std::vector<schema::SearchResult>> search(
      Call&, const schema::QuerySearchArgs& args) const override {
    std::vector<schema::SearchResult> found;
    if (auto book = find_book(data_, args.text)) found.push_back(std::move(book));
    found.push_back(std::make_shared<const AuthorObject>(data_, data_->authors[0]));
    found.push_back(schema::Pamphlet{.id = "p", .text = args.text});
    return found;
  }
  Field<RawJson> echo(Call&, const schema::QueryEchoArgs& args) const override {
    std::string list = "\"absent\"";
    if (args.list) {
      list = "[";
      for (const auto& item : *args.list) {
        if (list.size() > 1) list += ',';
        list += item ? std::to_string(*item) : "null";
      }
      list += "]";
    }
    return RawJson{fmt::format(
        R"({{"int":{},"float":{},"string":{},"id":{},"boolean":{},"long":{},"time":{},"json":{},"genre":"{}","list":{},"minPages":{}}})",
        show(args.int_), show(args.float_), show(args.string), show(args.id), show(args.boolean),
        show(args.long_), show(args.time), show(args.json), schema::to_text(args.genre), list,
        args.filter ? (*args.filter)->min_pages : -1)};
  }
  Field<std::optional<std::string>> broken(Call&) const override {
    return Error(ErrorCode::kNotFound, "it is broken");
  }
  Field<std::string> must_broken(Call&) const override {
    return Error(ErrorCode::kNotFound, "it is broken");
  }
  Field<int32_t> sleep(Call& call, const schema::QuerySleepArgs& args) const override {
    auto work = [ms = args.ms]() -> Result<int32_t> {
      std::this_thread::sleep_for(std::chrono::milliseconds(ms));
      return ms;
    };
    return call.blocking(std::move(work));
  }
  Field<std::optional<std::string>> forbidden(Call&) const override { return "secret"; }

 private:
  const std::shared_ptr<Data> data_;
};

class MutationObject final : public schema::Mutation {
 public:
  explicit MutationObject(std::shared_ptr<Data> data) : data_(std::move(data)) {}

  Field<std::vector<std::string>> append(Call& call,
                                         const schema::MutationAppendArgs& args) const override {
    auto work = [this, &args]() -> Result<std::vector<std::string>> {
      std::lock_guard lock(data_->mutex);
      data_->log.push_back(args.text);
      return data_->log;
    };
    return call.blocking(std::move(work));
  }
  Field<std::optional<int32_t>> fail(Call&) const override {
    return Error(ErrorCode::kInvalidArgument, "it fails");
  }

 private:
  const std::shared_ptr<Data> data_;
};

class SubscriptionObject final : public schema::Subscription {
 public:
  explicit SubscriptionObject(std::shared_ptr<Data> data) : data_(std::move(data)) {}

  Field<std::shared_ptr<EventSource<int32_t>>> count(
      Call&, const schema::SubscriptionCountArgs& args) const override {
    auto source = std::make_shared<EventSource<int32_t>>([data = data_] { ++data->sources_closed; },
                                                         10'000, Overflow::kFail);
    for (int32_t i = 1; i <= args.to; ++i) source->push(i);
    source->close();
    return source;
  }
  Field<std::shared_ptr<EventSource<std::shared_ptr<const schema::Book>>>> book_added(
      Call& call) const override {
    auto subscribe =
        [data =
             data_]() -> Result<std::shared_ptr<EventSource<std::shared_ptr<const schema::Book>>>> {
      auto source = std::make_shared<EventSource<std::shared_ptr<const schema::Book>>>(
          [data] { ++data->sources_closed; });
      std::lock_guard lock(data->mutex);
      data->listeners.push_back(source);
      return source;
    };
    return call.blocking(std::move(subscribe));
  }
  Field<std::shared_ptr<EventSource<int32_t>>> refused(Call&) const override {
    return Error(ErrorCode::kPermissionDenied, "not today");
  }

 private:
  const std::shared_ptr<Data> data_;
};

class RoleAuthorizer final : public Authorizer {
 public:
  Status allow(const Call& call, const FieldDefinition& field) override {
    const Value* role = field.directive("auth")->arguments.field("role");
    if (role->text == "READER" || role->text == call.context_as<Context>().role) return {};
    return Error(ErrorCode::kPermissionDenied, "you may not see " + field.name);
  }
};

class Pool final : public TaskRunner {
 public:
  Pool(int threads, size_t queue_max) : state_(std::make_shared<State>(queue_max)) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([state = state_] { run(*state); });
  }
  // The last user may be an operation that ends on one of the threads.
  ~Pool() override {
    {
      std::lock_guard lock(state_->mutex);
      state_->stopping = true;
    }
    state_->wake.notify_all();
    for (auto& thread : threads_) {
      if (thread.get_id() == std::this_thread::get_id()) {
        thread.detach();
      } else {
        thread.join();
      }
    }
  }
  bool post(std::function<void()> task) override {
    std::lock_guard lock(state_->mutex);
    if (state_->stopping || state_->queue.size() >= state_->queue_max) return false;
    state_->queue.push_back(std::move(task));
    state_->wake.notify_one();
    return true;
  }

 private:
  struct State {
    explicit State(size_t most) : queue_max(most) {}
    const size_t queue_max;
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::function<void()>> queue;
    bool stopping = false;
  };
  static void run(State& state) {
    std::unique_lock lock(state.mutex);
    for (;;) {
      state.wake.wait(lock, [&] { return state.stopping || !state.queue.empty(); });
      if (state.queue.empty()) return;
      auto task = std::move(state.queue.front());
      state.queue.pop_front();
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
    }
  }
  const std::shared_ptr<State> state_;
  std::vector<std::thread> threads_;
};

}  // namespace

std::shared_ptr<Data> Data::make(int count) {
  auto data = std::make_shared<Data>();
  for (int i = 0; i <= count / 3; ++i) {
    data->authors.push_back({fmt::format("a{}", i), fmt::format("Author {}", i)});
  }
  for (int i = 0; i < count; ++i) {
    data->books.push_back(
        {fmt::format("b{}", i), fmt::format("Book \"{}\"", i), fmt::format("a{}", i / 3), 10 + i});
  }
  return data;
}

Context::Context(std::shared_ptr<Data> shared, std::string as)
    : data(std::move(shared)),
      role(std::move(as)),
      authors([rows = data](const std::vector<std::string>& keys)
                  -> Result<std::vector<Result<std::shared_ptr<const schema::Author>>>> {
        ++rows->author_batches;
        rows->authors_loaded += static_cast<int>(keys.size());
        std::vector<Result<std::shared_ptr<const schema::Author>>> found;
        for (const std::string& key : keys) {
          std::shared_ptr<const schema::Author> author;
          for (const AuthorRow& row : rows->authors) {
            if (row.id == key) author = std::make_shared<const AuthorObject>(rows, row);
          }
          found.emplace_back(std::move(author));
        }
        return found;
      }) {}

Result<std::shared_ptr<RequestContext>> Context::for_event() {
  if (data->gone) return Error(ErrorCode::kUnauthenticated, "the reader has left");
  return std::make_shared<Context>(data, role);
}

std::shared_ptr<Authorizer> make_authorizer() { return std::make_shared<RoleAuthorizer>(); }

std::shared_ptr<TaskRunner> make_pool(int threads, size_t queue_max) {
  return std::make_shared<Pool>(threads, queue_max);
}

Result<std::unique_ptr<Service>> make_library(std::shared_ptr<Data> data, ServiceOptions options) {
  return schema::make_service(std::make_shared<const QueryObject>(data),
                              std::make_shared<const MutationObject>(data),
                              std::make_shared<const SubscriptionObject>(data), std::move(options));
}

}  // namespace firn::graphql::library
