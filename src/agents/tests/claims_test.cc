#include "agents/claims.h"

#include <gtest/gtest.h>

#include "agents/figures_internal.h"
#include "graphql/json.h"

namespace firn::agents {
namespace {

EvidenceBook book() {
  EvidenceBook book;
  book.add("runSql", *graphql::parse_json(R"({"runSql":{"evidenceId":"evidence:a","elapsedMs":77.5,
      "queryId":"run:99","rowCount":2,"rows":[["EWR",15.107954,-0.0643],["JFK","336776",null]]}})"));
  book.add("analyzeTable",
           *graphql::parse_json(R"({"analyzeTable":[{"evidenceId":"evidence:b","title":"x",
      "narrative":"The mean of dep_delay over 326,993 rows is 12.6.","p":0.001}]})"));
  return book;
}

std::vector<std::string> unverified(const std::string& text) {
  std::vector<std::string> figures;
  for (const auto& claim : book().unverified(text)) figures.push_back(claim.figure);
  return figures;
}

using Figures = std::vector<std::string>;

TEST(ClaimsTest, a_number_of_the_evidence_that_its_sentence_cites_is_verified) {
  for (const char* text :
       {"EWR is late by 15.1 minutes [evidence:a].", "EWR: 15 minutes. [evidence:a]",
        "There were 336,776 flights [evidence:a] and 326,993 rows [evidence:b].",
        "About 337,000 flights, 337 thousand [evidence:a].", "It fell by 6.4 % [evidence:a].",
        "It fell by 6 percent [evidence:a].", "The mean is 12.6 over 327k rows [evidence:b]."}) {
    EXPECT_EQ(unverified(text), Figures{}) << text;
  }
}

TEST(ClaimsTest, a_number_without_evidence_that_has_it_is_not) {
  EXPECT_EQ(unverified("EWR is late by 15.1 minutes."), Figures{"15.1"});
  EXPECT_EQ(unverified("EWR is late by 16 minutes [evidence:a]."), Figures{"16"});
  EXPECT_EQ(unverified("EWR is late by 15.2 minutes [evidence:a]."), Figures{"15.2"});
  EXPECT_EQ(unverified("The mean is 12.6 [evidence:a]."), Figures{"12.6"});
  EXPECT_EQ(unverified("It is 15.1 [evidence:c]."), Figures{"15.1"});
  EXPECT_EQ(unverified("It is 77.5, 99 [evidence:a]."), (Figures{"77.5", "99"}));
  EXPECT_EQ(unverified("First 15.1 [evidence:a]. Then 15.1."), Figures{"15.1"});
  EXPECT_EQ(unverified("Then 15.1.\n[evidence:a] is a line of its own."), Figures{"15.1"});
  EXPECT_EQ(unverified("It was 2013 flights [evidence:a]."), Figures{"2013"});
  EXPECT_EQ(unverified("340,000 flights [evidence:a]"), Figures{"340,000"});
}

TEST(ClaimsTest, rows_and_what_others_wrote_are_no_evidence_of_their_own) {
  EvidenceBook book;
  book.add("runSql", *graphql::parse_json(R"({"runSql":{"evidenceId":"evidence:a",
      "rows":[[{"evidenceId":"evidence:b","x":666}]]}})"));
  book.add("insights", *graphql::parse_json(R"({"insights":[{"evidenceId":"evidence:c",
      "narrative":"It was 777."}]})"));
  EXPECT_FALSE(book.has("evidence:b"));
  EXPECT_EQ(book.unverified("It is 666 [evidence:b] or 777 [evidence:c].").size(), 2U);
}

TEST(ClaimsTest, what_is_no_figure_is_left_alone) {
  for (const char* text :
       {"On 2013-03-08 at 14:30, and 2013-07-01T05:00:00Z.", "In 2013, since January 2013.",
        "Q3 and B6 and case_7.", "1. First\n2) second", "the 3rd and 21st", "`SELECT 42`",
        "See [evidence:a].", "issue #12"}) {
    EXPECT_EQ(unverified(text), Figures{}) << text;
  }
}

TEST(ClaimsTest, a_claim_carries_its_sentence_and_survives_as_json) {
  const auto claims = book().unverified("All is well. It rose by 5,000 yesterday! Fine.");
  ASSERT_EQ(claims.size(), 1U);
  EXPECT_EQ(claims[0].sentence, "It rose by 5,000 yesterday!");
  const auto back = read_claims(claims_json(claims));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ((*back)[0].figure, "5,000");
  EXPECT_FALSE(read_claims("[1]").ok());
  EXPECT_TRUE(read_claims("")->empty());
}

TEST(ClaimsTest, hostile_text_is_bounded) {
  std::string numbers;
  for (int i = 0; i < 100'000; ++i) numbers += "7 ";
  EXPECT_EQ(book().unverified(numbers).size(), 100U);
  EXPECT_EQ(unverified("[evidence:" + std::string(100'000, '1')).size(), 1U);
  EXPECT_EQ(unverified(std::string(1000, '9') + " " + std::string(5, '`') + "1'2'3,,4..5"),
            unverified(std::string(1000, '9') + " " + std::string(5, '`') + "1'2'3,,4..5"));
}

}  // namespace
}  // namespace firn::agents
