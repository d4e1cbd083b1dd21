#include <boost/json.hpp>
#include <set>

#include "catalog/rest/call_internal.h"
#include "catalog/rest/rest_json.h"
#include "iceberg/json.h"
#include "iceberg/json_writer.h"

namespace firn::catalog::rest {
namespace {

std::string namespace_body(const Namespace& ns, const iceberg::Properties& properties) {
  std::string text;
  iceberg::JsonWriter writer(text);
  writer.begin_object();
  writer.key("namespace");
  write_namespace(writer, ns);
  writer.key("properties");
  iceberg::write_properties(writer, properties);
  writer.end_object();
  return text;
}

void write_list(iceberg::JsonWriter& writer, std::string_view name,
                const std::vector<std::string>& values) {
  writer.key(name);
  writer.begin_array();
  for (const std::string& value : values) writer.string(value);
  writer.end_array();
}

}  // namespace

Result<http::Response> RestCatalog::list_namespaces(const Call& call) {
  TRY(call.may_read());
  // An empty parent is the top, as none is.
  const auto asked = call.request.parameter("parent").value_or("");
  const Namespace parent = asked.empty() ? Namespace() : split_levels(asked);
  const auto found = TRY(catalog_.list_namespaces(call.catalog, parent));
  const Page page = TRY(page_of(call.request, found.size()));
  std::string text;
  iceberg::JsonWriter writer(text);
  writer.begin_object();
  writer.key("namespaces");
  writer.begin_array();
  for (size_t i = page.first; i < page.first + page.count; ++i) write_namespace(writer, found[i]);
  writer.end_array();
  writer.key("next-page-token");
  page.next_token.empty() ? writer.null() : writer.string(page.next_token);
  writer.end_object();
  return http::Response::json(200, std::move(text));
}

Result<http::Response> RestCatalog::create_namespace(const Call& call) {
  TRY(call.may_change());
  const boost::json::value body = TRY(iceberg::parse_json(call.body));
  const auto& object = *TRY(iceberg::json_object(body, "request"));
  const Namespace ns = TRY(namespace_from_json(*TRY(iceberg::json_member(object, "namespace"))));
  const auto properties = TRY(iceberg::json_properties(object, "properties"));
  TRY(catalog_.create_namespace(call.catalog, ns, properties));
  return http::Response::json(200, namespace_body(ns, properties));
}

Result<http::Response> RestCatalog::load_namespace(const Call& call, const Namespace& ns) {
  TRY(call.may_read());
  auto properties = TRY(catalog_.namespace_properties(call.catalog, ns));
  // Trino stages a table only at a location of its own choice below this one; without it, it makes
  // the table at once and then finds its folder not empty.
  properties.try_emplace("location", catalog_.default_namespace_location(call.catalog, ns));
  if (call.is("HEAD")) return http::Response::no_content();
  return http::Response::json(200, namespace_body(ns, properties));
}

Result<http::Response> RestCatalog::update_namespace(const Call& call, const Namespace& ns) {
  TRY(call.may_change());
  const boost::json::value body = TRY(iceberg::parse_json(call.body));
  const auto& object = *TRY(iceberg::json_object(body, "request"));
  const auto updates = TRY(iceberg::json_properties(object, "updates"));
  std::vector<std::string> removals;
  if (const auto* list = iceberg::json_find(object, "removals")) {
    removals = TRY(iceberg::json_string_list(*list, "removals"));
  }
  for (const std::string& name : removals) {
    if (!updates.contains(name)) continue;
    return error_response(
        422, "UnprocessableEntityException",
        "Invalid namespace update, cannot simultaneously set and remove keys: [" + name + "]");
  }
  const auto before = TRY(catalog_.namespace_properties(call.catalog, ns));
  TRY(catalog_.update_namespace(call.catalog, ns, removals, updates));
  std::vector<std::string> updated;
  for (const auto& [name, value] : updates) updated.push_back(name);
  std::vector<std::string> removed;
  std::vector<std::string> missing;
  for (const std::string& name : removals) {
    (before.contains(name) ? removed : missing).push_back(name);
  }
  std::string text;
  iceberg::JsonWriter writer(text);
  writer.begin_object();
  write_list(writer, "updated", updated);
  write_list(writer, "removed", removed);
  write_list(writer, "missing", missing);
  writer.end_object();
  return http::Response::json(200, std::move(text));
}

}  // namespace firn::catalog::rest
