#include "query/access.h"

#include "auth/auth.h"

namespace firn::query {
namespace {

class PrincipalAccess final : public Access {
 public:
  PrincipalAccess(auth::Principal principal, auth::Authenticator& authenticator)
      : principal_(std::move(principal)), authenticator_(authenticator) {}

  Result<std::vector<CatalogName>> catalogs() const override {
    std::vector<CatalogName> names;
    for (auto& entry : TRY(authenticator_.directory().catalogs(principal_))) {
      if (!auth::authorize(principal_, auth::Role::kViewer, entry.object()).ok()) continue;
      names.push_back({std::move(entry.name), std::move(entry.id)});
    }
    return names;
  }

  Result<auth::TableRules> rules(const std::string& catalog_id, const Uuid& table) const override {
    const auto entry = TRY(authenticator_.directory().catalog_by_id(principal_, catalog_id));
    TRY(auth::authorize(principal_, auth::Role::kViewer, entry.object()));
    return authenticator_.policies().rules_for(principal_, entry.object(), table);
  }

  Caller caller(const std::string& catalog_id) const override {
    Caller caller{principal_.account, principal_.email, {}};
    const auto entry = authenticator_.directory().catalog_by_id(principal_, catalog_id);
    if (!entry.ok()) return caller;
    if (const auto role = auth::role_on(principal_, entry->object())) {
      caller.role = auth::role_name(*role);
    }
    return caller;
  }
  const auth::Principal* principal() const override { return &principal_; }

 private:
  const auth::Principal principal_;
  auth::Authenticator& authenticator_;
};

}  // namespace

std::shared_ptr<const Access> access_of(auth::Principal principal,
                                        auth::Authenticator& authenticator) {
  return std::make_shared<PrincipalAccess>(std::move(principal), authenticator);
}

}  // namespace firn::query
