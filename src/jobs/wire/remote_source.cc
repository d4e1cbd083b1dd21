#include "jobs/wire/remote_source.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "base/rfc3339.h"
#include "base/utf8.h"
#include "jobs/wire/conversation.h"

namespace firn::jobs::wire {
namespace {

constexpr size_t kAnswerBytesMax = 64 << 20;
constexpr int kPatienceSeconds = 5;  // FETCH answers within two; a stop waits for it

struct Place {
  std::string host;
  std::string port = "7419";
  std::string password;
  bool tls = false;
};

Error unavailable(const std::string& detail) {
  return {ErrorCode::kUnavailable, "the job server cannot be reached", detail};
}

Result<Place> parse_url(std::string_view url) {
  constexpr std::string_view kPlain = "tcp://";
  constexpr std::string_view kTls = "tcp+tls://";
  const Error wrong(ErrorCode::kInvalidArgument,
                    "a job server's address is tcp://[:PASSWORD@]HOST[:PORT], or tcp+tls:// so");
  Place place;
  place.tls = url.starts_with(kTls);
  if (!place.tls && !url.starts_with(kPlain)) return wrong;
  url.remove_prefix(place.tls ? kTls.size() : kPlain.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  if (const size_t at = url.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = url.substr(0, at);
    const size_t colon = user.find(':');
    if (colon != std::string_view::npos) place.password = user.substr(colon + 1);
    url.remove_prefix(at + 1);
  }
  if (const size_t colon = url.rfind(':'); colon != std::string_view::npos) {
    place.port = url.substr(colon + 1);
    url = url.substr(0, colon);
  }
  place.host = url;
  if (place.host.empty() || place.port.empty()) return wrong;
  return place;
}

Error tls_error(SSL* tls) {
  const long verified = SSL_get_verify_result(tls);
  std::string detail = verified == X509_V_OK ? "TLS: " : "its certificate: ";
  char text[256] = "the connection broke";
  if (const unsigned long code = ERR_get_error(); code != 0) {
    ERR_error_string_n(code, text, sizeof text);
  }
  detail += verified == X509_V_OK ? text : X509_verify_cert_error_string(verified);
  return unavailable(detail);
}

// One blocking connection.
class Connection {
 public:
  ~Connection() {
    tls_.reset();
    if (fd_ >= 0) ::close(fd_);
  }
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Status open(const Place& place, const WorkerInfo& worker) {
    TRY(dial(place));
    if (place.tls) TRY(begin_tls(place.host));
    const std::string hi = TRY(answer()).value_or("");
    if (!hi.starts_with("HI ")) return unavailable("it does not greet");
    std::string salt;
    int64_t iterations = 0;
    for (const JsonField& field : TRY(parse_object(std::string_view(hi).substr(3)))) {
      if (field.name == "s") salt = field.text;
      if (field.name == "i") iterations = TRY(whole_number(field));
    }
    constexpr int64_t kIterationsMax = 10'000'000;
    if (iterations < 0 || iterations > kIterationsMax) return unavailable("strange iterations");
    std::string hello = "{\"v\":2";
    if (!worker.wid.empty()) {
      hello += ",\"wid\":";
      append_json_string(hello, worker.wid);
    }
    hello += ",\"hostname\":";
    append_json_string(hello, worker.hostname);
    hello += fmt::format(",\"pid\":{},\"labels\":[\"firn\"]", worker.pid);
    if (!salt.empty()) {
      hello += ",\"pwdhash\":\"" +
               password_hash(place.password, salt, static_cast<int>(iterations)) + '"';
    }
    TRY(ask("HELLO " + hello + '}'));
    return {};
  }

  // The answer's text; none for nil.
  Result<std::optional<std::string>> ask(std::string line) {
    line += "\r\n";
    for (std::string_view rest = line; !rest.empty();) {
      rest.remove_prefix(TRY(send_some(rest)));
    }
    return answer();
  }

 private:
  Status dial(const Place& place) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(place.host.c_str(), place.port.c_str(), &hints, &found) != 0) {
      return unavailable("its name is not known");
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
    for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
      fd_ = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
      if (fd_ < 0) continue;
      const timeval patience{kPatienceSeconds, 0};
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
      const int on = 1;
      ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (::connect(fd_, at->ai_addr, at->ai_addrlen) == 0) return {};
      ::close(std::exchange(fd_, -1));
    }
    return unavailable(std::strerror(errno));
  }

  struct FreeTls {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* tls) const { SSL_free(tls); }
  };

  // The file and the folder by themselves: OpenSSL 3.0's call for both also opens a store, in which
  // it crashes when several threads do so at once.
  static bool load_authorities(SSL_CTX* context) {
    const char* file = std::getenv(X509_get_default_cert_file_env());
    const char* folder = std::getenv(X509_get_default_cert_dir_env());
    if (file == nullptr) file = X509_get_default_cert_file();
    if (folder == nullptr) folder = X509_get_default_cert_dir();
    const bool read = SSL_CTX_load_verify_file(context, file) == 1;
    return SSL_CTX_load_verify_dir(context, folder) == 1 || read;
  }

  Status begin_tls(const std::string& host) {
    const std::unique_ptr<SSL_CTX, FreeTls> context(SSL_CTX_new(TLS_client_method()));
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
        !load_authorities(context.get())) {
      return unavailable("TLS cannot be set up");
    }
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    tls_.reset(SSL_new(context.get()));
    X509_VERIFY_PARAM* expected = tls_ ? SSL_get0_param(tls_.get()) : nullptr;
    const bool named =
        expected != nullptr && (X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1 ||
                                (SSL_set1_host(tls_.get(), host.c_str()) == 1 &&
                                 SSL_set_tlsext_host_name(tls_.get(), host.c_str()) == 1));
    ERR_clear_error();
    if (!named || SSL_set_fd(tls_.get(), fd_) != 1) return unavailable("TLS cannot be set up");
    if (SSL_connect(tls_.get()) != 1) return tls_error(tls_.get());
    return {};
  }

  Result<size_t> send_some(std::string_view bytes) {
    if (tls_) {
      size_t sent = 0;
      if (SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent) == 1) return sent;
      return tls_error(tls_.get());
    }
    ssize_t n = 0;
    do {
      n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n <= 0) return unavailable(std::strerror(errno));
    return static_cast<size_t>(n);
  }

  Status fill() {
    char buffer[16 << 10];
    if (tls_) {
      size_t read = 0;
      if (SSL_read_ex(tls_.get(), buffer, sizeof buffer, &read) != 1) return tls_error(tls_.get());
      in_.append(buffer, read);
      return {};
    }
    ssize_t n = 0;
    do {
      n = ::recv(fd_, buffer, sizeof buffer, 0);
    } while (n < 0 && errno == EINTR);
    if (n <= 0) return unavailable(n == 0 ? "it closed the connection" : std::strerror(errno));
    in_.append(buffer, static_cast<size_t>(n));
    return {};
  }

  Result<std::optional<std::string>> answer() {
    constexpr size_t kLineBytesMax = 1 << 20;
    size_t end = 0;
    while ((end = in_.find("\r\n")) == std::string::npos) {
      if (in_.size() > kLineBytesMax) return unavailable("its answer has no end");
      TRY(fill());
    }
    const std::string line = in_.substr(0, end);
    in_.erase(0, end + 2);
    if (line.starts_with('+')) return std::optional(line.substr(1));
    if (line.starts_with('-')) return refusal(line);
    if (!line.starts_with('$')) return unavailable("it speaks another protocol");
    if (line == "$-1") return std::optional<std::string>();
    size_t size = 0;
    const char* last = line.data() + line.size();
    const auto read = std::from_chars(line.data() + 1, last, size);
    if (read.ec != std::errc() || read.ptr != last || size > kAnswerBytesMax) {
      return unavailable("it speaks another protocol");
    }
    while (in_.size() < size + 2) TRY(fill());
    std::string text = in_.substr(0, size);
    in_.erase(0, size + 2);
    return std::optional(std::move(text));
  }

  static Error refusal(const std::string& line) {
    const size_t space = line.find(' ');
    std::string message = space == std::string::npos ? line.substr(1) : line.substr(space + 1);
    if (line.starts_with("-NOTUNIQUE")) return {ErrorCode::kAlreadyExists, std::move(message)};
    const bool unknown = message.starts_with("Job not found");
    return {unknown ? ErrorCode::kNotFound : ErrorCode::kInvalidArgument, std::move(message)};
  }

  int fd_ = -1;
  std::unique_ptr<SSL, FreeTls> tls_;
  std::string in_;
};

class RemoteSource final : public JobSource {
 public:
  RemoteSource(Place place, WorkerInfo worker)
      : place_(std::move(place)), worker_(std::move(worker)) {}

  Result<std::optional<std::string>> fetch(const std::vector<std::string>& queues) override {
    std::string line = "FETCH";
    for (const std::string& queue : queues) line += ' ' + queue;
    return ask(std::move(line));
  }
  Status ack(std::string_view jid) override { return tell("ACK {\"jid\":" + quoted(jid) + '}'); }
  Status fail(std::string_view jid, const FailReport& report) override {
    std::string line = "FAIL {\"jid\":" + quoted(jid) + ",\"errtype\":" + quoted(report.type) +
                       ",\"message\":" + quoted(report.message) + ",\"backtrace\":[";
    for (size_t i = 0; i < report.backtrace.size(); ++i) {
      line += (i > 0 ? "," : "") + quoted(report.backtrace[i]);
    }
    TRY(tell(line + "]}"));
    if (report.retry) return {};
    // The protocol's FAIL always tries again where tries are left.
    return tell("MUTATE {\"cmd\":\"kill\",\"target\":\"retries\",\"filter\":{\"jids\":[" +
                quoted(jid) + "]}}");
  }
  // The protocol has no word for it: it is tried again a little later.
  Status give_back(std::string_view jid) override {
    FailReport report;
    report.type = "Shutdown";
    report.message = "the worker ended before the job was done";
    return fail(jid, report);
  }
  Status push(std::string_view job_json) override { return tell("PUSH " + std::string(job_json)); }
  Result<std::vector<Status>> push_all(const std::vector<std::string>& jobs) override {
    std::vector<Status> outcomes;
    for (const std::string& job : jobs) {
      Status pushed = push(job);
      const auto code = pushed.ok() ? ErrorCode::kInternal : pushed.error().code();
      // An idle connection may be gone; a second push of a jid does no harm.
      if (code == ErrorCode::kUnavailable) pushed = push(job);
      if (!pushed.ok() && pushed.error().code() == ErrorCode::kUnavailable) return pushed.error();
      outcomes.push_back(std::move(pushed));
    }
    return outcomes;
  }
  Status progress(const ProgressUpdate& update) override {
    std::string line = "TRACK SET {\"jid\":" + quoted(update.jid);
    if (update.percent) line += fmt::format(",\"percent\":{}", *update.percent);
    if (update.description) line += ",\"desc\":" + quoted(*update.description);
    if (update.reserve_until_us) {
      line += ",\"reserve_until\":\"";
      append_rfc3339(line, *update.reserve_until_us);
      line += '"';
    }
    return tell(line + '}');
  }
  Result<WorkerSignal> beat() override {
    const auto said = TRY(ask("BEAT {\"wid\":" + quoted(worker_.wid) + '}')).value_or("");
    if (said.find("terminate") != std::string::npos) return WorkerSignal::kTerminate;
    if (said.find("quiet") != std::string::npos) return WorkerSignal::kQuiet;
    return WorkerSignal::kNone;
  }

 private:
  static std::string quoted(std::string_view text) {
    std::string json;
    append_json_string(json, valid_utf8(text));
    return json;
  }
  Status tell(std::string line) {
    TRY(ask(std::move(line)));
    return {};
  }
  // A connection that broke is opened again at the next call.
  Result<std::optional<std::string>> ask(std::string line) {
    if (!connection_) {
      auto made = std::make_unique<Connection>();
      TRY(made->open(place_, worker_));
      connection_ = std::move(made);
    }
    auto answer = connection_->ask(std::move(line));
    if (!answer.ok() && answer.error().code() == ErrorCode::kUnavailable) connection_.reset();
    return answer;
  }

  const Place place_;
  const WorkerInfo worker_;
  std::unique_ptr<Connection> connection_;
};

class RemoteSources final : public JobSources {
 public:
  RemoteSources(Place place, WorkerInfo worker)
      : place_(std::move(place)), worker_(std::move(worker)) {}
  Result<std::unique_ptr<JobSource>> connect() override {
    return std::unique_ptr<JobSource>(std::make_unique<RemoteSource>(place_, worker_));
  }

 private:
  const Place place_;
  const WorkerInfo worker_;
};

}  // namespace

Result<std::unique_ptr<JobSources>> remote_sources(std::string_view url, WorkerInfo worker) {
  return std::unique_ptr<JobSources>(
      std::make_unique<RemoteSources>(TRY(parse_url(url)), std::move(worker)));
}

}  // namespace firn::jobs::wire
