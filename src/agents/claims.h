#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agents/tools.h"

namespace firn::agents {

// A number that a model states without evidence that has it.
struct UnverifiedClaim {
  std::string figure;    // as written: "12.6", "3,000", "15 %"
  std::string sentence;  // that it stands in, its first 300 bytes
};

// The answers that a conversation has seen, by their evidence, and what a model's text claims
// beyond them. A figure is verified where its sentence cites ("[evidence:ID]") an answer of this
// book that has the number, rounded as the figure is; a share may be written in percent. A citation
// alone behind a full stop belongs to the sentence before. No figures are: dates and times of day,
// years behind "in", "since" and the like, ordinals, numbers of lists, parts of names (Q3, case_7),
// and what stands in `code`. One thread's.
class EvidenceBook {
 public:
  // What a tool answered: its result, or each item of that, where it has an evidenceId, with the
  // numbers in it. Not what lies deeper: rows may say that they are anything.
  void add(std::string_view tool, const Json& content);
  bool has(std::string_view evidence) const { return numbers_.contains(evidence); }

  // In the order of the text; bounded.
  std::vector<UnverifiedClaim> unverified(std::string_view text) const;

 private:
  void add_object(std::string_view tool, const Json& object);

  std::map<std::string, std::vector<double>, std::less<>> numbers_;  // sorted
};

// As JSON: [{"figure": ..., "sentence": ...}], and back. InvalidData.
std::string claims_json(const std::vector<UnverifiedClaim>& claims);
Result<std::vector<UnverifiedClaim>> read_claims(const std::string& json);

}  // namespace firn::agents
