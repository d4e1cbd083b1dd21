#include "federation/trino.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/interruption.h"
#include "base/utf8.h"
#include "federation/spooled_segments.h"
#include "federation/trino_answer.h"
#include "http/client.h"
#include "outbound/http_call.h"

namespace firn::federation {
namespace {

constexpr int kTriesMax = 10;
constexpr std::chrono::milliseconds kBetweenTries{100};
// Trino answers within a second, if only that it has nothing yet; proxies take longer.
constexpr std::chrono::milliseconds kSilenceMax{60'000};
constexpr std::chrono::minutes kSegmentMax{10};
constexpr std::chrono::milliseconds kLookInterval{100};
constexpr std::chrono::seconds kStoreSilenceMax{30};

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

// Where segments are read that Trino spooled, by links that it signed. Thread-safe.
class SpooledSegments {
 public:
  SpooledSegments(std::string trino_url, AllowedHosts hosts)
      : trino_url_(std::move(trino_url)), hosts_(std::move(hosts)) {}

  bool is_own(const std::string& uri) const {
    return uri.starts_with(trino_url_) && uri.substr(trino_url_.size()).starts_with('/');
  }

  // Blocks, until `cancelled` at most.
  Result<std::string> download(const SpooledSegment& segment, const std::string& uri,
                               const std::function<bool()>& cancelled) const {
    const auto url = outbound::parse_url(uri);
    if (!url) return Error(ErrorCode::kUnavailable, "Trino's spooled answer is at no address");
    auto address = hosts_.resolve(url->host);
    if (!address.ok()) {
      return Error(address.error().code(),
                   "Trino has spooled its answer, which cannot be read there: " +
                       std::string(address.error().message()) +
                       "; --trino-session spooling_enabled=false asks it not to");
    }
    outbound::HttpCall call;
    call.url = uri;
    call.address = *address;
    call.headers = segment.headers;
    call.clear_allowed = trino_url_.starts_with("http://");
    call.what = "the store of Trino's spooled answer";
    call.patience.whole = kSegmentMax;
    call.silence = kStoreSilenceMax;
    call.answer_bytes_max = segment.encoded_bytes;
    std::string bytes;
    const auto answer = TRY(outbound::get(
        call,
        [&](int, std::string_view piece) {
          bytes += piece;
          return true;
        },
        cancelled));
    if (answer.status == 200) return bytes;
    return Error(ErrorCode::kUnavailable, "the store of Trino's spooled answer says: status " +
                                              std::to_string(answer.status));
  }

 private:
  const std::string trino_url_;
  const AllowedHosts hosts_;
};

// A page of the answer, or a segment's rows.
struct Fetched {
  std::unique_ptr<const std::string> text;  // what `answer` refers to, or the rows
  std::optional<TrinoAnswer> answer;        // of a page
};

// The next page or segment is fetched while the last one is read.
class TrinoStatement final : public query::RemoteQuery {
 public:
  // `identity`: the headers that say who asks.
  TrinoStatement(std::unique_ptr<http::Client> client, http::Headers identity,
                 std::string statement, std::shared_ptr<IdleClients> idle, bool is_fresh,
                 std::shared_ptr<const SpooledSegments> segments)
      : client_(std::move(client)),
        identity_(std::move(identity)),
        statement_(std::move(statement)),
        idle_(std::move(idle)),
        is_fresh_(is_fresh),
        segments_(std::move(segments)) {}

  ~TrinoStatement() override {
    is_ended_ = true;
    if (!pending_.valid()) {
      if (is_complete_) idle_->give(std::move(client_));
      return;
    }
    const auto fetched = pending_.get();
    if (!fetched.ok()) return;
    if (fetched->answer) next_path_ = fetched->answer->next_path;
    if (next_path_.empty()) return;
    const auto ended = client_->send(request("DELETE", next_path_));
    if (!ended.ok()) {
      spdlog::warn("a statement may run on in Trino: {}", ended.error().to_log());
    }
  }

  void begin(http::ClientRequest request) {
    request.method = "POST";
    request.target = "/v1/statement";
    request.body = statement_;
    for (const auto& [name, value] : identity_.all()) request.headers.add(name, value);
    fetch_page(std::move(request));
  }

  Result<query::RemotePage> next() override {
    if (!pending_.valid()) return Error(ErrorCode::kInternal, "the answer has ended");
    while (pending_.wait_for(kLookInterval) != std::future_status::ready) {
      if (Interruption::now()) return Error(ErrorCode::kCancelled, "told to end");
    }
    const Fetched fetched = TRY(pending_.get());
    query::RemotePage page;
    if (fetched.answer) {
      next_path_ = fetched.answer->next_path;
      if (!fetched.answer->columns.empty()) columns_ = fetched.answer->columns;
      page.rows = fetched.answer->data;
      if (!fetched.answer->spooled.empty()) {
        for (auto& segment : TRY(parse_spooled_data(fetched.answer->spooled))) {
          waiting_.push_back(std::move(segment));
        }
      }
    } else {
      page.rows = *fetched.text;
    }
    page.columns = columns_;
    fetch_next();
    page.last = is_complete_ = !pending_.valid();
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

  void fetch_next() {
    if (!waiting_.empty()) {
      pending_ = std::async(std::launch::async, [this, segment = std::move(waiting_.front())] {
        return fetch_segment(segment);
      });
      waiting_.pop_front();
    } else if (!next_path_.empty()) {
      fetch_page(request("GET", next_path_));
    }
  }

  void fetch_page(http::ClientRequest request) {
    pending_ = std::async(std::launch::async,
                          [this, request = std::move(request)] { return fetch(request); });
  }

  // On a thread of its own; nobody else uses the client meanwhile.
  Result<Fetched> fetch(const http::ClientRequest& request) {
    auto response = TRY(ask(request));
    Fetched fetched{std::make_unique<const std::string>(std::move(response.body)), {}};
    fetched.answer = TRY(parse_trino_answer(*fetched.text));
    if (!fetched.answer->error.empty()) return trino_error(fetched.answer->error, statement_);
    return fetched;
  }

  // The same.
  Result<Fetched> fetch_segment(const SpooledSegment& segment) {
    std::string bytes = segment.bytes;
    if (!segment.uri.empty()) {
      std::string path;
      // What its own coordinator has, it gives to whom it knows, or says where it is.
      const bool is_own = segments_->is_own(segment.uri) && trino_path(segment.uri, path);
      bytes = is_own ? TRY(download_own(segment, path))
                     : TRY(segments_->download(segment, segment.uri, ended()));
      const auto done = client_->send(segment_request(segment, segment.ack_path));
      if (!done.ok() || done->status >= 300) {
        spdlog::info("Trino keeps a segment that was read until it expires: {}",
                     done.ok() ? "status " + std::to_string(done->status) : done.error().to_log());
      }
    }
    return Fetched{
        std::make_unique<const std::string>(TRY(decode_segment(segment, std::move(bytes)))), {}};
  }

  Result<std::string> download_own(const SpooledSegment& segment, const std::string& path) {
    auto response = TRY(client_->send(segment_request(segment, path)));
    if (response.status == 200) return std::move(response.body);
    const auto elsewhere = response.headers.get("Location");
    if (response.status < 300 || response.status >= 400 || !elsewhere) {
      return unexpected(response);
    }
    return segments_->download(segment, std::string(*elsewhere), ended());
  }

  std::function<bool()> ended() const {
    return [this] { return is_ended_.load(); };
  }

  // The coordinator, too, wants to know by which key a segment is encrypted.
  http::ClientRequest segment_request(const SpooledSegment& segment,
                                      const std::string& path) const {
    http::ClientRequest made = request("GET", path);
    for (const auto& [name, value] : segment.headers) made.headers.add(name, value);
    return made;
  }

  static Error unexpected(const http::Response& response) {
    return Error(ErrorCode::kUnavailable,
                 "Trino answers with the status " + std::to_string(response.status),
                 std::string(cut_utf8(response.body, 500)));
  }

  Result<http::Response> ask(const http::ClientRequest& request) {
    for (int i = 0;; ++i) {
      auto response = client_->send(request);
      if (!response.ok()) {
        // A connection that waited may have been closed meanwhile. Statements only read.
        if (std::exchange(is_fresh_, true)) return response.error();
        continue;
      }
      is_fresh_ = true;
      if (response->status == 200) return response;
      if (!is_busy(response->status) || i == kTriesMax) return unexpected(*response);
      std::this_thread::sleep_for(kBetweenTries);
    }
  }

  std::unique_ptr<http::Client> client_;
  const http::Headers identity_;
  const std::string statement_;
  const std::shared_ptr<IdleClients> idle_;
  bool is_complete_ = false;
  std::atomic<bool> is_ended_{false};  // nobody wants the rest
  bool is_fresh_;                      // the connection: just made, or found to be open
  const std::shared_ptr<const SpooledSegments> segments_;
  std::string columns_;
  std::string next_path_;                 // of the page after those fetched; empty: there is none
  std::deque<SpooledSegment> waiting_;    // of the last page
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
  Trino(const TrinoOptions& options, AllowedHosts hosts)
      : options_(options),
        segments_(std::make_shared<const SpooledSegments>(options.url, std::move(hosts))) {}

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
    auto running = std::make_unique<TrinoStatement>(
        std::move(client), identity(request), std::move(statement), idle_, is_fresh, segments_);
    http::ClientRequest first;
    first.headers.add("X-Trino-Source", "firn");
    // Otherwise times have three digits behind the second.
    first.headers.add("X-Trino-Client-Capabilities", "PARAMETRIC_DATETIME");
    // Only where the server spools; else it answers directly.
    first.headers.add("X-Trino-Query-Data-Encoding", std::string(kSpooledEncodings));
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
  const std::shared_ptr<const SpooledSegments> segments_;
  const std::shared_ptr<IdleClients> idle_ = std::make_shared<IdleClients>();
};

}  // namespace

Result<std::unique_ptr<query::RemoteEngine>> make_trino(const TrinoOptions& options,
                                                        AllowedHosts hosts) {
  // The file of the authority may come later: each statement reads it.
  if (!options.url.starts_with("https://")) TRY(http::Client::create(options.url));
  if (!options.key.empty() && !options.url.starts_with("https://")) {
    return Error(ErrorCode::kInvalidArgument, "with a key, Trino is asked by https");
  }
  return std::unique_ptr<query::RemoteEngine>(std::make_unique<Trino>(options, std::move(hosts)));
}

}  // namespace firn::federation
