#include "agents/claims.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "agents/figures_internal.h"
#include "graphql/json.h"

namespace firn::agents {
namespace {

constexpr size_t kNumbersMax = 200'000;  // of one piece of evidence
constexpr size_t kClaimsMax = 100;
constexpr size_t kSentenceMax = 300;
constexpr size_t kTextMax = 1U << 20;

void keep_number(double value, std::vector<double>& numbers) {
  if (std::isfinite(value) && numbers.size() < kNumbersMax) numbers.push_back(std::fabs(value));
}

// `written` is what Firn itself wrote of the answer: its sentences count.
void keep_text(bool written, std::string_view name, const std::string& text,
               std::vector<double>& numbers) {
  if (written && (name == "title" || name == "narrative")) {
    for (const auto& figure : figures_of(text)) keep_number(figure.value, numbers);
    return;
  }
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code == std::errc() && end == text.data() + text.size()) keep_number(value, numbers);
}

void collect(bool written, std::string_view name, const Json& json, std::vector<double>& numbers) {
  // How long it took is nothing that it says.
  if (name == "elapsedMs" || name.ends_with("Id")) return;
  if (json.is_number()) keep_number(json.number, numbers);
  if (json.kind == Json::Kind::kString) keep_text(written, name, json.text, numbers);
  for (const auto& item : json.items) collect(written, "", item, numbers);
  for (const auto& [member, value] : json.fields) collect(written, member, value, numbers);
}

bool has_number(const std::vector<double>& numbers, double value, double tolerance) {
  // A little more, for what binary fractions make of a half.
  const double slack = tolerance + 1e-9 * std::max(1.0, value);
  const auto at = std::lower_bound(numbers.begin(), numbers.end(), value - slack);
  return at != numbers.end() && *at <= value + slack;
}

bool has_figure(const std::vector<double>& numbers, const Figure& figure) {
  if (has_number(numbers, figure.value, figure.tolerance)) return true;
  return figure.percent && has_number(numbers, figure.value / 100, figure.tolerance / 100);
}

std::string shortened_sentence(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (text.size() <= kSentenceMax) return std::string(text);
  size_t end = kSentenceMax;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace

void EvidenceBook::add_object(std::string_view tool, const Json& object) {
  const Json* id = object.field("evidenceId");
  if (id == nullptr || id->kind != Json::Kind::kString) return;
  auto& numbers = numbers_[id->text];
  collect(tool == "analyzeTable", "", object, numbers);
  std::sort(numbers.begin(), numbers.end());
}

void EvidenceBook::add(std::string_view tool, const Json& content) {
  for (const auto& [name, result] : content.fields) {
    add_object(tool, result);
    for (const auto& item : result.items) add_object(tool, item);
  }
}

std::vector<UnverifiedClaim> EvidenceBook::unverified(std::string_view text) const {
  std::vector<UnverifiedClaim> claims;
  for (const auto& sentence : split_sentences(text.substr(0, kTextMax))) {
    for (const auto& figure : figures_of(sentence.text)) {
      const bool shown = std::any_of(
          sentence.citations.begin(), sentence.citations.end(), [&](std::string_view id) {
            const auto found = numbers_.find(id);
            return found != numbers_.end() && has_figure(found->second, figure);
          });
      if (shown) continue;
      if (claims.size() >= kClaimsMax) return claims;
      claims.push_back({std::string(figure.written), shortened_sentence(sentence.text)});
    }
  }
  return claims;
}

std::string claims_json(const std::vector<UnverifiedClaim>& claims) {
  Json list = Json::list();
  for (const auto& claim : claims) {
    Json one = Json::object();
    one.set("figure", Json::of_string(claim.figure));
    one.set("sentence", Json::of_string(claim.sentence));
    list.items.push_back(std::move(one));
  }
  return list.to_json();
}

Result<std::vector<UnverifiedClaim>> read_claims(const std::string& json) {
  std::vector<UnverifiedClaim> claims;
  if (json.empty()) return claims;
  for (const auto& one : TRY(graphql::parse_json(json)).items) {
    const Json* figure = one.field("figure");
    const Json* sentence = one.field("sentence");
    if (figure == nullptr || sentence == nullptr) {
      return Error(ErrorCode::kInvalidData, "these are no claims");
    }
    claims.push_back({figure->text, sentence->text});
  }
  return claims;
}

}  // namespace firn::agents
