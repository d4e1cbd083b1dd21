#pragma once

#include <string>
#include <vector>

#include "agents/analyst/finding.h"
#include "agents/ask/question.h"
#include "agents/claims.h"
#include "agents/tools.h"
#include "llm/model.h"
#include "llm/prompts.h"

namespace firn::agents {

enum class AnsweredBy : uint8_t { kModel, kGrammar, kSavedQuery, kNobody };

// What somebody is told who asked.
struct Asked {
  AnsweredBy by = AnsweredBy::kNobody;
  std::string text;  // Markdown; its numbers cite evidence
  std::string statement;
  FindingChart chart;
  std::string evidence_id;
  std::string query_id;
  Json columns;  // of the statement's answer, as runSql gives them: lists; null: there is none
  Json rows;
  std::vector<UnverifiedClaim> claims;
  std::vector<std::string> suggestions;  // where it is not understood
};

// Answers a question through `tools`, which only read: by a conversation with the model where there
// is one, else by saved queries and the grammar. Errors: the tools'; the model's; ResourceExhausted
// where the conversation takes too much.
class Asker {
 public:
  // `model` may be null; then `prompts` too.
  Asker(Tools& tools, llm::Model* model, const llm::Prompts* prompts)
      : tools_(tools), model_(model), prompts_(prompts) {}
  Result<Asked> ask(const std::string& question);

 private:
  struct SavedQuery {
    std::string name;
    std::string description;
    std::string statement;
  };
  Result<Json> call(const std::string& tool, const Json& arguments);
  Result<std::vector<KnownTable>> tables();
  Result<std::vector<SavedQuery>> saved_queries();
  Status run(const std::string& statement, Asked& asked);
  Result<std::optional<Asked>> from_saved(const std::string& question);
  Result<Asked> from_grammar(const std::string& question);
  Status find_columns(Question& question);
  Result<Asked> from_model(const std::string& question);

  Tools& tools_;
  llm::Model* const model_;
  const llm::Prompts* const prompts_;
};

// How an answer with these columns ({name, type} each) is best drawn.
FindingChart chart_for(const Json& columns, size_t rows);

}  // namespace firn::agents
