#include "iceberg/manifest.h"

#include <gtest/gtest.h>

#include "iceberg/avro.h"
#include "iceberg/metadata.h"

namespace firn::iceberg {
namespace {

Schema sample_schema() {
  Schema schema;
  schema.fields = {{1, "i", primitive(TypeId::kInt)},
                   {2, "l", primitive(TypeId::kLong)},
                   {3, "s", primitive(TypeId::kString)},
                   {4, "d", decimal(20, 3)},
                   {5, "u", primitive(TypeId::kUuid)},
                   {6, "f", fixed(3)},
                   {7, "t", primitive(TypeId::kTimestampTz)},
                   {8, "x", primitive(TypeId::kDouble)},
                   {9, "b", primitive(TypeId::kBinary)},
                   {10, "o", primitive(TypeId::kBoolean)},
                   {11, "d2", decimal(20, 3)}};
  return schema;
}

// Identity over every type.
PartitionSpec sample_spec(const Schema& schema) {
  PartitionSpec spec;
  spec.spec_id = 7;
  for (const Field& field : schema.fields) {
    spec.fields.push_back({field.id, 999 + field.id, "p " + field.name, Transform{}});
  }
  return spec;
}

DataFile sample_file(int n) {
  DataFile file;
  file.file_path = "file:///w/t/data/" + std::to_string(n) + ".parquet";
  file.spec_id = 7;
  file.record_count = 10 + n;
  file.file_size_in_bytes = 1000 + n;
  file.partition = {Value(int32_t{n}),
                    Value(int64_t{-n}),
                    Value(std::string("ä") + std::to_string(n)),
                    Value(DecimalValue{-12345678901234567 - n}),
                    Value(std::string(16, static_cast<char>(0x80 + n))),
                    Value(std::string("abc")),
                    Value(int64_t{-1}),
                    Value(0.5 * n),
                    Value(std::string("\0\xff", 2)),
                    Value(n % 2 == 0),
                    Value()};
  file.column_sizes = {{1, 5}, {2, 6}};
  file.value_counts = {{1, 10}};
  file.null_value_counts = {{1, 0}};
  file.nan_value_counts = {{8, 1}};
  file.lower_bounds = {{1, std::string("\0\0\0\0", 4)}};
  file.upper_bounds = {{1, std::string("\xff\0\0\0", 4)}};
  file.split_offsets = {4};
  return file;
}

TEST(Manifest, RoundTripsEveryPartitionTypeAndCodec) {
  const Schema schema = sample_schema();
  const PartitionSpec spec = sample_spec(schema);
  std::vector<ManifestEntry> entries;
  for (int i = 0; i < 3; ++i) {
    ManifestEntry entry;
    entry.status = static_cast<EntryStatus>(i);
    entry.snapshot_id = 42;
    if (entry.status != EntryStatus::kAdded) {
      entry.sequence_number = 3;
      entry.file_sequence_number = 2;
    }
    entry.data_file = sample_file(i);
    entries.push_back(entry);
  }
  ManifestFile from = summarize_manifest(entries, spec, schema);
  EXPECT_EQ(from.added_files_count, 1);
  EXPECT_EQ(from.existing_rows_count, 10);
  EXPECT_TRUE(from.partitions[10].contains_null);
  EXPECT_FALSE(from.partitions[10].lower_bound.has_value());
  EXPECT_EQ(from.partitions[7].contains_nan, false);
  from.sequence_number = 9;
  for (const char* codec : {"null", "deflate", "zstandard"}) {
    for (const int32_t version : {2, 3}) {
      const std::string bytes =
          MUST(write_manifest(entries, schema, spec, {version, ManifestContent::kData, codec}));
      const auto back = MUST(read_manifest(bytes, from, spec, schema));
      ASSERT_EQ(back.size(), 3U);
      for (size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(back[i].status, entries[i].status);
        const bool added = entries[i].status == EntryStatus::kAdded;
        EXPECT_EQ(back[i].sequence_number, added ? 9 : 3);
        EXPECT_EQ(back[i].file_sequence_number, added ? 9 : 2);
        EXPECT_EQ(back[i].data_file.partition, entries[i].data_file.partition);
        EXPECT_EQ(back[i].data_file.file_path, entries[i].data_file.file_path);
        EXPECT_EQ(back[i].data_file.lower_bounds, entries[i].data_file.lower_bounds);
        EXPECT_EQ(back[i].data_file.nan_value_counts, entries[i].data_file.nan_value_counts);
        EXPECT_EQ(back[i].data_file.split_offsets, entries[i].data_file.split_offsets);
      }
    }
  }
}

TEST(Manifest, HeaderHasTheKeysOfTheSpec) {
  const Schema schema = sample_schema();
  PartitionSpec spec;
  const std::string bytes = MUST(write_manifest({}, schema, spec, {}));
  const auto reader = MUST(avro::FileReader::open(bytes));
  const auto& metadata = reader.metadata();
  EXPECT_EQ(metadata.at("schema"), schema_to_json(schema));
  EXPECT_EQ(metadata.at("partition-spec"), "[]");
  EXPECT_EQ(metadata.at("partition-spec-id"), "0");
  EXPECT_EQ(metadata.at("format-version"), "2");
  EXPECT_EQ(metadata.at("content"), "data");
  EXPECT_EQ(metadata.at("schema-id"), "0");
}

TEST(ManifestList, RoundTrips) {
  std::vector<ManifestFile> manifests(2);
  manifests[0].manifest_path = "file:///m0.avro";
  manifests[0].manifest_length = 77;
  manifests[0].partition_spec_id = 3;
  manifests[0].sequence_number = 5;
  manifests[0].min_sequence_number = 4;
  manifests[0].added_snapshot_id = 6'000'000'000'000'000'000;
  manifests[0].added_files_count = 1;
  manifests[0].deleted_rows_count = 8;
  manifests[0].first_row_id = 100;
  manifests[0].partitions = {{true, false, "a", std::string("\xff", 1)}, {false, {}, {}, {}}};
  manifests[1].manifest_path = "file:///m1.avro";
  manifests[1].content = ManifestContent::kDeletes;
  for (const int32_t version : {2, 3}) {
    const std::string bytes = MUST(write_manifest_list(manifests, {1, 2, 5, version, {}}));
    const auto back = MUST(read_manifest_list(bytes));
    ASSERT_EQ(back.size(), 2U);
    EXPECT_EQ(back[0].manifest_path, "file:///m0.avro");
    EXPECT_EQ(back[0].manifest_length, 77);
    EXPECT_EQ(back[0].added_snapshot_id, 6'000'000'000'000'000'000);
    EXPECT_EQ(back[0].partitions[0].upper_bound, "\xff");
    EXPECT_EQ(back[0].partitions[1].contains_nan, std::nullopt);
    EXPECT_EQ(back[0].first_row_id.has_value(), version == 3);
    EXPECT_EQ(back[1].content, ManifestContent::kDeletes);
    for (size_t size = 0; size < bytes.size(); size += 3) {
      const auto cut = read_manifest_list(std::string_view(bytes).substr(0, size));
      EXPECT_TRUE(!cut.ok() || cut->empty());
    }
  }
}

TEST(Manifest, RowIdsAreInheritedInVersion3) {
  const Schema schema = sample_schema();
  const PartitionSpec spec;
  std::vector<ManifestEntry> entries(2);
  for (auto& entry : entries) entry.data_file.record_count = 10;
  ManifestFile from;
  from.first_row_id = 500;
  const std::string bytes =
      MUST(write_manifest(entries, schema, spec, {3, ManifestContent::kData, "null"}));
  const auto back = MUST(read_manifest(bytes, from, spec, schema));
  EXPECT_EQ(back[0].data_file.first_row_id, 500);
  EXPECT_EQ(back[1].data_file.first_row_id, 510);
}

}  // namespace
}  // namespace firn::iceberg
