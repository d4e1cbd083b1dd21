#include "agents/ask/asker.h"
#include "agents/conversation.h"
#include "agents/gated_tools.h"
#include "agents/recorded_tools.h"
#include "platform/clock.h"

// A question that a model answers, over tools that only read.
namespace firn::agents {
namespace {

Budget budget_of_a_question() {
  Budget budget;
  budget.calls = 30;
  budget.seconds = 120;
  budget.tokens = 200'000;
  budget.bytes = 4 << 20;
  return budget;
}

struct Ran {
  std::string statement;
  Json answer;
};

std::string text_of(const Json& json, std::string_view member) {
  const Json* found = json.field(member);
  return found != nullptr && found->kind == Json::Kind::kString ? found->text : std::string();
}

}  // namespace

Result<Asked> Asker::from_model(const std::string& question) {
  const auto prompt = TRY(prompts_->find("ask"));
  GatedTools gated = TRY(GatedTools::create(tools_, {}));
  Journal journal(nullptr, platform::system_clock(), "", budget_of_a_question(), nullptr);
  RecordedTools recorded(gated, journal);
  std::vector<Ran> ran;
  Conversation conversation(*model_, recorded, journal,
                            [&](const llm::ToolCall& call, const ToolAnswer& answer) -> Status {
                              const Json* given = answer.content.field("runSql");
                              if (call.name != "runSql" || given == nullptr) return {};
                              ran.push_back({text_of(call.arguments, "statement"), *given});
                              return {};
                            });
  ConversationOptions options;
  options.system = prompt.text;
  options.opening = question;
  Asked asked;
  asked.text = TRY(conversation.run(options));
  asked.by = AnsweredBy::kModel;
  asked.claims = conversation.evidence().unverified(asked.text);
  // What it shows: the last answer that it cites, else the last that it got.
  const Ran* shown = ran.empty() ? nullptr : &ran.back();
  for (const auto& one : ran) {
    const std::string id = text_of(one.answer, "evidenceId");
    if (!id.empty() && asked.text.find("[" + id + "]") != std::string::npos) shown = &one;
  }
  if (shown == nullptr) return asked;
  asked.statement = shown->statement;
  asked.evidence_id = text_of(shown->answer, "evidenceId");
  asked.query_id = text_of(shown->answer, "queryId");
  if (const Json* columns = shown->answer.field("columns")) asked.columns = *columns;
  if (const Json* rows = shown->answer.field("rows")) asked.rows = *rows;
  asked.chart = chart_for(asked.columns, asked.rows.items.size());
  return asked;
}

}  // namespace firn::agents
