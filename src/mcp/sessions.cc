#include "mcp/sessions.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/bytes.h"

namespace firn::mcp {
namespace {

constexpr size_t kCallsMax = 256;
constexpr size_t kExpectedMax = 64;
constexpr size_t kSubscriptionsMax = 256;

// A client's Implementation, or its capabilities, are any JSON, and a session is kept for long.
Json client_of(const Json& said) {
  Json kept = Json::object();
  for (const char* member : {"name", "title", "version"}) {
    auto text = string_member(said, member);
    if (text && text->size() <= Sessions::kClientTextMax) {
      kept.set(member, Json::of_string(*std::move(text)));
    }
  }
  return kept;
}

Json capabilities_of(const Json& said) {
  Json kept = Json::object();
  for (const char* name : {"sampling", "elicitation", "roots"}) {
    const Json* capability = object_member(said, name);
    if (capability == nullptr) continue;
    const bool small = capability->to_json().size() <= Sessions::kClientTextMax;
    kept.set(name, small ? *capability : Json::object());
  }
  return kept;
}

Error gone() { return {ErrorCode::kCancelled, "the client's session has ended"}; }

}  // namespace

Session::Session(std::string id, std::string identity, std::string version, Json client,
                 Json capabilities)
    : id(std::move(id)),
      identity(std::move(identity)),
      version(std::move(version)),
      client(std::move(client)),
      capabilities(std::move(capabilities)),
      logging_(log_severity("info")) {}

std::optional<int> Session::logging() const {
  std::lock_guard lock(mutex_);
  return logging_;
}

void Session::set_logging(int severity) {
  std::lock_guard lock(mutex_);
  logging_ = severity;
}

bool Session::begin(const std::string& id_json, const CallPtr& call) {
  std::lock_guard lock(mutex_);
  std::erase_if(calls_, [](const auto& entry) { return entry.second.expired(); });
  if (calls_.size() >= kCallsMax) return false;
  return calls_.emplace(id_json, call).second;
}

void Session::end(const std::string& id_json) {
  std::lock_guard lock(mutex_);
  calls_.erase(id_json);
}

void Session::cancel(const std::string& id_json) {
  CallPtr call;
  {
    std::lock_guard lock(mutex_);
    const auto found = calls_.find(id_json);
    if (found != calls_.end()) call = found->second.lock();
  }
  if (call != nullptr) call->cancel();
}

std::string Session::expect(std::function<void(Result<Json>)> done) {
  std::unique_lock lock(mutex_);
  std::string id = "firn-" + std::to_string(next_request_++);
  if (expected_.size() < kExpectedMax) {
    expected_.emplace(id, std::move(done));
    return id;
  }
  lock.unlock();
  done(Error(ErrorCode::kOverloaded, "too many questions wait for the client's answer"));
  return id;
}

void Session::receive(const Message& response) {
  std::function<void(Result<Json>)> done;
  {
    std::lock_guard lock(mutex_);
    const auto found = expected_.find(response.id.text);
    if (found == expected_.end()) return;
    done = std::move(found->second);
    expected_.erase(found);
  }
  if (response.result) return done(*response.result);
  const auto message = string_member(*response.rpc_failed, "message");
  done(Error(ErrorCode::kCancelled, "the client refused: " + message.value_or("no reason given")));
}

void Session::listen(std::shared_ptr<http::PushStream> stream) {
  std::shared_ptr<http::PushStream> older;
  {
    std::lock_guard lock(mutex_);
    older = std::exchange(stream_, std::move(stream));
  }
  if (older != nullptr) older->finish();
}

void Session::notify(const std::string& event) {
  std::shared_ptr<http::PushStream> stream;
  {
    std::lock_guard lock(mutex_);
    stream = stream_;
  }
  if (stream != nullptr) stream->write(event);
}

bool Session::subscribe(const std::string& uri) {
  std::lock_guard lock(mutex_);
  if (subscriptions_.size() >= kSubscriptionsMax) return false;
  subscriptions_.insert(uri);
  return true;
}

void Session::unsubscribe(const std::string& uri) {
  std::lock_guard lock(mutex_);
  subscriptions_.erase(uri);
}

bool Session::is_subscribed(const std::string& uri) const {
  std::lock_guard lock(mutex_);
  return subscriptions_.contains(uri);
}

void Session::touch(std::chrono::steady_clock::time_point now) {
  std::lock_guard lock(mutex_);
  last_used_ = now;
}

std::chrono::steady_clock::time_point Session::last_used() const {
  std::lock_guard lock(mutex_);
  return last_used_;
}

void Session::close() {
  std::map<std::string, std::weak_ptr<Call>> calls;
  std::map<std::string, std::function<void(Result<Json>)>> expected;
  {
    std::lock_guard lock(mutex_);
    calls.swap(calls_);
    expected.swap(expected_);
  }
  listen(nullptr);
  for (const auto& [id_json, weak] : calls) {
    if (const auto call = weak.lock()) call->cancel();
  }
  for (const auto& [request, done] : expected) done(gone());
}

// Under the lock. Of one identity, or of all.
void Sessions::end_least_used(const std::string* identity,
                              std::vector<std::shared_ptr<Session>>& ended) {
  auto oldest = sessions_.end();
  for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
    if (identity != nullptr && it->second->identity != *identity) continue;
    if (oldest == sessions_.end() || it->second->last_used() < oldest->second->last_used()) {
      oldest = it;
    }
  }
  if (oldest == sessions_.end()) return;
  ended.push_back(std::move(oldest->second));
  sessions_.erase(oldest);
}

std::shared_ptr<Session> Sessions::begin(const std::string& identity, std::string version,
                                         const Json& client, const Json& capabilities) {
  std::array<uint8_t, 24> bytes{};
  random_.fill(bytes);
  auto session = std::make_shared<Session>(to_hex(bytes), identity, std::move(version),
                                           client_of(client), capabilities_of(capabilities));
  const auto now = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<Session>> ended;
  {
    std::lock_guard lock(mutex_);
    for (auto it = sessions_.begin(); it != sessions_.end();) {
      if (now - it->second->last_used() > kIdle) {
        ended.push_back(std::move(it->second));
        it = sessions_.erase(it);
      } else {
        ++it;
      }
    }
    const auto of_them = std::count_if(sessions_.begin(), sessions_.end(), [&](const auto& entry) {
      return entry.second->identity == identity;
    });
    if (static_cast<size_t>(of_them) >= kSessionsOfOneMax) end_least_used(&identity, ended);
    if (sessions_.size() >= kSessionsMax) end_least_used(nullptr, ended);
    sessions_.emplace(session->id, session);
  }
  for (const auto& old : ended) old->close();
  return session;
}

std::shared_ptr<Session> Sessions::find(std::string_view id, const std::string& identity) {
  std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second->identity != identity) return nullptr;
  found->second->touch(std::chrono::steady_clock::now());
  return found->second;
}

void Sessions::end(const std::string& id) {
  std::shared_ptr<Session> session;
  {
    std::lock_guard lock(mutex_);
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    session = std::move(found->second);
    sessions_.erase(found);
  }
  session->close();
}

void Sessions::for_each(const std::function<void(Session&)>& visit) {
  std::vector<std::shared_ptr<Session>> all;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [id, session] : sessions_) all.push_back(session);
  }
  for (const auto& session : all) visit(*session);
}

}  // namespace firn::mcp
