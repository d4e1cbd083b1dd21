#include <gtest/gtest.h>

#include <set>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

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
