#include "api/context.h"
#include "api/convert.h"
#include "api/organization.h"
#include "api/paging.h"
#include "api/roots.h"

namespace firn::api {
namespace {

class OrganizationObject final : public schema::Organization {
 public:
  OrganizationObject(Services& services, auth::Organization organization)
      : services_(services), organization_(std::move(organization)) {}

  Field<std::string> id(Call&) const override {
    return global_id("organization", organization_.id);
  }
  Field<std::string> name(Call&) const override { return organization_.name; }
  Field<graphql::DateTime> created_at(Call&) const override {
    return time_of(organization_.created_us);
  }
  Field<std::vector<schema::Environment>> environments(Call& call) const override {
    using Environments = std::vector<schema::Environment>;
    return asking(
        call, [&services = services_](const auth::Principal& principal) -> Result<Environments> {
          Environments all;
          for (const auto& environment :
               TRY(services.auth.directory().environments(principal.organization))) {
            all.push_back(to_schema(environment));
          }
          return all;
        });
  }
  Field<schema::PersonConnection> people(
      Call& call, const schema::OrganizationPeopleArgs& args) const override {
    return asking(call,
                  [&services = services_,
                   args](const auth::Principal& principal) -> Result<schema::PersonConnection> {
                    return paged<schema::PersonConnection, schema::PersonEdge>(
                        TRY(services.auth.directory().people(principal)), args.first, args.after,
                        [](const auth::Person& person) { return person.id; },
                        [](const auth::Person& person) -> Result<schema::Person> {
                          return to_schema(person);
                        });
                  });
  }
  Field<std::vector<schema::Invitation>> invitations(Call& call) const override {
    using Invitations = std::vector<schema::Invitation>;
    return asking(
        call, [&services = services_](const auth::Principal& principal) -> Result<Invitations> {
          Invitations all;
          for (const auto& invitation : TRY(services.auth.directory().invitations(principal))) {
            all.push_back(to_schema(invitation));
          }
          return all;
        });
  }
  Field<schema::ServiceAccountConnection> service_accounts(
      Call& call, const schema::OrganizationServiceAccountsArgs& args) const override {
    return asking(
        call,
        [&services = services_,
         args](const auth::Principal& principal) -> Result<schema::ServiceAccountConnection> {
          return paged<schema::ServiceAccountConnection, schema::ServiceAccountEdge>(
              TRY(services.auth.accounts().list(principal)), args.first, args.after,
              [](const auth::ServiceAccount& account) { return account.id; },
              [](const auth::ServiceAccount& account) -> Result<schema::ServiceAccount> {
                return to_schema(account);
              });
        });
  }
  Field<std::vector<schema::Grant>> grants(Call& call) const override {
    using Grants = std::vector<schema::Grant>;
    return asking(call,
                  [&services = services_](const auth::Principal& principal) -> Result<Grants> {
                    Grants all;
                    for (const auto& grant : TRY(services.auth.directory().grants(principal))) {
                      all.push_back(TRY(named_grant(services, principal, grant)));
                    }
                    return all;
                  });
  }

 private:
  Services& services_;
  const auth::Organization organization_;
};

}  // namespace

Result<schema::Grant> named_grant(Services& services, const auth::Principal& principal,
                                  const auth::Grant& grant) {
  schema::Grant made = to_schema(
      grant, TRY(services.auth.directory().name_of(principal.organization, grant.principal)));
  const bool is_account = services.auth.accounts().find(principal, grant.principal).ok();
  made.principal_id.get() = global_id(is_account ? "account" : "person", grant.principal);
  return made;
}

std::shared_ptr<const schema::Organization> make_organization(Services& services,
                                                              auth::Organization organization) {
  return std::make_shared<const OrganizationObject>(services, std::move(organization));
}

schema::Viewer viewer_of(const auth::Principal& principal) {
  const bool is_person = principal.kind == auth::PrincipalKind::kPerson;
  const std::string id = global_id(is_person ? "person" : "account", principal.account);
  std::vector<schema::Grant> grants;
  for (const auto& grant : principal.grants) {
    grants.push_back(to_schema(grant, principal.name));
    grants.back().principal_id.get() = id;
  }
  std::optional<std::string> email;
  if (is_person) email = principal.email;
  return {
      .id = id,
      .name = principal.name,
      .email = std::move(email),
      .kind = is_person ? schema::PrincipalKind::kPerson : schema::PrincipalKind::kServiceAccount,
      .role = to_schema(principal.role),
      .grants = std::move(grants),
      .organization_id = global_id("organization", principal.organization),
      .organization_name = principal.organization_name};
}

Field<std::optional<schema::Viewer>> QueryRoot::viewer(Call& call) const {
  const PrincipalPtr& principal = context_of(call).principal;
  if (principal == nullptr) return std::optional<schema::Viewer>();
  return std::optional(viewer_of(*principal));
}

Field<schema::Setup> QueryRoot::setup(Call& call) const {
  return call.blocking([&services = services_]() -> Result<schema::Setup> {
    const bool needed = services.setup_open && TRY(services.auth.sessions().setup_needed());
    return schema::Setup{.needed = needed, .version = FIRN_VERSION};
  });
}

Field<std::shared_ptr<const schema::Organization>> QueryRoot::organization(Call& call) const {
  using Object = std::shared_ptr<const schema::Organization>;
  return asking(call, [&services = services_](const auth::Principal& principal) -> Result<Object> {
    return make_organization(services,
                             TRY(services.auth.directory().organization(principal.organization)));
  });
}

}  // namespace firn::api
