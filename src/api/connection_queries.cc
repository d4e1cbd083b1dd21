#include "api/connection_object.h"
#include "api/context.h"
#include "api/ids.h"
#include "api/roots.h"

namespace firn::api {

using ConnectionPtr = std::shared_ptr<const schema::Connection>;

Field<std::vector<ConnectionPtr>> QueryRoot::connections(Call& call) const {
  using Connections = std::vector<ConnectionPtr>;
  return asking(call, [&services = services_](const auth::Principal& who) -> Result<Connections> {
    Connections all;
    auto found = TRY(services.federation.connections(who));
    for (auto& connection : found) {
      all.push_back(make_connection(services, std::move(connection)));
    }
    return all;
  });
}

Field<ConnectionPtr> QueryRoot::connection(Call& call,
                                           const schema::QueryConnectionArgs& args) const {
  return asking(call,
                [&services = services_, args](const auth::Principal& who) -> Result<ConnectionPtr> {
                  const auto id = local_id("connection", args.id);
                  if (!id.ok()) return ConnectionPtr();
                  auto found = services.federation.connection(who, *id);
                  if (found.ok()) return make_connection(services, *std::move(found));
                  if (found.error().code() == ErrorCode::kNotFound) return ConnectionPtr();
                  return found.error();
                });
}

}  // namespace firn::api
