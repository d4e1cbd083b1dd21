#pragma once

#include <span>
#include <string>
#include <string_view>

#include "catalog/rest/rest_catalog.h"

namespace firn::catalog::rest {

// One request on its way through the routes.
struct RestCatalog::Call {
  const http::Request& request;
  std::string_view body;
  const auth::Principal& principal;
  std::string catalog;                // its name for the principal; once resolved, its id
  std::span<const std::string> path;  // decoded segments after the catalog's prefix
  auth::Object object = {};           // the catalog

  bool is(std::string_view method) const { return request.method == method; }
  Status may_read() const { return auth::authorize(principal, auth::Role::kViewer, object); }
  Status may_change() const { return auth::authorize(principal, auth::Role::kEditor, object); }
};

// The levels of a namespace in a path or parameter, which 0x1F separates.
Namespace split_levels(std::string_view text);

// One page of a sorted listing. A request without pageToken gets everything.
struct Page {
  size_t first = 0;
  size_t count = 0;
  std::string next_token;  // empty: the last page
};
Result<Page> page_of(const http::Request& request, size_t total);

// The error that Iceberg clients expect: {"error": {"message", "type", "code"}}.
http::Response error_response(const Error& error);
http::Response error_response(int status, std::string_view type, std::string_view message);
http::Response method_not_allowed(const http::Request& request);

}  // namespace firn::catalog::rest
