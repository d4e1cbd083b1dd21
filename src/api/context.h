#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/services.h"
#include "graphql/call.h"
#include "graphql/request_context.h"
#include "graphql/schema.h"

namespace firn::api {

using PrincipalPtr = std::shared_ptr<const auth::Principal>;

// One request: who asks, and from where. Its members are touched on the operation's thread only.
class Context final : public graphql::RequestContext {
 public:
  Context(Services& services, PrincipalPtr principal, std::string address, std::string client,
          std::string run = {})
      : services(services),
        principal(std::move(principal)),
        address(std::move(address)),
        client(std::move(client)),
        run(std::move(run)) {}

  // Events are for whoever asked as they are when each comes: keys are revoked, people leave, roles
  // change while a subscription goes on.
  Result<std::shared_ptr<graphql::RequestContext>> for_event() override;

  Services& services;
  PrincipalPtr principal;  // null: nobody is signed in
  const std::string address;
  const std::string client;
  const std::string run;  // of an agent, which the operation is a step of; or empty
  // For the browser, once the operation is done: what began or ended a session.
  std::optional<auth::NewSession> began;
  bool ended = false;
};

inline Context& context_of(const graphql::Call& call) { return call.context_as<Context>(); }

// Error of a field that somebody has to be signed in for. The executor has asked before: this is
// the second lock on the same door.
inline Error nobody() { return Error(ErrorCode::kUnauthenticated, "sign in, or send a key"); }

// Runs `work(principal)`, which returns a Result and may block, on the pool.
template <typename Work>
auto asking(graphql::Call& call, Work work) {
  using Outcome = std::invoke_result_t<Work&, const auth::Principal&>;
  return call.blocking([principal = context_of(call).principal, work = std::move(work)]() mutable {
    return principal ? work(*principal) : Outcome(nobody());
  });
}

// As asking(), on the pool for work that calls fields of the schema itself.
template <typename Work>
auto asking_slowly(graphql::Call& call, Work work) {
  using Outcome = std::invoke_result_t<Work&, const PrincipalPtr&>;
  using Value = typename graphql::ResultValue<Outcome>::Type;
  Context& context = context_of(call);
  auto state = std::make_shared<graphql::FieldState<Value>>();
  auto operation = call.scheduler().shared_from_this();
  auto held = std::make_shared<Work>(std::move(work));
  const bool taken =
      context.services.slow->post([operation, state, held, who = context.principal]() mutable {
        auto outcome = std::make_shared<Outcome>(who ? (*held)(who) : Outcome(nobody()));
        held.reset();
        operation->post([state, outcome] { state->complete(std::move(*outcome)); });
      });
  if (!taken) {
    return graphql::Field<Value>(
        Error(ErrorCode::kOverloaded, "too much is being analyzed; try again soon"));
  }
  return graphql::Field<Value>(std::move(state));
}

// Writes down that somebody did, or tried, `action`.
void record_change(Services& services, const auth::Principal& principal, const std::string& action,
                   std::vector<std::string> objects, const Error* error, const std::string& address,
                   const std::string& client);

// As asking(), for a mutation: whatever comes of it is in the audit log when it is answered.
// `objects` are the ids and names that it is about.
template <typename Work>
auto changing(graphql::Call& call, std::vector<std::string> objects, Work work) {
  auto& context = context_of(call);
  return asking(
      call, [&services = context.services, action = call.field().name, objects = std::move(objects),
             address = context.address, client = context.client,
             work = std::move(work)](const auth::Principal& principal) mutable {
        auto outcome = work(principal);
        record_change(services, principal, action, std::move(objects),
                      outcome.ok() ? nullptr : &outcome.error(), address, client);
        return outcome;
      });
}

}  // namespace firn::api
