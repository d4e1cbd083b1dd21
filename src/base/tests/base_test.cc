#include <gtest/gtest.h>

#include <set>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/utf8.h"

namespace firn {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return Error(ErrorCode::kInvalidArgument, "odd");
  return n / 2;
}
Result<int> quarter(int n) { return TRY(half(TRY(half(n)))); }

TEST(ResultTest, TryReturnsTheFirstError) {
  EXPECT_EQ(quarter(12).value(), 3);
  EXPECT_EQ(quarter(6).error().message(), "odd");
}

TEST(ErrorTest, EveryCodeHasItsOwnWireCodeAndAStatus) {
  std::set<std::string_view> seen;
#define FIRN_ERROR(name, ...)                                             \
  EXPECT_TRUE(seen.insert(info_of(ErrorCode::k##name).wire_code).second); \
  EXPECT_GE(info_of(ErrorCode::k##name).http_status, 400);                \
  EXPECT_EQ(error_code_from_wire(info_of(ErrorCode::k##name).wire_code), ErrorCode::k##name);
#include "schema/errors.def"
#undef FIRN_ERROR
}

TEST(BytesTest, Crc32cMatchesTheStandardsVector) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
  EXPECT_EQ(crc32c(as_bytes("6789"), crc32c(as_bytes("12345"))), 0xe3069283u);
}

TEST(BytesTest, Base64RoundTripsAndRefuses) {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "\xff\xfe"}) {
    std::string back;
    EXPECT_TRUE(base64_decode(base64_encode(as_bytes(text)), back));
    EXPECT_EQ(back, text);
  }
  std::string out;
  for (const char* bad : {"Zg", "Zg=", "Z===", "Zm9v!", "Zg==Zg=="}) {
    EXPECT_FALSE(base64_decode(bad, out)) << bad;
  }
}

TEST(Utf8Test, CutsBetweenCharacters) {
  EXPECT_EQ(cut_utf8("abc", 3), "abc");
  EXPECT_EQ(cut_utf8("abcd", 3), "abc");
  EXPECT_EQ(cut_utf8("ab\u00e9", 3), "ab");
  EXPECT_EQ(cut_utf8("\u20ac\u20ac", 5), "\u20ac");
  EXPECT_EQ(cut_utf8("\U0001f600x", 3), "");
  EXPECT_EQ(cut_utf8("\u00e9", 0), "");
  EXPECT_EQ(cut_utf8(std::string(9, '\x80'), 7), std::string(7, '\x80'));  // no character anyway
}

TEST(Utf8Test, ReplacesWhatIsNoCharacter) {
  const std::string fine = "a\u00e9\u20ac\U0001f600\U0010ffff";
  EXPECT_EQ(valid_utf8(fine), fine);
  EXPECT_EQ(valid_utf8("a\xff(\xc3"), "a\ufffd(\ufffd");
  for (const std::string bad : {"\xc0\x80", "\xc3(", "\xed\xa0\x80", "\xe0\x80\x80",
                                "\xf4\x90\x80\x80", "\xf0\x80\x80\x80", "\xe2\x82"}) {
    EXPECT_TRUE(valid_utf8(bad).starts_with("\ufffd"));
  }
}

TEST(UuidTest, ParsesAndPrints) {
  const char* text = "01234567-89ab-4def-8123-456789abcdef";
  EXPECT_EQ(Uuid::parse(text).value().to_string(), text);
  for (const char* bad :
       {"", "01234567-89ab-4def-8123-456789abcdeg", "0123456789ab4def8123456789abcdef"}) {
    EXPECT_FALSE(Uuid::parse(bad).ok());
  }
}

}  // namespace
}  // namespace firn
