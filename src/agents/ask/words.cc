#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "agents/ask/words_internal.h"

namespace firn::agents {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};

constexpr std::string_view kFillers[] = {
    "a",    "all",  "am",    "an",    "and",   "any",    "are",    "as",        "at",
    "be",   "by",   "can",   "could", "did",   "do",     "does",   "for",       "from",
    "give", "got",  "had",   "has",   "have",  "how",    "i",      "in",        "is",
    "it",   "its",  "me",    "my",    "of",    "on",     "our",    "please",    "show",
    "so",   "tell", "that",  "the",   "their", "them",   "there",  "they",      "this",
    "to",   "us",   "was",   "we",    "were",  "what",   "what's", "when",      "which",
    "who",  "with", "would", "you",   "value", "values", "find",   "calculate", "list"};

bool is_word_byte(char c) {
  const auto u = static_cast<unsigned char>(c);
  return std::isalnum(u) != 0 || u >= 0x80 || c == '_';
}

std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

bool is_year(const std::string& word) {
  return word.size() == 4 && digits(word).value_or(0) >= 1900 && digits(word).value_or(0) <= 2100;
}

std::string two(int value) { return (value < 10 ? "0" : "") + std::to_string(value); }

std::string date_of(int year, int month, int day) {
  return std::to_string(year) + "-" + two(month) + "-" + two(day);
}

std::string month_after(int year, int month) {
  return month == 12 ? date_of(year + 1, 1, 1) : date_of(year, month + 1, 1);
}

int month_of(const std::string& word) {
  for (size_t i = 0; i < kMonths.size(); ++i) {
    const bool abbreviated = word.size() >= 3 && word != "mar" && kMonths[i].starts_with(word) &&
                             (word.size() == 3 || word == "sept");
    if (word == kMonths[i] || abbreviated) return static_cast<int>(i) + 1;
  }
  return 0;
}

// 2013-01 and 2013-01-08.
std::optional<Period> iso_period(const std::string& word) {
  if (word.size() != 7 && word.size() != 10) return {};
  if (word[4] != '-' || !is_year(word.substr(0, 4))) return {};
  const int year = *digits(word.substr(0, 4));
  const int month = digits(word.substr(5, 2)).value_or(0);
  if (month < 1 || month > 12) return {};
  Period period;
  period.words = word;
  period.length = 1;
  if (word.size() == 7) {
    period.start = date_of(year, month, 1);
    period.end = month_after(year, month);
    return period;
  }
  const int day = digits(word.substr(8, 2)).value_or(0);
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const int last = month == 2 && leap ? 29 : kDays[month - 1];
  if (word[7] != '-' || day < 1 || day > last) return {};
  period.start = word;
  period.end = day == last ? month_after(year, month) : date_of(year, month, day + 1);
  return period;
}

}  // namespace

std::optional<double> Word::number() const {
  std::string plain;
  for (const char c : text) {
    if (c != ',') plain += c;
  }
  double value = 0;
  const auto [end, code] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (is_quoted || plain.empty() || code != std::errc() || end != plain.data() + plain.size()) {
    return {};
  }
  if (!(value > -1e15 && value < 1e15)) return {};
  return value;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string singular(const std::string& word) {
  if (word.size() > 4 && word.ends_with("ies")) return word.substr(0, word.size() - 3) + "y";
  for (const std::string_view ending : {"sses", "xes", "ches", "shes"}) {
    if (word.size() > ending.size() && word.ends_with(ending)) {
      return word.substr(0, word.size() - 2);
    }
  }
  if (word.size() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us")) {
    return word.substr(0, word.size() - 1);
  }
  return word;
}

std::vector<std::string> words_of_name(std::string_view name) {
  std::vector<std::string> words(1);
  for (size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    const bool hump =
        i > 0 && std::isupper(c) != 0 && std::islower(static_cast<unsigned char>(name[i - 1])) != 0;
    if ((hump || !is_word_byte(name[i]) || name[i] == '_') && !words.back().empty()) {
      words.emplace_back();
    }
    if (is_word_byte(name[i]) && name[i] != '_') words.back() += static_cast<char>(std::tolower(c));
  }
  if (words.back().empty()) words.pop_back();
  for (auto& word : words) word = singular(word);
  return words;
}

double fit_of(const std::string& word, const std::string& other) {
  constexpr size_t kAbbreviationMin = 3;
  if (word == other) return 1;
  const auto& longer = word.size() > other.size() ? word : other;
  const auto& shorter = word.size() > other.size() ? other : word;
  if (shorter.size() >= kAbbreviationMin && longer.starts_with(shorter)) return 0.8;
  return 0;
}

bool is_filler(const std::string& lower) {
  return std::find(std::begin(kFillers), std::end(kFillers), lower) != std::end(kFillers);
}

std::vector<Word> split_words(std::string_view question) {
  constexpr size_t kWordsMax = 100;
  std::vector<Word> words;
  for (size_t at = 0; at < question.size() && words.size() < kWordsMax;) {
    const char c = question[at];
    Word word;
    if (c == '\'' || c == '"') {
      const size_t end = question.find(c, at + 1);
      if (end == std::string_view::npos || end == at + 1) {
        ++at;
        continue;
      }
      word.text = question.substr(at + 1, end - at - 1);
      word.is_quoted = true;
      at = end + 1;
    } else if (is_word_byte(c) || (c == '-' && at + 1 < question.size() &&
                                   std::isdigit(static_cast<unsigned char>(question[at + 1])))) {
      size_t end = at + 1;
      // Inside a word: 1,000 and 12.5, 2013-01-08, what's, lake.main.flights.
      while (end < question.size() &&
             (is_word_byte(question[end]) ||
              (end + 1 < question.size() && is_word_byte(question[end + 1]) &&
               std::string_view(",.-'").find(question[end]) != std::string_view::npos))) {
        ++end;
      }
      word.text = question.substr(at, end - at);
      at = end;
    } else if (c == '<' || c == '>' || c == '=') {
      const bool two_bytes = at + 1 < question.size() && question[at + 1] == '=';
      word.text = question.substr(at, two_bytes ? 2 : 1);
      at += word.text.size();
    } else {
      ++at;
      continue;
    }
    word.lower = lower_case(word.text);
    words.push_back(std::move(word));
  }
  return words;
}

std::optional<Period> period_at(const std::vector<Word>& words, size_t at) {
  if (at >= words.size() || words[at].is_used || words[at].is_quoted) return {};
  const std::string& word = words[at].lower;
  if (auto iso = iso_period(word)) return iso;
  Period period;
  period.words = words[at].text;
  period.length = 1;
  if (is_year(word)) {
    const int year = *digits(word);
    period.start = date_of(year, 1, 1);
    period.end = date_of(year + 1, 1, 1);
    return period;
  }
  period.month = month_of(word);
  if (period.month == 0) return {};
  if (at + 1 < words.size() && !words[at + 1].is_used && is_year(words[at + 1].lower)) {
    const int year = *digits(words[at + 1].lower);
    period.start = date_of(year, period.month, 1);
    period.end = month_after(year, period.month);
    period.words += " " + words[at + 1].text;
    period.length = 2;
    period.month = 0;
  }
  return period;
}

}  // namespace firn::agents
