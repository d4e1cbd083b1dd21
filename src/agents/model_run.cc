#include <algorithm>

#include "agents/conversation.h"
#include "agents/gated_tools.h"
#include "agents/model_run_internal.h"
#include "agents/recorded_tools.h"
#include "graphql/json.h"

// A run of an agent with a model: its brief, the conversation, and what is kept of both.
namespace firn::agents {
namespace {

constexpr size_t kBriefPartMax = 16 << 10;

// What people decided and noted, in marks that none of it can close.
std::string memory_of(const std::vector<Memory>& memories) {
  constexpr size_t kBytesMax = 16 << 10;
  std::string all;
  for (const auto& memory : memories) {
    std::string line = "- " + memory.text;
    for (size_t i = 0; i < memory.leave_alone.size(); ++i) {
      line += (i == 0 ? " Leave alone: " : ", ") + memory.leave_alone[i];
    }
    if (all.size() + line.size() > kBytesMax) break;
    for (char& c : line) {
      if (c == '<') c = '(';
    }
    all += line + "\n";
  }
  return all.empty() ? all : "\n<memory>\n" + all + "</memory>\n";
}

std::string words_of_policy(const Agent& agent) {
  std::string words;
  for (const auto& action : agent.may_do) words += (words.empty() ? "" : ", ") + action;
  return words.empty() ? words : " These are done at once, without a decision: " + words + ".";
}

// What the model knows at its start, from tools, as anything that it will ask itself: each call is
// a step, and what it may not read is not in it.
Result<std::string> brief_of(const Agent& agent, const std::vector<Memory>& memories,
                             RecordedTools& tools) {
  std::string brief = "Your brief.\n" + memory_of(memories);
  const auto add = [&](const std::string& title, const std::string& tool,
                       const Json& arguments) -> Status {
    const auto answer = TRY(tools.call(tool, arguments));
    brief += "\n" + title + "\n" + as_untrusted(tool, answer.text, kBriefPartMax) + "\n";
    return {};
  };
  for (const auto& table : agent.tables) {
    Json arguments = Json::object();
    arguments.set("name", Json::of_string(table));
    arguments.set("sampleRows", Json::of_int(3));
    TRY(add("The table " + table + ":", "describeTable", arguments));
  }
  Json newest = Json::object();
  newest.set("first", Json::of_int(20));
  TRY(add("Insights that people have accepted, newest first:", "insights", newest));
  TRY(add("Queries that people have saved:", "savedQueries", newest));
  brief += "\nBegin.";
  return brief;
}

std::string words_of(const Budget& budget) {
  return std::to_string(budget.calls) + " calls of tools, " + std::to_string(budget.tokens) +
         " tokens and " + std::to_string(budget.seconds) + " seconds";
}

// All that a proposal states, its title with the evidence that the proposal names.
std::string statements_of(const Proposal& proposal) {
  std::string all = proposal.title + " [" + proposal.evidence_id + "]\n" + proposal.narrative;
  const auto arguments = graphql::parse_json(proposal.arguments);
  const Json* input = arguments.ok() ? arguments->field("input") : nullptr;
  for (const char* name : {"title", "narrative", "description"}) {
    const Json* text = input != nullptr ? input->field(name) : nullptr;
    if (text == nullptr || text->kind != Json::Kind::kString) continue;
    if (text->text == proposal.title || text->text == proposal.narrative) continue;
    all += "\n" + text->text;
    if (std::string_view(name) == "title") all += " [" + proposal.evidence_id + "]";
  }
  return all;
}

}  // namespace

// The prompt of the first attempt is the run's, whatever newer there is.
Result<Run> Agents::begin_run(const std::string& run) {
  const auto prompt = TRY(prompts_->find("agent"));
  Run begun;
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "INSERT INTO agent_runs (run, prompt, model) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"));
    TRY(row.bind(1, run).bind(2, prompt.name).bind(3, model_->name()).run());
    tasks::Task task;
    task.id = run;
    begun = TRY(read_run(transaction, std::move(task)));
    return {};
  }));
  return begun;
}

Status Agents::end_run(const Run& run) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    auto row =
        TRY(transaction.prepare("UPDATE agent_runs SET answer = ?, claims = ? WHERE run = ?"));
    return row.bind(1, run.answer).bind(2, claims_json(run.claims)).bind(3, run.task.id).run();
  });
}

Status Agents::check_proposals(const auth::Principal& worker, const std::string& run,
                               const EvidenceBook& evidence) {
  for (const auto& proposal : TRY(proposals_.of_run(worker, run))) {
    if (!proposal.claims.empty()) continue;
    TRY(proposals_.set_claims(worker, proposal.id,
                              claims_json(evidence.unverified(statements_of(proposal)))));
  }
  return {};
}

Result<std::string> Agents::investigate(tasks::TaskContext& context, const Agent& agent) {
  if (model_ == nullptr) return no_model();
  const std::string& id = context.task.id;
  const auth::Principal& worker = context.principal;
  Run run = TRY(begin_run(id));
  const auto prompt = TRY(prompts_->find(run.prompt));
  const auto cancelled = [&context] { return context.cancelled(); };
  const auto tools = make_tools_({worker, client_of(agent, id), id, Answers::kCut, cancelled});
  GatedTools gated = TRY(GatedTools::create(*tools, {"propose", "stageChange"}));
  Journal journal(&database_, clock_, id, agent.budget, cancelled,
                  [&] { listeners_.tell(agent.id, id); });
  RecordedTools recorded(gated, journal);
  recorded.set_changing(gated.changing());

  ConversationOptions options;
  options.system = llm::fill_in(prompt.text, {{"name", agent.name},
                                              {"instructions", agent.instructions},
                                              {"budget", words_of(agent.budget)},
                                              {"policy", words_of_policy(agent)}});
  options.opening = TRY(brief_of(agent, TRY(memories_.list(worker, agent.id)), recorded));
  Conversation* talking = nullptr;
  const auto on_call = [&](const llm::ToolCall& call, const ToolAnswer& answer) -> Status {
    context.progress(std::min(99, 100 * journal.calls() / agent.budget.calls), call.name);
    if (call.name != "propose" || answer.failed) return {};
    TRY(check_proposals(worker, id, talking->evidence()));
    return act_by_policy(context, agent);
  };
  Conversation conversation(*model_, recorded, journal, on_call);
  talking = &conversation;
  run.answer = TRY(conversation.run(options));
  run.claims = conversation.evidence().unverified(run.answer);
  TRY(end_run(run));
  const auto proposed = TRY(proposals_.of_run(worker, id)).size();
  return "{\"proposals\":" + std::to_string(proposed) +
         ",\"calls\":" + std::to_string(journal.calls()) +
         ",\"turns\":" + std::to_string(journal.turns()) +
         ",\"inputTokens\":" + std::to_string(journal.input_tokens()) +
         ",\"outputTokens\":" + std::to_string(journal.output_tokens()) +
         ",\"unverifiedClaims\":" + std::to_string(run.claims.size()) + "}";
}

}  // namespace firn::agents
