#pragma once

#include <memory>
#include <string>

#include "api/context.h"
#include "app/graphql_edge.h"
#include "auth/http/oauth_http.h"
#include "mcp/mirror/mirror.h"
#include "mcp/streamable_http.h"

namespace firn::app {

// Who calls by MCP: a principal as on every other surface.
class McpCaller final : public mcp::Caller {
 public:
  McpCaller(api::PrincipalPtr principal, std::string address, std::string issuer,
            std::string via = {}, std::string run = {})
      : principal(std::move(principal)),
        address(std::move(address)),
        issuer(std::move(issuer)),
        via(std::move(via)),
        run(std::move(run)) {}
  std::string identity() const override {
    return principal->organization + "/" + principal->account;
  }
  const api::PrincipalPtr principal;
  const std::string address;
  const std::string issuer;  // of tokens, as the caller knows this server
  const std::string via;     // what of this server calls: "agent run ID"; empty: a client
  const std::string run;     // of an agent, which the call is a step of; or empty
};

// Lets in who has a key, a token for /mcp or a session, from pages of this server and from no
// other.
class McpGate final : public mcp::Gate {
 public:
  McpGate(GraphqlAdmission& admission, auth::OAuth& oauth, const auth::OAuthHttp& oauth_http,
          std::string public_url);
  bool origin_allowed(const http::Request& request) override;
  Result<std::shared_ptr<const mcp::Caller>> admit(const http::Request& request) override;
  void decorate_refusal(const http::Request& request, http::Response& response) override;

 private:
  GraphqlAdmission& admission_;
  auth::OAuth& oauth_;
  const auth::OAuthHttp& oauth_http_;
  const std::string public_host_;  // as browsers send it; empty where no public URL is set
};

// Firn's own MCP server: the mirror of the hub's schema, with its resources and prompts.
std::unique_ptr<mcp::Mirror> make_mirror(api::Services& services, graphql::Service& hub,
                                         mcp::Confirm confirm);
// The same for callers in this process: nobody to ask for a word, and answers as long as given.
std::unique_ptr<mcp::Mirror> make_inner_mirror(api::Services& services, graphql::Service& hub,
                                               size_t answer_bytes_max);
// "never", "destructive" or "changes". InvalidArgument for anything else.
Result<mcp::Confirm> parse_confirm(const std::string& text);

}  // namespace firn::app
