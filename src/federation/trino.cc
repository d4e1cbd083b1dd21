#include "federation/trino.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "federation/trino_answer.h"
#include "http/client.h"

namespace firn::federation {
namespace {

constexpr int kTriesMax = 10;
constexpr std::chrono::milliseconds kBetweenTries{100};
// Trino answers within a second, if only that it has nothing yet; proxies take longer.
constexpr std::chrono::milliseconds kSilenceMax{60'000};

// The protocol asks to try again: the coordinator is busy, or a proxy before it.
bool is_busy(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

// Connections to Trino that nobody uses, as shaking hands for each statement would take longer than
// a small one. Thread-safe.
class IdleClients {
 public:
  // Null where there is none that is surely still open.
  std::unique_ptr<http::Client> take() {
    std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(idle_, [&](const Idle& idle) { return now - idle.since > kIdleMax; });
    if (idle_.empty()) return nullptr;
    auto client = std::move(idle_.back().client);
    idle_.pop_back();
    return client;
  }

  void give(std::unique_ptr<http::Client> client) {
    std::lock_guard lock(mutex_);
    if (idle_.size() < kMax) {
      idle_.push_back({std::move(client), std::chrono::steady_clock::now()});
    }
  }

 private:
  static constexpr size_t kMax = 16;
  static constexpr std::chrono::seconds kIdleMax{20};
  struct Idle {
    std::unique_ptr<http::Client> client;
    std::chrono::steady_clock::time_point since;
  };
  std::mutex mutex_;
  std::vector<Idle> idle_;
};

// A page of the answer, and where the next one is; empty: there is none.
struct Fetched {
  std::string body;
  std::string next_path;
};

// The next page is fetched while the last one is read.
class TrinoStatement final : public query::RemoteQuery {
 public:
  // `identity`: the headers that say who asks.
  TrinoStatement(std::unique_ptr<http::Client> client, http::Headers identity,
                 std::string statement, std::shared_ptr<IdleClients> idle, bool is_fresh)
      : client_(std::move(client)),
        identity_(std::move(identity)),
        statement_(std::move(statement)),
        idle_(std::move(idle)),
        is_fresh_(is_fresh) {}

  ~TrinoStatement() override {
    if (!pending_.valid()) {
      if (is_complete_) idle_->give(std::move(client_));
      return;
    }
    const auto fetched = pending_.get();
    if (!fetched.ok() || fetched->next_path.empty()) return;
    const auto ended = client_->send(request("DELETE", fetched->next_path));
    if (!ended.ok()) {
      spdlog::warn("a statement may run on in Trino: {}", ended.error().to_log());
    }
  }

  void begin(http::ClientRequest request) {
    request.method = "POST";
    request.target = "/v1/statement";
    request.body = statement_;
    for (const auto& [name, value] : identity_.all()) request.headers.add(name, value);
    fetch_next(std::move(request));
  }

  Result<query::RemotePage> next() override {
    if (!pending_.valid()) return Error(ErrorCode::kInternal, "the answer has ended");
    const Fetched fetched = TRY(pending_.get());
    const auto answer = TRY(parse_trino_answer(fetched.body));
    if (!fetched.next_path.empty()) fetch_next(request("GET", fetched.next_path));
    query::RemotePage page;
    page.columns = std::string(answer.columns);
    page.rows = std::string(answer.data);
    page.last = is_complete_ = fetched.next_path.empty();
    return page;
  }

 private:
  http::ClientRequest request(const std::string& method, const std::string& path) const {
    http::ClientRequest made;
    made.method = method;
    made.target = path;
    made.headers = identity_;
    return made;
  }

  void fetch_next(http::ClientRequest request) {
    pending_ = std::async(std::launch::async,
                          [this, request = std::move(request)] { return fetch(request); });
  }

  // On a thread of its own; nobody else uses the client meanwhile.
  Result<Fetched> fetch(const http::ClientRequest& request) {
    for (int i = 0;; ++i) {
      auto response = client_->send(request);
      if (!response.ok()) {
        // A connection that waited may have been closed meanwhile. Statements only read.
        if (std::exchange(is_fresh_, true)) return response.error();
        continue;
      }
      is_fresh_ = true;
      if (response->status == 200) {
        Fetched fetched{std::move(response->body), {}};
        auto answer = TRY(parse_trino_answer(fetched.body));
        if (!answer.error.empty()) return trino_error(answer.error, statement_);
        fetched.next_path = std::move(answer.next_path);
        return fetched;
      }
      if (!is_busy(response->status) || i == kTriesMax) {
        return Error(ErrorCode::kUnavailable,
                     "Trino answers with the status " + std::to_string(response->status),
                     response->body.substr(0, 500));
      }
      std::this_thread::sleep_for(kBetweenTries);
    }
  }

  std::unique_ptr<http::Client> client_;
  const http::Headers identity_;
  const std::string statement_;
  const std::shared_ptr<IdleClients> idle_;
  bool is_complete_ = false;
  bool is_fresh_;                         // the connection: just made, or found to be open
  std::future<Result<Fetched>> pending_;  // not valid: the statement has ended
};

http::ClientOptions client_options(const TrinoOptions& options) {
  http::ClientOptions made;
  made.silence_max = kSilenceMax;
  made.ca_file = options.ca_file;
  return made;
}

class Trino final : public query::RemoteEngine {
 public:
  explicit Trino(const TrinoOptions& options) : options_(options) {}

  std::string name() const override { return "trino"; }
  std::optional<int64_t> rows_from() const override { return options_.rows_from; }
  bool is_default() const override { return options_.is_default; }
  bool applies_policies() const override { return !options_.key.empty(); }

  Status accepts(const query::QueryRequest& request) const override {
    if (request.organization != options_.organization) {
      return Error(ErrorCode::kUnsupported, "the Trino here has another organization's catalogs");
    }
    if (!request.parameters.empty() && request.parameters != "{}") {
      return Error(ErrorCode::kUnsupported, "parameters are for DuckDB only");
    }
    if (!request.as_of.empty() || request.min_snapshot) {
      return Error(ErrorCode::kUnsupported, "older versions of tables are for DuckDB only");
    }
    TRY(common_statement(request.statement));
    return {};
  }

  Result<std::unique_ptr<query::RemoteQuery>> start(const query::QueryRequest& request,
                                                    std::chrono::milliseconds deadline) override {
    auto statement = TRY(common_statement(request.statement));
    auto client = idle_->take();
    const bool is_fresh = client == nullptr;
    if (is_fresh) {
      client = TRY(http::Client::create(options_.url, client_options(options_)));
    }
    auto running = std::make_unique<TrinoStatement>(std::move(client), identity(request),
                                                    std::move(statement), idle_, is_fresh);
    http::ClientRequest first;
    first.headers.add("X-Trino-Source", "firn");
    // Otherwise times have three digits behind the second.
    first.headers.add("X-Trino-Client-Capabilities", "PARAMETRIC_DATETIME");
    first.headers.add("X-Trino-Catalog", request.catalog.empty() ? "lake" : request.catalog);
    first.headers.add("X-Trino-Schema", request.schema.empty() ? "main" : request.schema);
    first.headers.add("X-Trino-Time-Zone", request.timezone.empty() ? "UTC" : request.timezone);
    first.headers.add("X-Trino-Client-Info", "account " + request.account);
    first.headers.add("X-Trino-Session",
                      "query_max_run_time=" + std::to_string(deadline.count() / 1000 + 1) + "s" +
                          (options_.session.empty() ? "" : ",") + options_.session);
    running->begin(std::move(first));
    return std::unique_ptr<query::RemoteQuery>(std::move(running));
  }

 private:
  http::Headers identity(const query::QueryRequest& request) const {
    http::Headers headers;
    headers.add("X-Trino-User", options_.key.empty() ? options_.user : request.account);
    if (options_.key.empty()) return headers;
    headers.add("Authorization", "Basic " + base64_encode(as_bytes("firn:" + options_.key)));
    return headers;
  }

  const TrinoOptions options_;
  const std::shared_ptr<IdleClients> idle_ = std::make_shared<IdleClients>();
};

}  // namespace

Result<std::unique_ptr<query::RemoteEngine>> make_trino(const TrinoOptions& options) {
  // The file of the authority may come later: each statement reads it.
  if (!options.url.starts_with("https://")) TRY(http::Client::create(options.url));
  if (!options.key.empty() && !options.url.starts_with("https://")) {
    return Error(ErrorCode::kInvalidArgument, "with a key, Trino is asked by https");
  }
  return std::unique_ptr<query::RemoteEngine>(std::make_unique<Trino>(options));
}

}  // namespace firn::federation
