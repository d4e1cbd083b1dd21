#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "http/server.h"
#include "mcp/call.h"
#include "platform/random.h"

namespace firn::mcp {

// One client of the session era (2025-11-25 and before): what it said at `initialize`, and what is
// under way. Thread-safe.
class Session {
 public:
  Session(std::string id, std::string identity, std::string version, Json client,
          Json capabilities);

  const std::string id;
  const std::string identity;
  const std::string version;
  const Json client;
  const Json capabilities;

  std::optional<int> logging() const;
  void set_logging(int severity);

  // Calls under way, by the JSON of their id. False: the id is in use.
  bool begin(const std::string& id_json, const CallPtr& call);
  void end(const std::string& id_json);
  void cancel(const std::string& id_json);

  // A request to the client; `done` gets its result, or an error. Gives its id. Bounded: an error
  // is given at once where too many wait.
  std::string expect(std::function<void(Result<Json>)> done);
  void receive(const Message& response);

  // The stream of GET, one at a time: an older one is ended.
  void listen(std::shared_ptr<http::PushStream> stream);
  void notify(const std::string& event);
  bool subscribe(const std::string& uri);
  void unsubscribe(const std::string& uri);
  bool is_subscribed(const std::string& uri) const;

  void touch(std::chrono::steady_clock::time_point now);
  std::chrono::steady_clock::time_point last_used() const;
  // Cancels what is under way and ends the stream.
  void close();

 private:
  mutable std::mutex mutex_;
  std::optional<int> logging_;
  std::map<std::string, std::weak_ptr<Call>> calls_;
  std::map<std::string, std::function<void(Result<Json>)>> expected_;
  uint64_t next_request_ = 1;
  std::shared_ptr<http::PushStream> stream_;
  std::set<std::string> subscriptions_;
  std::chrono::steady_clock::time_point last_used_ = std::chrono::steady_clock::now();
};

// The sessions of a server: at most kSessionsMax, and kSessionsOfOneMax of one identity, whose own
// least used gives way first; unused for kIdle they end. Thread-safe.
class Sessions {
 public:
  explicit Sessions(platform::Random& random) : random_(random) {}
  static constexpr size_t kSessionsMax = 4096;
  static constexpr size_t kSessionsOfOneMax = 256;
  static constexpr std::chrono::minutes kIdle{60};

  // Of what the client says about itself, its name, version and the capabilities that are used are
  // kept, none longer than kClientTextMax.
  static constexpr size_t kClientTextMax = 256;
  std::shared_ptr<Session> begin(const std::string& identity, std::string version,
                                 const Json& client, const Json& capabilities);
  // Null where there is none of this id, or it is another identity's.
  std::shared_ptr<Session> find(std::string_view id, const std::string& identity);
  void end(const std::string& id);
  void for_each(const std::function<void(Session&)>& visit);

 private:
  platform::Random& random_;
  std::mutex mutex_;
  void end_least_used(const std::string* identity, std::vector<std::shared_ptr<Session>>& ended);
  std::map<std::string, std::shared_ptr<Session>, std::less<>> sessions_;
};

}  // namespace firn::mcp
