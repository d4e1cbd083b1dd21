// The mutations that begin, end and change a person's session. They are for browsers.
#include "api/context.h"
#include "api/convert.h"
#include "api/organization.h"
#include "api/roots.h"

namespace firn::api {
namespace {

// Awaits a new session, writes it down, and leaves it for the transport's cookies.
template <typename Begin>
Field<schema::Viewer> begin_session(Call& call, std::string action, Begin begin) {
  auto& context = context_of(call);
  auto work = [&services = context.services, action = std::move(action), address = context.address,
               client = context.client,
               begin = std::move(begin)]() mutable -> Result<auth::NewSession> {
    auto session = begin();
    if (session.ok()) {
      record_change(services, session->principal, action, {}, nullptr, address, client);
    }
    return session;
  };
  auto session = co_await call.blocking(std::move(work));
  if (!session.ok()) co_return std::move(session).error();
  context.principal = std::make_shared<const auth::Principal>(session->principal);
  context.began = *session;
  context.ended = false;
  co_return viewer_of(*context.principal);
}

}  // namespace

Field<schema::Viewer> MutationRoot::set_up(Call& call,
                                           const schema::MutationSetUpArgs& args) const {
  return begin_session(call, "setUp",
                       [&services = services_, input = args.input]() -> Result<auth::NewSession> {
                         auto& sessions = services.auth.sessions();
                         if (!services.setup_open || !TRY(sessions.setup_needed())) {
                           return Error(ErrorCode::kPermissionDenied,
                                        "the deployment has been set up already: sign in");
                         }
                         const std::string person = TRY(sessions.create_first_person(
                             services.first_organization, input.name, input.email, input.password));
                         auto session = TRY(sessions.begin(person, services.first_organization));
                         TRY(services.auth.directory().rename_organization(
                             session.principal, input.organization_name));
                         session.principal.organization_name = input.organization_name;
                         return session;
                       });
}

Field<schema::Viewer> MutationRoot::sign_in(Call& call,
                                            const schema::MutationSignInArgs& args) const {
  return begin_session(call, "signIn",
                       [&services = services_, input = args.input,
                        address = context_of(call).address]() -> Result<auth::NewSession> {
                         return services.auth.sessions().sign_in(input.email, input.password,
                                                                 address);
                       });
}

Field<schema::Viewer> MutationRoot::accept_invitation(
    Call& call, const schema::MutationAcceptInvitationArgs& args) const {
  return begin_session(call, "acceptInvitation",
                       [&services = services_, input = args.input,
                        address = context_of(call).address]() -> Result<auth::NewSession> {
                         return services.auth.sessions().accept_invitation(input.token, input.name,
                                                                           input.password, address);
                       });
}

Field<bool> MutationRoot::sign_out(Call& call) const {
  auto& context = context_of(call);
  context.ended = true;
  context.began.reset();
  if (context.principal == nullptr) return true;
  return changing(call, {}, [&services = services_](const auth::Principal& who) -> Result<bool> {
    TRY(services.auth.sessions().end(who));
    return true;
  });
}

Field<bool> MutationRoot::change_password(Call& call,
                                          const schema::MutationChangePasswordArgs& args) const {
  return changing(call, {},
                  [&services = services_, args](const auth::Principal& who) -> Result<bool> {
                    TRY(services.auth.sessions().change_password(who, args.current, args.new_));
                    return true;
                  });
}

Field<schema::Viewer> MutationRoot::rename_me(Call& call,
                                              const schema::MutationRenameMeArgs& args) const {
  return changing(
      call, {},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::Viewer> {
        TRY(services.auth.sessions().rename(who, args.name));
        auth::Principal renamed = who;
        renamed.name = TRY(services.auth.directory().name_of(who.organization, who.account));
        return viewer_of(renamed);
      });
}

}  // namespace firn::api
