#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/schema/types.h"
#include "api/services.h"

// Catalogs, namespaces and tables as the schema has them. Everything here may block, and takes the
// principal for whom it is done: what they may not see is NotFound.
namespace firn::api {

using TableObject = std::shared_ptr<const schema::Table>;

// A table found for somebody: its catalog's entry, its metadata, the rules that hold for them.
struct FoundTable {
  auth::Principal principal;
  auth::CatalogEntry entry;
  catalog::TablePtr table;
  auth::TableRules rules;
};

// By global id.
Result<FoundTable> find_table(Services& services, const auth::Principal& principal,
                              const std::string& id);
// By name.
Result<FoundTable> find_table(Services& services, const auth::Principal& principal,
                              const std::string& catalog, const std::string& name_space,
                              const std::string& name);
// The same, where the principal has this role on its catalog.
Result<FoundTable> find_table_for(Services& services, const auth::Principal& principal,
                                  const std::string& id, auth::Role needed);
// Of the same reader, after a change.
FoundTable changed(const FoundTable& before, catalog::TablePtr after);
TableObject make_table(Services& services, FoundTable found);

std::shared_ptr<const schema::Catalog> make_catalog(Services& services,
                                                    const auth::Principal& principal,
                                                    const auth::CatalogEntry& entry);
std::shared_ptr<const schema::Namespace> make_namespace(Services& services,
                                                        const auth::Principal& principal,
                                                        const auth::CatalogEntry& entry,
                                                        const catalog::Namespace& levels);

// Tables that the principal may read, in no order; of one namespace where `levels` is given.
Result<std::vector<FoundTable>> visible_tables(Services& services, const auth::Principal& principal,
                                               const std::vector<auth::CatalogEntry>& entries,
                                               const catalog::Namespace* levels,
                                               const std::string& search);
// A page of the tables of some catalogs; of one namespace where `levels` is given.
Result<schema::TableConnection> list_tables(Services& services, const auth::Principal& principal,
                                            const std::vector<auth::CatalogEntry>& entries,
                                            const catalog::Namespace* levels, int32_t first,
                                            const std::optional<std::string>& after,
                                            const std::string& search);

// "lake"."main"."t", as SQL takes it.
std::string sql_name(const auth::CatalogEntry& entry, const catalog::TableIdent& ident);
// Snapshot ids are strings in the schema. InvalidArgument.
Result<int64_t> parse_snapshot_id(const std::string& text);

schema::Policy to_schema(const auth::TablePolicy& policy, const iceberg::Schema& schema);

}  // namespace firn::api
