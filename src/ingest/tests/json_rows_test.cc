#include "ingest/json_rows.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <gtest/gtest.h>

namespace firn::ingest {
namespace {

using iceberg::TypeId;

iceberg::Field field(int32_t id, const char* name, iceberg::TypePtr type, bool required = false) {
  return {id, name, std::move(type), required, {}, {}, {}};
}

std::string padded(std::string_view text) {
  std::string body(text);
  body.append(64, '\0');
  return body;
}

Result<JsonOutcome> decode(std::string_view text, const iceberg::Schema& schema,
                           JsonShape shape = JsonShape::kValue, bool stop = false) {
  const std::string body = padded(text);
  return decode_json(std::string_view(body).substr(0, text.size()), schema, {shape, stop, 0});
}

// The schema that a body alone would make, with ids as a catalog gives them.
iceberg::Schema inferred(std::string_view text, JsonShape shape = JsonShape::kValue) {
  const std::string body = padded(text);
  const auto seen = MUST(infer_json(std::string_view(body).substr(0, text.size()), shape));
  auto schema = MUST(evolve_for({}, seen, {}));
  int32_t id = 0;
  for (auto& column : schema.fields) column.id = ++id;
  return schema;
}

std::string type_of(const iceberg::Schema& schema, std::string_view name) {
  const auto* found = schema.find(name);
  return found == nullptr ? "none" : iceberg::type_name(*found->type);
}

TEST(JsonRowsTest, InfersTheTypesOfTheContract) {
  const auto schema = inferred(
      R"([{"b":true,"l":1,"d":1,"t":"2026-01-01T00:00:00Z","day":"2026-01-01","s":"x","o":"2026-01-01T00:00:00",
          "n":null,"e":[],"list":[1,2],"obj":{"k":[{"z":1.5}]}},{"d":1.5}])");
  EXPECT_EQ(type_of(schema, "b"), "boolean");
  EXPECT_EQ(type_of(schema, "l"), "long");
  EXPECT_EQ(type_of(schema, "d"), "double");
  EXPECT_EQ(type_of(schema, "t"), "timestamptz");
  EXPECT_EQ(type_of(schema, "day"), "date");
  EXPECT_EQ(type_of(schema, "s"), "string");
  EXPECT_EQ(type_of(schema, "o"), "string");  // no offset: not RFC 3339
  EXPECT_EQ(type_of(schema, "n"), "none");
  EXPECT_EQ(type_of(schema, "e"), "none");
  EXPECT_EQ(schema.find("list")->type->id, TypeId::kList);
  EXPECT_EQ(schema.find("obj")->type->fields[0].type->fields[0].type->fields[0].name, "z");
}

TEST(JsonRowsTest, TextThatIsNotAlwaysADateIsText) {
  EXPECT_EQ(type_of(inferred(R"([{"a":"2026-01-01"},{"a":"soon"}])"), "a"), "string");
}

TEST(JsonRowsTest, OfNumberAndTextTheFirstWinsAndTheRestIsRejected) {
  const char* body = R"([{"a":1},{"a":"one"},{"a":2}])";
  const auto outcome = MUST(decode(body, inferred(body)));
  EXPECT_EQ(outcome.rows.batch->num_rows(), 2);
  ASSERT_EQ(outcome.rows.rejected.size(), 1u);
  EXPECT_EQ(outcome.rows.rejected[0].index, 1);
  EXPECT_EQ(outcome.rows.rejected[0].error, "column 'a' is long; got text");
  EXPECT_EQ(outcome.rows.rejected[0].raw, R"({"a":"one"})");
}

TEST(JsonRowsTest, ARejectedRowLeavesNothingBehind) {
  iceberg::Schema schema;
  schema.fields = {field(1, "a", iceberg::primitive(TypeId::kString)),
                   field(2, "l", iceberg::list_of(3, iceberg::primitive(TypeId::kLong), false)),
                   field(4, "z", iceberg::primitive(TypeId::kLong))};
  const auto outcome = MUST(decode(
      R"([{"a":"x","l":[1],"z":1},{"a":"gone","l":[2,3,"bad"],"z":2},{"a":"y","l":[4],"z":3}])",
      schema));
  const auto& batch = *outcome.rows.batch;
  ASSERT_TRUE(batch.ValidateFull().ok());
  ASSERT_EQ(batch.num_rows(), 2);
  EXPECT_EQ(batch.column(0)->GetScalar(1).ValueOrDie()->ToString(), "y");
  EXPECT_EQ(static_cast<const arrow::ListArray&>(*batch.column(1)).values()->length(), 2);
}

TEST(JsonRowsTest, WholeNumbersBeyondTheirTypeAskForAWiderOne) {
  iceberg::Schema schema;
  schema.fields = {field(1, "i", iceberg::primitive(TypeId::kInt)),
                   field(2, "d", iceberg::decimal(4, 2))};
  EXPECT_TRUE(MUST(decode(R"({"i":3000000000})", schema, JsonShape::kValue, true)).needs_evolution);
  EXPECT_TRUE(MUST(decode(R"({"d":12345.67})", schema, JsonShape::kValue, true)).needs_evolution);
  const std::string body = padded(R"({"i":3000000000,"d":12345.67})");
  const auto seen =
      MUST(infer_json(std::string_view(body).substr(0, body.size() - 64), JsonShape::kValue));
  const auto wider = MUST(evolve_for(schema, seen, {}));
  EXPECT_EQ(type_of(wider, "i"), "long");
  EXPECT_EQ(type_of(wider, "d"), "decimal(7, 2)");
}

TEST(JsonRowsTest, NumbersThatNoLongHoldsAreRejectedNotRounded) {
  const char* body = R"([{"a":1},{"a":9223372036854775808},{"a":9223372036854775807}])";
  const auto outcome = MUST(decode(body, inferred(body)));
  ASSERT_EQ(outcome.rows.batch->num_rows(), 2);
  EXPECT_EQ(outcome.rows.rejected[0].index, 1);
  EXPECT_EQ(static_cast<const arrow::Int64Array&>(*outcome.rows.batch->column(0)).Value(1),
            INT64_MAX);
}

TEST(JsonRowsTest, DecimalsAreExactAndNeverTakeText) {
  iceberg::Schema schema;
  schema.fields = {field(1, "d", iceberg::decimal(9, 2))};
  const auto outcome =
      MUST(decode(R"([{"d":-1.5},{"d":1e2},{"d":1.005},{"d":"1.00"},{"d":1.10}])", schema));
  EXPECT_EQ(outcome.rows.batch->num_rows(), 3);
  EXPECT_EQ(outcome.rows.batch->column(0)->GetScalar(0).ValueOrDie()->ToString(), "-1.50");
  EXPECT_EQ(outcome.rows.batch->column(0)->GetScalar(1).ValueOrDie()->ToString(), "100.00");
  EXPECT_EQ(outcome.rows.rejected.size(), 2u);
}

TEST(JsonRowsTest, EveryTextualTypeIsReadFromText) {
  iceberg::Schema schema;
  schema.fields = {field(1, "t", iceberg::primitive(TypeId::kTime)),
                   field(2, "ts", iceberg::primitive(TypeId::kTimestamp)),
                   field(3, "tz", iceberg::primitive(TypeId::kTimestampTz)),
                   field(4, "u", iceberg::primitive(TypeId::kUuid)),
                   field(5, "x", iceberg::primitive(TypeId::kBinary)),
                   field(6, "f", iceberg::fixed(3))};
  const auto outcome = MUST(decode(
      R"([{"t":"23:59:59.5","ts":"1969-12-31 23:59:59.999999","tz":"2026-01-01T01:00:00+01:00",
           "u":"00010203-0405-4607-8809-0a0b0c0d0e0f","x":"AAE=","f":"AAEC"},
          {"tz":"2026-01-01T01:00:00"},{"ts":"2026-01-01T01:00:00Z"},{"f":"AAE="},{"u":"no"}])",
      schema));
  EXPECT_EQ(outcome.rows.batch->num_rows(), 1);
  EXPECT_EQ(outcome.rows.rejected.size(), 4u);
  EXPECT_EQ(static_cast<const arrow::TimestampArray&>(*outcome.rows.batch->column(1)).Value(0), -1);
  EXPECT_EQ(static_cast<const arrow::TimestampArray&>(*outcome.rows.batch->column(2)).Value(0),
            1767225600000000);
}

TEST(JsonRowsTest, ABadLineIsOneRejectedRow) {
  const char* body = "{\"a\":1}\n{\"a\":\n\n{\"a\":2} x\n[1]\n{\"a\":3}";
  const auto outcome = MUST(decode(body, inferred(body, JsonShape::kLines), JsonShape::kLines));
  EXPECT_EQ(outcome.rows.rows_seen, 5);
  EXPECT_EQ(outcome.rows.batch->num_rows() + static_cast<int64_t>(outcome.rows.rejected.size()), 5);
  EXPECT_GE(outcome.rows.rejected.size(), 2u);
}

TEST(JsonRowsTest, ABodyThatIsNotJsonIsRefusedWhole) {
  for (const char* body :
       {"", "[", "[{\"a\":1}", "[{\"a\":1},]x", "17", "[{\"a\":1}] []", "{\"a\":tru}"}) {
    const auto outcome = decode(body, {}, JsonShape::kValue, false);
    ASSERT_FALSE(outcome.ok()) << body;
    EXPECT_EQ(outcome.error().code(), ErrorCode::kInvalidData) << body;
  }
}

TEST(JsonRowsTest, UnknownFieldsWithoutAValueAreNoReasonToGrow) {
  iceberg::Schema schema;
  schema.fields = {field(1, "a", iceberg::primitive(TypeId::kLong))};
  const auto outcome = MUST(
      decode(R"({"a":1,"n":null,"e":[],"o":{},"p":[null,{}]})", schema, JsonShape::kValue, true));
  EXPECT_FALSE(outcome.needs_evolution);
  EXPECT_EQ(outcome.rows.batch->num_rows(), 1);
}

TEST(JsonRowsTest, RequiredColumnsAndRepeatedFieldsAreChecked) {
  iceberg::Schema schema;
  schema.fields = {field(1, "id", iceberg::primitive(TypeId::kLong), true),
                   field(2, "s", iceberg::primitive(TypeId::kString))};
  const auto outcome = MUST(
      decode(R"([{"s":"x"},{"id":null},{"id":1,"id":2},{"s":"out of order","id":4}])", schema));
  EXPECT_EQ(outcome.rows.batch->num_rows(), 1);
  EXPECT_EQ(outcome.rows.rejected[0].error, "the column 'id' needs a value");
  EXPECT_EQ(outcome.rows.rejected[2].error, "the field 'id' comes twice");
}

TEST(JsonRowsTest, NamesThatDifferJustInCaseDoNotBecomeTwoColumns) {
  const char* body = R"([{"Name":"a"},{"name":"b"}])";
  const auto schema = inferred(body);
  EXPECT_EQ(schema.fields.size(), 1u);
  EXPECT_EQ(MUST(decode(body, schema)).rows.rejected.size(), 1u);
}

TEST(JsonRowsTest, LimitsOnColumnsAndDepthAreErrors) {
  InferredType rows;
  rows.kind = InferredType::Kind::kStruct;
  InferredType leaf;
  leaf.kind = InferredType::Kind::kLong;
  for (int i = 0; i < 5; ++i) rows.fields.push_back({"c" + std::to_string(i), leaf});
  EXPECT_EQ(evolve_for({}, rows, {4, 8}).error().code(), ErrorCode::kIncompatibleSchema);
  const char* deep = R"({"a":{"b":{"c":{"d":1}}}})";
  const std::string body = padded(deep);
  const auto seen =
      MUST(infer_json(std::string_view(body).substr(0, body.size() - 64), JsonShape::kValue));
  EXPECT_EQ(evolve_for({}, seen, {100, 3}).error().code(), ErrorCode::kIncompatibleSchema);
}

TEST(JsonRowsTest, TheAppenderTakesARequestWholeOrNotAtAll) {
  iceberg::Schema schema;
  schema.fields = {field(1, "a", iceberg::primitive(TypeId::kLong))};
  const auto appender = JsonAppender::create(schema);
  const auto append = [&](std::string_view text) {
    const std::string body = padded(text);
    return appender->append(std::string_view(body).substr(0, text.size()), JsonShape::kValue);
  };
  EXPECT_TRUE(MUST(append(R"([{"a":1},{"a":2}])")));
  EXPECT_FALSE(MUST(append(R"([{"a":3},{"a":"x"}])")));
  EXPECT_FALSE(MUST(append(R"([{"a":3},{"b":1}])")));
  EXPECT_FALSE(append(R"([{"a":3},)").ok());
  EXPECT_TRUE(MUST(append(R"({"a":4})")));
  const auto batch = appender->take();
  EXPECT_EQ(batch->num_rows(), 3);
  EXPECT_EQ(static_cast<const arrow::Int64Array&>(*batch->column(0)).Value(2), 4);
  EXPECT_EQ(appender->take()->num_rows(), 0);
}

}  // namespace
}  // namespace firn::ingest
