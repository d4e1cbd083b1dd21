#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "auth/auth.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "http/message.h"
#include "http/server.h"

namespace firn::catalog::rest {

struct RestOptions {
  // The catalog that clients get who name no warehouse, and whose paths have no prefix.
  std::string default_catalog = "lake";
  // A commit of thousands of snapshots or columns fits; beyond: 413.
  uint64_t body_bytes_max = 64 << 20;
  // Makes a table's acknowledged rows part of a snapshot; called before an engine (the role) loads
  // the table, which then sees what Firn's own queries see. May block. Null: none are waiting.
  std::function<Status(const Uuid& table)> commit_hot_rows;
};

// The Iceberg REST catalog (the table spec's OpenAPI document) over a Catalog. Thread-safe; calls
// may block on disk.
class RestCatalog {
 public:
  // Both must outlive this object.
  RestCatalog(Catalog& catalog, auth::Authenticator& authenticator, RestOptions options = {})
      : catalog_(catalog), authenticator_(authenticator), options_(std::move(options)) {}

  // How to serve a request below /iceberg; none for any other path.
  std::optional<http::Route> route(const http::Request& request);
  // Answers a request whose path is /v1/... or /iceberg/v1/...; finds out who makes it. Every error
  // has the shape that Iceberg clients know.
  http::Response handle(const http::Request& request, std::string_view body);
  // The same for a known principal; no authentication takes place.
  http::Response handle(const http::Request& request, std::string_view body,
                        const auth::Principal& principal);

 private:
  struct Call;
  Result<http::Response> dispatch(const Call& call);
  Result<http::Response> route_namespaces(const Call& call);
  Result<http::Response> route_tables(const Call& call, const Namespace& ns);
  Result<http::Response> route_table(const Call& call, const TableIdent& ident);
  Result<http::Response> route_views(const Call& call, const Namespace& ns);

  Result<http::Response> config(const Call& call);
  static bool is_token_request(const http::Request& request);
  http::Response token(const http::Request& request, std::string_view body);

  Result<http::Response> list_namespaces(const Call& call);
  Result<http::Response> create_namespace(const Call& call);
  Result<http::Response> load_namespace(const Call& call, const Namespace& ns);
  Result<http::Response> update_namespace(const Call& call, const Namespace& ns);

  Result<http::Response> list_tables(const Call& call, const Namespace& ns);
  Result<http::Response> create_table(const Call& call, const Namespace& ns);
  // The table, unless a policy hides some of its rows or columns from the principal: whoever reads
  // the files sees all of them.
  Result<TablePtr> readable_table(const Call& call, const TableIdent& ident);
  Result<http::Response> load_table(const Call& call, const TableIdent& ident);
  Result<http::Response> register_table(const Call& call, const Namespace& ns);
  Result<http::Response> rename_table(const Call& call);
  Result<http::Response> commit_table(const Call& call, const TableIdent& ident);
  Result<http::Response> commit_transaction(const Call& call);

  Catalog& catalog_;
  auth::Authenticator& authenticator_;
  const RestOptions options_;
};

}  // namespace firn::catalog::rest
