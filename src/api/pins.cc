#include "api/pins.h"

#include "catalog/table_changes.h"

namespace firn::api {
namespace {

constexpr std::string_view kTagPrefix = "evidence-";

std::string tag_of(const std::string& query_id) { return std::string(kTagPrefix) + query_id; }

enum class Gone { kIsAnError, kIsPassedOver };

// Calls `work` for each table of the query that has a snapshot. A table that the principal does not
// see is, in words, as one that is gone.
Status each_table(Services& services, const auth::Principal& principal,
                  const query::LoggedQuery& logged, Gone gone,
                  const std::function<Status(const catalog::TableIdent&, int64_t)>& work) {
  for (const auto& table : logged.info.tables) {
    if (!table.snapshot_id || table.foreign) continue;  // other catalogs' are theirs to keep
    const auto found = services.catalog.find_table(table.uuid);
    const bool is_gone = !found.ok() && found.error().code() == ErrorCode::kNotFound;
    if (is_gone && gone == Gone::kIsPassedOver) continue;
    const auto entry =
        found.ok() ? services.auth.directory().catalog_by_id(principal, (*found)->ident.catalog)
                   : Result<auth::CatalogEntry>(found.error());
    if (!entry.ok()) {
      return Error(ErrorCode::kNotFound,
                   "the table " + table.schema + "." + table.name + " is gone");
    }
    TRY(auth::authorize(principal, auth::Role::kEditor, entry->object()));
    TRY(work((*found)->ident, *table.snapshot_id));
  }
  return {};
}

}  // namespace

bool is_evidence_tag(std::string_view name) { return name.starts_with(kTagPrefix); }

Status pin_evidence(Services& services, const auth::Principal& principal, const std::string& id) {
  const auto logged = TRY(services.log.find(principal.organization, id));
  TRY(each_table(services, principal, logged, Gone::kIsAnError,
                 [&](const catalog::TableIdent& ident, int64_t snapshot) -> Status {
                   const auto made =
                       catalog::create_ref(services.catalog, ident, tag_of(id), snapshot, false);
                   // Read twice by the query, or pinned before.
                   if (!made.ok() && made.error().code() != ErrorCode::kAlreadyExists) {
                     return made.error();
                   }
                   return {};
                 }));
  return services.log.set_pinned(principal.organization, id, true);
}

Status unpin_evidence(Services& services, const auth::Principal& principal, const std::string& id) {
  const auto logged = TRY(services.log.find(principal.organization, id));
  TRY(each_table(services, principal, logged, Gone::kIsPassedOver,
                 [&](const catalog::TableIdent& ident, int64_t) -> Status {
                   const auto gone = catalog::drop_ref(services.catalog, ident, tag_of(id));
                   if (!gone.ok() && gone.error().code() != ErrorCode::kNotFound) {
                     return gone.error();
                   }
                   return {};
                 }));
  return services.log.set_pinned(principal.organization, id, false);
}

}  // namespace firn::api
