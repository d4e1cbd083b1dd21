#include "llm/client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <thread>

#include "graphql/json.h"
#include "llm/parts_internal.h"
#include "outbound/http_call.h"
#include "platform/random.h"

namespace firn::llm {
namespace {

using std::chrono::milliseconds;

constexpr size_t kStreamBytesMax = 64U << 20;
constexpr size_t kErrorBytesMax = 64U << 10;

// What came of one attempt.
struct Attempt {
  Result<Answer> answer;
  Usage usage;
  bool again = false;
  std::optional<std::string> retry_after;
};

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// The message within the body of an error, as both providers write it; never with the key.
std::string message_of(const std::string& body, const std::string& key) {
  const auto json = graphql::parse_json(body);
  std::string message;
  if (json.ok()) {
    const Json* error = object_of(*json, "error");
    message = error != nullptr ? text_of(*error, "message") : text_of(*json, "message");
  }
  if (!key.empty()) {
    for (size_t at; (at = message.find(key)) != std::string::npos;) {
      message.replace(at, key.size(), "(key)");
    }
  }
  return message.empty() ? std::string() : ": " + shown(message);
}

Error refused(int status, const std::string& body, const std::string& key) {
  if (status == 401 || status == 403) {
    // Without its text: some quote a part of the key.
    return {ErrorCode::kPermissionDenied,
            fmt::format("the model's provider refuses the key ({})", status)};
  }
  const auto code = status == 429 || status == 529 ? ErrorCode::kOverloaded
                    : status == 408                ? ErrorCode::kDeadlineExceeded
                    : status >= 500                ? ErrorCode::kUnavailable
                                                   : ErrorCode::kInvalidArgument;
  return {code, fmt::format("the model's provider answered {}{}", status, message_of(body, key))};
}

// Seconds, or a date (RFC 9110, 10.2.3).
std::optional<milliseconds> read_retry_after(const std::string& text) {
  double seconds = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (code == std::errc() && end == text.data() + text.size()) {
    if (!(seconds >= 0) || seconds > 1e9) return {};
    return milliseconds(static_cast<int64_t>(seconds * 1000));
  }
  const time_t at = curl_getdate(text.c_str(), nullptr);
  if (at == -1) return {};
  return milliseconds(1000 * std::max<int64_t>(0, at - std::time(nullptr)));
}

class Client final : public Model {
 public:
  Client(ClientOptions options, std::unique_ptr<Wire> wire)
      : options_(std::move(options)), wire_(std::move(wire)) {}

  const std::string& name() const override { return options_.model; }

  Result<Answer> ask(const Request& request, const std::function<bool()>& cancelled) override {
    const std::string body = wire_->body(request, options_.model);
    Usage spent;
    for (int32_t number = 1;; ++number) {
      Attempt attempt = try_once(body, cancelled);
      spent += attempt.usage;
      if (attempt.answer.ok()) {
        Answer answer = *std::move(attempt.answer);
        answer.usage = spent;
        answer.attempts = number;
        return answer;
      }
      if (!attempt.again || number >= options_.attempts_max) return attempt.answer.error();
      TRY(wait(TRY(pause_before(number, attempt)), cancelled));
    }
  }

 private:
  Attempt try_once(const std::string& body, const std::function<bool()>& cancelled) {
    outbound::HttpPost post;
    post.url = options_.url + wire_->path();
    post.body = body;
    post.headers = wire_->headers(options_.key);
    post.headers.emplace_back("Content-Type", "application/json");
    post.headers.emplace_back("Accept", "text/event-stream");
    post.headers.emplace_back("User-Agent", "firn");
    post.ca_file = options_.ca_file;
    post.clear_allowed = true;
    post.what = "the model's provider cannot be asked";
    post.patience = {milliseconds(10'000), options_.answer_max};
    post.silence = options_.silence_max;
    post.answer_bytes_max = kStreamBytesMax;

    SseReader events;
    const auto reader = wire_->reader();
    std::string error_body;
    Status read;
    const auto take = [&](int status, std::string_view piece) {
      if (status != 200) {
        error_body += piece.substr(0, kErrorBytesMax - std::min(error_body.size(), kErrorBytesMax));
        return true;
      }
      read = events.feed(piece, [&](const SseEvent& event) {
        return reader->done() ? Status() : reader->take(event);
      });
      return read.ok() && !reader->done();
    };
    const auto answered = outbound::post(post, take, cancelled);
    if (!answered.ok()) {
      const bool again = answered.error().code() == ErrorCode::kUnavailable;
      return {answered.error(), reader->usage(), again, {}};
    }
    if (answered->status != 200) {
      Error error = refused(answered->status, error_body, options_.key);
      const bool again = error.code() != ErrorCode::kInvalidArgument &&
                         error.code() != ErrorCode::kPermissionDenied;
      return {std::move(error), {}, again, answered->retry_after};
    }
    if (!read.ok()) {
      return {
          read.error(), reader->usage(), read.error().code() != ErrorCode::kInvalidArgument, {}};
    }
    auto whole = reader->finish();
    return {std::move(whole), reader->usage(), true, {}};
  }

  // Half of it by chance, so that many who were refused at once do not come back at once.
  Result<milliseconds> pause_before(int32_t number, const Attempt& failed) const {
    const int64_t doubled = options_.backoff_first.count() << std::min(number - 1, 20);
    const int64_t longest = std::min<int64_t>(doubled, options_.backoff_max.count());
    std::array<uint8_t, 2> chance{};
    platform::system_random().fill(chance);
    milliseconds pause(longest / 2 + longest / 2 * (chance[0] * 256 + chance[1]) / 65'535);
    const auto asked = failed.retry_after ? read_retry_after(*failed.retry_after) : std::nullopt;
    if (asked && *asked > options_.retry_after_max) {
      return Error(failed.answer.error().code(),
                   fmt::format("{}; it asks to wait {} s", failed.answer.error().message(),
                               asked->count() / 1000));
    }
    return std::max(pause, asked.value_or(milliseconds(0)));
  }

  Status wait(milliseconds pause, const std::function<bool()>& cancelled) const {
    constexpr milliseconds kLook{50};
    const Error ended(ErrorCode::kCancelled, "told to end");
    if (options_.wait) {
      options_.wait(pause);
      return cancelled() ? Status(ended) : Status();
    }
    for (; pause.count() > 0; pause -= kLook) {
      if (cancelled()) return ended;
      std::this_thread::sleep_for(std::min(pause, kLook));
    }
    return {};
  }

  const ClientOptions options_;
  const std::unique_ptr<Wire> wire_;
};

}  // namespace

Result<std::unique_ptr<Model>> make_client(ClientOptions options) {
  const auto wrong = [](std::string message) {
    return Error(ErrorCode::kInvalidArgument, std::move(message));
  };
  auto wire = make_wire(options.provider);
  if (options.model.empty()) return wrong("--model-provider needs --model, the model's name");
  if (options.url.empty()) options.url = wire->default_url();
  while (options.url.ends_with('/')) options.url.pop_back();
  const auto parts = outbound::parse_url(options.url);
  if (!parts) return wrong("--model-url is http:// or https://HOST[:PORT][/PATH], without a user");
  if (parts->scheme == "http" && !options.key.empty() && !is_loopback(parts->host)) {
    return wrong("--model-url is https:// where there is a key, but on this machine");
  }
  if (std::any_of(options.key.begin(), options.key.end(),
                  [](unsigned char c) { return c <= 0x20 || c >= 0x7f; })) {
    return wrong("the model's key has characters that no key has");
  }
  return std::unique_ptr<Model>(std::make_unique<Client>(std::move(options), std::move(wire)));
}

}  // namespace firn::llm
