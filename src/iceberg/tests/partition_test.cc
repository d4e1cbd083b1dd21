#include "iceberg/partition.h"

#include <gtest/gtest.h>

#include "base/ids.h"
#include "iceberg/hash.h"

namespace firn::iceberg {
namespace {

int32_t bucket_of(TypeId id, Value value, int32_t buckets = 0x7fffffff) {
  const Transform transform{TransformKind::kBucket, buckets, {}};
  return std::get<int32_t>(transform.apply(*primitive(id), value));
}
// The hash itself, its sign bit cut off as the bucket transform does; modulo 2^31-1.
int32_t expected(int32_t hash) { return (hash & 0x7fffffff) % 0x7fffffff; }

TEST(Bucket, HashesTheValuesOfAppendixB) {
  EXPECT_EQ(hash_long(34), 2017239379);
  EXPECT_EQ(bucket_of(TypeId::kInt, int32_t{34}), expected(2017239379));
  EXPECT_EQ(bucket_of(TypeId::kLong, int64_t{34}), expected(2017239379));
  EXPECT_EQ(bucket_of(TypeId::kDate, int32_t{17486}), expected(-653330422));
  EXPECT_EQ(bucket_of(TypeId::kTime, int64_t{81068000000}), expected(-662762989));
  EXPECT_EQ(bucket_of(TypeId::kTimestamp, int64_t{1510871468000000}), expected(-2047944441));
  EXPECT_EQ(bucket_of(TypeId::kTimestampTz, int64_t{1510871468000001}), expected(-1207196810));
  EXPECT_EQ(bucket_of(TypeId::kTimestampNs, int64_t{1510871468000001001}), expected(-1207196810));
  EXPECT_EQ(bucket_of(TypeId::kString, std::string("iceberg")), expected(1210000089));
  EXPECT_EQ(murmur3_32(std::string("\0\1\2\3", 4)), -188683207);
  const Uuid uuid = MUST(Uuid::parse("f79c3e09-677c-4bbd-a479-3f349cb785e7"));
  EXPECT_EQ(bucket_of(TypeId::kUuid, std::string(uuid.bytes.begin(), uuid.bytes.end())),
            expected(1488055340));
  const Transform transform{TransformKind::kBucket, 0x7fffffff, {}};
  EXPECT_EQ(std::get<int32_t>(transform.apply(*decimal(9, 2), DecimalValue{1420})),
            expected(-500754589));
}

TEST(Truncate, RoundsDownBelowZeroAndCountsCodePoints) {
  const Transform ten{TransformKind::kTruncate, 10, {}};
  EXPECT_EQ(std::get<int32_t>(ten.apply(*primitive(TypeId::kInt), int32_t{-1})), -10);
  EXPECT_EQ(std::get<int64_t>(ten.apply(*primitive(TypeId::kLong), int64_t{-11})), -20);
  EXPECT_EQ(std::get<int64_t>(ten.apply(*primitive(TypeId::kLong), int64_t{19})), 10);
  const Transform fifty{TransformKind::kTruncate, 50, {}};
  EXPECT_EQ(std::get<DecimalValue>(fifty.apply(*decimal(9, 2), DecimalValue{1065})).unscaled, 1050);
  EXPECT_EQ(std::get<DecimalValue>(fifty.apply(*decimal(9, 2), DecimalValue{-1})).unscaled, -50);
  const Transform three{TransformKind::kTruncate, 3, {}};
  EXPECT_EQ(std::get<std::string>(three.apply(*primitive(TypeId::kString), std::string("äöüß"))),
            "äöü");
  EXPECT_EQ(std::get<std::string>(three.apply(*primitive(TypeId::kBinary), std::string("abcd"))),
            "abc");
}

TEST(TimeTransforms, RoundDownBefore1970) {
  const Type date = *primitive(TypeId::kDate);
  const Type timestamp = *primitive(TypeId::kTimestamp);
  const auto apply = [](TransformKind kind, const Type& type, Value value) {
    return std::get<int32_t>(Transform{kind, 0, {}}.apply(type, value));
  };
  EXPECT_EQ(apply(TransformKind::kYear, date, int32_t{-1}), -1);
  EXPECT_EQ(apply(TransformKind::kMonth, date, int32_t{-1}), -1);
  EXPECT_EQ(apply(TransformKind::kMonth, date, int32_t{-32}), -2);
  EXPECT_EQ(apply(TransformKind::kDay, timestamp, int64_t{-1}), -1);
  EXPECT_EQ(apply(TransformKind::kHour, timestamp, int64_t{-1}), -1);
  EXPECT_EQ(apply(TransformKind::kYear, timestamp, int64_t{1510871468000000}), 47);
  EXPECT_EQ(apply(TransformKind::kMonth, timestamp, int64_t{1510871468000000}), 574);
  EXPECT_EQ(apply(TransformKind::kDay, timestamp, int64_t{1510871468000000}), 17486);
  EXPECT_EQ(apply(TransformKind::kHour, timestamp, int64_t{1510871468000000}), 419686);
}

TEST(Transform, KeepsNullAndTheNamesOfUnknownOnes) {
  for (const char* text : {"identity", "bucket[16]", "truncate[4]", "year", "month", "day", "hour",
                           "void", "zorder"}) {
    const Transform transform = MUST(Transform::parse(text));
    EXPECT_EQ(transform.to_string(), text);
    EXPECT_EQ(transform.apply(*primitive(TypeId::kLong), Value()).index(), 0U);
  }
  EXPECT_FALSE(Transform::parse("bucket[0]").ok());
  EXPECT_FALSE(Transform::parse("bucket[99999999999]").ok());
  EXPECT_FALSE(Transform::parse("truncate[x]").ok());
}

TEST(PartitionPath, HasPlainCharactersOnly) {
  Schema schema;
  schema.fields = {{1, "day", primitive(TypeId::kDate)},
                   {2, "größe %", primitive(TypeId::kString)}};
  PartitionSpec spec;
  spec.fields = {{1, 1000, "day_day", Transform{TransformKind::kDay, 0, {}}},
                 {2, 1001, "größe %", Transform{}}};
  EXPECT_EQ(partition_path(spec, schema, {Value(int32_t{-1}), Value(std::string("a/b?#%"))}),
            "day_day=1969-12-31/gr____e__=a_b___");
  EXPECT_EQ(partition_path(spec, schema, {Value(), Value()}), "day_day=null/gr____e__=null");
}

}  // namespace
}  // namespace firn::iceberg
