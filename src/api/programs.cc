// Programs that act in a person's name: what they ask for, and the person's word (OAuth).
#include "api/context.h"
#include "api/convert.h"
#include "api/roots.h"

namespace firn::api {
namespace {

// "host:port" of a URI.
std::string host_of(const std::string& uri) {
  const size_t scheme = uri.find("://");
  const size_t start = scheme == std::string::npos ? 0 : scheme + 3;
  return uri.substr(start, uri.find('/', start) - start);
}

}  // namespace

Field<std::optional<schema::AuthorizationRequest>> QueryRoot::authorization_request(
    Call& call, const schema::QueryAuthorizationRequestArgs& args) const {
  using Found = std::optional<schema::AuthorizationRequest>;
  return asking(call, [&services = services_, args](const auth::Principal&) -> Result<Found> {
    const auto request = services.auth.oauth().find(args.id);
    if (!request.ok()) {
      return request.error().code() == ErrorCode::kNotFound ? Result<Found>(Found())
                                                            : Result<Found>(request.error());
    }
    return Found(schema::AuthorizationRequest{.id = request->id,
                                              .client_name = request->client.name,
                                              .redirect_host = host_of(request->query.redirect_uri),
                                              .role = to_schema(request->ceiling),
                                              .expires_at = time_of(request->expires_us)});
  });
}

Field<std::vector<schema::ConnectedProgram>> QueryRoot::connected_programs(Call& call) const {
  using Programs = std::vector<schema::ConnectedProgram>;
  return asking(call, [&services = services_](const auth::Principal& who) -> Result<Programs> {
    Programs programs;
    for (const auto& program : TRY(services.auth.oauth().connected(who))) {
      const auto role = auth::role_of_scope(program.scope).value_or(auth::Role::kViewer);
      programs.push_back({.id = program.id,
                          .name = program.name,
                          .role = to_schema(role),
                          .connected_at = time_of(program.created_us)});
    }
    return programs;
  });
}

Field<std::string> MutationRoot::decide_authorization(
    Call& call, const schema::MutationDecideAuthorizationArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    return services.auth.oauth().decide(who, args.id, args.approve,
                                                        from_schema(args.role));
                  });
}

Field<std::string> MutationRoot::disconnect_program(
    Call& call, const schema::MutationDisconnectProgramArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    TRY(services.auth.oauth().disconnect(who, args.id));
                    return args.id;
                  });
}

}  // namespace firn::api
