#include "agents/ask/question.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "agents/analyst/columns.h"
#include "agents/analyst/statements.h"
#include "agents/ask/words_internal.h"

namespace firn::agents {
namespace {

struct Named {
  std::string_view word;
  std::string_view meaning;
};

constexpr Named kAggregates[] = {
    {"average", "avg"},  {"mean", "avg"},     {"avg", "avg"},      {"typical", "avg"},
    {"total", "sum"},    {"sum", "sum"},      {"maximum", "max"},  {"max", "max"},
    {"highest", "max"},  {"largest", "max"},  {"longest", "max"},  {"biggest", "max"},
    {"greatest", "max"}, {"latest", "max"},   {"minimum", "min"},  {"min", "min"},
    {"lowest", "min"},   {"smallest", "min"}, {"shortest", "min"}, {"earliest", "min"},
    {"least", "min"},    {"median", "median"}};

constexpr Named kGrains[] = {{"hourly", "hour"},   {"daily", "day"},   {"weekly", "week"},
                             {"monthly", "month"}, {"yearly", "year"}, {"quarterly", "quarter"},
                             {"annually", "year"}};

constexpr std::string_view kGrainWords[] = {"hour", "day", "week", "month", "quarter", "year"};

std::string_view meaning_of(const Named* begin, const Named* end, const std::string& word) {
  const auto found = std::find_if(begin, end, [&](const Named& one) { return one.word == word; });
  return found == end ? std::string_view() : found->meaning;
}

std::string literal(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    if (c != '\0') out += c;
  }
  return out + "'";
}

std::string number_literal(double value) {
  if (value == std::floor(value)) return std::to_string(static_cast<int64_t>(value));
  std::string text = std::to_string(value);
  while (text.ends_with('0')) text.pop_back();
  return text;
}

struct ColumnMatch {
  const KnownColumn* column = nullptr;
  size_t length = 0;  // words
  double score = 0;
  const KnownColumn* rival = nullptr;  // fits as well
};

// How well words [at, at + length) name the column.
double score_of(const std::vector<Word>& words, size_t at, size_t length,
                const KnownColumn& column) {
  const auto names = words_of_name(column.name);
  double matched = 0;
  std::vector<bool> taken(names.size());
  for (size_t i = at; i < at + length; ++i) {
    if (length == 1 && words[i].lower == lower_case(column.name)) return 1.5;
    double best = 0;
    size_t which = 0;
    for (size_t k = 0; k < names.size(); ++k) {
      const double fit = taken[k] ? 0 : fit_of(singular(words[i].lower), names[k]);
      if (fit > best) {
        best = fit;
        which = k;
      }
    }
    if (best == 0) return 0;
    taken[which] = true;
    matched += best;
  }
  return matched / static_cast<double>(names.size());
}

// As its comment has it, where no name does.
double comment_score(const std::vector<Word>& words, size_t at, const KnownColumn& column) {
  constexpr double kOfComment = 0.4;
  if (words[at].lower.size() < 4 || is_filler(words[at].lower)) return 0;
  for (const auto& word : words_of_name(column.comment)) {
    if (word == singular(words[at].lower)) return kOfComment;
  }
  return 0;
}

class Reader {
 public:
  Reader(std::vector<Word> words, const KnownTable& table)
      : words_(std::move(words)), table_(table) {
    question_.table = &table;
  }

  Result<Question> read() {
    for (const auto& column : table_.columns) {
      if (question_.time.empty() && is_time_type(column.type)) question_.time = column.name;
    }
    use_table_name();
    read_ranking();
    read_aggregate();
    read_conditions();
    TRY(read_periods());
    read_groups();
    read_measure();
    read_loose();
    return finish();
  }

 private:
  bool is(size_t at, std::string_view word) const {
    return at < words_.size() && !words_[at].is_used && !words_[at].is_quoted &&
           words_[at].lower == word;
  }
  bool is_any(size_t at, std::initializer_list<std::string_view> any) const {
    return std::any_of(any.begin(), any.end(), [&](auto word) { return is(at, word); });
  }
  void use(size_t at, size_t length = 1) {
    for (size_t i = at; i < at + length && i < words_.size(); ++i) words_[i].is_used = true;
  }

  ColumnMatch column_at(size_t at, bool numbers = false) const {
    constexpr size_t kWordsMax = 3;
    constexpr double kScoreMin = 0.3;
    ColumnMatch best;
    size_t available = 0;
    while (available < kWordsMax && at + available < words_.size() &&
           !words_[at + available].is_used && !words_[at + available].is_quoted) {
      ++available;
    }
    for (size_t length = available; length > 0; --length) {
      for (const auto& column : table_.columns) {
        if (numbers && !is_number_type(column.type)) continue;
        double score = score_of(words_, at, length, column);
        if (score == 0 && length == 1) score = comment_score(words_, at, column);
        if (score < kScoreMin) continue;
        if (score > best.score + 1e-9) {
          best = {&column, length, score, nullptr};
        } else if (best.length == length && std::abs(score - best.score) < 1e-9 &&
                   best.rival == nullptr) {
          best.rival = &column;
        }
      }
    }
    return best;
  }

  const KnownColumn* take_column(size_t at, bool numbers = false) {
    const auto match = column_at(at, numbers);
    if (match.column == nullptr) return nullptr;
    if (match.rival != nullptr) {
      question_.assumptions.push_back("I took '" + words_[at].text + "' for " + match.column->name +
                                      "; there is " + match.rival->name + ", too.");
    }
    use(at, match.length);
    return match.column;
  }

  // The table's own name says what is counted, and nothing about columns.
  void use_table_name() {
    const std::string own = lower_case(table_.name.substr(table_.name.rfind('.') + 1));
    const auto names = words_of_name(own);
    for (size_t i = 0; i < words_.size(); ++i) {
      // "flights" is the table, "flight" its column of that name.
      const bool whole = words_[i].lower == lower_case(table_.name) || words_[i].lower == own;
      const bool part =
          std::find(names.begin(), names.end(), singular(words_[i].lower)) != names.end();
      if (!whole && !part) continue;
      // Not where it names a column just as well.
      if (!whole && column_at(i).score >= 1) continue;
      use(i);
    }
  }
  // "which carrier has the most flights", "top 5 carriers by ...", "5 carriers with the highest".
  void read_ranking() {
    for (size_t i = 0; i < words_.size(); ++i) {
      if (is_any(i, {"top", "bottom"})) {
        question_.ranked = true;
        question_.ascending = is(i, "bottom");
        use(i);
        const auto n = i + 1 < words_.size() ? words_[i + 1].number() : std::nullopt;
        if (n) use(i + 1);
        set_limit(n.value_or(10));
        if (const auto* column = take_column(i + (n ? 2 : 1))) add_group(column->name);
      } else if (is_any(i, {"which", "what"}) || (words_[i].number() && !is_year_like(i))) {
        read_superlative(i);
      }
    }
  }

  // From words[at], "which" or a number: its column, and the word that ranks it.
  void read_superlative(size_t at) {
    const auto match = column_at(at + 1);
    if (match.column == nullptr || match.score < 0.5) return;
    for (size_t i = at + 1 + match.length; i < words_.size(); ++i) {
      const bool most = is_any(
          i, {"most", "highest", "largest", "biggest", "longest", "greatest", "maximum", "worst"});
      const bool least =
          is_any(i, {"fewest", "least", "lowest", "smallest", "shortest", "minimum"});
      if (!most && !least) continue;
      const auto n = words_[at].number();
      set_limit(n.value_or(1));
      question_.ranked = true;
      question_.ascending = least;
      use(at, 1 + match.length);
      use(i);
      add_group(match.column->name);
      return;
    }
  }

  bool is_year_like(size_t at) const {
    return words_[at].lower.size() == 4 && period_at(words_, at).has_value();
  }
  void set_limit(double n) { question_.limit = static_cast<int32_t>(std::clamp(n, 1.0, 1000.0)); }
  void add_group(const std::string& column) {
    constexpr size_t kGroupsMax = 3;
    auto& groups = question_.groups;
    if (groups.size() < kGroupsMax &&
        std::find(groups.begin(), groups.end(), column) == groups.end()) {
      groups.push_back(column);
    }
  }

  void read_aggregate() {
    for (size_t i = 0; i < words_.size(); ++i) {
      if (is(i, "how") && i + 1 < words_.size() && words_[i + 1].lower == "many") {
        use(i, 2);
        counts_ = true;
      } else if (is_any(i, {"count", "number"})) {
        use(i);
        counts_ = true;
      } else if (is_any(i, {"different", "distinct", "unique"})) {
        use(i);
        distinct_ = true;
      } else if (!words_[i].is_used && !words_[i].is_quoted) {
        const auto meaning =
            meaning_of(std::begin(kAggregates), std::end(kAggregates), words_[i].lower);
        if (meaning.empty() || !aggregate_.empty()) continue;
        use(i);
        aggregate_ = meaning;
        aggregate_at_ = i;
      }
    }
    if (!distinct_) return;
    for (size_t i = 0; i < words_.size(); ++i) {
      if (words_[i].is_used || is_filler(words_[i].lower)) continue;
      if (const auto* column = take_column(i)) {
        question_.measure = column->name;
        question_.aggregate = "count_distinct";
        return;
      }
    }
  }

  // COLUMN is|above|below|between VALUE.
  void read_conditions() {
    for (size_t i = 0; i < words_.size(); ++i) {
      if (words_[i].is_used || words_[i].is_quoted || is_filler(words_[i].lower)) continue;
      const auto match = column_at(i);
      if (match.column == nullptr || match.score < 0.3) continue;
      const size_t behind = i + match.length;
      const size_t end = read_comparison(*match.column, behind);
      if (end == behind) continue;
      use(i, end - i);
      // "where", "when" and "and" before it say nothing else.
      if (i > 0 && is_any(i - 1, {"where", "when", "with", "whose", "and", "for", "in", "but"})) {
        use(i - 1);
      }
    }
  }

  // Behind the column: the end of what compares it with a value; `at` where nothing does.
  size_t read_comparison(const KnownColumn& column, size_t at) {
    size_t i = at;
    bool equal = false;
    if (is_any(i, {"is", "was", "are", "were", "equals", "="})) {
      equal = true;
      ++i;
    }
    bool negated = false;
    if (is(i, "not")) {
      negated = true;
      ++i;
    }
    const std::string name = quoted(column.name);
    if (is_any(i, {"missing", "null", "unknown", "empty"})) {
      add_condition(name + (negated ? " IS NOT NULL" : " IS NULL"),
                    column.name + (negated ? " is not missing" : " is missing"));
      return i + 1;
    }
    if (const size_t end = read_bound(column, i, negated); end != i) return end;
    const bool direct = i == at && is_plain_value(column, i);
    if ((!equal && !direct) || i >= words_.size() || words_[i].is_used) return at;
    return read_equality(column, i, negated) ? i + 1 : at;
  }

  // "carrier UA" is a condition, "carrier delays" is none.
  bool is_plain_value(const KnownColumn& column, size_t at) const {
    if (at >= words_.size() || words_[at].is_used) return false;
    const Word& word = words_[at];
    if (word.is_quoted) return true;
    if (is_number_type(column.type)) return word.number().has_value() && !is_year_like(at);
    const bool capital = word.text != word.lower;
    return column.type == "string" && capital && !is_filler(word.lower) && !period_at(words_, at);
  }

  bool read_equality(const KnownColumn& column, size_t at, bool negated) {
    const Word& word = words_[at];
    const std::string sign = negated ? " <> " : " = ";
    const std::string words = column.name + (negated ? " is not " : " is ") + word.text;
    if (is_number_type(column.type)) {
      const auto number = word.number();
      if (!number) return false;
      add_condition(quoted(column.name) + sign + number_literal(*number), words);
    } else if (column.type == "boolean") {
      const bool truth = word.lower == "true" || word.lower == "yes";
      if (!truth && word.lower != "false" && word.lower != "no") return false;
      add_condition(quoted(column.name) + sign + (truth ? "true" : "false"), words);
    } else if (column.type == "string") {
      add_condition(
          "lower(" + quoted(column.name) + ")" + sign + "lower(" + literal(word.text) + ")", words);
    } else {
      return false;
    }
    return true;
  }

  // above 5, at least 5, between 5 and 7.
  size_t read_bound(const KnownColumn& column, size_t at, bool negated) {
    if (!is_number_type(column.type)) return at;
    const auto number_at = [&](size_t i) {
      return i < words_.size() && !words_[i].is_used ? words_[i].number() : std::nullopt;
    };
    const std::string name = quoted(column.name);
    if (is(at, "between") && number_at(at + 1) && is(at + 2, "and") && number_at(at + 3)) {
      const std::string low = number_literal(*number_at(at + 1));
      const std::string high = number_literal(*number_at(at + 3));
      add_condition(
          name + (negated ? " NOT" : "") + " BETWEEN " + low + " AND " + high,
          column.name + (negated ? " is not" : " is") + " between " + low + " and " + high);
      return at + 4;
    }
    struct Comparator {
      std::string_view first;
      std::string_view second;  // empty: one word
      std::string_view sign;
    };
    static constexpr Comparator kComparators[] = {
        {"above", "", ">"},      {"over", "", ">"},        {">", "", ">"},
        {"exceeds", "", ">"},    {"exceeding", "", ">"},   {"greater", "than", ">"},
        {"more", "than", ">"},   {"longer", "than", ">"},  {"higher", "than", ">"},
        {"larger", "than", ">"}, {"below", "", "<"},       {"under", "", "<"},
        {"<", "", "<"},          {"less", "than", "<"},    {"fewer", "than", "<"},
        {"lower", "than", "<"},  {"shorter", "than", "<"}, {"smaller", "than", "<"},
        {">=", "", ">="},        {"<=", "", "<="},         {"at", "least", ">="},
        {"at", "most", "<="}};
    for (const auto& one : kComparators) {
      if (!is(at, one.first)) continue;
      if (!one.second.empty() && !is(at + 1, one.second)) continue;
      const size_t behind = at + (one.second.empty() ? 1 : 2);
      const auto number = number_at(behind);
      if (!number) continue;
      const std::string value = number_literal(*number);
      const std::string compared = name + " " + std::string(one.sign) + " " + value;
      add_condition(negated ? "NOT (" + compared + ")" : compared,
                    column.name + (negated ? " not " : " ") + std::string(one.sign) + " " + value);
      return behind + 1;
    }
    return at;
  }

  void add_condition(std::string sql, std::string words) {
    question_.conditions.push_back({std::move(sql), std::move(words)});
  }

  // Without a time column a month or a year may be a column of its own.
  std::optional<Question::Condition> condition_of(const Period& period) const {
    const auto has = [&](std::string_view name) {
      return std::any_of(table_.columns.begin(), table_.columns.end(), [&](const auto& column) {
        return column.name == name && is_number_type(column.type);
      });
    };
    const std::string in = "in " + period.words;
    if (!question_.time.empty()) {
      const std::string time = quoted(question_.time);
      if (period.month != 0) {
        return Question::Condition{"month(" + time + ") = " + std::to_string(period.month), in};
      }
      return Question::Condition{
          time + " >= " + literal(period.start) + " AND " + time + " < " + literal(period.end), in};
    }
    if (period.month != 0 && has("month")) {
      return Question::Condition{"\"month\" = " + std::to_string(period.month), in};
    }
    const bool whole_year =
        period.start.ends_with("-01-01") && period.end.ends_with("-01-01") && !period.start.empty();
    if (whole_year && has("year")) {
      return Question::Condition{"\"year\" = " + period.start.substr(0, 4), in};
    }
    return {};
  }

  Status read_periods() {
    const bool compares = std::any_of(words_.begin(), words_.end(), [](const Word& word) {
      return word.lower == "compare" || word.lower == "vs" || word.lower == "versus" ||
             word.lower == "compared" || word.lower == "comparison";
    });
    std::vector<Question::Condition> found;
    for (size_t i = 0; i < words_.size(); ++i) {
      const auto period = period_at(words_, i);
      if (!period || (period->words == "may" && i > 0 && !is_any(i - 1, {"in", "of", "and"}))) {
        continue;
      }
      const auto condition = condition_of(*period);
      if (!condition) {
        return Error(ErrorCode::kInvalidArgument, "I found no column of " + table_.name +
                                                      " that says when something was, for '" +
                                                      period->words + "'.");
      }
      const bool since = i > 0 && is_any(i - 1, {"since", "after"});
      const bool before = i > 0 && is_any(i - 1, {"before", "until"});
      use(i, period->length);
      if (i > 0 && is_any(i - 1, {"in", "on", "during", "since", "after", "before", "until", "from",
                                  "to", "with", "and", "vs", "versus", "of", "for", "at"})) {
        use(i - 1);
      }
      if ((since || before) && !period->start.empty() && !question_.time.empty()) {
        const std::string time = quoted(question_.time);
        add_condition(time + (since ? " >= " : " < ") + literal(period->start),
                      (since ? "since " : "before ") + period->words);
      } else {
        found.push_back(*condition);
      }
    }
    for (size_t i = 0; i < words_.size(); ++i) {
      if (is_any(i, {"compare", "compared", "comparison", "vs", "versus"})) use(i);
    }
    if (compares && found.size() >= 2) {
      question_.periods = std::move(found);
    } else if (found.size() >= 2) {
      // Of several periods together: any of them.
      Question::Condition any;
      for (const auto& one : found) {
        any.sql += (any.sql.empty() ? "(" : " OR (") + one.sql + ")";
        any.words += (any.words.empty() ? "" : " or ") + one.words;
      }
      add_condition("(" + any.sql + ")", any.words);
    } else {
      for (auto& one : found) question_.conditions.push_back(std::move(one));
    }
    return {};
  }

  // by|per|for each COLUMN [and COLUMN], and times.
  void read_groups() {
    for (size_t i = 0; i < words_.size(); ++i) {
      const auto adverb = meaning_of(std::begin(kGrains), std::end(kGrains), words_[i].lower);
      if (!adverb.empty() && !words_[i].is_used && !question_.time.empty()) {
        use(i);
        question_.grain = adverb;
      } else if (is(i, "over") && i + 1 < words_.size() && words_[i + 1].lower == "time" &&
                 !question_.time.empty()) {
        use(i, 2);
        if (question_.grain.empty()) question_.grain = "day";
      } else if (is_any(i, {"by", "per", "each", "every", "across"})) {
        read_group_list(i);
      }
    }
    // "monthly" and "over time" together.
    if (!question_.grain.empty() && question_.groups.size() > 1) question_.groups.resize(1);
  }

  // "per day" is a day of time, "by day" the column of that name, where there is one.
  void read_group_list(size_t at) {
    const bool is_rate = !is(at, "by") && !is(at, "across");
    size_t i = at + 1;
    while (is_any(i, {"the", "each", "every"})) ++i;
    bool any = false;
    for (;;) {
      const auto match = column_at(i);
      const auto meaning = i < words_.size() ? grain_at(i) : std::string_view();
      const bool is_measure =
          match.column == nullptr || (question_.ranked && !question_.groups.empty());
      if (!meaning.empty() && (match.score < 1 || is_rate)) {
        question_.grain = meaning;
        use(i);
      } else if (!is_measure) {
        add_group(match.column->name);
        i += match.length - 1;
        const size_t first = i + 1 - match.length;
        (void)take_column(first);
      } else {
        break;
      }
      any = true;
      ++i;
      if (!is_any(i, {"and", "by"})) break;
      const auto next = column_at(i + 1);
      if (next.column == nullptr && grain_at(i + 1).empty()) break;
      use(i);
      ++i;
    }
    if (any) use(at);
  }

  std::string_view grain_at(size_t at) const {
    if (at >= words_.size() || words_[at].is_used || question_.time.empty()) return {};
    const auto found =
        std::find(std::begin(kGrainWords), std::end(kGrainWords), singular(words_[at].lower));
    return found == std::end(kGrainWords) ? std::string_view() : *found;
  }

  // The column that the aggregate is of: the one next behind it, else any number that is named.
  void read_measure() {
    if (!question_.measure.empty()) return;
    if (counts_ && aggregate_.empty()) {
      // "how many flights": the rows; "number of seats" is a sum of what has numbers.
      return;
    }
    const size_t from = aggregate_.empty() ? 0 : aggregate_at_;
    for (size_t k = 0; k < words_.size(); ++k) {
      const size_t i = (from + k) % words_.size();
      if (words_[i].is_used || words_[i].is_quoted || is_filler(words_[i].lower)) continue;
      const auto match = column_at(i, true);
      if (match.column == nullptr) continue;
      question_.measure = match.column->name;
      (void)take_column(i, true);
      return;
    }
    const bool extreme = aggregate_ == "min" || aggregate_ == "max";
    if (extreme && !question_.time.empty()) {
      for (size_t i = 0; i < words_.size(); ++i) {
        const auto match = column_at(i);
        if (match.column == nullptr || !is_time_type(match.column->type)) continue;
        question_.measure = match.column->name;
        (void)take_column(i);
        return;
      }
    }
  }

  // What is left and looks like a value of some column.
  void read_loose() {
    constexpr size_t kLooseMax = 5;
    for (size_t i = 0; i < words_.size() && question_.loose.size() < kLooseMax; ++i) {
      Word& word = words_[i];
      if (word.is_used || is_filler(word.lower) || word.number()) continue;
      const bool led = i > 0 && (words_[i - 1].lower == "for" || words_[i - 1].lower == "in" ||
                                 words_[i - 1].lower == "from" || words_[i - 1].lower == "to" ||
                                 words_[i - 1].lower == "at" || words_[i - 1].lower == "with" ||
                                 words_[i - 1].lower == "of" || words_[i - 1].lower == "and" ||
                                 words_[i - 1].lower == "on");
      const bool capital = word.text != word.lower && i > 0;
      if (!word.is_quoted && !led && !capital) continue;
      LooseValue loose;
      loose.value = word.text;
      loose.candidates = candidates_for(i > 0 ? words_[i - 1].lower : std::string());
      if (loose.candidates.empty()) continue;
      word.is_used = true;
      question_.loose.push_back(std::move(loose));
    }
  }

  // Columns of text; where something comes "from" is an origin, "to" a destination.
  std::vector<std::string> candidates_for(const std::string& before) const {
    constexpr size_t kCandidatesMax = 12;
    const auto is_end_of = [&](const std::string& name) {
      const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
      if (before == "from") return has("orig") || has("from") || has("source") || has("start");
      if (before == "to") return has("dest") || has("to_") || has("target");
      return false;
    };
    std::vector<std::string> first;
    std::vector<std::string> rest;
    for (const auto& column : table_.columns) {
      if (column.type != "string") continue;
      (is_end_of(lower_case(column.name)) ? first : rest).push_back(column.name);
    }
    if (!first.empty()) return first;
    if (rest.size() > kCandidatesMax) rest.resize(kCandidatesMax);
    return rest;
  }

  Result<Question> finish() {
    Question& q = question_;
    if (q.aggregate != "count_distinct") settle_aggregate();
    for (const auto& word : words_) {
      static constexpr std::string_view kMeansNothing[] = {
          "most", "fewest", "where", "many",    "much",   "each", "per",     "happened", "than",
          "or",   "not",    "top",   "between", "during", "rows", "records", "row",      "record"};
      const bool nothing = std::find(std::begin(kMeansNothing), std::end(kMeansNothing),
                                     word.lower) != std::end(kMeansNothing);
      if (!word.is_used && !nothing && !is_filler(word.lower)) q.left_out.push_back(word.text);
    }
    size_t significant = 0;
    for (const auto& word : words_) significant += is_filler(word.lower) ? 0 : 1;
    const bool says_what = counts_ || distinct_ || !aggregate_.empty() || !q.measure.empty() ||
                           !q.groups.empty() || !q.grain.empty() || q.ranked;
    if (!says_what || q.left_out.size() * 2 > significant) {
      return Error(ErrorCode::kInvalidArgument,
                   "I do not understand what you ask of " + table_.name + ".");
    }
    if (!q.periods.empty()) q.grain.clear();
    return std::move(question_);
  }

  void settle_aggregate() {
    Question& q = question_;
    const bool extreme = aggregate_ == "min" || aggregate_ == "max";
    if (q.measure.empty()) {
      if (!aggregate_.empty() && !(counts_ && extreme)) {
        if (aggregate_ != "sum") {
          q.assumptions.push_back("I found no number to take the " + aggregate_ +
                                  " of, and counted rows.");
        }
      }
      q.aggregate = "count";
      return;
    }
    q.aggregate = aggregate_.empty() ? "avg" : aggregate_;
    if (aggregate_.empty()) {
      // "the most seats" is a sum; a level of something is a mean.
      q.assumptions.push_back("I took the average of " + q.measure + ".");
    }
  }

  std::vector<Word> words_;
  const KnownTable& table_;
  Question question_;
  bool counts_ = false;
  bool distinct_ = false;
  std::string aggregate_;
  size_t aggregate_at_ = 0;
};

// How much of the question is about the table.
double table_score(const std::vector<Word>& words, const KnownTable& table) {
  constexpr double kOfName = 4;
  constexpr double kOfColumn = 2;
  constexpr double kOfComment = 0.5;
  const auto names = words_of_name(table.name.substr(table.name.rfind('.') + 1));
  double score = 0;
  for (const auto& word : words) {
    if (word.is_quoted || is_filler(word.lower)) continue;
    const std::string one = singular(word.lower);
    if (word.lower == lower_case(table.name)) score += 3 * kOfName;
    double best = std::find(names.begin(), names.end(), one) != names.end() ? kOfName : 0;
    for (const auto& column : table.columns) {
      const auto parts = words_of_name(column.name);
      if (word.lower == lower_case(column.name)) best = std::max(best, kOfColumn);
      double fit = 0;
      for (const auto& part : parts) fit = std::max(fit, fit_of(one, part));
      best = std::max(best, kOfColumn * fit / static_cast<double>(parts.size() + 1));
      const auto comment = words_of_name(column.comment);
      if (std::find(comment.begin(), comment.end(), one) != comment.end()) {
        best = std::max(best, kOfComment);
      }
    }
    const auto comment = words_of_name(table.comment);
    if (std::find(comment.begin(), comment.end(), one) != comment.end()) {
      best = std::max(best, kOfComment);
    }
    score += best;
  }
  return score;
}

}  // namespace

Result<Question> read_question(std::string_view text, const std::vector<KnownTable>& tables) {
  constexpr size_t kBytesMax = 2'000;
  constexpr double kScoreMin = 0.5;
  if (text.size() > kBytesMax) {
    return Error(ErrorCode::kInvalidArgument, "A question has at most 2,000 bytes.");
  }
  auto words = split_words(text);
  const KnownTable* best = nullptr;
  double best_score = 0;
  for (const auto& table : tables) {
    const double score = table_score(words, table);
    if (score > best_score + 1e-9) {
      best = &table;
      best_score = score;
    }
  }
  if (best == nullptr || best_score < kScoreMin) {
    return Error(ErrorCode::kInvalidArgument, "I found no table that this is about.");
  }
  return Reader(std::move(words), *best).read();
}

}  // namespace firn::agents
