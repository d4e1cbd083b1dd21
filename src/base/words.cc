#include "base/words.h"

#include <algorithm>

namespace firn {

std::vector<std::string> words_of(std::string_view text) {
  constexpr size_t kLongWord = 3;
  std::vector<std::string> words;
  bool fresh = true;
  bool was_lower = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || byte >= 0x80;
    if (!upper && !lower) {
      fresh = true;
      continue;
    }
    if (fresh || (upper && was_lower)) words.emplace_back();
    words.back() += upper ? static_cast<char>(c + ('a' - 'A')) : c;
    fresh = false;
    was_lower = lower;
  }
  for (auto& word : words) {
    if (word.size() > kLongWord && word.back() == 's') word.pop_back();
  }
  return words;
}

int word_score(const std::vector<std::string>& wanted, std::string_view name,
               std::string_view description) {
  constexpr int kWhole = 6;
  constexpr int kBeginning = 3;
  constexpr int kDescribed = 2;
  const auto names = words_of(name);
  const auto described = words_of(description);
  int score = 0;
  for (const auto& word : wanted) {
    for (const auto& have : names) {
      if (have == word) {
        score += kWhole;
      } else if (have.starts_with(word)) {
        score += kBeginning;
      }
    }
    if (std::find(described.begin(), described.end(), word) != described.end()) {
      score += kDescribed;
    }
  }
  return score;
}

}  // namespace firn
