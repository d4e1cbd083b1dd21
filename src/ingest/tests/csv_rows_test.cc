#include "ingest/csv_rows.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <gtest/gtest.h>

#include "ingest/json_splitter.h"
#include "ingest/scalar_text.h"
#include "ingest/task_id.h"

namespace firn::ingest {
namespace {

struct Csv {
  iceberg::Schema schema;
  DecodedRows rows;
};

Csv read(std::string_view text, const CsvDialect& dialect = {}) {
  Csv csv;
  CsvReader header(dialect);
  CHECK(header.next(text, true) == CsvReader::Next::kRecord);
  std::vector<std::string> names;
  for (const auto& cell : header.cells()) names.emplace_back(cell.text);
  csv.schema = MUST(evolve_for({}, infer_csv(text, names, dialect), {}));
  int32_t id = 0;
  for (auto& field : csv.schema.fields) field.id = ++id;
  size_t used = 0;
  csv.rows = MUST(decode_csv(text, true, names, dialect, csv.schema, 0, used));
  EXPECT_EQ(used, text.size());
  return csv;
}

std::string cell(const Csv& csv, int column, int64_t row) {
  return csv.rows.batch->column(column)->GetScalar(row).ValueOrDie()->ToString();
}

TEST(CsvRowsTest, InfersTypesAndReadsQuotes) {
  const Csv csv = read(
      "id,name,price,ok,at,day,zip\r\n1,\"Ann, "
      "\"\"A\"\"\nB\",1.5,true,2026-01-01T00:00:00Z,2026-01-01,01234\r\n"
      "2,,3,false,,,\r\n");
  ASSERT_EQ(csv.rows.batch->num_rows(), 2);
  EXPECT_TRUE(csv.rows.rejected.empty());
  const char* types[] = {"long", "string", "double", "boolean", "timestamptz", "date", "string"};
  for (size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(iceberg::type_name(*csv.schema.fields[i].type), types[i]);
  }
  EXPECT_EQ(cell(csv, 1, 0), "Ann, \"A\"\nB");
  EXPECT_EQ(cell(csv, 6, 0), "01234");
  EXPECT_TRUE(csv.rows.batch->column(1)->IsNull(1));
}

TEST(CsvRowsTest, AQuotedEmptyCellIsTextAndTheNullTextIsNull) {
  const Csv csv = read("a,b\n\"\",NA\nNA,\"NA\"\n", {',', "NA"});
  EXPECT_FALSE(csv.rows.batch->column(0)->IsNull(0));
  EXPECT_TRUE(csv.rows.batch->column(0)->IsNull(1));
  EXPECT_TRUE(csv.rows.batch->column(1)->IsNull(0));
  EXPECT_EQ(cell(csv, 1, 1), "NA");
}

TEST(CsvRowsTest, RowsOfAnotherWidthAreRejectedWithTheirText) {
  const Csv csv = read("a,b\n1,2\n3\n4,5,6\n\n7,8");
  EXPECT_EQ(csv.rows.batch->num_rows(), 2);
  ASSERT_EQ(csv.rows.rejected.size(), 2u);
  EXPECT_EQ(csv.rows.rejected[0].raw, "3");
  EXPECT_EQ(csv.rows.rejected[1].index, 2);
  EXPECT_EQ(csv.rows.rejected[1].error, "the header has 2 columns; this row has 3");
}

TEST(CsvRowsTest, TextThatIsNotUtf8IsRejected) {
  const Csv csv = read("a\nx\n\"caf\xe9\"\ny\n");
  EXPECT_EQ(csv.rows.batch->num_rows(), 2);
  ASSERT_EQ(csv.rows.rejected.size(), 1u);
  EXPECT_EQ(csv.rows.rejected[0].error, "column 'a': the text is not valid UTF-8");
}

TEST(CsvRowsTest, ColumnsOfSeveralKindsAreText) {
  const Csv csv = read("a\n1\nx\n");
  EXPECT_EQ(iceberg::type_name(*csv.schema.fields[0].type), "string");
  EXPECT_EQ(csv.rows.batch->num_rows(), 2);
}

TEST(CsvRowsTest, APartialRecordIsLeftForTheNextPiece) {
  const std::vector<std::string> names = {"a", "b"};
  iceberg::Schema schema;
  schema.fields = {{1, "a", iceberg::primitive(iceberg::TypeId::kLong), false, {}, {}, {}},
                   {2, "b", iceberg::primitive(iceberg::TypeId::kString), false, {}, {}, {}}};
  const std::string text = "1,x\n2,\"y\nz\"\n3,w\n";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    size_t used = 0;
    const auto first = MUST(decode_csv(text.substr(0, cut), false, names, {}, schema, 0, used));
    size_t rest = 0;
    const auto then = MUST(decode_csv(text.substr(used), true, names, {}, schema, 0, rest));
    EXPECT_EQ(first.batch->num_rows() + then.batch->num_rows(), 3) << cut;
  }
}

TEST(CsvRowsTest, SniffsTheDelimiter) {
  EXPECT_EQ(sniff_delimiter("a;b;c\n1,5;2"), ';');
  EXPECT_EQ(sniff_delimiter("a\tb\n"), '\t');
  EXPECT_EQ(sniff_delimiter("a\n"), ',');
}

TEST(JsonSplitterTest, GivesOneElementALineWhateverThePieces) {
  const std::string text = " [ {\"a\": \"x]},\\\"\"},\n{\"b\": [1,\n2]} , 3 ]\n";
  for (size_t step = 1; step < text.size(); ++step) {
    JsonSplitter splitter;
    std::string out;
    for (size_t at = 0; at < text.size(); at += step) {
      ASSERT_TRUE(splitter.feed(std::string_view(text).substr(at, step), out).ok());
    }
    ASSERT_TRUE(splitter.finish().ok());
    EXPECT_EQ(out, "{\"a\": \"x]},\\\"\"}\n{\"b\": [1, 2]}\n3\n") << step;
  }
}

TEST(JsonSplitterTest, RefusesWhatIsNotAnArrayOfValues) {
  for (const char* text : {"[1,,2]", "[1,]", "[1] 2", "x", "[1}}"}) {
    JsonSplitter splitter;
    std::string out;
    EXPECT_FALSE(splitter.feed(text, out).ok() && splitter.finish().ok()) << text;
  }
  JsonSplitter open;
  std::string out;
  EXPECT_TRUE(open.feed("[{\"a\":1}", out).ok());
  EXPECT_FALSE(open.finish().ok());
}

TEST(ScalarTextTest, DatesAndTimestampsAreChecked) {
  EXPECT_EQ(parse_date("1970-01-01"), 0);
  EXPECT_EQ(parse_date("1969-12-31"), -1);
  EXPECT_EQ(parse_date("2024-02-29"), 19782);
  EXPECT_FALSE(parse_date("2023-02-29"));
  EXPECT_FALSE(parse_date("2023-13-01"));
  EXPECT_EQ(parse_timestamp("1969-12-31T23:59:59.999999Z")->us, -1);
  EXPECT_EQ(parse_timestamp("2026-01-01T00:00:00.1234567-00:30")->us, 1767227400123456);
  EXPECT_EQ(parse_timestamp("9999-12-31T23:59:59.999999Z")->us, 253402300799999999);
  EXPECT_EQ(parse_timestamp("0001-01-01T00:00:00Z")->us, -62135596800000000);
  EXPECT_FALSE(parse_timestamp("2026-01-01T24:00:00Z"));
  EXPECT_FALSE(parse_timestamp("2026-01-01T00:00:00+25:00"));
  EXPECT_FALSE(parse_timestamp("2026-01-01T00:00:00.Z"));
}

TEST(ScalarTextTest, DecimalsKeepEveryDigit) {
  int32_t digits = 0;
  EXPECT_TRUE(parse_decimal("-123.45", 2, &digits) == iceberg::Int128{-12345});
  EXPECT_EQ(digits, 3);
  EXPECT_TRUE(parse_decimal("1e3", 0) == iceberg::Int128{1000});
  EXPECT_TRUE(parse_decimal("1.50", 1) == iceberg::Int128{15});
  EXPECT_FALSE(parse_decimal("1.55", 1));
  EXPECT_FALSE(parse_decimal("123456789012345678901234567890123456789", 0));
  EXPECT_FALSE(parse_decimal("1e99999999999", 0));
  EXPECT_FALSE(parse_decimal("", 0));
  EXPECT_FALSE(parse_decimal(".", 0));
}

TEST(TaskIdTest, CarriesItsTableAndItsRecord) {
  Uuid table = MUST(Uuid::parse("01234567-89ab-4def-8123-456789abcdef"));
  for (const uint64_t lsn : {uint64_t{0}, uint64_t{1}, uint64_t{0xfff}, uint64_t{1} << 40}) {
    const auto key = parse_task_id(make_task_id(table, lsn).to_string());
    ASSERT_TRUE(key);
    EXPECT_EQ(key->lsn, lsn);
    EXPECT_EQ(key->table_bits, task_table_bits(table));
  }
  EXPECT_FALSE(parse_task_id("01234567-89ab-4def-8123-456789abcdef"));
  EXPECT_FALSE(parse_task_id("nonsense"));
}

}  // namespace
}  // namespace firn::ingest
