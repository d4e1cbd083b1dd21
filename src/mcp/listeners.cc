#include "mcp/listeners.h"

#include <algorithm>
#include <vector>

namespace firn::mcp {
namespace {

constexpr std::string_view kKinds[] = {"toolsListChanged", "promptsListChanged",
                                       "resourcesListChanged"};
constexpr std::string_view kResources = "resourceSubscriptions";

// The notifications that a stream is for.
const Json* filter_of(const Call& call) { return object_member(call.params(), "notifications"); }

std::string tagged(const Call& call, Json params) {
  Json meta = Json::object();
  meta.set(std::string(kMetaSubscription), call.id());
  params.set("_meta", std::move(meta));
  return params.to_json();
}

bool wants(const Json& filter, std::string_view kind, const std::string& uri) {
  const Json* wanted = filter.field(kind);
  if (wanted == nullptr) return false;
  if (uri.empty()) return wanted->kind == Json::Kind::kBoolean && wanted->boolean;
  return std::any_of(wanted->items.begin(), wanted->items.end(),
                     [&](const Json& item) { return item.text == uri; });
}

}  // namespace

void Listeners::listen(const CallPtr& call) {
  const Json* filter = filter_of(*call);
  if (filter == nullptr) {
    return call->fail({rpc_code::kInvalidParams, "params.notifications is missing"});
  }
  // It would never be answered, and never be seen to go.
  if (!call->takes_notifications()) {
    return call->fail({rpc_code::kInvalidRequest,
                       "this answers with events: accept "
                       "text/event-stream"});
  }
  Json honoured = Json::object();
  for (const auto kind : kKinds) {
    if (wants(*filter, kind, "")) honoured.set(std::string(kind), Json::of_boolean(true));
  }
  const Json* uris = filter->field(kResources);
  if (uris != nullptr && uris->kind == Json::Kind::kList)
    honoured.set(std::string(kResources), *uris);
  Json params = Json::object();
  params.set("notifications", std::move(honoured));
  {
    std::lock_guard lock(mutex_);
    const std::string identity = call->origin().caller->identity();
    const auto of_them = std::count_if(calls_.begin(), calls_.end(), [&](const CallPtr& other) {
      return other->origin().caller->identity() == identity;
    });
    if (calls_.size() >= kListenersMax || static_cast<size_t>(of_them) >= kListenersOfOneMax) {
      return call->fail(Error(ErrorCode::kOverloaded, "too many clients listen"));
    }
    calls_.push_back(call);
    // First of all, and so under the lock that publishing takes.
    call->notify("notifications/subscriptions/acknowledged", tagged(*call, std::move(params)));
  }
  call->on_cancel([this, weak = std::weak_ptr(call)] {
    const auto ended = weak.lock();
    std::lock_guard lock(mutex_);
    calls_.remove(ended);
  });
}

void Listeners::publish(std::string_view kind, const std::string& uri, std::string_view method,
                        Json params) {
  std::lock_guard lock(mutex_);
  for (const CallPtr& call : calls_) {
    if (wants(*filter_of(*call), kind, uri)) call->notify(method, tagged(*call, params));
  }
}

}  // namespace firn::mcp
