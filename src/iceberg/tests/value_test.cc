#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "iceberg/types.h"

namespace firn::iceberg {
namespace {

TEST(SingleValue, DecimalsAreMinimalBigEndian) {
  const TypePtr type = decimal(38, 2);
  const auto bytes = [&](Int128 unscaled) {
    return serialize_value(*type, DecimalValue{unscaled});
  };
  EXPECT_EQ(bytes(0), std::string(1, '\0'));
  EXPECT_EQ(bytes(127), "\x7f");
  EXPECT_EQ(bytes(128), std::string("\0\x80", 2));
  EXPECT_EQ(bytes(-1), "\xff");
  EXPECT_EQ(bytes(-128), "\x80");
  EXPECT_EQ(bytes(-129), "\xff\x7f");
  for (Int128 value = 1; value > 0 && value < (Int128{1} << 120); value *= 7) {
    for (const Int128 signed_value : {value, -value, value - 1, -value + 1}) {
      const Value back = MUST(deserialize_value(*type, bytes(signed_value)));
      EXPECT_EQ(std::get<DecimalValue>(back).unscaled, signed_value);
    }
  }
}

TEST(SingleValue, ReadsBoundsFromBeforeAPromotion) {
  EXPECT_EQ(
      std::get<int64_t>(MUST(deserialize_value(*primitive(TypeId::kLong), "\xff\xff\xff\xff"))),
      -1);
  const std::string half = serialize_value(*primitive(TypeId::kFloat), 0.5F);
  EXPECT_EQ(std::get<double>(MUST(deserialize_value(*primitive(TypeId::kDouble), half))), 0.5);
}

TEST(SingleValue, RefusesWrongLengths) {
  for (const TypeId id : {TypeId::kBoolean, TypeId::kInt, TypeId::kLong, TypeId::kFloat,
                          TypeId::kDouble, TypeId::kDate, TypeId::kTimestamp, TypeId::kUuid}) {
    for (const size_t size : {0U, 3U, 17U}) {
      const auto value = deserialize_value(*primitive(id), std::string(size, 'x'));
      ASSERT_FALSE(value.ok());
      EXPECT_EQ(value.error().code(), ErrorCode::kInvalidData);
    }
  }
}

TEST(Compare, OrdersNanAboveEverythingAndBytesUnsigned) {
  const Type real = *primitive(TypeId::kDouble);
  const double nan = std::nan("");
  EXPECT_GT(compare_values(real, nan, std::numeric_limits<double>::infinity()), 0);
  EXPECT_EQ(compare_values(real, nan, nan), 0);
  EXPECT_LT(
      compare_values(*primitive(TypeId::kUuid), std::string(16, '\x7f'), std::string(16, '\x80')),
      0);
  EXPECT_LT(compare_values(*primitive(TypeId::kString), std::string("a"), std::string("ab")), 0);
}

TEST(Types, NamesRoundTrip) {
  for (const char* name : {"boolean", "int", "long", "float", "double", "date", "time", "timestamp",
                           "timestamptz", "string", "uuid", "binary", "fixed[16]", "decimal(9, 2)",
                           "timestamp_ns", "timestamptz_ns", "unknown", "variant"}) {
    EXPECT_EQ(type_name(*MUST(parse_primitive(name))), name);
  }
  EXPECT_EQ(type_name(*MUST(parse_primitive("decimal(9,2)"))), "decimal(9, 2)");
  for (const char* name : {"", "integer", "decimal(39, 0)", "decimal(2, 3)", "decimal(a, b)",
                           "fixed[-1]", "fixed[99999999999]"}) {
    EXPECT_FALSE(parse_primitive(name).ok()) << name;
  }
}

}  // namespace
}  // namespace firn::iceberg
