#include "federation/rest_catalog.h"

#include <algorithm>

#include "http/message.h"
#include "outbound/http_call.h"

namespace firn::federation {
namespace {

using catalog::Namespace;
using SteadyClock = std::chrono::steady_clock;

constexpr size_t kSmallBytesMax = 1 << 20;
constexpr size_t kPageBytesMax = 16 << 20;
constexpr size_t kTableBytesMax = 64 << 20;
constexpr int kPagesMax = 100;
constexpr size_t kNamesMax = 10'000;
constexpr const char* kWhat = "the catalog";
// A token is not used in its last moments.
constexpr std::chrono::seconds kTokenMargin{30};
constexpr std::chrono::hours kTokenLifetime{1};  // where nobody says
// Calls have bounds of their own.
constexpr auto kNever = [] { return false; };

Error not_a_catalog(const Error& why) {
  return Error(ErrorCode::kUnavailable,
               std::string(kWhat) +
                   " gives an answer that is none of an Iceberg REST catalog: " + why.message(),
               why.detail());
}

template <typename T>
Result<T> understood(Result<T> parsed) {
  if (parsed.ok() || parsed.error().code() != ErrorCode::kInvalidData) return parsed;
  return not_a_catalog(parsed.error());
}

Error too_many(const char* what) {
  return Error(ErrorCode::kTooLarge,
               std::string(kWhat) + " has more than " + std::to_string(kNamesMax) + " " + what);
}

std::string encoded(const RestConfig& config, const Namespace& levels) {
  std::string joined;
  for (const auto& level : levels) {
    if (!joined.empty()) joined += config.separator;
    joined += level;
  }
  return http::percent_encode(joined);
}

// A client's own values, in the order of the specification.
std::string form_of(const RestCatalogSpec& spec) {
  const auto encode = [](const std::string& text) { return http::percent_encode(text); };
  return "grant_type=client_credentials&client_id=" + encode(spec.client_id) +
         "&client_secret=" + encode(spec.secret) +
         "&scope=" + encode(spec.scope.empty() ? "catalog" : spec.scope);
}

}  // namespace

RestCatalog::RestCatalog(RestCatalogSpec spec, const AllowedHosts& hosts)
    : spec_(std::move(spec)), hosts_(hosts) {}

std::string RestCatalog::without_secrets(std::string text) {
  std::string token;
  {
    std::lock_guard lock(mutex_);
    token = token_;
  }
  for (const auto& secret : {spec_.secret, token}) {
    if (secret.empty()) continue;
    for (size_t at = 0; (at = text.find(secret, at)) != std::string::npos; ++at) {
      text.replace(at, secret.size(), "*");
    }
  }
  return text;
}

Error RestCatalog::refusal(const Answer& answer) {
  const std::string status = "status " + std::to_string(answer.status);
  if (answer.status >= 300 && answer.status < 400) {
    return Error(ErrorCode::kUnavailable,
                 std::string(kWhat) + " is said to be elsewhere (" + status +
                     "), and redirects are not followed: give the address that it has");
  }
  std::string says = without_secrets(rest_error_text(answer.body));
  says = says.empty() ? status : says + " (" + status + ")";
  const std::string text = std::string(kWhat) + " says: " + says;
  switch (answer.status) {
    case 401:
    case 403:
    case 419: return Error(ErrorCode::kPermissionDenied, text);
    case 404: return Error(ErrorCode::kNotFound, text);
    default: return Error(ErrorCode::kUnavailable, text);
  }
}

Result<RestCatalog::Answer> RestCatalog::send(const std::string& url, const Headers& headers,
                                              size_t bytes_max, const std::string* form) {
  const auto parts = outbound::parse_url(url);
  if (!parts) return Error(ErrorCode::kInvalidArgument, "'" + url + "' is no address");
  outbound::HttpPost call;
  call.url = url;
  call.address = TRY(hosts_.resolve(parts->host));
  call.headers = headers;
  call.headers.emplace_back("Accept", "application/json");
  call.clear_allowed = spec_.clear_allowed;
  call.any_certificate = spec_.any_certificate;
  call.what = kWhat;
  call.patience.whole = spec_.at_most;
  call.answer_bytes_max = bytes_max;
  Answer answer;
  const auto take = [&](int, std::string_view piece) {
    answer.body += piece;
    return true;
  };
  outbound::HttpAnswer got;
  if (form != nullptr) {
    call.body = *form;
    call.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    got = TRY(outbound::post(call, take, kNever));
  } else {
    got = TRY(outbound::get(call, take, kNever));
  }
  answer.status = got.status;
  return answer;
}

Status RestCatalog::fetch_token() {
  const std::string form = form_of(spec_);
  const std::string url =
      spec_.token_url.empty() ? spec_.url + "/v1/oauth/tokens" : spec_.token_url;
  const auto answer = TRY(send(url, {}, kSmallBytesMax, &form));
  if (answer.status != 200) return refusal(answer).with_context("the token endpoint");
  auto token = TRY(understood(parse_rest_token(answer.body)));
  std::lock_guard lock(mutex_);
  token_ = std::move(token.token);
  const std::chrono::seconds lifetime =
      token.lifetime_s ? std::chrono::seconds(*token.lifetime_s) : kTokenLifetime;
  // One that is over already is used once: its end is what the catalog says then.
  token_until_ = SteadyClock::now() + std::max(lifetime - kTokenMargin, std::chrono::seconds(1));
  return {};
}

Result<std::string> RestCatalog::bearer() {
  if (spec_.client_id.empty()) return spec_.secret;
  const auto known = [this]() -> std::string {
    std::lock_guard lock(mutex_);
    return SteadyClock::now() < token_until_ ? token_ : std::string();
  };
  if (auto token = known(); !token.empty()) return token;
  TRY(fetch_token());
  std::lock_guard lock(mutex_);
  return token_;
}

Result<std::string> RestCatalog::get(const std::string& path, size_t bytes_max,
                                     const Headers& headers) {
  for (bool again = false;; again = true) {
    const std::string token = TRY(bearer());
    if (std::any_of(token.begin(), token.end(), [](char c) { return c <= ' ' || c >= 0x7f; })) {
      return Error(ErrorCode::kInvalidArgument, "a token has no spaces and no control characters");
    }
    auto all = headers;
    if (!token.empty()) all.emplace_back("Authorization", "Bearer " + token);
    auto answer = TRY(send(spec_.url + path, all, bytes_max, nullptr));
    if (answer.status == 200) return std::move(answer.body);
    const bool over = answer.status == 401 || answer.status == 419;
    if (!over || again || spec_.client_id.empty()) return refusal(answer);
    std::lock_guard lock(mutex_);
    if (token_ == token) token_.clear();
  }
}

Result<RestConfig> RestCatalog::config() {
  {
    std::lock_guard lock(mutex_);
    if (config_) return *config_;
  }
  const std::string query =
      spec_.warehouse.empty() ? "" : "?warehouse=" + http::percent_encode(spec_.warehouse);
  const std::string body = TRY(get("/v1/config" + query, kSmallBytesMax));
  auto config = TRY(understood(parse_rest_config(body)));
  std::lock_guard lock(mutex_);
  config_ = std::move(config);
  return *config_;
}

Result<iceberg::Properties> RestCatalog::properties() { return TRY(config()).properties; }

std::string RestCatalog::path_of(const RestConfig& config, const Namespace& levels) const {
  std::string path = "/v1/";
  // Encoded by the catalog, but for what is no part of an address.
  for (const char c : config.prefix) path += c == '|' ? "%7C" : std::string(1, c);
  path += config.prefix.empty() ? "namespaces" : "/namespaces";
  return levels.empty() ? path : path + "/" + encoded(config, levels);
}

Status RestCatalog::each_page(
    const std::string& path, const std::string& query,
    const std::function<Result<std::string>(const std::string& body)>& take) {
  std::string next;
  for (int page = 0; page < kPagesMax; ++page) {
    const std::string all = path + "?pageToken=" + http::percent_encode(next) + "&pageSize=1000" +
                            (query.empty() ? "" : "&" + query);
    const std::string body = TRY(get(all, kPageBytesMax));
    std::string after = TRY(understood(take(body)));
    if (after.empty()) return {};
    if (after == next) break;
    next = std::move(after);
  }
  return Error(ErrorCode::kTooLarge, std::string(kWhat) + " gives page after page");
}

Result<std::vector<Namespace>> RestCatalog::namespaces(const Namespace& parent) {
  const auto config = TRY(this->config());
  std::string query;
  if (!parent.empty()) query = "parent=" + encoded(config, parent);
  std::vector<Namespace> found;
  TRY(each_page(path_of(config, {}), query, [&](const std::string& body) -> Result<std::string> {
    auto page = TRY(parse_namespace_page(body));
    for (auto& levels : page.namespaces) {
      // Some give what lies deeper, or the parent itself: asked for by its own name, or known.
      const bool below = levels.size() == parent.size() + 1 &&
                         std::equal(parent.begin(), parent.end(), levels.begin());
      if (below) found.push_back(std::move(levels));
    }
    if (found.size() > kNamesMax) return too_many("namespaces");
    return std::move(page.next);
  }));
  return found;
}

Result<std::vector<std::string>> RestCatalog::tables(const Namespace& levels) {
  const auto config = TRY(this->config());
  std::vector<std::string> found;
  TRY(each_page(path_of(config, levels) + "/tables", "",
                [&](const std::string& body) -> Result<std::string> {
                  auto page = TRY(parse_table_page(body));
                  for (auto& name : page.tables) found.push_back(std::move(name));
                  if (found.size() > kNamesMax) return too_many("tables");
                  return std::move(page.next);
                }));
  return found;
}

Result<LoadedTable> RestCatalog::load(const Namespace& levels, const std::string& name,
                                      bool delegated) {
  const auto config = TRY(this->config());
  Headers headers;
  if (delegated) headers.emplace_back("X-Iceberg-Access-Delegation", "vended-credentials");
  const std::string body = TRY(get(
      path_of(config, levels) + "/tables/" + http::percent_encode(name), kTableBytesMax, headers));
  auto table = TRY(understood(parse_loaded_table(body)));
  // What the catalog says of all tables holds where it says nothing of this one.
  for (const auto& [key, value] : config.properties) table.config.emplace(key, value);
  return table;
}

}  // namespace firn::federation
