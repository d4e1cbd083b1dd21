#include <spdlog/spdlog.h>

#include "api/context.h"

namespace firn::api {

void record_change(Services& services, const auth::Principal& principal, const std::string& action,
                   std::vector<std::string> objects, const Error* error, const std::string& address,
                   const std::string& client) {
  auth::AuditEntry entry;
  entry.organization = principal.organization;
  entry.principal = principal.account;
  entry.principal_name = principal.name;
  entry.action = action;
  entry.objects = std::move(objects);
  if (error != nullptr) entry.error = info_of(error->code()).graphql_code;
  entry.address = address;
  entry.client = client;
  // What was done was done: that it could not be written down is for the operator.
  if (const Status status = services.auth.audit().record(std::move(entry)); !status.ok()) {
    spdlog::error("the audit log lacks {} by {}: {}", action, principal.account,
                  status.error().to_log());
  }
}

}  // namespace firn::api
