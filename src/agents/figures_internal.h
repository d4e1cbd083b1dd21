#pragma once

#include <string_view>
#include <vector>

namespace firn::agents {

// A number as a text writes it.
struct Figure {
  std::string_view written;
  double value = 0;      // without its sign
  double tolerance = 0;  // what rounding to the digits shown may have taken
  bool percent = false;
};

// A sentence with the evidence that it cites.
struct Sentence {
  std::string_view text;
  std::vector<std::string_view> citations;  // ids: "evidence:..."
};

std::vector<Sentence> split_sentences(std::string_view text);
// The figures of a sentence; see EvidenceBook for what is none.
std::vector<Figure> figures_of(std::string_view sentence);

}  // namespace firn::agents
