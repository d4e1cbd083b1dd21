#include "iceberg/type_text.h"

#include <gtest/gtest.h>

namespace firn::iceberg {
namespace {

TEST(TypeText, ReadsWhatItWrites) {
  for (const char* text :
       {"long", "decimal(10,2)", "fixed[16]", "list<string>", "map<string, list<int>>",
        "struct<a: int, b: struct<c: timestamptz>>", "uuid"}) {
    const auto type = parse_type_text(text);
    ASSERT_TRUE(type.ok()) << text;
    EXPECT_EQ(type_text(**type), text);
  }
  EXPECT_EQ(type_text(*MUST(parse_type_text(" DECIMAL( 9 , 3 ) "))), "decimal(9,3)");
}

TEST(TypeText, RefusesWhatIsNoType) {
  for (const char* text : {"", "lung", "list<", "list<int", "list<int>>", "struct<>", "struct<a>",
                           "map<int>", "decimal", "decimal(99,2)", "fixed[", "int int"}) {
    const auto type = parse_type_text(text);
    ASSERT_FALSE(type.ok()) << text;
    EXPECT_EQ(type.error().code(), ErrorCode::kInvalidArgument);
  }
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "list<";
  EXPECT_FALSE(parse_type_text(deep).ok());
}

TEST(ValueText, IsForPeople) {
  EXPECT_EQ(value_text(*primitive(TypeId::kDate), int32_t{-1}), "1969-12-31");
  EXPECT_EQ(value_text(*primitive(TypeId::kTimestampTz), int64_t{-1}),
            "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(value_text(*primitive(TypeId::kTime), int64_t{45'000'500'000}), "12:30:00.5");
  EXPECT_EQ(value_text(*decimal(9, 2), DecimalValue{-150}), "-1.50");
  EXPECT_EQ(value_text(*decimal(9, 2), DecimalValue{5}), "0.05");
  EXPECT_EQ(value_text(*decimal(9, 0), DecimalValue{120}), "120");
  EXPECT_EQ(value_text(*primitive(TypeId::kDouble), 0.5), "0.5");
  EXPECT_EQ(value_text(*primitive(TypeId::kString), std::monostate{}), "");
}

}  // namespace
}  // namespace firn::iceberg
