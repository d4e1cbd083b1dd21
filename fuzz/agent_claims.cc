// What a model says, and the figures in it: each lies within its sentence, and each sentence within
// the text.
#include <cmath>
#include <cstdint>
#include <string_view>

#include "agents/claims.h"
#include "agents/figures_internal.h"
#include "graphql/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto within = [](std::string_view part, std::string_view whole) {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
  };
  for (const auto& sentence : firn::agents::split_sentences(text)) {
    if (!within(sentence.text, text)) __builtin_trap();
    for (const auto& figure : firn::agents::figures_of(sentence.text)) {
      if (figure.written.empty() || !within(figure.written, sentence.text)) __builtin_trap();
      if (std::isnan(figure.value) || figure.value < 0 || figure.tolerance < 0) __builtin_trap();
    }
  }
  firn::agents::EvidenceBook book;
  const auto content = firn::graphql::parse_json(text);
  if (content.ok()) book.add("analyzeTable", *content);
  const auto claims = book.unverified(text);
  const auto read = firn::agents::read_claims(firn::agents::claims_json(claims));
  if (!read.ok() || read->size() != claims.size()) __builtin_trap();
  return 0;
}
