#include "graphql/suggestions.h"

#include <algorithm>
#include <numeric>

namespace firn::graphql {
namespace {

constexpr size_t kOptionsMax = 2000;
constexpr size_t kNameBytesMax = 128;
constexpr size_t kSuggestionsMax = 5;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment); 1 where
// only case differs.
size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + cost});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::vector<std::string> suggest(std::string_view input,
                                 const std::vector<std::string_view>& options) {
  if (input.size() > kNameBytesMax) return {};
  const std::string wanted = lower(input);
  const auto limit = static_cast<size_t>(static_cast<double>(input.size()) * 0.4) + 1;
  std::vector<std::pair<size_t, std::string_view>> near;
  for (size_t i = 0; i < options.size() && i < kOptionsMax; ++i) {
    const std::string_view option = options[i];
    const size_t difference =
        option.size() > input.size() ? option.size() - input.size() : input.size() - option.size();
    if (difference > limit || option.size() > kNameBytesMax) continue;
    const std::string lowered = lower(option);
    size_t distance = lowered == wanted ? 1 : edit_distance(lowered, wanted);
    if (option == input) distance = 0;
    if (distance <= limit) near.emplace_back(distance, option);
  }
  std::sort(near.begin(), near.end());
  std::vector<std::string> names;
  for (const auto& [distance, name] : near) {
    if (names.size() < kSuggestionsMax) names.emplace_back(name);
  }
  return names;
}

std::vector<std::string> suggest_enum_values(const NamedType& type, std::string_view input) {
  std::vector<std::string_view> names;
  for (const EnumValue& value : type.values) names.push_back(value.name);
  return suggest(input, names);
}

std::string did_you_mean(std::string_view what, const std::vector<std::string>& suggestions) {
  if (suggestions.empty()) return {};
  std::string out = " Did you mean ";
  if (!what.empty()) out.append(what).append(" ");
  for (size_t i = 0; i < suggestions.size(); ++i) {
    if (i > 0) out += suggestions.size() == 2 ? " or " : ", ";
    if (i > 0 && suggestions.size() > 2 && i + 1 == suggestions.size()) out += "or ";
    out += '"' + suggestions[i] + '"';
  }
  return out + "?";
}

}  // namespace firn::graphql
