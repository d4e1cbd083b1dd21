#include "catalog/catalog.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "catalog/commit.h"
#include "catalog/table_changes.h"
#include "iceberg/arrow_schema.h"
#include "iceberg/data_writer.h"
#include "platform/random.h"
#include "platform/testing.h"
#include "store/database.h"

namespace firn::catalog {
namespace {

using iceberg::DataFile;
using iceberg::Field;
using iceberg::PartitionSpec;
using iceberg::Schema;
using iceberg::SortOrder;
using iceberg::TypeId;

class CatalogTest : public testing::Test {
 protected:
  void SetUp() override { reopen(); }

  void reopen() {
    catalog_.reset();
    database_.reset();
    database_ = MUST(store::Database::open(directory_.path() + "/firn.db"));
    catalog_ = MUST(Catalog::create({directory_.path() + "/warehouse"}, *database_, files_, clock_,
                                    platform::system_random()));
    MUST(catalog_->ensure_catalog("lake"));
    (void)catalog_->create_namespace("lake", {"main"}, {});
  }

  static Schema two_columns() {
    Schema schema;
    schema.fields = {{1, "n", iceberg::primitive(TypeId::kLong), true},
                     {2, "s", iceberg::primitive(TypeId::kString)}};
    return schema;
  }

  TablePtr make_table(const std::string& name, const iceberg::Properties& properties = {}) {
    return MUST(
        catalog_->create_table({"lake", {"main"}, name}, two_columns(), {}, {}, properties));
  }

  std::vector<DataFile> write_rows(const Table& table, int64_t first, int64_t count) {
    arrow::Int64Builder numbers;
    arrow::StringBuilder texts;
    for (int64_t i = 0; i < count; ++i) {
      CHECK(numbers.Append(first + i).ok());
      CHECK(texts.Append("row " + std::to_string(first + i)).ok());
    }
    const auto batch = arrow::RecordBatch::Make(iceberg::to_arrow_schema(table.metadata->schema()),
                                                count, {*numbers.Finish(), *texts.Finish()});
    auto writer = MUST(iceberg::DataWriter::create(*table.metadata, platform::local_file_system(),
                                                   platform::system_random(), {}));
    MUST(writer->write(batch));
    return MUST(writer->finish());
  }

  Result<TablePtr> append(const TablePtr& table, int64_t first, int64_t count,
                          bool overwrite = false) {
    AppendRequest request;
    request.files = write_rows(*table, first, count);
    request.overwrite = overwrite;
    return catalog_->append(table->ident, table->metadata->table_uuid, request);
  }

  int64_t live_rows(const Table& table) {
    int64_t rows = 0;
    const auto* snapshot = table.metadata->current_snapshot();
    if (snapshot == nullptr) return 0;
    const auto found = MUST(catalog_->snapshot_files(table, snapshot->snapshot_id));
    for (const auto& manifest : found->data_manifests) {
      for (const auto& entry : *manifest) rows += entry.data_file.record_count;
    }
    return rows;
  }

  TablePtr stage(const TablePtr& table, int64_t first, int64_t count, bool overwrite);

  size_t live_manifests(const Table& table) {
    const auto* snapshot = table.metadata->current_snapshot();
    return MUST(catalog_->snapshot_files(table, snapshot->snapshot_id))->data_manifests.size();
  }

  platform::TemporaryDirectory directory_;
  platform::FaultyFileSystem files_{platform::local_file_system()};
  platform::ManualClock clock_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Catalog> catalog_;
};

TEST_F(CatalogTest, NamespacesAreCreatedListedChangedAndDropped) {
  MUST(catalog_->create_namespace("lake", {"main", "inner"}, {{"a", "1"}}));
  EXPECT_EQ(catalog_->create_namespace("lake", {"main"}, {}).error().message(),
            "Namespace already exists: main");
  EXPECT_EQ(MUST(catalog_->list_namespaces("lake", {})), (std::vector<Namespace>{{"main"}}));
  EXPECT_EQ(MUST(catalog_->list_namespaces("lake", {"main"})),
            (std::vector<Namespace>{{"main", "inner"}}));
  MUST(catalog_->update_namespace("lake", {"main", "inner"}, {"a"}, {{"b", "2"}}));
  EXPECT_EQ(MUST(catalog_->namespace_properties("lake", {"main", "inner"})),
            (iceberg::Properties{{"b", "2"}}));
  EXPECT_EQ(catalog_->drop_namespace("lake", {"main"}).error().message(),
            "Namespace main is not empty");
  MUST(catalog_->drop_namespace("lake", {"main", "inner"}));
  MUST(catalog_->drop_namespace("lake", {"main"}));
  EXPECT_EQ(catalog_->drop_namespace("lake", {"main"}).error().message(),
            "Namespace does not exist: main");
}

TEST_F(CatalogTest, ATableComesBackAfterReopening) {
  const TablePtr table = make_table("t");
  const TablePtr after = MUST(append(table, 0, 10));
  reopen();
  const TablePtr loaded = MUST(catalog_->load_table(table->ident));
  EXPECT_EQ(loaded->metadata_location, after->metadata_location);
  EXPECT_EQ(iceberg::table_metadata_to_json(*loaded->metadata),
            iceberg::table_metadata_to_json(*after->metadata));
  EXPECT_EQ(live_rows(*loaded), 10);
  EXPECT_EQ(MUST(catalog_->find_table(table->metadata->table_uuid))->ident, table->ident);
}

TEST_F(CatalogTest, AppendsKeepTotalsSequenceNumbersAndStatistics) {
  TablePtr table = make_table("t");
  for (int i = 0; i < 5; ++i) table = MUST(append(table, i * 100, 100));
  const auto* snapshot = table->metadata->current_snapshot();
  EXPECT_EQ(snapshot->sequence_number, 5);
  EXPECT_EQ(snapshot->summary.at("total-records"), "500");
  EXPECT_EQ(snapshot->summary.at("total-data-files"), "5");
  EXPECT_EQ(snapshot->summary.at("added-records"), "100");
  EXPECT_EQ(table->metadata->refs.at("main").snapshot_id, snapshot->snapshot_id);
  EXPECT_EQ(table->metadata->metadata_log.size(), 5U);
  reopen();  // from files, not from memory
  table = MUST(catalog_->load_table(table->ident));
  const auto found = MUST(catalog_->snapshot_files(*table, *table->metadata->current_snapshot_id));
  ASSERT_EQ(found->data_manifests.size(), 5U);
  for (const auto& manifest : found->data_manifests) {
    const auto& entry = manifest->at(0);
    const auto low = MUST(iceberg::deserialize_value(*iceberg::primitive(TypeId::kLong),
                                                     entry.data_file.lower_bounds.at(1)));
    EXPECT_EQ(*entry.sequence_number, std::get<int64_t>(low) / 100 + 1);
    EXPECT_EQ(entry.data_file.null_value_counts.at(2), 0);
    EXPECT_EQ(entry.data_file.value_counts.at(2), 100);
  }
}

TEST_F(CatalogTest, ManifestsAreMergedAboveTheirCount) {
  TablePtr table = make_table("t", {{"commit.manifest.min-count-to-merge", "4"}});
  for (int i = 0; i < 30; ++i) {
    table = MUST(append(table, i * 10, 10));
    EXPECT_LE(live_manifests(*table), 5U);
    EXPECT_EQ(live_rows(*table), (i + 1) * 10);
  }
  reopen();
  table = MUST(catalog_->load_table(table->ident));
  EXPECT_EQ(live_rows(*table), 300);
  // Every file keeps the sequence number of the commit that added it.
  std::set<int64_t> numbers;
  const auto found = MUST(catalog_->snapshot_files(*table, *table->metadata->current_snapshot_id));
  for (const auto& manifest : found->data_manifests) {
    for (const auto& entry : *manifest) numbers.insert(*entry.sequence_number);
  }
  EXPECT_EQ(numbers.size(), 30U);
}

TEST_F(CatalogTest, OverwriteReplacesEveryRow) {
  TablePtr table = make_table("t");
  for (int i = 0; i < 3; ++i) table = MUST(append(table, i * 10, 10));
  table = MUST(append(table, 1000, 7, true));
  EXPECT_EQ(live_rows(*table), 7);
  const auto& summary = table->metadata->current_snapshot()->summary;
  EXPECT_EQ(summary.at("operation"), "overwrite");
  EXPECT_EQ(summary.at("deleted-records"), "30");
  EXPECT_EQ(summary.at("total-records"), "7");
  reopen();
  table = MUST(catalog_->load_table(table->ident));
  EXPECT_EQ(live_rows(*table), 7);
  table = MUST(append(table, 2000, 1));
  EXPECT_EQ(live_rows(*table), 8);
  EXPECT_EQ(live_manifests(*table), 2U);
}

TEST_F(CatalogTest, ThreadsAppendAtOnceAndLoseNothing) {
  const TablePtr table = make_table("t");
  std::vector<std::thread> threads;
  for (int worker = 0; worker < 8; ++worker) {
    threads.emplace_back([&, worker] {
      for (int i = 0; i < 10; ++i) MUST(append(table, worker * 1000 + i, 1));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const TablePtr after = MUST(catalog_->load_table(table->ident));
  EXPECT_EQ(live_rows(*after), 80);
  EXPECT_EQ(after->metadata->snapshots.size(), 80U);
  EXPECT_EQ(after->metadata->last_sequence_number, 80);
}

TEST_F(CatalogTest, TwoCatalogsOverOneDatabaseRetryLostSwaps) {
  auto other = MUST(Catalog::create({directory_.path() + "/warehouse"}, *database_, files_, clock_,
                                    platform::system_random()));
  TablePtr table = make_table("t");
  for (int i = 0; i < 5; ++i) {
    AppendRequest request;
    request.files = write_rows(*table, i, 1);
    Catalog& turn = i % 2 == 0 ? *other : *catalog_;
    MUST(turn.append(table->ident, table->metadata->table_uuid, request));
  }
  reopen();
  EXPECT_EQ(live_rows(*MUST(catalog_->load_table(table->ident))), 5);
}

// A change of `table` on a branch "staged" of its own.
TablePtr CatalogTest::stage(const TablePtr& table, int64_t first, int64_t count, bool overwrite) {
  MUST(create_ref(*catalog_, table->ident, "staged", *table->metadata->current_snapshot_id, true));
  AppendRequest request;
  request.files = write_rows(*table, first, count);
  request.overwrite = overwrite;
  request.branch = "staged";
  request.summary = {{"firn.change", "c1"}};
  return MUST(catalog_->append(table->ident, table->metadata->table_uuid, request));
}

TEST_F(CatalogTest, AChangeOnABranchIsNotSeenOnMainUntilItIsPublished) {
  TablePtr table = MUST(append(make_table("t"), 0, 10));
  const TablePtr staged = stage(table, 100, 3, true);
  EXPECT_EQ(live_rows(*staged), 10);
  EXPECT_EQ(staged->metadata->current_snapshot_id, table->metadata->current_snapshot_id);
  const auto* head = staged->metadata->snapshot_of_ref("staged");
  EXPECT_EQ(head->parent_snapshot_id, table->metadata->current_snapshot_id);
  EXPECT_EQ(head->summary.at("total-records"), "3");
  EXPECT_EQ(staged->metadata->snapshot_log.size(), 1U);

  const TablePtr published =
      MUST(catalog_->publish_branch(table->ident, table->metadata->table_uuid, "staged"));
  // Nothing else happened: main is that very snapshot.
  EXPECT_EQ(published->metadata->current_snapshot_id, head->snapshot_id);
  EXPECT_EQ(live_rows(*published), 3);
  EXPECT_FALSE(published->metadata->refs.contains("staged"));
  EXPECT_EQ(
      catalog_->publish_branch(table->ident, table->metadata->table_uuid, "staged").error().code(),
      ErrorCode::kNotFound);
}

TEST_F(CatalogTest, RowsThatCameMeanwhileStayWhenABranchIsPublished) {
  TablePtr table = MUST(append(make_table("t"), 0, 10));
  stage(table, 100, 3, true);
  MUST(append(table, 10, 5));
  MUST(append(table, 15, 2));
  const TablePtr published =
      MUST(catalog_->publish_branch(table->ident, table->metadata->table_uuid, "staged"));
  EXPECT_EQ(live_rows(*published), 3 + 5 + 2);
  const auto& summary = published->metadata->current_snapshot()->summary;
  EXPECT_EQ(summary.at("operation"), "overwrite");
  EXPECT_EQ(summary.at("firn.change"), "c1");
  EXPECT_EQ(summary.at("deleted-records"), "10");
  EXPECT_EQ(summary.at("total-records"), "10");
  EXPECT_EQ(summary.at("total-data-files"), "3");
  EXPECT_FALSE(published->metadata->refs.contains("staged"));
  reopen();
  EXPECT_EQ(live_rows(*MUST(catalog_->load_table(table->ident))), 10);
}

TEST_F(CatalogTest, AChangeOfRowsThatWereRewrittenMeanwhileIsAConflict) {
  TablePtr table = MUST(append(make_table("t"), 0, 10));
  stage(table, 100, 3, true);
  MUST(append(table, 0, 8, true));
  const auto outcome =
      catalog_->publish_branch(table->ident, table->metadata->table_uuid, "staged");
  EXPECT_EQ(outcome.error().code(), ErrorCode::kConflict);
  const TablePtr now = MUST(catalog_->load_table(table->ident));
  EXPECT_EQ(live_rows(*now), 8);
  EXPECT_TRUE(now->metadata->refs.contains("staged"));
}

TEST_F(CatalogTest, AddedRowsArePublishedWhateverHappenedMeanwhile) {
  TablePtr table = MUST(append(make_table("t"), 0, 10));
  stage(table, 100, 3, false);
  MUST(append(table, 0, 8, true));
  const TablePtr published =
      MUST(catalog_->publish_branch(table->ident, table->metadata->table_uuid, "staged"));
  EXPECT_EQ(live_rows(*published), 11);
  EXPECT_EQ(published->metadata->current_snapshot()->summary.at("operation"), "append");
}

TEST_F(CatalogTest, ADiscardedBranchTakesItsFilesAlong) {
  TablePtr table = MUST(append(make_table("t"), 0, 10));
  const auto count_files = [&] {
    const std::string root = MUST(iceberg::local_path_of(table->metadata->location));
    size_t count = 0;
    for (const char* folder : {"/data", "/metadata"}) {
      for (const auto& entry : MUST(files_.list(root + folder))) {
        count += entry.name.find("metadata.json") == std::string::npos ? 1 : 0;
      }
    }
    return count;
  };
  const size_t before = count_files();
  stage(table, 100, 3, true);
  EXPECT_GT(count_files(), before);
  MUST(catalog_->discard_branch(table->ident, table->metadata->table_uuid, "staged"));
  EXPECT_EQ(count_files(), before);
  const TablePtr now = MUST(catalog_->load_table(table->ident));
  EXPECT_EQ(live_rows(*now), 10);
  EXPECT_EQ(now->metadata->snapshots.size(), 1U);
  MUST(catalog_->discard_branch(table->ident, table->metadata->table_uuid, "staged"));

  // Somebody else holds on to it.
  const TablePtr again = stage(table, 200, 4, false);
  const int64_t head = again->metadata->refs.at("staged").snapshot_id;
  MUST(create_ref(*catalog_, table->ident, "kept", head, false));
  MUST(catalog_->discard_branch(table->ident, table->metadata->table_uuid, "staged"));
  const TablePtr kept = MUST(catalog_->load_table(table->ident));
  EXPECT_NE(kept->metadata->snapshot_of_ref("kept"), nullptr);
  EXPECT_GT(count_files(), before);
}

TEST_F(CatalogTest, EvolutionGivesNewIdsAndReusesEqualSchemas) {
  TablePtr table = make_table("t");
  const auto add_column = [](const Table& now) -> Result<std::optional<Schema>> {
    Schema schema = now.metadata->schema();
    if (schema.find("extra") != nullptr) return std::optional<Schema>();
    schema.fields.push_back(
        {0, "extra", iceberg::struct_of({{0, "inner", iceberg::primitive(TypeId::kInt)}})});
    return std::optional<Schema>(schema);
  };
  table = MUST(catalog_->evolve_schema(table->ident, add_column));
  EXPECT_EQ(table->metadata->schema().find("extra")->id, 3);
  EXPECT_EQ(table->metadata->schema().find_path("extra.inner")->id, 4);
  EXPECT_EQ(table->metadata->last_column_id, 4);
  const std::string location = table->metadata_location;
  EXPECT_EQ(MUST(catalog_->evolve_schema(table->ident, add_column))->metadata_location, location);
}

TEST_F(CatalogTest, RequirementsThatFailAreConflicts) {
  const TablePtr table = make_table("t");
  TableRequirement requirement;
  requirement.kind = TableRequirement::Kind::kCurrentSchemaId;
  requirement.value = 3;
  const auto outcome =
      catalog_->commit({{table->ident, {requirement}, {{SetProperties{{{"a", "b"}}}}}}});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), ErrorCode::kCommitConflict);
  EXPECT_TRUE(outcome.error().message().starts_with("Requirement failed: current schema changed"));
}

TEST_F(CatalogTest, TransactionsOverTablesAreAllOrNothing) {
  const TablePtr a = make_table("a");
  const TablePtr b = make_table("b");
  TableRequirement wrong;
  wrong.kind = TableRequirement::Kind::kTableUuid;
  wrong.uuid = a->metadata->table_uuid;
  const TableUpdate update{SetProperties{{{"x", "y"}}}};
  EXPECT_FALSE(catalog_->commit({{a->ident, {}, {update}}, {b->ident, {wrong}, {update}}}).ok());
  EXPECT_FALSE(MUST(catalog_->load_table(a->ident))->metadata->properties.contains("x"));
  MUST(catalog_->commit({{a->ident, {wrong}, {update}}, {b->ident, {}, {update}}}));
  reopen();
  EXPECT_TRUE(MUST(catalog_->load_table(a->ident))->metadata->properties.contains("x"));
  EXPECT_TRUE(MUST(catalog_->load_table(b->ident))->metadata->properties.contains("x"));
}

TEST_F(CatalogTest, RenameAndDropAndPurge) {
  const TablePtr a = make_table("a");
  make_table("b");
  const TableIdent c{"lake", {"main"}, "c"};
  EXPECT_EQ(catalog_->rename_table(a->ident, {"lake", {"main"}, "b"}).error().message(),
            "Cannot rename main.a to main.b. Table already exists");
  MUST(catalog_->rename_table(a->ident, c));
  EXPECT_EQ(catalog_->load_table(a->ident).error().message(), "Table does not exist: main.a");
  const std::string path = MUST(iceberg::local_path_of(a->metadata->location));
  EXPECT_TRUE(MUST(files_.exists(path)));
  MUST(catalog_->drop_table(c, true));
  EXPECT_FALSE(MUST(files_.exists(path)));
}

TEST_F(CatalogTest, OldMetadataFilesAreRemoved) {
  TablePtr table = make_table("t", {{"write.metadata.previous-versions-max", "3"}});
  for (int i = 0; i < 10; ++i) table = MUST(append(table, i, 1));
  size_t metadata_files = 0;
  const std::string path = MUST(iceberg::local_path_of(table->metadata->location)) + "/metadata";
  for (const auto& entry : MUST(files_.list(path))) {
    metadata_files += entry.name.ends_with(".metadata.json") ? 1 : 0;
  }
  EXPECT_EQ(metadata_files, 4U);
  EXPECT_EQ(table->metadata->metadata_log.size(), 3U);
}

// Fails each file operation of an append in turn: none is acknowledged by mistake, nothing that was
// there is lost, and the next append works.
TEST_F(CatalogTest, EveryFailedFileOperationLeavesTheTableWhole) {
  TablePtr table = MUST(append(make_table("t"), 0, 10));
  int64_t rows = 10;
  for (int64_t nth = 1;; ++nth) {
    AppendRequest request;
    request.files = write_rows(*table, 100 * nth, 1);
    const int64_t before = files_.operations();
    files_.fail_nth(nth);
    const auto outcome = catalog_->append(table->ident, table->metadata->table_uuid, request);
    const bool reached = files_.operations() - before >= nth;
    files_.fail_nth(0);
    if (outcome.ok()) {
      EXPECT_FALSE(reached);
      rows += 1;
    } else {
      EXPECT_EQ(outcome.error().code(), ErrorCode::kStorageUnavailable);
    }
    reopen();
    EXPECT_EQ(live_rows(*MUST(catalog_->load_table(table->ident))), rows);
    if (outcome.ok()) break;
    ASSERT_LT(nth, 100);
  }
}

TEST_F(CatalogTest, LocationsOutsideTheWarehouseAreRefused) {
  for (const char* location : {"file:///etc", "/tmp/x", "s3://bucket/x"}) {
    EXPECT_FALSE(
        catalog_->create_table({"lake", {"main"}, "t"}, two_columns(), {}, {}, {}, location).ok());
  }
  EXPECT_FALSE(catalog_
                   ->create_table({"lake", {"main"}, "t"}, two_columns(), {}, {}, {},
                                  directory_.path() + "/warehouse/../../x")
                   .ok());
}

TEST_F(CatalogTest, AMissingMetadataFileIsNoticed) {
  const TablePtr table = make_table("t");
  MUST(catalog_->check_metadata_file(*table));
  MUST(files_.remove(MUST(iceberg::local_path_of(table->metadata_location))));
  EXPECT_EQ(catalog_->check_metadata_file(*table).error().message(),
            "Failed to open input stream for file: " + table->metadata_location);
}

TEST_F(CatalogTest, Version3TablesGetRowIds) {
  TablePtr table = make_table("t", {{"format-version", "3"}});
  table = MUST(append(table, 0, 10));
  table = MUST(append(table, 10, 5));
  EXPECT_EQ(table->metadata->next_row_id, 15);
  EXPECT_EQ(table->metadata->current_snapshot()->first_row_id, 10);
  reopen();
  table = MUST(catalog_->load_table(table->ident));
  std::set<int64_t> first_rows;
  const auto found = MUST(catalog_->snapshot_files(*table, *table->metadata->current_snapshot_id));
  for (const auto& manifest : found->data_manifests) {
    first_rows.insert(manifest->at(0).data_file.first_row_id.value());
  }
  EXPECT_EQ(first_rows, (std::set<int64_t>{0, 10}));
}

}  // namespace
}  // namespace firn::catalog
