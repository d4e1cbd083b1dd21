#include "agents/agents.h"

#include <algorithm>

#include "agents/analyst/analyst.h"
#include "agents/analyst/narrative.h"
#include "agents/lists_internal.h"
#include "agents/model_run_internal.h"
#include "agents/recorded_tools.h"
#include "graphql/json.h"
#include "platform/clock.h"
#include "platform/random.h"

namespace firn::agents {
namespace {

constexpr const char* kKind = "agent";
constexpr const char* kNotYours = "(not yours to see)";
constexpr int64_t kAgentsMax = 200;  // of an organization
constexpr size_t kTablesMax = 20;
constexpr size_t kMeasuresMax = 20;
constexpr int32_t kFindingsMax = 50;
constexpr int32_t kCallsMax = 10'000;
constexpr int32_t kSecondsMax = 24 * 3600;
constexpr int64_t kTokensMax = 100'000'000;
constexpr int64_t kBytesMax = 4LL << 30;
constexpr size_t kMayDoMax = 50;
constexpr size_t kInstructionsMax = 16 << 10;

// The agent is the task's subject: nothing else has to go along.
struct RunArguments {
  std::string agent;
  template <typename Visit>
  static void members(Visit&& visit) {
    visit("agent", &RunArguments::agent, jobs::kRequired);
  }
};

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"agents", 1, R"sql(
CREATE TABLE agents (id TEXT PRIMARY KEY, organization TEXT NOT NULL, name TEXT NOT NULL,
  account TEXT NOT NULL, tables TEXT NOT NULL, measures TEXT NOT NULL, findings INTEGER NOT NULL,
  calls INTEGER NOT NULL, seconds INTEGER NOT NULL, cron TEXT NOT NULL, zone TEXT NOT NULL,
  paused INTEGER NOT NULL, created_by TEXT NOT NULL, created_us INTEGER NOT NULL,
  UNIQUE (organization, name)) STRICT;
CREATE TABLE agent_steps (run TEXT NOT NULL, number INTEGER NOT NULL, tool TEXT NOT NULL,
  arguments TEXT NOT NULL, failed INTEGER NOT NULL, text TEXT NOT NULL, content TEXT NOT NULL,
  started_us INTEGER NOT NULL, ended_us INTEGER NOT NULL, PRIMARY KEY (run, number))
  STRICT, WITHOUT ROWID;
)sql"},
      {"agents", 2, R"sql(
ALTER TABLE agents ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agents ADD COLUMN instructions TEXT NOT NULL DEFAULT '';
ALTER TABLE agents ADD COLUMN tokens INTEGER NOT NULL DEFAULT 500000;
ALTER TABLE agents ADD COLUMN bytes INTEGER NOT NULL DEFAULT 67108864;
CREATE TABLE agent_runs (run TEXT PRIMARY KEY, prompt TEXT NOT NULL, model TEXT NOT NULL,
  answer TEXT NOT NULL DEFAULT '', claims TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
)sql"},
      {"agents", 3, R"sql(
ALTER TABLE agents ADD COLUMN may_do TEXT NOT NULL DEFAULT '[]';
)sql"},
  };
  return steps;
}

constexpr const char* kColumns =
    "SELECT id, name, account, tables, measures, findings, calls, seconds, cron, zone, paused, "
    "created_by, created_us, kind, instructions, tokens, bytes, may_do FROM agents ";

Result<Agent> read_row(const store::Statement& row) {
  Agent agent;
  agent.id = row.column_text(0);
  agent.name = row.column_text(1);
  agent.account = row.column_text(2);
  agent.tables = TRY(read_list(row.column_text(3)));
  agent.measures = TRY(read_list(row.column_text(4)));
  agent.findings = static_cast<int32_t>(row.column_int(5));
  agent.budget.calls = static_cast<int32_t>(row.column_int(6));
  agent.budget.seconds = static_cast<int32_t>(row.column_int(7));
  agent.cron = row.column_text(8);
  agent.zone = row.column_text(9);
  agent.paused = row.column_int(10) != 0;
  agent.created_by = row.column_text(11);
  agent.created_us = row.column_int(12);
  agent.kind = static_cast<AgentKind>(row.column_int(13));
  agent.instructions = row.column_text(14);
  agent.budget.tokens = row.column_int(15);
  agent.budget.bytes = row.column_int(16);
  agent.may_do = TRY(read_list(row.column_text(17)));
  return agent;
}

Status check(const Agent& agent) {
  const auto wrong = [](std::string message) {
    return Error(ErrorCode::kInvalidArgument, std::move(message));
  };
  const bool is_model = agent.kind == AgentKind::kModel;
  if ((agent.tables.empty() && !is_model) || agent.tables.size() > kTablesMax) {
    return wrong("an agent looks at 1 to 20 tables");
  }
  if (is_model == agent.instructions.empty() || agent.instructions.size() > kInstructionsMax) {
    return wrong("a model has instructions, of at most 16 KiB; an analyst has none");
  }
  if (agent.budget.tokens < 1'000 || agent.budget.tokens > kTokensMax) {
    return wrong("a run's budget is 1,000 to 100,000,000 tokens");
  }
  if (agent.budget.bytes < 1'024 || agent.budget.bytes > kBytesMax) {
    return wrong("a run's budget is 1 KiB to 4 GiB of answers");
  }
  if (agent.may_do.size() > kMayDoMax) return wrong("an agent's policy names at most 50 actions");
  if (agent.measures.size() > kMeasuresMax) return wrong("an agent is about at most 20 measures");
  if (agent.findings < 1 || agent.findings > kFindingsMax) {
    return wrong("an agent proposes 1 to 50 findings of a table");
  }
  if (agent.budget.calls < 1 || agent.budget.calls > kCallsMax) {
    return wrong("a run's budget is 1 to 10,000 calls");
  }
  if (agent.budget.seconds < 1 || agent.budget.seconds > kSecondsMax) {
    return wrong("a run's budget is 1 to 86,400 seconds");
  }
  return {};
}

Status may_see(const auth::Principal& who) { return authorize_anywhere(who, auth::Role::kViewer); }
Status may_change(const auth::Principal& who) {
  return authorize(who, auth::Role::kAdmin, auth::Object::whole(who));
}

// The insight that a finding would be, as the arguments of createInsight.
std::string insight_of(const Finding& finding) {
  const auto object = [] {
    Json made = Json::object();
    return made;
  };
  std::string kind = finding.chart.kind;
  std::transform(kind.begin(), kind.end(), kind.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  Json spec = object();
  spec.set("kind", Json::of_string(kind));
  if (!finding.chart.x.empty()) spec.set("x", Json::of_string(finding.chart.x));
  Json y = Json::list();
  for (const auto& column : finding.chart.y) y.items.push_back(Json::of_string(column));
  spec.set("y", std::move(y));
  Json input = object();
  input.set("title", Json::of_string(finding.title));
  input.set("narrative", Json::of_string(finding.narrative));
  input.set("evidenceId", Json::of_string(finding.evidence_id));
  input.set("spec", std::move(spec));
  Json arguments = object();
  arguments.set("input", std::move(input));
  return arguments.to_json();
}

// One fact is proposed once, however often it is found: whoever declined it was heard.
std::string key_of(const Finding& finding) {
  std::string key = "finding";
  for (const std::string& part : {std::string(name_of(finding.kind)), finding.table,
                                  finding.measure, finding.dimension, finding.value, finding.at}) {
    key += '\x1f';
    key += part;
  }
  return key;
}

}  // namespace

Result<std::unique_ptr<Agents>> Agents::create(store::Database& database, tasks::Tasks& tasks,
                                               auth::Authenticator& auth, Proposals& proposals,
                                               platform::Clock& clock, platform::Random& random) {
  TRY(database.migrate(migrations()));
  TRY(database.migrate(journal_migrations()));
  auto memories = TRY(Memories::create(database, clock, random));
  std::unique_ptr<Agents> agents(
      new Agents(database, tasks, auth, proposals, std::move(memories), clock, random));
  tasks.add<RunArguments>(kKind, auth::Role::kViewer,
                          [made = agents.get()](const RunArguments&, tasks::TaskContext& context) {
                            return made->perform(context);
                          });
  return agents;
}

Result<Agent> Agents::read(store::Transaction& transaction, const std::string& organization,
                           const std::string& id) {
  auto row = TRY(transaction.prepare(std::string(kColumns) + "WHERE organization = ? AND id = ?"));
  row.bind(1, organization).bind(2, id);
  if (!TRY(row.step())) return Error(ErrorCode::kNotFound, "there is no such agent");
  return read_row(row);
}

Result<Agent> Agents::read_now(const std::string& organization, const std::string& id) {
  Agent agent;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    agent = TRY(read(transaction, organization, id));
    return {};
  }));
  return agent;
}

Result<std::vector<Agent>> Agents::list(const auth::Principal& who) {
  TRY(may_see(who));
  std::vector<Agent> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(std::string(kColumns) +
                                       "WHERE organization = ? ORDER BY name COLLATE NOCASE, id"));
    row.bind(1, who.organization);
    while (TRY(row.step())) found.push_back(TRY(read_row(row)));
    return {};
  }));
  return found;
}

Result<Agent> Agents::find(const auth::Principal& who, const std::string& id) {
  TRY(may_see(who));
  return read_now(who.organization, id);
}

Status Agents::write_plan(store::Transaction& transaction, const auth::Principal& worker,
                          const Agent& agent) {
  if (agent.cron.empty()) return tasks_.remove_plan(transaction, agent.id);
  tasks::Plan plan;
  plan.id = agent.id;
  plan.kind = kKind;
  plan.cron = agent.cron;
  plan.zone = agent.zone;
  plan.paused = agent.paused;
  return tasks_.set_plan(transaction, worker, std::move(plan), RunArguments{agent.id});
}

Result<Agent> Agents::create_agent(const auth::Principal& who, const Agent& wanted,
                                   auth::Role role) {
  TRY(may_change(who));
  if (role != auth::Role::kViewer && role != auth::Role::kEditor) {
    return Error(ErrorCode::kInvalidArgument, "an agent's account is a viewer or an editor");
  }
  TRY(check(wanted));
  if (wanted.kind == AgentKind::kModel && model_ == nullptr) return no_model();
  Agent agent = wanted;
  agent.name = TRY(auth::check_name("a name", wanted.name));
  agent.id = random_.uuid().to_string();
  agent.created_by = who.name;
  agent.created_us = clock_.now_us();
  const auto account = TRY(auth_.accounts().create(who, "agent " + agent.name, role));
  agent.account = account.id;
  const auto worker = TRY(auth_.principal_of(who.organization, agent.account, std::nullopt));
  const Status written = database_.write([&](store::Transaction& transaction) -> Status {
    {
      auto count = TRY(transaction.prepare("SELECT count(*) FROM agents WHERE organization = ?"));
      count.bind(1, who.organization);
      TRY(count.step());
      if (count.column_int(0) >= kAgentsMax) {
        return Error(ErrorCode::kResourceExhausted, "an organization has at most 200 agents");
      }
    }
    auto row = TRY(transaction.prepare(
        "INSERT INTO agents (id, organization, name, account, tables, measures, findings, calls, "
        "seconds, cron, zone, paused, created_by, created_us, kind, instructions, tokens, bytes, "
        "may_do) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    row.bind(1, agent.id).bind(2, who.organization).bind(3, agent.name).bind(4, agent.account);
    row.bind(5, list_json(agent.tables)).bind(6, list_json(agent.measures));
    row.bind(7, static_cast<int64_t>(agent.findings));
    row.bind(8, static_cast<int64_t>(agent.budget.calls));
    row.bind(9, static_cast<int64_t>(agent.budget.seconds));
    row.bind(10, agent.cron).bind(11, agent.zone).bind(12, static_cast<int64_t>(agent.paused));
    row.bind(13, agent.created_by).bind(14, agent.created_us);
    row.bind(15, static_cast<int64_t>(agent.kind)).bind(16, agent.instructions);
    row.bind(17, agent.budget.tokens).bind(18, agent.budget.bytes);
    row.bind(19, list_json(agent.may_do));
    TRY(row.run());
    return write_plan(transaction, worker, agent);
  });
  if (!written.ok()) {
    TRY(auth_.accounts().remove(who, agent.account));
    return written.error();
  }
  return agent;
}

Result<Agent> Agents::update(const auth::Principal& who, const std::string& id,
                             const std::function<void(Agent&)>& change) {
  TRY(may_change(who));
  Agent agent = TRY(read_now(who.organization, id));
  const auto worker = TRY(auth_.principal_of(who.organization, agent.account, std::nullopt));
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    agent = TRY(read(transaction, who.organization, id));
    change(agent);
    TRY(check(agent));
    agent.name = TRY(auth::check_name("a name", std::string(agent.name)));
    auto row = TRY(transaction.prepare(
        "UPDATE agents SET name = ?, tables = ?, measures = ?, findings = ?, calls = ?, seconds = "
        "?, cron = ?, zone = ?, paused = ?, instructions = ?, tokens = ?, bytes = ?, may_do = ? "
        "WHERE id = ?"));
    row.bind(1, agent.name).bind(2, list_json(agent.tables)).bind(3, list_json(agent.measures));
    row.bind(4, static_cast<int64_t>(agent.findings));
    row.bind(5, static_cast<int64_t>(agent.budget.calls));
    row.bind(6, static_cast<int64_t>(agent.budget.seconds));
    row.bind(7, agent.cron).bind(8, agent.zone).bind(9, static_cast<int64_t>(agent.paused));
    row.bind(10, agent.instructions).bind(11, agent.budget.tokens).bind(12, agent.budget.bytes);
    row.bind(13, list_json(agent.may_do)).bind(14, id);
    TRY(row.run());
    return write_plan(transaction, worker, agent);
  }));
  return agent;
}

Status Agents::remove(const auth::Principal& who, const std::string& id) {
  TRY(may_change(who));
  const Agent agent = TRY(read_now(who.organization, id));
  std::vector<tasks::Task> all = TRY(tasks_.of_subject(who.organization, id, 10'000));
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TRY(tasks_.remove_plan(transaction, id));
    TRY(Memories::remove_all(transaction, id));
    for (const auto& task : all) {
      TRY(remove_steps(transaction, task.id));
      auto row = TRY(transaction.prepare("DELETE FROM agent_runs WHERE run = ?"));
      TRY(row.bind(1, task.id).run());
    }
    auto row = TRY(transaction.prepare("DELETE FROM agents WHERE id = ?"));
    row.bind(1, id);
    return row.run();
  }));
  return auth_.accounts().remove(who, agent.account);
}

Result<tasks::Task> Agents::run(const auth::Principal& who, const std::string& id) {
  TRY(authorize(who, auth::Role::kEditor, auth::Object::whole(who)));
  const Agent agent = TRY(read_now(who.organization, id));
  const auto worker = TRY(auth_.principal_of(who.organization, agent.account, std::nullopt));
  return tasks_.begin(worker, kKind, RunArguments{id}, id);
}

Result<Run> Agents::read_run(store::Transaction& transaction, tasks::Task task) {
  Run run;
  auto row = TRY(transaction.prepare(
      "SELECT prompt, model, answer, claims, (SELECT sum(input_tokens) FROM agent_steps s WHERE "
      "s.run = r.run), (SELECT sum(output_tokens) FROM agent_steps s WHERE s.run = r.run) FROM "
      "agent_runs r WHERE run = ?"));
  row.bind(1, task.id);
  if (TRY(row.step())) {
    run.prompt = row.column_text(0);
    run.model = row.column_text(1);
    run.answer = row.column_text(2);
    run.claims = TRY(read_claims(row.column_text(3)));
    run.input_tokens = row.column_int(4);
    run.output_tokens = row.column_int(5);
  }
  run.task = std::move(task);
  return run;
}

// Whether what the agent reads is the reader's to see as well: its runs quote rows.
Result<bool> Agents::may_see_what_it_read(const auth::Principal& who, const Agent& agent) {
  if (auth::authorize(who, auth::Role::kAdmin, auth::Object::whole(who)).ok()) return true;
  const auto worker = auth_.principal_of(who.organization, agent.account, std::nullopt);
  if (!worker.ok() || !worker->role || !worker->grants.empty()) return false;
  return auth_.policies().sees_as_much(who, *worker->role);
}

Result<std::vector<Run>> Agents::runs(const auth::Principal& who, const std::string& id,
                                      int64_t max) {
  const bool shown = TRY(may_see_what_it_read(who, TRY(find(who, id))));
  auto tasks = TRY(tasks_.of_subject(who.organization, id, max));
  std::vector<Run> all;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    for (auto& task : tasks) all.push_back(TRY(read_run(transaction, std::move(task))));
    return {};
  }));
  for (Run& run : all) {
    if (shown) break;
    run.answer.clear();
    run.claims.clear();
    run.task.result.clear();
    if (run.task.error) run.task.error.emplace(run.task.error->code(), kNotYours);
  }
  return all;
}

Result<Run> Agents::find_run(const auth::Principal& who, const std::string& id,
                             const std::string& run) {
  for (auto& one : TRY(runs(who, id, 10'000))) {
    if (one.task.id == run) return std::move(one);
  }
  return Error(ErrorCode::kNotFound, "the agent has no such run");
}

Result<std::vector<Step>> Agents::steps(const auth::Principal& who, const std::string& id,
                                        const std::string& run) {
  const bool shown = TRY(may_see_what_it_read(who, TRY(find(who, id))));
  const auto all = TRY(tasks_.of_subject(who.organization, id, 10'000));
  if (std::none_of(all.begin(), all.end(), [&](const auto& task) { return task.id == run; })) {
    return Error(ErrorCode::kNotFound, "the agent has no such run");
  }
  std::vector<Step> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    found = TRY(read_steps(transaction, run));
    return {};
  }));
  for (Step& step : found) {
    if (shown) break;
    step.arguments = "{}";
    step.text = kNotYours;
  }
  return found;
}

Status Agents::propose(const tasks::TaskContext& context, const Agent& agent, Tools& tools,
                       const std::string& table, int& found, int& proposed) {
  const auth::Principal& worker = context.principal;
  const std::string& run = context.task.id;
  const auto known = TRY(memories_.list(worker, agent.id));
  AnalystOptions options;
  options.measures = agent.measures;
  options.findings_max = static_cast<size_t>(agent.findings);
  // An attempt that goes on where another was interrupted sees the same.
  options.now_us = context.task.created_us;
  for (const auto& finding : TRY(Analyst(tools, options).analyze(table))) {
    ++found;
    if (leaves_alone(known, finding.measure) || leaves_alone(known, finding.dimension)) continue;
    NewProposal wanted;
    wanted.title = shortened(finding.title, 300);
    wanted.narrative = finding.narrative;
    wanted.action = "createInsight";
    wanted.arguments = insight_of(finding);
    wanted.evidence_id = finding.evidence_id;
    wanted.run = run;
    wanted.key = key_of(finding);
    const auto made = TRY(proposals_.propose(worker, wanted));
    if (made.run == run) ++proposed;
  }
  return {};
}

Result<std::string> Agents::perform(tasks::TaskContext& context) {
  const Agent agent = TRY(read_now(context.principal.organization, context.task.subject));
  return agent.kind == AgentKind::kModel ? investigate(context, agent) : analyze(context, agent);
}

Result<std::string> Agents::analyze(tasks::TaskContext& context, const Agent& agent) {
  const std::string& run = context.task.id;
  const auto cancelled = [&context] { return context.cancelled(); };
  const auto tools =
      make_tools_({context.principal, client_of(agent, run), run, Answers::kWhole, cancelled});
  Journal journal(&database_, clock_, run, agent.budget, cancelled,
                  [&] { listeners_.tell(agent.id, run); });
  RecordedTools recorded(*tools, journal);
  int found = 0;
  int proposed = 0;
  for (size_t i = 0; i < agent.tables.size(); ++i) {
    const auto percent = static_cast<int32_t>(100 * i / agent.tables.size());
    context.progress(percent, "looks at " + agent.tables[i]);
    TRY(propose(context, agent, recorded, agent.tables[i], found, proposed));
    TRY(act_by_policy(context, agent));
  }
  return "{\"findings\":" + std::to_string(found) + ",\"proposals\":" + std::to_string(proposed) +
         ",\"calls\":" + std::to_string(journal.calls()) + "}";
}

}  // namespace firn::agents
