#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "mcp/call.h"

namespace firn::mcp {

// The streams of subscriptions/listen (2026-07-28). Thread-safe.
class Listeners {
 public:
  static constexpr size_t kListenersMax = 2048;
  static constexpr size_t kListenersOfOneMax = 64;  // of one identity

  // Acknowledges the call and keeps it open for what its filter names.
  void listen(const CallPtr& call);
  // To each stream that asked for `kind`, and for `uri` where that is not empty.
  void publish(std::string_view kind, const std::string& uri, std::string_view method, Json params);

 private:
  std::mutex mutex_;
  std::list<CallPtr> calls_;
};

}  // namespace firn::mcp
