#include "api/context.h"
#include "api/roots.h"
#include "api/tables.h"

namespace firn::api {
namespace {

using CatalogPtr = std::shared_ptr<const schema::Catalog>;

// An object that is not there, or must not be seen, is null rather than an error.
template <typename T>
Result<T> or_null(Result<T> found) {
  if (!found.ok() && found.error().code() == ErrorCode::kNotFound) return T();
  return found;
}

}  // namespace

Field<std::vector<CatalogPtr>> QueryRoot::catalogs(Call& call) const {
  using Catalogs = std::vector<CatalogPtr>;
  return asking(call, [&services = services_](const auth::Principal& who) -> Result<Catalogs> {
    Catalogs all;
    for (const auto& entry : TRY(services.auth.directory().catalogs(who))) {
      if (!auth::authorize(who, auth::Role::kViewer, entry.object()).ok()) continue;
      all.push_back(make_catalog(services, who, entry));
    }
    return all;
  });
}

Field<CatalogPtr> QueryRoot::catalog(Call& call, const schema::QueryCatalogArgs& args) const {
  return asking(call,
                [&services = services_, args](const auth::Principal& who) -> Result<CatalogPtr> {
                  const auto entry = services.auth.directory().catalog(who, args.name);
                  if (!entry.ok()) return or_null(Result<CatalogPtr>(entry.error()));
                  TRY(auth::authorize(who, auth::Role::kViewer, entry->object()));
                  return make_catalog(services, who, *entry);
                });
}

Field<TableObject> QueryRoot::table(Call& call, const schema::QueryTableArgs& args) const {
  return asking(call,
                [&services = services_, args](const auth::Principal& who) -> Result<TableObject> {
                  auto found = find_table(services, who, args.catalog, args.namespace_, args.name);
                  if (!found.ok()) return or_null(Result<TableObject>(found.error()));
                  return make_table(services, *std::move(found));
                });
}

Field<schema::TableConnection> QueryRoot::tables(Call& call,
                                                 const schema::QueryTablesArgs& args) const {
  return asking(
      call,
      [&services = services_, args](const auth::Principal& who) -> Result<schema::TableConnection> {
        return list_tables(services, who, TRY(services.auth.directory().catalogs(who)), nullptr,
                           args.first, args.after, args.search.value_or(""));
      });
}

}  // namespace firn::api
