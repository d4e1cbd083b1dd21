#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>

#include "agents/figures_internal.h"

namespace firn::agents {
namespace {

constexpr std::string_view kCitation = "[evidence:";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  const auto u = static_cast<unsigned char>(c);
  return std::isalpha(u) != 0 || u >= 0x80;
}

// The words that make the four digits behind them a year.
constexpr std::string_view kBeforeYears[] = {
    "in",    "of",   "since", "from", "until",  "to",        "during",  "before",   "after",
    "by",    "year", "early", "late", "mid",    "and",       "january", "february", "march",
    "april", "may",  "june",  "july", "august", "september", "october", "november", "december"};

std::string word_before(std::string_view text, size_t at) {
  while (at > 0 && text[at - 1] == ' ') --at;
  size_t begin = at;
  while (begin > 0 && is_letter(text[begin - 1])) --begin;
  std::string word(text.substr(begin, at - begin));
  for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return word;
}

// How many digits stand at `at`.
size_t digits_at(std::string_view text, size_t at) {
  size_t n = 0;
  while (at + n < text.size() && is_digit(text[at + n])) ++n;
  return n;
}

// The end of a date or a time of day that begins at `at`; `at` where there is none.
size_t date_end(std::string_view text, size_t at) {
  const size_t first = digits_at(text, at);
  const auto part = [&](size_t from, char mark) {
    return from < text.size() && text[from] == mark && digits_at(text, from + 1) == 2;
  };
  size_t end = at;
  if (first == 4 && part(at + 4, '-')) {
    end = at + 7;
    if (part(end, '-')) end += 3;
    if (end < text.size() && text[end] == 'T') ++end;
    if (end + 2 < text.size() && digits_at(text, end) == 2 && text[end + 2] == ':') end += 2;
  } else if (first >= 1 && first <= 2 && part(at + first, ':')) {
    end = at + first;
  }
  if (end == at) return at;
  while (part(end, ':')) end += 3;
  if (end < text.size() && text[end] == 'Z') ++end;
  return end;
}

struct Number {
  std::string digits;  // without its groups' marks
  size_t decimals = 0;
  size_t end = 0;
};

// 1,234,567.89; groups of three by commas, apostrophes or thin marks are one number.
Number number_at(std::string_view text, size_t at) {
  Number number;
  size_t n = digits_at(text, at);
  number.digits = text.substr(at, n);
  number.end = at + n;
  while (n <= 3 && number.end < text.size() &&
         (text[number.end] == ',' || text[number.end] == '\'' || text[number.end] == '_') &&
         digits_at(text, number.end + 1) == 3) {
    number.digits += text.substr(number.end + 1, 3);
    number.end += 4;
  }
  if (number.end + 1 < text.size() && text[number.end] == '.' && is_digit(text[number.end + 1])) {
    number.decimals = digits_at(text, number.end + 1);
    number.digits += '.';
    number.digits += text.substr(number.end + 1, number.decimals);
    number.end += 1 + number.decimals;
  }
  return number;
}

// 337,000 stands for what rounds to it; 1,000 for itself.
double tolerance_of(const Number& number) {
  constexpr size_t kSignificant = 3;
  if (number.decimals > 0) return 0.5 * std::pow(10.0, -static_cast<double>(number.decimals));
  size_t zeros = 0;
  while (zeros < number.digits.size() && number.digits[number.digits.size() - 1 - zeros] == '0') {
    ++zeros;
  }
  if (number.digits.size() < zeros + kSignificant) zeros = 0;
  return 0.5 * std::pow(10.0, static_cast<double>(zeros));
}

// What follows the number and belongs to it: percent, thousand, million. Moves `end` behind it.
void take_unit(std::string_view text, size_t& end, Figure& figure) {
  const size_t space = end < text.size() && text[end] == ' ' ? 1 : 0;
  const std::string_view rest = text.substr(std::min(end + space, text.size()));
  const auto take = [&](std::string_view unit, double factor) {
    if (!rest.starts_with(unit)) return false;
    if (rest.size() > unit.size() && is_letter(unit.back()) && is_letter(rest[unit.size()])) {
      return false;
    }
    end += space + unit.size();
    figure.value *= factor;
    figure.tolerance *= factor;
    return true;
  };
  if (take("%", 1) || take("percent", 1)) {
    figure.percent = true;
  } else if (!(take("thousand", 1e3) || take("million", 1e6) || take("billion", 1e9)) &&
             space == 0) {
    (void)(take("k", 1e3) || take("K", 1e3) || take("M", 1e6) || take("bn", 1e9));
  }
}

bool is_ordinal(std::string_view text, size_t end) {
  const std::string_view rest = text.substr(end);
  for (const std::string_view ending : {"st", "nd", "rd", "th"}) {
    if (rest.starts_with(ending) && (rest.size() == 2 || !is_letter(rest[2]))) return true;
  }
  return false;
}

bool is_year(std::string_view text, size_t at, const Number& number) {
  if (number.end - at != 4 || number.decimals > 0) return false;
  if (number.digits < "1900" || number.digits > "2100") return false;
  const std::string word = word_before(text, at);
  return std::find(std::begin(kBeforeYears), std::end(kBeforeYears), word) !=
         std::end(kBeforeYears);
}

// "3." or "3)" at the beginning.
bool is_list_mark(std::string_view text, size_t at, size_t end) {
  if (end >= text.size() || (text[end] != '.' && text[end] != ')')) return false;
  if (end + 1 < text.size() && text[end + 1] != ' ') return false;
  return std::all_of(text.begin(), text.begin() + static_cast<ptrdiff_t>(at),
                     [](char c) { return c == ' '; });
}

// Behind code and citations, which have no figures.
size_t skip_quoted(std::string_view text, size_t at) {
  char close = 0;
  if (text[at] == '`') close = '`';
  if (text.substr(at).starts_with(kCitation)) close = ']';
  if (close == 0) return at;
  const size_t end = text.find(close, at + 1);
  return end == std::string_view::npos ? at : end + 1;
}

// Whether a sentence ends with the mark at `at`.
bool ends_sentence(std::string_view line, size_t at) {
  if (line[at] != '.' && line[at] != '!' && line[at] != '?') return false;
  if (at + 1 < line.size() && line[at + 1] != ' ') return false;
  // "3. The ..." numbers a list.
  size_t begin = at;
  while (begin > 0 && is_digit(line[begin - 1])) --begin;
  return begin == at || !is_list_mark(line, begin, at);
}

std::vector<std::string_view> citations_of(std::string_view text) {
  std::vector<std::string_view> ids;
  for (size_t at = 0; (at = text.find(kCitation, at)) != std::string_view::npos;) {
    const size_t end = text.find(']', at);
    if (end == std::string_view::npos) break;
    ids.push_back(text.substr(at + 1, end - at - 1));
    at = end;
  }
  return ids;
}

// Citations, and marks between them.
bool is_only_citations(std::string_view text) {
  bool any = false;
  for (size_t at = 0; at < text.size();) {
    const size_t behind = skip_quoted(text, at);
    if (behind != at && text[at] == '[') {
      any = true;
      at = behind;
    } else if (is_digit(text[at]) || is_letter(text[at])) {
      return false;
    } else {
      ++at;
    }
  }
  return any;
}

void add_sentence(std::string_view text, bool continues, std::vector<Sentence>& sentences) {
  if (continues && !sentences.empty() && is_only_citations(text)) {
    auto more = citations_of(text);
    auto& known = sentences.back().citations;
    known.insert(known.end(), more.begin(), more.end());
  } else {
    sentences.push_back({text, citations_of(text)});
  }
}

}  // namespace

std::vector<Sentence> split_sentences(std::string_view text) {
  std::vector<Sentence> sentences;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    size_t begin = 0;
    for (size_t at = 0; at < line.size();) {
      const size_t behind = skip_quoted(line, at);
      if (behind != at) {
        at = behind;
        continue;
      }
      const bool ends = ends_sentence(line, at++);
      if (!ends) continue;
      add_sentence(line.substr(begin, at - begin), begin > 0, sentences);
      begin = at;
    }
    if (begin < line.size()) add_sentence(line.substr(begin), begin > 0, sentences);
  }
  return sentences;
}

std::vector<Figure> figures_of(std::string_view sentence) {
  std::vector<Figure> figures;
  for (size_t at = 0; at < sentence.size();) {
    const size_t behind = skip_quoted(sentence, at);
    if (behind != at) {
      at = behind;
      continue;
    }
    // A word with digits in it is a name.
    if (is_letter(sentence[at]) || sentence[at] == '_' || sentence[at] == '#') {
      while (at < sentence.size() && (is_letter(sentence[at]) || is_digit(sentence[at]) ||
                                      sentence[at] == '_' || sentence[at] == '#')) {
        ++at;
      }
      continue;
    }
    if (!is_digit(sentence[at])) {
      ++at;
      continue;
    }
    if (const size_t end = date_end(sentence, at); end != at) {
      at = end;
      continue;
    }
    const Number number = number_at(sentence, at);
    size_t end = number.end;
    if (is_ordinal(sentence, end) || is_year(sentence, at, number) ||
        is_list_mark(sentence, at, end)) {
      at = end;
      continue;
    }
    Figure figure;
    figure.value = 1e300;  // where it is more than a double holds
    std::from_chars(number.digits.data(), number.digits.data() + number.digits.size(),
                    figure.value);
    figure.tolerance = tolerance_of(number);
    take_unit(sentence, end, figure);
    figure.written = sentence.substr(at, end - at);
    figures.push_back(figure);
    at = end;
  }
  return figures;
}

}  // namespace firn::agents
