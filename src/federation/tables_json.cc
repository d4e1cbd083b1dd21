#include "federation/tables_json.h"

#include <boost/json.hpp>

namespace firn::federation {
namespace {

namespace json = boost::json;

constexpr size_t kNameBytesMax = 1024;

Error malformed() { return Error(ErrorCode::kInternal, "the list of tables cannot be read"); }

bool text_of(const json::object& object, std::string_view name, std::string& into) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return false;
  into.assign(value->get_string().data(), value->get_string().size());
  return into.size() <= kNameBytesMax;
}

bool flag_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

bool read_table(const json::value& value, query::ForeignTable& table) {
  if (!value.is_object()) return false;
  const auto& object = value.get_object();
  if (!text_of(object, "schema", table.schema) || !text_of(object, "name", table.name)) {
    return false;
  }
  const auto* rows = object.if_contains("rows");
  if (rows != nullptr && rows->is_int64()) table.row_estimate = rows->get_int64();
  const auto* columns = object.if_contains("columns");
  if (columns == nullptr || !columns->is_array()) return false;
  for (const auto& element : columns->get_array()) {
    query::ForeignColumn column;
    if (!element.is_object() || !text_of(element.get_object(), "name", column.name)) return false;
    // An enumeration's type lists its values.
    if (!text_of(element.get_object(), "type", column.type)) column.type = "ENUM";
    column.required = flag_of(element.get_object(), "required");
    table.columns.push_back(std::move(column));
  }
  return true;
}

}  // namespace

Result<BrowsedDatabase> parse_browsed(std::string_view text) {
  boost::system::error_code failed;
  json::parse_options options;
  options.max_depth = 8;
  const auto value = json::parse(text, failed, {}, options);
  if (failed || !value.is_object()) return malformed();
  BrowsedDatabase browsed;
  text_of(value.get_object(), "version", browsed.version);
  browsed.truncated = flag_of(value.get_object(), "truncated");
  const auto* tables = value.get_object().if_contains("tables");
  if (tables == nullptr || !tables->is_array()) return malformed();
  for (const auto& element : tables->get_array()) {
    query::ForeignTable table;
    if (!read_table(element, table)) return malformed();
    browsed.tables.push_back(std::move(table));
  }
  return browsed;
}

std::string tables_json(const std::vector<query::ForeignTable>& tables) {
  json::array list;
  for (const auto& table : tables) {
    json::array columns;
    for (const auto& column : table.columns) {
      columns.push_back(
          {{"name", column.name}, {"type", column.type}, {"required", column.required}});
    }
    list.push_back({{"schema", table.schema},
                    {"name", table.name},
                    {"rows", table.row_estimate},
                    {"columns", std::move(columns)}});
  }
  return json::serialize(json::object{{"tables", std::move(list)}});
}

}  // namespace firn::federation
