#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/principal.h"
#include "base/listeners.h"
#include "base/result.h"

namespace firn::store {
class Database;
class Statement;
class Transaction;
}  // namespace firn::store
namespace firn::platform {
class Clock;
class Random;
}  // namespace firn::platform

namespace firn::agents {

enum class ProposalState : uint8_t {
  kPending,
  kApproving,  // approved; its action is under way
  kApproved,
  kRejected,
  kExpired,
  kFailed,  // approved, but the action did not go through
};
inline constexpr std::string_view kProposalStateNames[] = {"pending",  "approving", "approved",
                                                           "rejected", "expired",   "failed"};

// Something that somebody wants done and that somebody else decides: a mutation with its arguments.
struct Proposal {
  std::string id;
  std::string title;
  std::string narrative;
  std::string action;     // a mutation field: "createInsight"
  std::string arguments;  // its arguments, a JSON object
  std::string evidence_id;
  std::string proposer;  // account
  std::string proposed_by;
  std::string run;  // of an agent; empty: a person's or a program's own
  int64_t created_us = 0;
  int64_t expires_us = 0;
  ProposalState state = ProposalState::kPending;
  std::string decided_by;
  int64_t decided_us = 0;
  std::string reason;  // of a rejection or a failure
  std::string result;  // of the action, JSON; empty where there is none
  // What a model claims in it without evidence, as claims_json(); empty: nobody has looked.
  std::string claims;
};

struct NewProposal {
  std::string title;
  std::string narrative;
  std::string action;
  std::string arguments;
  std::string evidence_id;
  std::string run;
  // Two proposals of one organization with the same key are one: the second is not made, and the
  // first, whatever became of it, is given. Empty: there is no such other.
  std::string key;
};

// The proposals of organizations. Viewers read and propose; editors decide, but not on their own:
// the action then needs what it needs. Each is decided once. Thread-safe. Errors: InvalidArgument,
// NotFound, PermissionDenied, Conflict where it is decided already.
class Proposals {
 public:
  // What a crash left under way is Failed then: nobody knows whether its action went through.
  static Result<std::unique_ptr<Proposals>> create(store::Database& database,
                                                   platform::Clock& clock,
                                                   platform::Random& random);

  Result<Proposal> propose(const auth::Principal& who, const NewProposal& wanted);
  // Newest first; of one state, or all.
  Result<std::vector<Proposal>> list(const auth::Principal& who,
                                     std::optional<ProposalState> state);
  Result<Proposal> find(const auth::Principal& who, const std::string& id);
  // Of a run, oldest first.
  Result<std::vector<Proposal>> of_run(const auth::Principal& who, const std::string& run);
  Status set_claims(const auth::Principal& who, const std::string& id, const std::string& claims);
  Result<Proposal> reject(const auth::Principal& who, const std::string& id,
                          const std::string& reason);
  // Takes it for this approver; settle() follows.
  Result<Proposal> claim(const auth::Principal& who, const std::string& id);
  // The same for an action that its proposer may do without asking, by a policy of its agent.
  Result<Proposal> claim_by_policy(const auth::Principal& who, const std::string& id);
  // What came of the action: its answer (JSON), or why there is none.
  Result<Proposal> settle(const auth::Principal& who, const std::string& id,
                          const Result<std::string>& outcome);

  // Calls back after each change of a proposal of the organization, on the thread that changed it,
  // until the subscription is dropped.
  using Subscription = Listeners<Proposal>::Subscription;
  Subscription on_change(const std::string& organization,
                         std::function<void(const Proposal&)> changed);

 private:
  Proposals(store::Database& database, platform::Clock& clock, platform::Random& random)
      : database_(database), clock_(clock), random_(random) {}
  Result<Proposal> read(store::Transaction& transaction, const std::string& organization,
                        const std::string& id);
  Result<Proposal> decide(const auth::Principal& who, const std::string& id, bool own,
                          const std::function<void(Proposal&)>& change);

  store::Database& database_;
  platform::Clock& clock_;
  platform::Random& random_;
  Listeners<Proposal> listeners_;  // by organization
};

}  // namespace firn::agents
