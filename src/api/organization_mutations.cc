#include "api/context.h"
#include "api/convert.h"
#include "api/organization.h"
#include "api/roots.h"

namespace firn::api {
namespace {

std::optional<auth::Role> role_of(const graphql::Optional<schema::Role>& role) {
  return role ? std::optional(from_schema(*role)) : std::nullopt;
}

// Of a person or of a service account.
Result<std::string> account_of(const std::string& id) {
  const auto person = local_id("person", id);
  return person.ok() ? person : local_id("account", id);
}

}  // namespace

Field<std::shared_ptr<const schema::Organization>> MutationRoot::rename_organization(
    Call& call, const schema::MutationRenameOrganizationArgs& args) const {
  using Object = std::shared_ptr<const schema::Organization>;
  return changing(call, {args.name},
                  [&services = services_, args](const auth::Principal& who) -> Result<Object> {
                    auto& directory = services.auth.directory();
                    TRY(directory.rename_organization(who, args.name));
                    return make_organization(services,
                                             TRY(directory.organization(who.organization)));
                  });
}

Field<schema::NewOrganization> MutationRoot::create_organization(
    Call& call, const schema::MutationCreateOrganizationArgs& args) const {
  return changing(
      call, {args.name},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::NewOrganization> {
        auto [organization, invitation] = TRY(services.auth.directory().create_organization(
            who, args.name, "production", args.owner_email));
        return schema::NewOrganization{.id = global_id("organization", organization.id),
                                       .name = organization.name,
                                       .invitation = to_schema(invitation)};
      });
}

Field<schema::Environment> MutationRoot::create_environment(
    Call& call, const schema::MutationCreateEnvironmentArgs& args) const {
  return changing(
      call, {args.name},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::Environment> {
        return to_schema(TRY(services.auth.directory().create_environment(who, args.name)));
      });
}

Field<std::string> MutationRoot::delete_environment(
    Call& call, const schema::MutationDeleteEnvironmentArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    TRY(services.auth.directory().delete_environment(
                        who, TRY(local_id("environment", args.id))));
                    return args.id;
                  });
}

Field<schema::NewInvitation> MutationRoot::invite_person(
    Call& call, const schema::MutationInvitePersonArgs& args) const {
  return changing(
      call, {args.input.email},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::NewInvitation> {
        return to_schema(TRY(
            services.auth.directory().invite(who, args.input.email, from_schema(args.input.role))));
      });
}

Field<std::string> MutationRoot::revoke_invitation(
    Call& call, const schema::MutationRevokeInvitationArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
        TRY(services.auth.directory().revoke_invitation(who, TRY(local_id("invitation", args.id))));
        return args.id;
      });
}

Field<schema::Person> MutationRoot::set_person_role(
    Call& call, const schema::MutationSetPersonRoleArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::Person> {
        return to_schema(TRY(services.auth.directory().set_person_role(
            who, TRY(local_id("person", args.id)), role_of(args.role))));
      });
}

Field<std::string> MutationRoot::remove_person(Call& call,
                                               const schema::MutationRemovePersonArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
        TRY(services.auth.directory().remove_person(who, TRY(local_id("person", args.id))));
        return args.id;
      });
}

Field<schema::ServiceAccount> MutationRoot::create_service_account(
    Call& call, const schema::MutationCreateServiceAccountArgs& args) const {
  return changing(
      call, {args.input.name},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::ServiceAccount> {
        return to_schema(
            TRY(services.auth.accounts().create(who, args.input.name, role_of(args.input.role))));
      });
}

Field<schema::ServiceAccount> MutationRoot::set_service_account_role(
    Call& call, const schema::MutationSetServiceAccountRoleArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::ServiceAccount> {
        return to_schema(TRY(services.auth.accounts().set_role(
            who, TRY(local_id("account", args.id)), role_of(args.role))));
      });
}

Field<std::string> MutationRoot::delete_service_account(
    Call& call, const schema::MutationDeleteServiceAccountArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    TRY(services.auth.accounts().remove(who, TRY(local_id("account", args.id))));
                    return args.id;
                  });
}

Field<schema::NewKey> MutationRoot::create_key(Call& call,
                                               const schema::MutationCreateKeyArgs& args) const {
  return changing(
      call, {args.input.service_account_id},
      [&services = services_,
       input = args.input](const auth::Principal& who) -> Result<schema::NewKey> {
        std::optional<int64_t> expires_us;
        if (input.expires_at) expires_us = input.expires_at->micros;
        return to_schema(TRY(services.auth.accounts().create_key(
            who, TRY(local_id("account", input.service_account_id)), input.name, expires_us)));
      });
}

Field<schema::NewKey> MutationRoot::rotate_key(Call& call,
                                               const schema::MutationRotateKeyArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::NewKey> {
        return to_schema(TRY(services.auth.accounts().rotate_key(who, TRY(local_id("key", args.id)),
                                                                 args.grace_seconds)));
      });
}

Field<schema::Key> MutationRoot::revoke_key(Call& call,
                                            const schema::MutationRevokeKeyArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<schema::Key> {
                    return to_schema(TRY(
                        services.auth.accounts().revoke_key(who, TRY(local_id("key", args.id)))));
                  });
}

Field<schema::Grant> MutationRoot::grant_role(Call& call,
                                              const schema::MutationGrantRoleArgs& args) const {
  return changing(call, {args.input.principal_id},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<schema::Grant> {
                    std::string environment;
                    std::string catalog;
                    if (input.environment_id) {
                      environment = TRY(local_id("environment", *input.environment_id));
                    }
                    if (input.catalog_id) catalog = TRY(local_id("catalog", *input.catalog_id));
                    return named_grant(services, who,
                                       TRY(services.auth.directory().grant(
                                           who, TRY(account_of(input.principal_id)),
                                           from_schema(input.role), environment, catalog)));
                  });
}

Field<std::string> MutationRoot::revoke_grant(Call& call,
                                              const schema::MutationRevokeGrantArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
        TRY(services.auth.directory().revoke_grant(who, TRY(local_id("grant", args.id))));
        return args.id;
      });
}

}  // namespace firn::api
