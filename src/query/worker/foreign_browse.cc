#include "query/worker/foreign_browse.h"

#include <boost/json.hpp>
#include <map>
#include <set>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/parser/constraints/not_null_constraint.hpp"
#include "query/worker/file_tables.h"

namespace firn::query {
namespace {

namespace json = boost::json;

constexpr size_t kTablesMax = 10'000;
constexpr size_t kColumnsMax = 100'000;  // of all tables together

const std::set<std::string>& system_schemas() {
  static const std::set<std::string> kNames{"information_schema", "pg_catalog", "pg_toast",
                                            "performance_schema", "mysql",      "sys"};
  return kNames;
}

std::string literal(const std::string& text) { return duckdb::KeywordHelper::WriteQuoted(text); }

// The rows of a statement that the database itself runs.
duckdb::unique_ptr<duckdb::MaterializedQueryResult> ask(duckdb::Connection& connection,
                                                        const ForeignSources& sources,
                                                        const OpenedSource& opened,
                                                        const std::string& function,
                                                        const std::string& statement) {
  auto result = connection.Query("FROM " + sources.hidden_function(function) + "(" +
                                 literal(opened.attached_as) + ", " + literal(statement) + ")");
  if (result->HasError()) {
    try {
      result->ThrowError();
    } catch (const std::exception& thrown) {
      rethrow_foreign(opened.source, thrown);
    }
  }
  return result;
}

using Estimates = std::map<std::pair<std::string, std::string>, int64_t>;

Estimates estimates_of(duckdb::Connection& connection, const ForeignSources& sources,
                       const OpenedSource& opened, std::string& version) {
  Estimates rows;
  const bool postgres = opened.source.kind == ForeignKind::kPostgres;
  if (!postgres && opened.source.kind != ForeignKind::kMySql) return rows;
  const std::string function = postgres ? "postgres_query" : "mysql_query";
  version =
      ask(connection, sources, opened, function,
          postgres ? "SELECT current_setting('server_version_num') AS v" : "SELECT version() AS v")
          ->GetValue(0, 0)
          .ToString();
  const auto result = ask(
      connection, sources, opened, function,
      postgres ? "SELECT n.nspname::text AS s, c.relname::text AS t, c.reltuples::bigint AS n FROM "
                 "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN "
                 "('r', 'p', 'm') AND n.nspname <> 'pg_catalog'"
               : "SELECT table_schema AS s, table_name AS t, CAST(table_rows AS SIGNED) AS n FROM "
                 "information_schema.tables WHERE table_schema NOT IN ('information_schema', "
                 "'performance_schema', 'mysql', 'sys')");
  for (duckdb::idx_t i = 0; i < result->RowCount(); ++i) {
    const auto count = result->GetValue(2, i);
    rows[{result->GetValue(0, i).ToString(), result->GetValue(1, i).ToString()}] =
        count.IsNull() ? -1 : count.GetValue<int64_t>();
  }
  return rows;
}

json::object describe(const duckdb::TableCatalogEntry& table, const std::string& schema,
                      int64_t rows) {
  json::array columns;
  std::set<duckdb::idx_t> required;
  for (const auto& constraint : table.GetConstraints()) {
    if (constraint->type == duckdb::ConstraintType::NOT_NULL) {
      required.insert(constraint->Cast<duckdb::NotNullConstraint>().index.index);
    }
  }
  for (const auto& column : table.GetColumns().Logical()) {
    columns.push_back({{"name", column.Name()},
                       {"type", column.Type().ToString()},
                       {"required", required.contains(column.Logical().index)}});
  }
  return {
      {"schema", schema}, {"name", table.name}, {"rows", rows}, {"columns", std::move(columns)}};
}

}  // namespace

std::string browse_foreign(duckdb::Connection& connection, ForeignSources& sources,
                           const std::string& name) {
  const auto& opened = sources.open(name);
  std::string version;
  const auto rows = estimates_of(connection, sources, opened, version);
  json::array tables;
  size_t columns = 0;
  bool truncated = false;
  connection.context->RunFunctionInTransaction([&] {
    try {
      for (auto& schema : opened.catalog().GetSchemas(*connection.context)) {
        const std::string schema_name = schema.get().name;
        if (system_schemas().contains(duckdb::StringUtil::Lower(schema_name))) continue;
        const auto rows_of = [&](duckdb::TableCatalogEntry& table) -> int64_t {
          if (opened.source.kind == ForeignKind::kFiles) {
            return rows_in_files(*connection.context, table);
          }
          const auto estimate = rows.find({schema_name, table.name});
          return estimate == rows.end() ? -1 : estimate->second;
        };
        schema.get().Scan(*connection.context, duckdb::CatalogType::TABLE_ENTRY,
                          [&](duckdb::CatalogEntry& entry) {
                            if (entry.type != duckdb::CatalogType::TABLE_ENTRY) return;
                            auto& table = entry.Cast<duckdb::TableCatalogEntry>();
                            columns += table.GetColumns().LogicalColumnCount();
                            truncated |= tables.size() >= kTablesMax || columns > kColumnsMax;
                            if (!truncated) {
                              tables.push_back(describe(table, schema_name, rows_of(table)));
                            }
                          });
      }
    } catch (const std::exception& thrown) {
      rethrow_foreign(opened.source, thrown);
    }
  });
  return json::serialize(
      json::object{{"version", version}, {"tables", std::move(tables)}, {"truncated", truncated}});
}

void stop_foreign(duckdb::Connection& connection, ForeignSources& sources, const std::string& name,
                  const std::string& ports) {
  const auto& opened = sources.open(name, true);
  if (opened.source.kind == ForeignKind::kPostgres) {
    ask(connection, sources, opened, "postgres_query",
        "SELECT pg_cancel_backend(pid) AS done FROM pg_stat_activity WHERE client_port IN (" +
            ports + ") AND usename = current_user AND pid <> pg_backend_pid()");
    return;
  }
  if (opened.source.kind != ForeignKind::kMySql) return;
  const auto running =
      ask(connection, sources, opened, "mysql_query",
          "SELECT CAST(id AS SIGNED) AS id FROM information_schema.processlist WHERE "
          "CAST(substring_index(host, ':', -1) AS UNSIGNED) IN (" +
              ports + ") AND id <> connection_id()");
  for (duckdb::idx_t i = 0; i < running->RowCount(); ++i) {
    ask(connection, sources, opened, "mysql_execute",
        "KILL QUERY " + running->GetValue(0, i).ToString());
  }
}

}  // namespace firn::query
