#include "iceberg/avro.h"

#include <gtest/gtest.h>

namespace firn::iceberg::avro {
namespace {

constexpr std::string_view kSchema = R"({"type":"record","name":"r","fields":[
  {"name":"a","type":"long","field-id":1},
  {"name":"b","type":["null","string"],"default":null,"field-id":2},
  {"name":"c","type":{"type":"array","items":"int"},"field-id":3},
  {"name":"d","type":{"type":"fixed","name":"f","size":3},"field-id":4},
  {"name":"e","type":["null","f"],"field-id":5},
  {"name":"g","type":{"type":"map","values":"double"},"field-id":6}]})";

std::string sample(const std::string& codec, int records) {
  FileWriter writer(kSchema, {{"k", "v"}}, codec);
  for (int i = 0; i < records; ++i) {
    Encoder& out = writer.record();
    out.put_long(int64_t{i} * -7'000'000'000);
    if (i % 2 == 0) {
      out.put_null();
    } else {
      out.put_some();
      out.put_bytes("text " + std::to_string(i));
    }
    out.begin_items(2);
    out.put_int(i);
    out.put_int(-i);
    out.end_items();
    out.put_fixed("xyz");
    out.put_some();
    out.put_fixed("abc");
    out.begin_items(1);
    out.put_bytes("key");
    out.put_double(0.5);
    out.end_items();
    MUST(writer.end_record());
  }
  return MUST(writer.finish());
}

TEST(AvroFile, RoundTripsWithEveryCodec) {
  for (const char* codec : {"null", "deflate", "zstandard"}) {
    const std::string bytes = sample(codec, 5000);
    auto reader = MUST(FileReader::open(bytes));
    EXPECT_EQ(reader.metadata().at("k"), "v");
    Datum record;
    for (int i = 0; i < 5000; ++i) {
      ASSERT_TRUE(MUST(reader.next(record)));
      EXPECT_EQ(record.field(1)->integer, int64_t{i} * -7'000'000'000);
      if (i % 2 == 0) {
        EXPECT_EQ(record.field(2), nullptr);
      } else {
        EXPECT_EQ(record.field(2)->bytes, "text " + std::to_string(i));
      }
      ASSERT_EQ(record.field(3)->items.size(), 2U);
      EXPECT_EQ(record.field(3)->items[1].integer, -i);
      EXPECT_EQ(record.field(5)->bytes, "abc");
      EXPECT_EQ(record.field(6)->items[1].floating, 0.5);
    }
    EXPECT_FALSE(MUST(reader.next(record)));
  }
}

Status read_all(std::string_view bytes) {
  auto reader = TRY(FileReader::open(bytes));
  Datum record;
  while (TRY(reader.next(record))) continue;
  return {};
}

TEST(AvroFile, EveryTruncationIsInvalidData) {
  const std::string bytes = sample("null", 3);
  size_t header = bytes.size();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const Status outcome = read_all(std::string_view(bytes).substr(0, size));
    if (outcome.ok()) {
      // Only the bare header is a file of its own, one without records.
      EXPECT_EQ(header, bytes.size());
      header = size;
      continue;
    }
    EXPECT_EQ(outcome.error().code(), ErrorCode::kInvalidData);
  }
}

TEST(AvroFile, EveryFlippedByteIsReadOrRefused) {
  for (const char* codec : {"null", "deflate", "zstandard"}) {
    std::string bytes = sample(codec, 3);
    for (size_t i = 0; i < bytes.size(); ++i) {
      for (const uint8_t flip : {0x01, 0x80, 0xff}) {
        bytes[i] = static_cast<char>(static_cast<uint8_t>(bytes[i]) ^ flip);
        const Status outcome = read_all(bytes);
        if (!outcome.ok()) {
          EXPECT_EQ(outcome.error().code(), ErrorCode::kInvalidData);
        }
        bytes[i] = static_cast<char>(static_cast<uint8_t>(bytes[i]) ^ flip);
      }
    }
  }
}

TEST(AvroFile, BoundsWhatABombUnpacksTo) {
  const std::string zeros(200 << 20, '\0');
  for (const char* codec : {"deflate", "zstandard"}) {
    const std::string packed = MUST(compress(codec, zeros));
    EXPECT_LT(packed.size(), 1U << 20);
    EXPECT_FALSE(decompress(codec, packed).ok());
  }
}

TEST(AvroFile, ReadsSnappy) {
  // "aaaa", as one literal of four bytes, and its CRC-32.
  const std::string packed(
      "\x04\x0c"
      "aaaa"
      "\xad\x98\xe5\x45",
      10);
  EXPECT_EQ(MUST(decompress("snappy", packed)), "aaaa");
  std::string wrong = packed;
  wrong.back() = 'x';
  EXPECT_FALSE(decompress("snappy", wrong).ok());
}

TEST(AvroSchema, RefusesTypesThatContainThemselves) {
  EXPECT_FALSE(
      parse_schema(R"({"type":"record","name":"r","fields":[{"name":"a","type":"r"}]})").ok());
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += R"({"type":"array","items":)";
  deep += "\"int\"" + std::string(100, '}');
  EXPECT_FALSE(parse_schema(deep).ok());
}

TEST(AvroFile, RecordsOfNothingCannotExplode) {
  // Each level names the one before ten times, all of them of no bytes.
  std::string schema = R"({"type":"record","name":"top","fields":[)";
  std::string inner = R"({"type":"record","name":"l0","fields":[{"name":"n","type":"null"}]})";
  schema += R"({"name":"x","type":)" + inner + "}";
  for (int level = 1; level < 12; ++level) {
    const std::string name = "l" + std::to_string(level);
    schema += R"(,{"name":"f)" + name + R"(","type":{"type":"record","name":")" + name +
              R"(","fields":[)";
    for (int i = 0; i < 10; ++i) {
      schema += (i > 0 ? "," : "") + std::string(R"({"name":"m)") + std::to_string(i) +
                R"(","type":"l)" + std::to_string(level - 1) + "\"}";
    }
    schema += "]}}";
  }
  schema += R"(,{"name":"y","type":"int"}]})";
  FileWriter writer(schema, {}, "null");
  writer.record().put_int(1);
  MUST(writer.end_record());
  const Status outcome = read_all(MUST(writer.finish()));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), ErrorCode::kInvalidData);
}

}  // namespace
}  // namespace firn::iceberg::avro
