#include "agents/proposals.h"

#include <algorithm>

#include "platform/clock.h"
#include "platform/random.h"
#include "store/database.h"

namespace firn::agents {
namespace {

constexpr size_t kTitleMax = 300;
constexpr size_t kNarrativeMax = 64 << 10;
constexpr size_t kArgumentsMax = 256 << 10;
constexpr int64_t kPendingMax = 5'000;  // of an organization
constexpr int64_t kOpenForUs = 14LL * 24 * 3600 * 1'000'000;

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"proposals", 1, R"sql(
CREATE TABLE proposals (id TEXT PRIMARY KEY, organization TEXT NOT NULL, key TEXT,
  title TEXT NOT NULL, narrative TEXT NOT NULL, action TEXT NOT NULL, arguments TEXT NOT NULL,
  evidence TEXT NOT NULL, proposer TEXT NOT NULL, proposed_by TEXT NOT NULL, run TEXT NOT NULL,
  created_us INTEGER NOT NULL, expires_us INTEGER NOT NULL, state INTEGER NOT NULL,
  decided_by TEXT NOT NULL DEFAULT '', decided_us INTEGER NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT '', result TEXT NOT NULL DEFAULT '',
  UNIQUE (organization, key)) STRICT;
CREATE INDEX proposals_by_time ON proposals (organization, created_us);
)sql"},
      {"proposals", 2, R"sql(
ALTER TABLE proposals ADD COLUMN claims TEXT NOT NULL DEFAULT '';
CREATE INDEX proposals_by_run ON proposals (run) WHERE run <> '';
)sql"},
  };
  return steps;
}

constexpr const char* kColumns =
    "SELECT id, title, narrative, action, arguments, evidence, proposer, proposed_by, run, "
    "created_us, expires_us, state, decided_by, decided_us, reason, result, claims "
    "FROM proposals ";

Proposal read_row(const store::Statement& row, int64_t now_us) {
  Proposal proposal;
  proposal.id = row.column_text(0);
  proposal.title = row.column_text(1);
  proposal.narrative = row.column_text(2);
  proposal.action = row.column_text(3);
  proposal.arguments = row.column_text(4);
  proposal.evidence_id = row.column_text(5);
  proposal.proposer = row.column_text(6);
  proposal.proposed_by = row.column_text(7);
  proposal.run = row.column_text(8);
  proposal.created_us = row.column_int(9);
  proposal.expires_us = row.column_int(10);
  proposal.state = static_cast<ProposalState>(row.column_int(11));
  proposal.decided_by = row.column_text(12);
  proposal.decided_us = row.column_int(13);
  proposal.reason = row.column_text(14);
  proposal.result = row.column_text(15);
  proposal.claims = row.column_text(16);
  if (proposal.state == ProposalState::kPending && proposal.expires_us <= now_us) {
    proposal.state = ProposalState::kExpired;
  }
  return proposal;
}

Status check(const NewProposal& wanted) {
  const auto wrong = [](std::string message) {
    return Error(ErrorCode::kInvalidArgument, std::move(message));
  };
  if (wanted.title.empty() || wanted.title.size() > kTitleMax) {
    return wrong("a proposal's title has 1 to 300 bytes");
  }
  if (wanted.narrative.size() > kNarrativeMax) return wrong("the narrative is longer than 64 KiB");
  if (wanted.arguments.size() > kArgumentsMax) {
    return wrong("the arguments are longer than 256 KiB");
  }
  return {};
}

Status may_decide(const auth::Principal& who) {
  return authorize(who, auth::Role::kEditor, auth::Object::whole(who));
}

}  // namespace

Result<std::unique_ptr<Proposals>> Proposals::create(store::Database& database,
                                                     platform::Clock& clock,
                                                     platform::Random& random) {
  TRY(database.migrate(migrations()));
  TRY(database.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "UPDATE proposals SET state = ?, reason = 'the server stopped while the action ran: see "
        "whether it took effect, and propose it again if not' WHERE state = ?"));
    row.bind(1, static_cast<int64_t>(ProposalState::kFailed))
        .bind(2, static_cast<int64_t>(ProposalState::kApproving));
    return row.run();
  }));
  return std::unique_ptr<Proposals>(new Proposals(database, clock, random));
}

Result<Proposal> Proposals::read(store::Transaction& transaction, const std::string& organization,
                                 const std::string& id) {
  auto row = TRY(transaction.prepare(std::string(kColumns) + "WHERE organization = ? AND id = ?"));
  row.bind(1, organization).bind(2, id);
  if (!TRY(row.step())) return Error(ErrorCode::kNotFound, "there is no such proposal");
  return read_row(row, clock_.now_us());
}

Result<Proposal> Proposals::propose(const auth::Principal& who, const NewProposal& wanted) {
  TRY(authorize_anywhere(who, auth::Role::kViewer));
  TRY(check(wanted));
  Proposal made;
  bool is_new = true;
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    if (!wanted.key.empty()) {
      auto row =
          TRY(transaction.prepare(std::string(kColumns) + "WHERE organization = ? AND key = ?"));
      row.bind(1, who.organization).bind(2, wanted.key);
      if (TRY(row.step())) {
        made = read_row(row, clock_.now_us());
        is_new = false;
        return {};
      }
    }
    {
      auto count =
          TRY(transaction.prepare("SELECT count(*) FROM proposals WHERE organization = ? AND state "
                                  "= 0 AND expires_us > ?"));
      count.bind(1, who.organization).bind(2, clock_.now_us());
      TRY(count.step());
      if (count.column_int(0) >= kPendingMax) {
        return Error(ErrorCode::kResourceExhausted,
                     "5,000 proposals wait already: decide some of them first");
      }
    }
    const int64_t now = clock_.now_us();
    made.id = random_.uuid().to_string();
    made.title = wanted.title;
    made.narrative = wanted.narrative;
    made.action = wanted.action;
    made.arguments = wanted.arguments;
    made.evidence_id = wanted.evidence_id;
    made.proposer = who.account;
    made.proposed_by = who.name;
    made.run = wanted.run;
    made.created_us = now;
    made.expires_us = now + kOpenForUs;
    auto row = TRY(transaction.prepare(
        "INSERT INTO proposals (id, organization, key, title, narrative, action, arguments, "
        "evidence, proposer, proposed_by, run, created_us, expires_us, state) VALUES (?, ?, ?, ?, "
        "?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"));
    row.bind(1, made.id).bind(2, who.organization);
    if (wanted.key.empty()) {
      row.bind_null(3);
    } else {
      row.bind(3, wanted.key);
    }
    row.bind(4, made.title).bind(5, made.narrative).bind(6, made.action).bind(7, made.arguments);
    row.bind(8, made.evidence_id).bind(9, made.proposer).bind(10, made.proposed_by);
    row.bind(11, made.run).bind(12, made.created_us).bind(13, made.expires_us);
    return row.run();
  }));
  if (is_new) listeners_.tell(who.organization, made);
  return made;
}

Result<std::vector<Proposal>> Proposals::list(const auth::Principal& who,
                                              std::optional<ProposalState> state) {
  TRY(authorize_anywhere(who, auth::Role::kViewer));
  std::vector<Proposal> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        std::string(kColumns) + "WHERE organization = ? ORDER BY created_us DESC, id LIMIT 10000"));
    row.bind(1, who.organization);
    while (TRY(row.step())) {
      auto proposal = read_row(row, clock_.now_us());
      if (!state || proposal.state == *state) found.push_back(std::move(proposal));
    }
    return {};
  }));
  return found;
}

Result<std::vector<Proposal>> Proposals::of_run(const auth::Principal& who,
                                                const std::string& run) {
  TRY(authorize_anywhere(who, auth::Role::kViewer));
  std::vector<Proposal> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        std::string(kColumns) +
        "WHERE run <> '' AND run = ? AND organization = ? ORDER BY created_us, id LIMIT 10000"));
    row.bind(1, run).bind(2, who.organization);
    while (TRY(row.step())) found.push_back(read_row(row, clock_.now_us()));
    return {};
  }));
  return found;
}

Status Proposals::set_claims(const auth::Principal& who, const std::string& id,
                             const std::string& claims) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "UPDATE proposals SET claims = ? WHERE id = ? AND organization = ? AND proposer = ?"));
    return row.bind(1, claims).bind(2, id).bind(3, who.organization).bind(4, who.account).run();
  });
}

Result<Proposal> Proposals::find(const auth::Principal& who, const std::string& id) {
  TRY(authorize_anywhere(who, auth::Role::kViewer));
  Proposal found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    found = TRY(read(transaction, who.organization, id));
    return {};
  }));
  return found;
}

// In one transaction: of two who decide at once, one is told that the other was first.
Result<Proposal> Proposals::decide(const auth::Principal& who, const std::string& id, bool own,
                                   const std::function<void(Proposal&)>& change) {
  Proposal proposal;
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    proposal = TRY(read(transaction, who.organization, id));
    if (proposal.state == ProposalState::kExpired) {
      return Error(ErrorCode::kConflict, "the proposal has expired");
    }
    if (proposal.state != ProposalState::kPending) {
      return Error(ErrorCode::kConflict,
                   "the proposal was decided already, by " + proposal.decided_by);
    }
    if (!own && proposal.proposer == who.account) {
      return Error(ErrorCode::kPermissionDenied,
                   "who proposes does not decide: somebody else has to");
    }
    proposal.decided_by = who.name;
    proposal.decided_us = clock_.now_us();
    change(proposal);
    auto row = TRY(transaction.prepare(
        "UPDATE proposals SET state = ?, decided_by = ?, decided_us = ?, reason = ? WHERE id = ?"));
    row.bind(1, static_cast<int64_t>(proposal.state)).bind(2, proposal.decided_by);
    row.bind(3, proposal.decided_us).bind(4, proposal.reason).bind(5, id);
    return row.run();
  }));
  listeners_.tell(who.organization, proposal);
  return proposal;
}

Result<Proposal> Proposals::reject(const auth::Principal& who, const std::string& id,
                                   const std::string& reason) {
  TRY(may_decide(who));
  if (reason.empty() || reason.size() > kNarrativeMax) {
    return Error(ErrorCode::kInvalidArgument, "a rejection has a reason, of at most 64 KiB");
  }
  return decide(who, id, false, [&](Proposal& proposal) {
    proposal.state = ProposalState::kRejected;
    proposal.reason = reason;
  });
}

Result<Proposal> Proposals::claim(const auth::Principal& who, const std::string& id) {
  TRY(may_decide(who));
  return decide(who, id, false,
                [](Proposal& proposal) { proposal.state = ProposalState::kApproving; });
}

Result<Proposal> Proposals::claim_by_policy(const auth::Principal& who, const std::string& id) {
  if (TRY(find(who, id)).proposer != who.account) {
    return Error(ErrorCode::kPermissionDenied, "a policy is about what one proposes oneself");
  }
  return decide(who, id, true, [](Proposal& proposal) {
    proposal.state = ProposalState::kApproving;
    proposal.decided_by = "policy";
  });
}

Result<Proposal> Proposals::settle(const auth::Principal& who, const std::string& id,
                                   const Result<std::string>& outcome) {
  Proposal proposal;
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    proposal = TRY(read(transaction, who.organization, id));
    if (proposal.state != ProposalState::kApproving) {
      return Error(ErrorCode::kInternal, "a proposal is settled that nobody has claimed");
    }
    proposal.state = outcome.ok() ? ProposalState::kApproved : ProposalState::kFailed;
    if (outcome.ok()) proposal.result = *outcome;
    if (!outcome.ok()) proposal.reason = outcome.error().message();
    auto row = TRY(
        transaction.prepare("UPDATE proposals SET state = ?, reason = ?, result = ? WHERE id = ?"));
    row.bind(1, static_cast<int64_t>(proposal.state)).bind(2, proposal.reason);
    row.bind(3, proposal.result).bind(4, id);
    return row.run();
  }));
  listeners_.tell(who.organization, proposal);
  return proposal;
}

Proposals::Subscription Proposals::on_change(const std::string& organization,
                                             std::function<void(const Proposal&)> changed) {
  return listeners_.add(organization, std::move(changed));
}

}  // namespace firn::agents
