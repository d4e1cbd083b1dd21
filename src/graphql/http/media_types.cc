#include "graphql/http/media_types.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace firn::graphql {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls `visit` for each part between separators.
template <typename Visit>
void split(std::string_view text, char separator, Visit visit) {
  while (true) {
    const size_t end = std::min(text.find(separator), text.size());
    visit(trim(text.substr(0, end)));
    if (end == text.size()) return;
    text.remove_prefix(end + 1);
  }
}

// "name;a=b;q=0.5": the name in lower case, and q.
std::pair<std::string, double> read_range(std::string_view part) {
  std::string name;
  double q = 1;
  bool first = true;
  split(part, ';', [&](std::string_view piece) {
    if (first) name = lower(piece);
    first = false;
    if (piece.size() < 3 || (piece[0] != 'q' && piece[0] != 'Q') || piece[1] != '=') return;
    const auto number = piece.substr(2);
    const auto read = std::from_chars(number.data(), number.data() + number.size(), q);
    if (read.ec != std::errc() || !(q >= 0 && q <= 1)) q = 0;
  });
  return {std::move(name), q};
}

struct Offer {
  AnswerType type;
  std::string_view name;
  std::string_view any_subtype;
};
constexpr std::array<Offer, 3> kOffers = {{
    {AnswerType::kGraphqlResponse, "application/graphql-response+json", "application/*"},
    {AnswerType::kJson, "application/json", "application/*"},
    {AnswerType::kEventStream, "text/event-stream", "text/*"},
}};

}  // namespace

std::string_view content_type_of(AnswerType type) {
  switch (type) {
    case AnswerType::kJson: return "application/json; charset=utf-8";
    case AnswerType::kEventStream: return "text/event-stream; charset=utf-8";
    default: return "application/graphql-response+json; charset=utf-8";
  }
}

std::optional<AnswerType> choose_answer_type(const http::Headers& headers) {
  // Of each offer the q of the most specific range that fits it.
  std::array<double, kOffers.size()> quality{-1, -1, -1};
  std::array<int, kOffers.size()> specific{0, 0, 0};
  bool any = false;
  for (const auto& [name, value] : headers.all()) {
    if (lower(name) != "accept") continue;
    split(value, ',', [&](std::string_view part) {
      if (part.empty()) return;
      any = true;
      const auto [range, q] = read_range(part);
      for (size_t i = 0; i < kOffers.size(); ++i) {
        int fits = 0;
        if (range == "*/*") fits = 1;
        if (range == kOffers[i].any_subtype) fits = 2;
        if (range == kOffers[i].name) fits = 3;
        if (fits <= specific[i]) continue;
        specific[i] = fits;
        quality[i] = q;
      }
    });
  }
  if (!any) return AnswerType::kGraphqlResponse;
  const auto best = std::max_element(quality.begin(), quality.end());
  if (*best <= 0) return std::nullopt;
  return kOffers[static_cast<size_t>(best - quality.begin())].type;
}

bool accepts_encoding(const http::Headers& headers, std::string_view coding) {
  const auto header = headers.get("Accept-Encoding");
  if (!header) return false;
  double exact = -1;
  double other = -1;
  split(*header, ',', [&](std::string_view part) {
    const auto [name, q] = read_range(part);
    if (name == coding) exact = q;
    if (name == "*") other = q;
  });
  return exact >= 0 ? exact > 0 : other > 0;
}

bool is_utf8(const http::Headers& headers) {
  const std::string type = lower(headers.get("Content-Type").value_or(""));
  const size_t at = type.find("charset=");
  if (at == std::string::npos) return true;
  std::string_view charset = trim(std::string_view(type).substr(at + 8));
  charset = trim(charset.substr(0, charset.find(';')));
  if (charset.size() >= 2 && charset.front() == '"' && charset.back() == '"') {
    charset = charset.substr(1, charset.size() - 2);
  }
  return charset == "utf-8" || charset == "utf8";
}

}  // namespace firn::graphql
