#include "agents/ask/asker.h"
#include "agents/tools.h"
#include "api/context.h"
#include "api/convert.h"
#include "api/proposals.h"
#include "api/roots.h"

// Questions in words.
namespace firn::api {
namespace {

std::string member(const agents::Json& json, std::string_view name) {
  const agents::Json* found = json.field(name);
  return found != nullptr ? found->text : std::string();
}

schema::AskedAnswer answer_of(const agents::Asked& asked) {
  std::vector<schema::ResultColumn> columns;
  for (const auto& column : asked.columns.items) {
    columns.push_back({.name = member(column, "name"), .type = member(column, "type")});
  }
  std::optional<schema::ChartSpec> spec;
  std::optional<graphql::RawJson> rows;
  if (!asked.statement.empty()) {
    spec = spec_of(asked.chart);
    rows = graphql::RawJson{asked.rows.to_json()};
  }
  return {.answered_by = static_cast<schema::AnsweredBy>(asked.by),
          .text = asked.text,
          .statement = unless_empty(asked.statement),
          .spec = std::move(spec),
          .columns = std::move(columns),
          .rows = std::move(rows),
          .evidence_id = unless_empty(asked.evidence_id),
          .query_id = unless_empty(asked.query_id),
          .unverified_claims = to_schema(asked.claims),
          .suggestions = asked.suggestions};
}

}  // namespace

Field<schema::AskedAnswer> QueryRoot::ask(Call& call, const schema::QueryAskArgs& args) const {
  const auto& context = context_of(call);
  return asking_slowly(
      call,
      [&services = services_, args, client = context.client,
       within = !context.run.empty()](const PrincipalPtr& who) -> Result<schema::AskedAnswer> {
        // A model that asks a model would spend what nobody counts.
        if (within) {
          return Error(ErrorCode::kUnsupported, "a conversation asks with its own tools");
        }
        const auto tools = services.reading_tools(*who, client.empty() ? "ask" : "ask " + client);
        agents::Asker asker(*tools, services.model, services.prompts);
        return answer_of(TRY(asker.ask(args.question)));
      });
}

}  // namespace firn::api
