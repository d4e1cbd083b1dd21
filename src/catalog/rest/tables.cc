#include <spdlog/spdlog.h>
#include <boost/json.hpp>

#include "catalog/rest/call_internal.h"
#include "catalog/rest/rest_json.h"
#include "iceberg/json.h"
#include "iceberg/json_writer.h"

namespace firn::catalog::rest {
namespace {

// One for each metadata file, whose name holds a UUID and whose content never changes, and form of
// the answer.
std::string etag_of(const Table& table, SnapshotsWanted wanted) {
  const size_t slash = table.metadata_location.rfind('/');
  std::string etag = "\"";
  for (const char c : table.metadata_location.substr(slash + 1)) {
    if (c > ' ' && c < '\x7f' && c != '"') etag += c;
  }
  return etag + (wanted == SnapshotsWanted::kAll ? "-all\"" : "-refs\"");
}

bool matches(std::string_view if_none_match, std::string_view etag) {
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

http::Response table_response(const Table& table, SnapshotsWanted wanted) {
  http::Response response = http::Response::json(200, load_table_result(table, wanted));
  if (!table.metadata_location.empty()) response.headers.set("ETag", etag_of(table, wanted));
  return response;
}

}  // namespace

Result<http::Response> RestCatalog::list_tables(const Call& call, const Namespace& ns) {
  TRY(call.may_read());
  const auto found = TRY(catalog_.list_tables(call.catalog, ns));
  const Page page = TRY(page_of(call.request, found.size()));
  std::string text;
  iceberg::JsonWriter writer(text);
  writer.begin_object();
  writer.key("identifiers");
  writer.begin_array();
  for (size_t i = page.first; i < page.first + page.count; ++i) write_ident(writer, found[i]);
  writer.end_array();
  writer.key("next-page-token");
  page.next_token.empty() ? writer.null() : writer.string(page.next_token);
  writer.end_object();
  return http::Response::json(200, std::move(text));
}

Result<http::Response> RestCatalog::create_table(const Call& call, const Namespace& ns) {
  TRY(call.may_change());
  const boost::json::value body = TRY(iceberg::parse_json(call.body));
  const auto& object = *TRY(iceberg::json_object(body, "request"));
  const TableIdent ident{call.catalog, ns, TRY(iceberg::json_string(object, "name"))};
  const auto schema = TRY(iceberg::schema_from_json(*TRY(iceberg::json_member(object, "schema"))));
  iceberg::PartitionSpec spec;
  if (const auto* value = iceberg::json_find(object, "partition-spec")) {
    spec = TRY(requested_spec(*value));
  }
  iceberg::SortOrder order;
  if (const auto* value = iceberg::json_find(object, "write-order")) {
    order = TRY(iceberg::sort_order_from_json(*value));
  }
  const auto properties = TRY(iceberg::json_properties(object, "properties"));
  const auto location = TRY(iceberg::optional_string(object, "location"));
  const auto* stage = iceberg::json_find(object, "stage-create");
  if (stage != nullptr && stage->is_bool() && stage->get_bool()) {
    const Table staged =
        TRY(catalog_.stage_create_table(ident, schema, spec, order, properties, location));
    return table_response(staged, SnapshotsWanted::kAll);
  }
  const TablePtr table =
      TRY(catalog_.create_table(ident, schema, spec, order, properties, location));
  return table_response(*table, SnapshotsWanted::kAll);
}

Result<TablePtr> RestCatalog::readable_table(const Call& call, const TableIdent& ident) {
  TablePtr table = TRY(catalog_.load_table(ident));
  const auto refuse_for = [&](const Table& restricted) -> Status {
    const auto rules = TRY(authenticator_.policies().rules_for(call.principal, call.object,
                                                               restricted.metadata->table_uuid));
    if (!rules.any()) return {};
    return Error(ErrorCode::kPermissionDenied,
                 "a policy hides rows or columns of " + ident.to_string() +
                     " from you: its files cannot be read, but it can be queried through Firn");
  };
  TRY(refuse_for(*table));
  // Rejected rows are rows of the table that rejected them.
  if (const auto base = base_of_rejected(ident.name)) {
    const auto owner = catalog_.load_table({ident.catalog, ident.levels, std::string(*base)});
    if (owner.ok()) TRY(refuse_for(**owner));
  }
  return table;
}

Result<http::Response> RestCatalog::load_table(const Call& call, const TableIdent& ident) {
  TRY(call.may_read());
  const auto asked = call.request.parameter("snapshots").value_or("all");
  if (asked != "all" && asked != "refs") {
    return Error(ErrorCode::kInvalidArgument, "Invalid snapshots mode: " + std::string(asked));
  }
  const auto wanted = asked == "refs" ? SnapshotsWanted::kReferenced : SnapshotsWanted::kAll;
  TablePtr table = TRY(readable_table(call, ident));
  if (options_.commit_hot_rows && auth::authorize_engine(call.principal).ok()) {
    const Status committed = options_.commit_hot_rows(table->metadata->table_uuid);
    // What is committed can be read all the same.
    if (!committed.ok()) {
      spdlog::warn("{} is read without its latest rows: {}", ident.to_string(),
                   committed.error().to_log());
    }
    table = TRY(readable_table(call, ident));
  }
  TRY(catalog_.check_metadata_file(*table));
  const auto known = call.request.headers.get("If-None-Match");
  if (known && matches(*known, etag_of(*table, wanted))) {
    http::Response response = http::Response::no_content(304);
    response.headers.set("ETag", etag_of(*table, wanted));
    return response;
  }
  return table_response(*table, wanted);
}

Result<http::Response> RestCatalog::register_table(const Call& call, const Namespace& ns) {
  TRY(call.may_change());
  const boost::json::value body = TRY(iceberg::parse_json(call.body));
  const auto& object = *TRY(iceberg::json_object(body, "request"));
  const TableIdent ident{call.catalog, ns, TRY(iceberg::json_string(object, "name"))};
  const auto* overwrite = iceberg::json_find(object, "overwrite");
  const TablePtr table = TRY(catalog_.register_table(
      ident, TRY(iceberg::json_string(object, "metadata-location")),
      overwrite != nullptr && overwrite->is_bool() && overwrite->get_bool()));
  return table_response(*table, SnapshotsWanted::kAll);
}

Result<http::Response> RestCatalog::rename_table(const Call& call) {
  TRY(call.may_change());
  const boost::json::value body = TRY(iceberg::parse_json(call.body));
  const auto& object = *TRY(iceberg::json_object(body, "request"));
  const TableIdent from =
      TRY(ident_from_json(call.catalog, *TRY(iceberg::json_member(object, "source"))));
  const TableIdent to =
      TRY(ident_from_json(call.catalog, *TRY(iceberg::json_member(object, "destination"))));
  TRY(catalog_.rename_table(from, to));
  return http::Response::no_content();
}

Result<http::Response> RestCatalog::commit_table(const Call& call, const TableIdent& ident) {
  TRY(call.may_change());
  const boost::json::value body = TRY(iceberg::parse_json(call.body));
  const auto change = TRY(change_from_json(ident, *TRY(iceberg::json_object(body, "request"))));
  // The answer tells where the files are.
  const auto existing = readable_table(call, ident);
  if (!existing.ok() && existing.error().code() != ErrorCode::kNotFound) return existing.error();
  const auto tables = TRY(catalog_.commit({change}));
  return table_response(*tables[0], SnapshotsWanted::kAll);
}

Result<http::Response> RestCatalog::commit_transaction(const Call& call) {
  TRY(call.may_change());
  const boost::json::value body = TRY(iceberg::parse_json(call.body));
  const auto& object = *TRY(iceberg::json_object(body, "request"));
  std::vector<Catalog::TableChange> changes;
  for (const auto& item : *TRY(iceberg::json_array(object, "table-changes"))) {
    const auto& member = *TRY(iceberg::json_object(item, "table-changes"));
    const TableIdent ident =
        TRY(ident_from_json(call.catalog, *TRY(iceberg::json_member(member, "identifier"))));
    changes.push_back(TRY(change_from_json(ident, member)));
  }
  TRY(catalog_.commit(changes));
  return http::Response::no_content();
}

}  // namespace firn::catalog::rest
