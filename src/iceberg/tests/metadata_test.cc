#include "iceberg/metadata.h"

#include <gtest/gtest.h>

namespace firn::iceberg {
namespace {

TableMetadata sample(int32_t format_version) {
  TableMetadata metadata;
  metadata.format_version = format_version;
  metadata.table_uuid = MUST(Uuid::parse("f79c3e09-677c-4bbd-a479-3f349cb785e7"));
  metadata.location = "file:///w/t";
  metadata.last_sequence_number = 2;
  metadata.last_updated_ms = 1700;
  metadata.last_column_id = 9;
  Schema schema;
  Field with_default{9, "w", primitive(TypeId::kInt)};
  with_default.initial_default = "7";
  with_default.doc = "says \"hello\"\n";
  schema.fields = {{1, "id", primitive(TypeId::kLong), true},
                   {2, "d", decimal(9, 2)},
                   {3, "s", struct_of({{4, "ä", primitive(TypeId::kString)}})},
                   {5, "l", list_of(6, primitive(TypeId::kUuid), true)},
                   {7, "m", map_of(10, primitive(TypeId::kString), 8, fixed(3), false)},
                   with_default};
  schema.identifier_field_ids = {1};
  metadata.schemas = {schema};
  metadata.partition_specs.push_back(
      {0, {{1, 1000, "id_bucket", MUST(Transform::parse("bucket[4]"))}}});
  metadata.last_partition_id = 1000;
  metadata.sort_orders = {SortOrder{}, {1, {{1, Transform{}, false, false}}}};
  metadata.default_sort_order_id = 1;
  metadata.properties = {{"a", "b"}};
  for (int64_t i = 1; i <= 2; ++i) {
    Snapshot snapshot;
    snapshot.snapshot_id = 5'000'000'000'000'000'000 + i;
    if (i > 1) snapshot.parent_snapshot_id = 5'000'000'000'000'000'001;
    snapshot.sequence_number = i;
    snapshot.timestamp_ms = 1000 * i;
    snapshot.manifest_list = "file:///w/t/metadata/snap.avro";
    snapshot.summary = {{"operation", "append"}, {"note", "äöü"}};
    snapshot.schema_id = 0;
    if (format_version >= 3) {
      snapshot.first_row_id = 10 * i;
      snapshot.added_rows = 10;
    }
    metadata.snapshots.push_back(snapshot);
    metadata.snapshot_log.push_back({snapshot.timestamp_ms, snapshot.snapshot_id});
  }
  metadata.current_snapshot_id = 5'000'000'000'000'000'002;
  metadata.refs["main"] = {5'000'000'000'000'000'002};
  metadata.refs["old"] = {5'000'000'000'000'000'001, false, std::nullopt, std::nullopt, 99};
  metadata.metadata_log = {{900, "file:///w/t/metadata/00000.metadata.json"}};
  metadata.statistics[5'000'000'000'000'000'001] =
      R"({"snapshot-id":5000000000000000001,"statistics-path":"x"})";
  if (format_version >= 3) metadata.next_row_id = 30;
  return metadata;
}

TEST(TableMetadata, RoundTripsInVersions1To3) {
  for (const int32_t version : {1, 2, 3}) {
    TableMetadata metadata = sample(version);
    if (version == 1) {
      metadata.last_sequence_number = 0;
      for (Snapshot& snapshot : metadata.snapshots) snapshot.sequence_number = 0;
    }
    const std::string text = table_metadata_to_json(metadata);
    const TableMetadata back = MUST(parse_table_metadata(text));
    EXPECT_EQ(table_metadata_to_json(back), text);
    EXPECT_TRUE(back.schema().same_fields(metadata.schema()));
    EXPECT_EQ(back.snapshot_as_of(1500)->snapshot_id, 5'000'000'000'000'000'001);
    EXPECT_EQ(back.snapshot_as_of(999), nullptr);
    EXPECT_EQ(back.snapshot_of_ref("old")->snapshot_id, 5'000'000'000'000'000'001);
  }
}

TEST(TableMetadata, AncestryEndsWhereASnapshotExpiredAndInACircle) {
  TableMetadata metadata = sample(2);
  constexpr int64_t kFirst = 5'000'000'000'000'000'001;
  Snapshot aside;
  aside.snapshot_id = 7;
  aside.parent_snapshot_id = kFirst;
  metadata.snapshots.push_back(aside);
  const auto ids = [&] {
    std::vector<int64_t> found;
    for (const Snapshot* snapshot : metadata.ancestry()) found.push_back(snapshot->snapshot_id);
    return found;
  };
  EXPECT_EQ(ids(), (std::vector<int64_t>{kFirst + 1, kFirst}));
  metadata.snapshots[0].parent_snapshot_id = kFirst + 1;
  EXPECT_EQ(ids(), (std::vector<int64_t>{kFirst + 1, kFirst}));
  metadata.snapshots.erase(metadata.snapshots.begin());
  EXPECT_EQ(ids(), (std::vector<int64_t>{kFirst + 1}));
  metadata.current_snapshot_id.reset();
  EXPECT_TRUE(ids().empty());
}

TEST(TableMetadata, WritesWhatOldReadersExpect) {
  TableMetadata metadata = sample(2);
  metadata.current_snapshot_id.reset();
  metadata.snapshots.clear();
  metadata.refs.clear();
  metadata.snapshot_log.clear();
  const std::string text = table_metadata_to_json(metadata);
  EXPECT_NE(text.find(R"("current-snapshot-id":-1)"), std::string::npos);
  EXPECT_NE(text.find("\"decimal(9, 2)\""), std::string::npos);
  EXPECT_FALSE(MUST(parse_table_metadata(text)).current_snapshot_id.has_value());
}

TEST(TableMetadata, ReadsVersion1WithoutItsLaterFields) {
  const TableMetadata metadata = MUST(parse_table_metadata(R"({"format-version":1,
    "location":"s3://b/t","last-updated-ms":1,"last-column-id":1,
    "schema":{"type":"struct","fields":[{"id":1,"name":"x","required":true,"type":"long"}]},
    "partition-spec":[{"name":"x","transform":"identity","source-id":1}],
    "current-snapshot-id":3,"snapshots":[{"snapshot-id":3,"timestamp-ms":1,
      "manifests":["a.avro"]}]})"));
  EXPECT_EQ(metadata.spec().fields[0].field_id, 1000);
  EXPECT_EQ(metadata.last_partition_id, 1000);
  EXPECT_EQ(metadata.refs.at("main").snapshot_id, 3);
  EXPECT_EQ(metadata.current_snapshot()->manifests.size(), 1U);
}

TEST(TableMetadata, RefusesWhatDoesNotHoldTogether) {
  const std::string good = table_metadata_to_json(sample(2));
  const auto replaced = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    const size_t at = text.find(from);
    CHECK(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  for (const std::string& text :
       {replaced(R"("current-schema-id":0)", R"("current-schema-id":1)"),
        replaced(R"("default-spec-id":0)", R"("default-spec-id":4)"),
        replaced(R"("default-sort-order-id":1)", R"("default-sort-order-id":7)"),
        replaced(R"("current-snapshot-id":5000000000000000002)", R"("current-snapshot-id":5)"),
        replaced(R"("format-version":2)", R"("format-version":9)"),
        replaced(R"("location":"file:///w/t")", R"("location":[])"),
        replaced("\"id\":2,", "\"id\":1,"), std::string("[]"), std::string("{}"),
        std::string(100'000, '[')}) {
    const auto outcome = parse_table_metadata(text);
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code(), ErrorCode::kInvalidData);
  }
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(parse_table_metadata(std::string_view(good).substr(0, size)).ok());
  }
}

}  // namespace
}  // namespace firn::iceberg
