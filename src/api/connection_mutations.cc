#include "api/connection_object.h"
#include "api/context.h"
#include "api/convert.h"
#include "api/roots.h"

namespace firn::api {
namespace {

using ConnectionPtr = std::shared_ptr<const schema::Connection>;
using federation::ConnectionSpec;

Result<uint16_t> port_of(int32_t port) {
  if (port >= 1 && port <= 65535) return static_cast<uint16_t>(port);
  return Error(ErrorCode::kInvalidArgument, "a port is from 1 to 65535");
}

Result<ConnectionSpec> spec_of(const schema::CreateConnectionInput& input) {
  ConnectionSpec spec;
  spec.name = input.name;
  spec.description = input.description;
  spec.kind = static_cast<federation::ForeignKind>(input.kind);
  spec.host = input.host.value_or("");
  if (input.port) spec.port = TRY(port_of(*input.port));
  spec.database = input.database.value_or("");
  spec.user = input.user.value_or("");
  spec.tls = static_cast<federation::Tls>(input.tls);
  spec.path = input.path.value_or("");
  spec.token_url = input.token_url.value_or("");
  spec.scope = input.scope.value_or("");
  spec.storage_endpoint = input.storage_endpoint.value_or("");
  spec.storage_region = input.storage_region.value_or("");
  spec.storage_user = input.storage_user.value_or("");
  spec.reader = from_schema(input.reader_role);
  spec.rows_max = input.rows_max;
  spec.statement_timeout_ms = input.statement_timeout_ms;
  return spec;
}

template <typename Given, typename Into>
void give(const Given& given, Into& into) {
  if (given) into = *given;
}

Result<ConnectionSpec> changed(ConnectionSpec spec, const schema::UpdateConnectionInput& input) {
  give(input.name, spec.name);
  give(input.description, spec.description);
  give(input.host, spec.host);
  if (input.port) spec.port = TRY(port_of(*input.port));
  give(input.database, spec.database);
  give(input.user, spec.user);
  if (input.tls) spec.tls = static_cast<federation::Tls>(*input.tls);
  give(input.path, spec.path);
  give(input.token_url, spec.token_url);
  give(input.scope, spec.scope);
  give(input.storage_endpoint, spec.storage_endpoint);
  give(input.storage_region, spec.storage_region);
  give(input.storage_user, spec.storage_user);
  if (input.reader_role) spec.reader = from_schema(*input.reader_role);
  give(input.rows_max, spec.rows_max);
  give(input.statement_timeout_ms, spec.statement_timeout_ms);
  return spec;
}

template <typename Input>
federation::Secrets secrets_of(const Input& input) {
  const auto given = [](const graphql::Optional<std::string>& secret) {
    return secret ? std::optional(*secret) : std::nullopt;
  };
  return {given(input.password), given(input.storage_password)};
}

}  // namespace

Field<ConnectionPtr> MutationRoot::create_connection(
    Call& call, const schema::MutationCreateConnectionArgs& args) const {
  const auto& input = args.input;
  return changing(
      call, {input.name},
      [&services = services_, input](const auth::Principal& who) -> Result<ConnectionPtr> {
        const auto environment = TRY(local_id("environment", input.environment_id));
        const auto spec = TRY(spec_of(input));
        auto made =
            TRY(services.federation.create_connection(who, environment, spec, secrets_of(input)));
        return make_connection(services, std::move(made));
      });
}

Field<ConnectionPtr> MutationRoot::update_connection(
    Call& call, const schema::MutationUpdateConnectionArgs& args) const {
  const auto& input = args.input;
  return changing(
      call, {input.id},
      [&services = services_, input](const auth::Principal& who) -> Result<ConnectionPtr> {
        const auto id = TRY(local_id("connection", input.id));
        const auto before = TRY(services.federation.connection(who, id));
        const auto spec = TRY(changed(before.spec, input));
        auto made = TRY(services.federation.update_connection(who, id, spec, secrets_of(input)));
        return make_connection(services, std::move(made));
      });
}

Field<std::string> MutationRoot::delete_connection(
    Call& call, const schema::MutationDeleteConnectionArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    const auto id = TRY(local_id("connection", args.id));
                    TRY(services.federation.delete_connection(who, id));
                    return args.id;
                  });
}

Field<ConnectionPtr> MutationRoot::test_connection(
    Call& call, const schema::MutationTestConnectionArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<ConnectionPtr> {
        const auto id = TRY(local_id("connection", args.id));
        auto seen = TRY(services.federation.test_connection(who, id));
        return make_connection(services, std::move(seen));
      });
}

Field<ConnectionPtr> MutationRoot::refresh_connection(
    Call& call, const schema::MutationRefreshConnectionArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<ConnectionPtr> {
        const auto id = TRY(local_id("connection", args.id));
        auto seen = TRY(services.federation.refresh_connection(who, id));
        return make_connection(services, std::move(seen));
      });
}

}  // namespace firn::api
