#include "query/pruning.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace firn::query {
namespace {

using iceberg::primitive;
using iceberg::TransformKind;
using iceberg::TypeId;
using iceberg::Value;

class Pruning : public ::testing::Test {
 protected:
  void column(iceberg::TypePtr type) {
    iceberg::Field field;
    field.id = 1;
    field.name = "c";
    field.type = std::move(type);
    schema_.fields = {field};
  }
  void bounds(const Value& lower, const Value& upper, const iceberg::Type& written) {
    file_.lower_bounds[1] = iceberg::serialize_value(written, lower);
    file_.upper_bounds[1] = iceberg::serialize_value(written, upper);
  }
  void partition(TransformKind kind, int parameter, const Value& value) {
    iceberg::PartitionField field;
    field.source_id = 1;
    field.field_id = 1000;
    field.transform.kind = kind;
    field.transform.parameter = parameter;
    spec_.fields = {field};
    file_.partition = {value};
  }
  bool may(CompareOp op, std::vector<Value> constants) {
    return may_match(file_, spec_, schema_, {Conjunct{1, op, std::move(constants)}});
  }

  iceberg::Schema schema_;
  iceberg::PartitionSpec spec_;
  iceberg::DataFile file_;
};

TEST_F(Pruning, nothing_known_excludes_nothing) {
  column(primitive(TypeId::kLong));
  for (const auto op : {CompareOp::kEqual, CompareOp::kLess, CompareOp::kGreaterEqual,
                        CompareOp::kNotEqual, CompareOp::kIn}) {
    EXPECT_TRUE(may(op, {Value(int64_t{5})}));
  }
  EXPECT_TRUE(may(CompareOp::kIsNull, {}));
  EXPECT_TRUE(may(CompareOp::kIsNotNull, {}));
}

TEST_F(Pruning, bounds_of_numbers) {
  column(primitive(TypeId::kLong));
  bounds(Value(int64_t{10}), Value(int64_t{20}), *primitive(TypeId::kLong));
  const auto c = [](int64_t v) { return Value(v); };
  EXPECT_FALSE(may(CompareOp::kEqual, {c(9)}));
  EXPECT_TRUE(may(CompareOp::kEqual, {c(10)}));
  EXPECT_TRUE(may(CompareOp::kEqual, {c(20)}));
  EXPECT_FALSE(may(CompareOp::kEqual, {c(21)}));
  EXPECT_FALSE(may(CompareOp::kLess, {c(10)}));
  EXPECT_TRUE(may(CompareOp::kLessEqual, {c(10)}));
  EXPECT_FALSE(may(CompareOp::kGreater, {c(20)}));
  EXPECT_TRUE(may(CompareOp::kGreaterEqual, {c(20)}));
  EXPECT_FALSE(may(CompareOp::kIn, {c(1), c(30)}));
  EXPECT_TRUE(may(CompareOp::kIn, {c(1), c(15)}));
  EXPECT_TRUE(may(CompareOp::kNotEqual, {c(10)}));
  bounds(c(7), c(7), *primitive(TypeId::kLong));
  EXPECT_FALSE(may(CompareOp::kNotEqual, {c(7)}));
}

TEST_F(Pruning, bounds_from_before_a_promotion) {
  column(primitive(TypeId::kLong));
  bounds(Value(int32_t{-5}), Value(int32_t{5}), *primitive(TypeId::kInt));
  EXPECT_TRUE(may(CompareOp::kEqual, {Value(int64_t{5})}));
  EXPECT_FALSE(may(CompareOp::kEqual, {Value(int64_t{6})}));
  column(primitive(TypeId::kDouble));
  bounds(Value(1.5F), Value(2.5F), *primitive(TypeId::kFloat));
  EXPECT_TRUE(may(CompareOp::kEqual, {Value(2.0)}));
  EXPECT_FALSE(may(CompareOp::kLess, {Value(1.5)}));
}

TEST_F(Pruning, nan_is_above_everything_and_outside_the_bounds) {
  column(primitive(TypeId::kDouble));
  bounds(Value(1.0), Value(2.0), *primitive(TypeId::kDouble));
  EXPECT_TRUE(may(CompareOp::kGreater, {Value(5.0)}));
  EXPECT_FALSE(may(CompareOp::kLess, {Value(0.5)}));
  EXPECT_TRUE(may(CompareOp::kEqual, {Value(std::nan(""))}));
  EXPECT_TRUE(may(CompareOp::kNotEqual, {Value(1.0)}));
  file_.nan_value_counts[1] = 0;
  EXPECT_FALSE(may(CompareOp::kGreater, {Value(5.0)}));
  file_.nan_value_counts[1] = 1;
  EXPECT_TRUE(may(CompareOp::kGreater, {Value(5.0)}));
}

TEST_F(Pruning, negative_zero_is_zero) {
  column(primitive(TypeId::kDouble));
  bounds(Value(-0.0), Value(-0.0), *primitive(TypeId::kDouble));
  EXPECT_TRUE(may(CompareOp::kEqual, {Value(0.0)}));
  bounds(Value(0.0), Value(0.0), *primitive(TypeId::kDouble));
  EXPECT_TRUE(may(CompareOp::kEqual, {Value(-0.0)}));
  EXPECT_TRUE(may(CompareOp::kLessEqual, {Value(-0.0)}));
}

TEST_F(Pruning, null_counts) {
  column(primitive(TypeId::kString));
  file_.value_counts[1] = 10;
  file_.null_value_counts[1] = 0;
  EXPECT_FALSE(may(CompareOp::kIsNull, {}));
  EXPECT_TRUE(may(CompareOp::kIsNotNull, {}));
  file_.null_value_counts[1] = 10;
  EXPECT_TRUE(may(CompareOp::kIsNull, {}));
  EXPECT_FALSE(may(CompareOp::kIsNotNull, {}));
  EXPECT_FALSE(may(CompareOp::kEqual, {Value(std::string("a"))}));
  EXPECT_FALSE(may(CompareOp::kNotEqual, {Value(std::string("a"))}));
}

TEST_F(Pruning, truncated_strings_and_prefixes) {
  column(primitive(TypeId::kString));
  bounds(Value(std::string("firn")), Value(std::string("glacier")), *primitive(TypeId::kString));
  EXPECT_TRUE(may(CompareOp::kStartsWith, {Value(std::string("fi"))}));
  EXPECT_TRUE(may(CompareOp::kStartsWith, {Value(std::string("firn-and-more"))}));
  EXPECT_TRUE(may(CompareOp::kStartsWith, {Value(std::string("g"))}));
  EXPECT_FALSE(may(CompareOp::kStartsWith, {Value(std::string("h"))}));
  EXPECT_FALSE(may(CompareOp::kStartsWith, {Value(std::string("fa"))}));
  EXPECT_TRUE(may(CompareOp::kStartsWith, {Value(std::string())}));
}

TEST_F(Pruning, identity_partition) {
  column(primitive(TypeId::kLong));
  partition(TransformKind::kIdentity, 0, Value(int32_t{3}));  // from before a promotion
  EXPECT_TRUE(may(CompareOp::kEqual, {Value(int64_t{3})}));
  EXPECT_FALSE(may(CompareOp::kEqual, {Value(int64_t{4})}));
  EXPECT_FALSE(may(CompareOp::kNotEqual, {Value(int64_t{3})}));
  EXPECT_FALSE(may(CompareOp::kIsNull, {}));
  partition(TransformKind::kIdentity, 0, Value());
  EXPECT_TRUE(may(CompareOp::kIsNull, {}));
  EXPECT_FALSE(may(CompareOp::kEqual, {Value(int64_t{3})}));
}

TEST_F(Pruning, bucket_partition_helps_equality_only) {
  column(primitive(TypeId::kLong));
  iceberg::Transform transform;
  transform.kind = TransformKind::kBucket;
  transform.parameter = 16;
  const Value bucket = transform.apply(*primitive(TypeId::kLong), Value(int64_t{34}));
  partition(TransformKind::kBucket, 16, bucket);
  int excluded = 0;
  for (int64_t i = 0; i < 100; ++i) excluded += !may(CompareOp::kEqual, {Value(i)});
  EXPECT_GT(excluded, 70);
  EXPECT_TRUE(may(CompareOp::kEqual, {Value(int64_t{34})}));
  EXPECT_TRUE(may(CompareOp::kIn, {Value(int64_t{34}), Value(int64_t{1})}));
  EXPECT_TRUE(may(CompareOp::kLess, {Value(int64_t{-1000})}));
  EXPECT_TRUE(may(CompareOp::kNotEqual, {Value(int64_t{34})}));
}

TEST_F(Pruning, day_partition) {
  column(primitive(TypeId::kTimestampTz));
  constexpr int64_t kDay = 86'400'000'000;
  partition(TransformKind::kDay, 0, Value(int32_t{100}));
  EXPECT_TRUE(may(CompareOp::kEqual, {Value(100 * kDay + 5)}));
  EXPECT_FALSE(may(CompareOp::kEqual, {Value(101 * kDay)}));
  EXPECT_TRUE(may(CompareOp::kLess, {Value(100 * kDay + 1)}));
  EXPECT_TRUE(may(CompareOp::kLess, {Value(100 * kDay)}));  // not exact, but safe
  EXPECT_FALSE(may(CompareOp::kLess, {Value(99 * kDay)}));
  EXPECT_FALSE(may(CompareOp::kGreaterEqual, {Value(101 * kDay)}));
  EXPECT_TRUE(may(CompareOp::kNotEqual, {Value(100 * kDay)}));
  // Rounded towards zero by early writers.
  partition(TransformKind::kDay, 0, Value(int32_t{-9}));
  EXPECT_TRUE(may(CompareOp::kEqual, {Value(-10 * kDay + 7)}));
  EXPECT_TRUE(may(CompareOp::kLess, {Value(-9 * kDay - 1)}));
}

TEST_F(Pruning, truncate_partition) {
  column(primitive(TypeId::kString));
  partition(TransformKind::kTruncate, 3, Value(std::string("fir")));
  EXPECT_TRUE(may(CompareOp::kEqual, {Value(std::string("firn"))}));
  EXPECT_FALSE(may(CompareOp::kEqual, {Value(std::string("snow"))}));
  EXPECT_TRUE(may(CompareOp::kGreater, {Value(std::string("fira"))}));
  EXPECT_TRUE(may(CompareOp::kStartsWith, {Value(std::string("fi"))}));
  EXPECT_FALSE(may(CompareOp::kLess, {Value(std::string("abc"))}));
}

TEST_F(Pruning, void_and_unknown_partitions_exclude_nothing) {
  column(primitive(TypeId::kLong));
  partition(TransformKind::kVoid, 0, Value());
  EXPECT_TRUE(may(CompareOp::kEqual, {Value(int64_t{3})}));
  partition(TransformKind::kUnknown, 0, Value(std::string("x")));
  EXPECT_TRUE(may(CompareOp::kEqual, {Value(int64_t{3})}));
}

TEST_F(Pruning, malformed_bounds_exclude_nothing) {
  column(primitive(TypeId::kLong));
  file_.lower_bounds[1] = "xyz";
  file_.upper_bounds[1] = "";
  EXPECT_TRUE(may(CompareOp::kEqual, {Value(int64_t{3})}));
}

}  // namespace
}  // namespace firn::query
