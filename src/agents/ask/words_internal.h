#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firn::agents {

// A word of a question.
struct Word {
  std::string text;   // as it is written; of quoted text what is within
  std::string lower;  // and small
  bool is_quoted = false;
  bool is_used = false;
  std::optional<double> number() const;
};

// At most 100 words; marks that mean nothing are left out.
std::vector<Word> split_words(std::string_view question);

std::string lower_case(std::string_view text);
// "flights" and "flight" are one: without its plural's ending.
std::string singular(const std::string& word);
// The words of a name: dep_delay, depDelay.
std::vector<std::string> words_of_name(std::string_view name);
// How well a word fits another: 1 the same, less where one abbreviates the other, else 0.
double fit_of(const std::string& word, const std::string& other);
// Words that stand between others and say nothing alone.
bool is_filler(const std::string& lower);

// A time in a question: from `start` to before `end`, or a month of every year.
struct Period {
  std::string start;  // ISO date
  std::string end;
  int month = 0;  // of every year
  std::string words;
  size_t length = 0;  // in words
};
// The period that begins with words[at]: "January 2013", "2013-01", "2013-02-08", "2013", "May".
std::optional<Period> period_at(const std::vector<Word>& words, size_t at);

}  // namespace firn::agents
