#include "agents/ask/asker.h"

#include <algorithm>
#include <set>

#include "agents/analyst/narrative.h"
#include "agents/ask/words_internal.h"

namespace firn::agents {
namespace {

constexpr int64_t kRowsMax = 1'000;

std::string text_of(const Json& json, std::string_view member) {
  const Json* found = json.field(member);
  return found != nullptr && found->kind == Json::Kind::kString ? found->text : std::string();
}

// The nodes of {field: {edges: [{node}]}}.
std::vector<const Json*> nodes_of(const Json& data, std::string_view field) {
  std::vector<const Json*> nodes;
  const Json* connection = data.field(field);
  const Json* edges = connection != nullptr ? connection->field("edges") : nullptr;
  if (edges == nullptr) return nodes;
  for (const auto& edge : edges->items) {
    if (const Json* node = edge.field("node")) nodes.push_back(node);
  }
  return nodes;
}

std::string shown(const Json& cell) {
  if (cell.is_null()) return "(none)";
  if (cell.is_number()) return figure(cell.number);
  if (cell.kind == Json::Kind::kString) return shortened(cell.text, 60);
  return cell.to_json();
}

std::set<std::string> significant_words(const std::string& text) {
  std::set<std::string> words;
  for (const auto& word : split_words(text)) {
    if (!is_filler(word.lower)) words.insert(singular(word.lower));
  }
  return words;
}

// "EWR 15.1, JFK 12.1 and 2 more"
std::string list_of_groups(const Json& rows, size_t keys) {
  constexpr size_t kShownMax = 5;
  std::string out;
  for (size_t i = 0; i < rows.items.size() && i < kShownMax; ++i) {
    const auto& cells = rows.items[i].items;
    if (cells.size() <= keys) continue;
    out += out.empty() ? "" : ", ";
    for (size_t k = 0; k < keys; ++k) out += (k > 0 ? " / `" : "`") + shown(cells[k]) + "`";
    for (size_t k = keys; k < cells.size(); ++k) {
      out += (k > keys ? " and " : " ") + shown(cells[k]);
    }
  }
  if (rows.items.size() > kShownMax) out += ", and more";
  return out;
}

std::string sentence_of(const Question& question, const Asked& asked) {
  const std::string cited = " [" + asked.evidence_id + "].";
  const std::string reading = reading_of(question);
  if (asked.rows.items.empty()) return "There is nothing for `" + reading + "`" + cited;
  const auto shape = shape_of(question);
  const auto& first = asked.rows.items.front().items;
  if (shape == AnswerShape::kNumber) {
    const bool nothing = first.empty() || first[0].is_null();
    if (nothing) return "There is no value for `" + reading + "`" + cited;
    return "`" + reading + "`: **" + shown(first[0]) + "**" + cited;
  }
  const size_t keys = shape == AnswerShape::kPeriods
                          ? 1
                          : question.groups.size() + (question.grain.empty() ? 0 : 1);
  if (shape == AnswerShape::kSeries) {
    return "`" + reading + "`, in order: " + list_of_groups(asked.rows, keys) + cited;
  }
  return "`" + reading + "`: " + list_of_groups(asked.rows, keys) + cited;
}

std::string remarks_of(const Question& question) {
  std::string out;
  for (const auto& assumption : question.assumptions) out += " " + assumption;
  if (!question.left_out.empty()) {
    out += " I did not consider";
    for (size_t i = 0; i < question.left_out.size(); ++i) {
      out += (i > 0 ? ", `" : " `") + question.left_out[i] + "`";
    }
    out += ".";
  }
  return out;
}

}  // namespace

FindingChart chart_for(const Json& columns, size_t rows) {
  FindingChart chart;
  const auto is_number = [](const std::string& type) {
    return type.starts_with("DOUBLE") || type.starts_with("FLOAT") || type.starts_with("DECIMAL") ||
           type.find("INT") != std::string::npos;
  };
  const auto is_time = [](const std::string& type) {
    return type.starts_with("DATE") || type.starts_with("TIMESTAMP");
  };
  std::string time;
  std::string first;
  for (const auto& column : columns.items) {
    const std::string name = text_of(column, "name");
    const std::string type = text_of(column, "type");
    if (is_time(type) && time.empty()) time = name;
    if (first.empty()) {
      first = name;
      if (columns.items.size() > 1) continue;
    }
    if (is_number(type)) chart.y.push_back(name);
  }
  chart.kind = "table";
  if (chart.y.empty()) return chart;
  chart.kind = rows == 1 && columns.items.size() == 1 ? "number" : time.empty() ? "bar" : "line";
  if (chart.kind != "number") chart.x = time.empty() ? first : time;
  return chart;
}

Result<Json> Asker::call(const std::string& tool, const Json& arguments) {
  auto answer = TRY(tools_.call(tool, arguments));
  if (answer.failed) return Error(ErrorCode::kInvalidStatement, answer.text);
  return answer.content;
}

Result<std::vector<KnownTable>> Asker::tables() {
  Json arguments = Json::object();
  arguments.set("first", Json::of_int(200));
  arguments.set("fields", Json::of_string("edges { node { fullName comment columns { name type "
                                          "comment } } }"));
  const Json data = TRY(call("tables", arguments));
  std::vector<KnownTable> tables;
  for (const Json* node : nodes_of(data, "tables")) {
    KnownTable table{text_of(*node, "fullName"), text_of(*node, "comment"), {}};
    const Json* columns = node->field("columns");
    if (columns == nullptr) continue;
    for (const auto& column : columns->items) {
      table.columns.push_back(
          {text_of(column, "name"), text_of(column, "type"), text_of(column, "comment")});
    }
    tables.push_back(std::move(table));
  }
  return tables;
}

Result<std::vector<Asker::SavedQuery>> Asker::saved_queries() {
  Json arguments = Json::object();
  arguments.set("first", Json::of_int(200));
  arguments.set("fields", Json::of_string("edges { node { name description statement } }"));
  const Json data = TRY(call("savedQueries", arguments));
  std::vector<SavedQuery> saved;
  for (const Json* node : nodes_of(data, "savedQueries")) {
    saved.push_back(
        {text_of(*node, "name"), text_of(*node, "description"), text_of(*node, "statement")});
  }
  return saved;
}

Status Asker::run(const std::string& statement, Asked& asked) {
  Json arguments = Json::object();
  arguments.set("statement", Json::of_string(statement));
  arguments.set("limit", Json::of_int(kRowsMax));
  const Json data = TRY(call("runSql", arguments));
  const Json* answer = data.field("runSql");
  if (answer == nullptr) return Error(ErrorCode::kInternal, "runSql gave no answer");
  asked.statement = statement;
  asked.evidence_id = text_of(*answer, "evidenceId");
  asked.query_id = text_of(*answer, "queryId");
  if (const Json* columns = answer->field("columns")) asked.columns = *columns;
  if (const Json* rows = answer->field("rows")) asked.rows = *rows;
  EvidenceBook book;
  book.add("runSql", data);
  asked.claims = book.unverified(asked.text);
  return {};
}

// A saved query whose name is what is asked, nearly to the word.
Result<std::optional<Asked>> Asker::from_saved(const std::string& question) {
  constexpr double kShareMin = 0.7;
  const auto wanted = significant_words(question);
  const SavedQuery* best = nullptr;
  double best_share = kShareMin;
  const auto saved = TRY(saved_queries());
  for (const auto& one : saved) {
    const auto named = significant_words(one.name);
    if (named.size() < 2) continue;
    size_t shared = 0;
    for (const auto& word : named) shared += wanted.contains(word) ? 1 : 0;
    const double share =
        static_cast<double>(shared) / static_cast<double>(std::max(named.size(), wanted.size()));
    if (share >= best_share) {
      best = &one;
      best_share = share;
    }
  }
  if (best == nullptr) return std::optional<Asked>();
  Asked asked;
  asked.by = AnsweredBy::kSavedQuery;
  TRY(run(best->statement, asked));
  asked.chart = chart_for(asked.columns, asked.rows.items.size());
  const bool one = asked.rows.items.size() == 1 && asked.rows.items[0].items.size() == 1;
  asked.text = "The saved query `" + best->name + "` answers this";
  if (one) asked.text += ": **" + shown(asked.rows.items[0].items[0]) + "**";
  asked.text += " [" + asked.evidence_id + "].";
  return std::optional(std::move(asked));
}

// Which column has the values that the question names without saying so.
Status Asker::find_columns(Question& question) {
  const std::string statement = lookup_statement(question);
  if (statement.empty()) return {};
  Asked looked;
  TRY(run(statement, looked));
  if (looked.rows.items.empty()) return {};
  const auto& counts = looked.rows.items[0].items;
  size_t at = 0;
  for (auto& loose : question.loose) {
    for (const auto& column : loose.candidates) {
      const bool there = at < counts.size() && counts[at].is_number() && counts[at].number > 0;
      ++at;
      if (there && loose.column.empty()) loose.column = column;
    }
    if (loose.column.empty()) question.left_out.push_back(loose.value);
  }
  return {};
}

Result<Asked> Asker::from_grammar(const std::string& question) {
  const auto known = TRY(tables());
  Asked asked;
  auto read = read_question(question, known);
  if (read.ok()) {
    TRY(find_columns(*read));
    const bool lost = !read->left_out.empty() && !read->loose.empty() &&
                      std::any_of(read->loose.begin(), read->loose.end(),
                                  [](const auto& loose) { return loose.column.empty(); });
    if (lost) {
      read = Error(ErrorCode::kInvalidArgument, "I found no column of " + read->table->name +
                                                    " with the value `" + read->left_out.back() +
                                                    "`.");
    }
  }
  if (!read.ok()) {
    asked.text = read.error().message() +
                 " I know a few kinds of questions, about tables and columns by their names.";
    asked.suggestions = suggestions_for(known);
    return asked;
  }
  asked.by = AnsweredBy::kGrammar;
  TRY(run(statement_of(*read), asked));
  const auto axes = axes_of(*read);
  const auto shape = shape_of(*read);
  asked.chart.kind = shape == AnswerShape::kNumber   ? "number"
                     : shape == AnswerShape::kSeries ? "line"
                                                     : "bar";
  if (axes.size() > 1) asked.chart.x = axes.front();
  asked.chart.y.assign(axes.begin() + (axes.size() > 1 ? 1 : 0), axes.end());
  asked.text = sentence_of(*read, asked) + remarks_of(*read);
  return asked;
}

Result<Asked> Asker::ask(const std::string& question) {
  constexpr size_t kQuestionMax = 4'000;
  if (question.empty() || question.size() > kQuestionMax) {
    return Error(ErrorCode::kInvalidArgument, "a question has 1 to 4,000 bytes");
  }
  if (model_ != nullptr) return from_model(question);
  auto saved = TRY(from_saved(question));
  if (saved) return *std::move(saved);
  return from_grammar(question);
}

}  // namespace firn::agents
