#include "api/tables.h"

#include <algorithm>
#include <charconv>

#include "api/context.h"
#include "api/convert.h"
#include "api/paging.h"
#include "api/rows.h"
#include "api/table_object.h"

namespace firn::api {
namespace {

constexpr int kNamespaceDepthMax = 8;
constexpr size_t kTablesListedMax = 20'000;

Result<FoundTable> found_for(Services& services, const auth::Principal& principal,
                             auth::CatalogEntry entry, catalog::TablePtr table) {
  TRY(auth::authorize(principal, auth::Role::kViewer, entry.object()));
  auto rules = TRY(
      services.auth.policies().rules_for(principal, entry.object(), table->metadata->table_uuid));
  return FoundTable{principal, std::move(entry), std::move(table), std::move(rules)};
}

Error no_table() { return Error(ErrorCode::kNotFound, "there is no such table"); }

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

bool contains_without_case(const std::string& text, const std::string& part) {
  return lower(text).find(lower(part)) != std::string::npos;
}

bool matches(const catalog::Table& table, const std::string& search) {
  if (search.empty() || contains_without_case(table.ident.to_string(), search)) return true;
  const auto comment = table.metadata->properties.find("comment");
  if (comment != table.metadata->properties.end() &&
      contains_without_case(comment->second, search)) {
    return true;
  }
  const auto& fields = table.metadata->schema().fields;
  return std::any_of(fields.begin(), fields.end(), [&](const iceberg::Field& field) {
    return contains_without_case(field.name, search) ||
           (field.doc && contains_without_case(*field.doc, search));
  });
}

Status collect_namespaces(Services& services, const std::string& catalog,
                          const catalog::Namespace& parent, int depth,
                          std::vector<catalog::Namespace>& into) {
  for (auto& levels : TRY(services.catalog.list_namespaces(catalog, parent))) {
    into.push_back(levels);
    if (depth < kNamespaceDepthMax) {
      TRY(collect_namespaces(services, catalog, levels, depth + 1, into));
    }
  }
  return {};
}

class CatalogObject final : public schema::Catalog {
 public:
  CatalogObject(Services& services, auth::Principal principal, auth::CatalogEntry entry)
      : services_(services), principal_(std::move(principal)), entry_(std::move(entry)) {}

  graphql::Field<std::string> id(graphql::Call&) const override {
    return global_id("catalog", entry_.id);
  }
  graphql::Field<std::string> name(graphql::Call&) const override { return entry_.name; }
  graphql::Field<schema::Environment> environment(graphql::Call& call) const override {
    return asking(call,
                  [&services = services_, entry = entry_](
                      const auth::Principal& principal) -> Result<schema::Environment> {
                    for (const auto& known :
                         TRY(services.auth.directory().environments(principal.organization))) {
                      if (known.id == entry.environment) return to_schema(known);
                    }
                    return Error(ErrorCode::kNotFound, "the catalog's environment is gone");
                  });
  }
  graphql::Field<std::vector<std::shared_ptr<const schema::Namespace>>> namespaces(
      graphql::Call& call) const override {
    using Namespaces = std::vector<std::shared_ptr<const schema::Namespace>>;
    return asking(call,
                  [&services = services_,
                   entry = entry_](const auth::Principal& principal) -> Result<Namespaces> {
                    std::vector<catalog::Namespace> all;
                    TRY(collect_namespaces(services, entry.id, {}, 0, all));
                    Namespaces made;
                    for (const auto& levels : all) {
                      made.push_back(make_namespace(services, principal, entry, levels));
                    }
                    return made;
                  });
  }
  graphql::Field<schema::TableConnection> tables(
      graphql::Call& call, const schema::CatalogTablesArgs& args) const override {
    return asking(call,
                  [&services = services_, entry = entry_,
                   args](const auth::Principal& principal) -> Result<schema::TableConnection> {
                    return list_tables(services, principal, {entry}, nullptr, args.first,
                                       args.after, args.search.value_or(""));
                  });
  }

 private:
  Services& services_;
  const auth::Principal principal_;
  const auth::CatalogEntry entry_;
};

class NamespaceObject final : public schema::Namespace {
 public:
  NamespaceObject(Services& services, auth::CatalogEntry entry, catalog::Namespace levels)
      : services_(services), entry_(std::move(entry)), levels_(std::move(levels)) {}

  graphql::Field<std::string> id(graphql::Call&) const override {
    return global_id("namespace", entry_.id + "/" + catalog::namespace_text(levels_));
  }
  graphql::Field<std::string> name(graphql::Call&) const override {
    return catalog::namespace_text(levels_);
  }
  graphql::Field<graphql::RawJson> properties(graphql::Call& call) const override {
    return asking(
        call,
        [&services = services_, entry = entry_,
         levels = levels_](const auth::Principal&) -> Result<graphql::RawJson> {
          return properties_json(TRY(services.catalog.namespace_properties(entry.id, levels)));
        });
  }
  graphql::Field<schema::TableConnection> tables(
      graphql::Call& call, const schema::NamespaceTablesArgs& args) const override {
    return asking(call,
                  [&services = services_, entry = entry_, levels = levels_,
                   args](const auth::Principal& principal) -> Result<schema::TableConnection> {
                    return list_tables(services, principal, {entry}, &levels, args.first,
                                       args.after, args.search.value_or(""));
                  });
  }

 private:
  Services& services_;
  const auth::CatalogEntry entry_;
  const catalog::Namespace levels_;
};

}  // namespace

std::string sql_name(const auth::CatalogEntry& entry, const catalog::TableIdent& ident) {
  return query::sql_name(entry.name, catalog::namespace_text(ident.levels), ident.name);
}

Result<int64_t> parse_snapshot_id(const std::string& text) {
  int64_t id = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, id);
  if (parsed.ec == std::errc() && parsed.ptr == end) return id;
  return Error(ErrorCode::kInvalidArgument, "a snapshot's id is a number");
}

Result<FoundTable> find_table(Services& services, const auth::Principal& principal,
                              const std::string& id) {
  const auto uuid = Uuid::parse(TRY(local_id("table", id)));
  if (!uuid.ok()) return no_table();
  auto table = services.catalog.find_table(*uuid);
  if (!table.ok()) {
    return table.error().code() == ErrorCode::kNotFound ? no_table() : table.error();
  }
  auto entry = services.auth.directory().catalog_by_id(principal, (*table)->ident.catalog);
  if (!entry.ok()) return no_table();
  return found_for(services, principal, *std::move(entry), *std::move(table));
}

Result<FoundTable> find_table(Services& services, const auth::Principal& principal,
                              const std::string& catalog, const std::string& name_space,
                              const std::string& name) {
  auto entry = TRY(services.auth.directory().catalog(principal, catalog));
  auto table =
      TRY(services.catalog.load_table({entry.id, catalog::parse_namespace(name_space), name}));
  return found_for(services, principal, std::move(entry), std::move(table));
}

Result<FoundTable> find_table_for(Services& services, const auth::Principal& principal,
                                  const std::string& id, auth::Role needed) {
  auto found = TRY(find_table(services, principal, id));
  TRY(auth::authorize(principal, needed, found.entry.object()));
  return found;
}

FoundTable changed(const FoundTable& before, catalog::TablePtr after) {
  FoundTable found = before;
  found.table = std::move(after);
  return found;
}

std::shared_ptr<const schema::Catalog> make_catalog(Services& services,
                                                    const auth::Principal& principal,
                                                    const auth::CatalogEntry& entry) {
  return std::make_shared<const CatalogObject>(services, principal, entry);
}

std::shared_ptr<const schema::Namespace> make_namespace(Services& services, const auth::Principal&,
                                                        const auth::CatalogEntry& entry,
                                                        const catalog::Namespace& levels) {
  return std::make_shared<const NamespaceObject>(services, entry, levels);
}

Result<std::vector<FoundTable>> visible_tables(Services& services, const auth::Principal& principal,
                                               const std::vector<auth::CatalogEntry>& entries,
                                               const catalog::Namespace* levels,
                                               const std::string& search) {
  std::vector<FoundTable> found;
  for (const auto& entry : entries) {
    if (!auth::authorize(principal, auth::Role::kViewer, entry.object()).ok()) continue;
    std::vector<catalog::Namespace> spaces;
    if (levels != nullptr) {
      spaces.push_back(*levels);
    } else {
      TRY(collect_namespaces(services, entry.id, {}, 0, spaces));
    }
    for (const auto& space : spaces) {
      for (const auto& ident : TRY(services.catalog.list_tables(entry.id, space))) {
        auto loaded = services.catalog.load_table(ident);
        // Dropped meanwhile.
        if (!loaded.ok() && loaded.error().code() == ErrorCode::kNotFound) continue;
        auto table = TRY(std::move(loaded));
        if (!matches(*table, search)) continue;
        if (found.size() >= kTablesListedMax) {
          return Error(ErrorCode::kResourceExhausted,
                       "there are more than 20,000 tables: ask for one namespace's");
        }
        found.push_back(TRY(found_for(services, principal, entry, std::move(table))));
      }
    }
  }
  return found;
}

Result<schema::TableConnection> list_tables(Services& services, const auth::Principal& principal,
                                            const std::vector<auth::CatalogEntry>& entries,
                                            const catalog::Namespace* levels, int32_t first,
                                            const std::optional<std::string>& after,
                                            const std::string& search) {
  auto found = TRY(visible_tables(services, principal, entries, levels, search));
  const auto key = [](const FoundTable& table) {
    return table.entry.name + "." + table.table->ident.to_string();
  };
  std::sort(found.begin(), found.end(),
            [&](const FoundTable& a, const FoundTable& b) { return key(a) < key(b); });
  return paged<schema::TableConnection, schema::TableEdge>(
      found, first, after, key,
      [&](const FoundTable& table) -> Result<TableObject> { return make_table(services, table); });
}

schema::Policy to_schema(const auth::TablePolicy& policy, const iceberg::Schema& schema) {
  std::vector<schema::Role> roles;
  for (const auto role : policy.roles) roles.push_back(to_schema(role));
  std::vector<schema::ColumnPolicy> columns;
  for (const auto& column : policy.columns) {
    columns.push_back(
        {.column = column.name.empty() ? schema.path_of(column.field_id) : column.name,
         .rule = static_cast<schema::ColumnRule>(column.rule)});
  }
  return {.id = global_id("policy", policy.id),
          .name = policy.name,
          .roles = std::move(roles),
          .row_filter = policy.row_filter,
          .columns = std::move(columns),
          .created_at = time_of(policy.created_us),
          .created_by = policy.created_by};
}

}  // namespace firn::api
