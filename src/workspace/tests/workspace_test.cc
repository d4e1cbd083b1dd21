#include "workspace/workspace.h"

#include <gtest/gtest.h>

#include "platform/random.h"
#include "platform/testing.h"
#include "store/database.h"

namespace firn::workspace {
namespace {

class WorkspaceTest : public ::testing::Test {
 protected:
  WorkspaceTest()
      : database_(MUST(store::Database::open(folder_.path() + "/firn.db"))),
        workspace_(MUST(Workspace::create(*database_, clock_, platform::system_random()))) {
    editor_.organization = "one";
    editor_.name = "Ann";
    editor_.role = auth::Role::kEditor;
    viewer_ = editor_;
    viewer_.role = auth::Role::kViewer;
    stranger_ = editor_;
    stranger_.organization = "two";
  }
  static Dashboard two_tiles() {
    Dashboard dashboard;
    dashboard.about.name = "Delays";
    dashboard.tiles = {{"a", TileKind::kChart, "by hour", "SELECT 1", ChartSpec{}, {}, 0, 0, 6, 4},
                       {"b", TileKind::kText, "", {}, {}, "*note*", 6, 0, 6, 4}};
    dashboard.variables = {{"carrier", "Carrier", "text", "UA", {"UA", "DL"}}};
    dashboard.scope = {
        "2026-01-01..",
        "day",
        {{"carrier", Comparison::kNotEqual, {}}, {"day", Comparison::kWithin, "a/b"}}};
    dashboard.refresh_seconds = 30;
    return dashboard;
  }

  platform::TemporaryDirectory folder_;
  platform::ManualClock clock_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Workspace> workspace_;
  auth::Principal editor_;
  auth::Principal viewer_;
  auth::Principal stranger_;
};

TEST_F(WorkspaceTest, ADashboardKeepsEverythingAndItsVersions) {
  const auto made = MUST(workspace_->create_dashboard(editor_, two_tiles()));
  int told = 0;
  const auto subscription =
      workspace_->on_dashboard_saved(made.about.id, [&](const Dashboard&) { ++told; });
  const auto second = MUST(workspace_->update_dashboard(
      editor_, made.about.id, 1, [](Dashboard& dashboard) { dashboard.tiles.pop_back(); }));
  EXPECT_EQ(second.about.version, 2);
  EXPECT_EQ(second.tiles.size(), 1u);
  EXPECT_EQ(second.variables.at(0).options.at(1), "DL");
  EXPECT_EQ(second.refresh_seconds, 30);
  EXPECT_EQ(second.scope.range, "2026-01-01..");
  EXPECT_EQ(second.scope.time_column, "day");
  ASSERT_EQ(second.scope.filters.size(), 2u);
  EXPECT_EQ(second.scope.filters[0].comparison, Comparison::kNotEqual);
  EXPECT_FALSE(second.scope.filters[0].value);
  EXPECT_EQ(second.scope.filters[1].value, "a/b");
  const auto late = workspace_->update_dashboard(editor_, made.about.id, 1, [](Dashboard&) {});
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code(), ErrorCode::kConflict);
  const auto third = MUST(workspace_->restore_dashboard(editor_, made.about.id, 1));
  EXPECT_EQ(third.about.version, 3);
  EXPECT_EQ(third.tiles.size(), 2u);
  EXPECT_EQ(MUST(workspace_->dashboard_versions(viewer_, made.about.id)).size(), 3u);
  EXPECT_EQ(told, 2);
}

TEST_F(WorkspaceTest, ViewersReadAndOthersSeeNothing) {
  const auto made = MUST(workspace_->create_dashboard(editor_, two_tiles()));
  EXPECT_TRUE(workspace_->dashboard(viewer_, made.about.id).ok());
  EXPECT_EQ(workspace_->create_dashboard(viewer_, two_tiles()).error().code(),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(workspace_->dashboard(stranger_, made.about.id).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(workspace_->remove_dashboard(stranger_, made.about.id).error().code(),
            ErrorCode::kNotFound);
  EXPECT_EQ(workspace_->dashboard_versions(stranger_, made.about.id).error().code(),
            ErrorCode::kNotFound);
  EXPECT_TRUE(MUST(workspace_->dashboards(stranger_, "")).empty());
  // Ids of one kind are none of another.
  EXPECT_EQ(workspace_->chart(editor_, made.about.id).error().code(), ErrorCode::kNotFound);
}

TEST_F(WorkspaceTest, WhatDoesNotFitTogetherIsRefused) {
  const auto refused = [&](const std::function<void(Dashboard&)>& spoil) {
    Dashboard dashboard = two_tiles();
    spoil(dashboard);
    const auto made = workspace_->create_dashboard(editor_, dashboard);
    return !made.ok() && made.error().code() == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused([](Dashboard& d) { d.tiles[1].id = "a"; }));
  EXPECT_TRUE(refused([](Dashboard& d) { d.tiles[1].x = 7; }));
  EXPECT_TRUE(refused([](Dashboard& d) { d.tiles[0].width = 0; }));
  EXPECT_TRUE(refused([](Dashboard& d) { d.tiles[0].statement.reset(); }));
  EXPECT_TRUE(refused([](Dashboard& d) { d.variables[0].name = "a b"; }));
  EXPECT_TRUE(refused([](Dashboard& d) { d.about.name = "  "; }));
  EXPECT_TRUE(refused([](Dashboard& d) { d.tiles.resize(101, d.tiles[0]); }));
  for (const char* range : {"", "90d", "2026-1-1..", "2026-01-01", "2026-01-01..tomorrow"}) {
    EXPECT_TRUE(refused([&](Dashboard& d) { d.scope.range = range; })) << range;
  }
  EXPECT_FALSE(refused([](Dashboard& d) { d.scope.range = ".."; }));
  EXPECT_TRUE(refused([](Dashboard& d) { d.scope.filters[0].column = ""; }));
  EXPECT_TRUE(refused([](Dashboard& d) { d.scope.filters[0].comparison = Comparison::kAtLeast; }));
  EXPECT_TRUE(refused([](Dashboard& d) { d.scope.filters[1].value = "a"; }));
  EXPECT_TRUE(refused([](Dashboard& d) { d.scope.filters.resize(21, d.scope.filters[0]); }));
}

TEST_F(WorkspaceTest, SavedQueriesAreFoundByName) {
  for (const char* name : {"Delays by hour", "carriers", "Weather"}) {
    SavedQuery query;
    query.about.name = name;
    query.statement = "SELECT 'ü'";
    MUST(workspace_->create_saved_query(editor_, query));
  }
  const auto found = MUST(workspace_->saved_queries(viewer_, "DELAY"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].statement, "SELECT 'ü'");
  EXPECT_EQ(MUST(workspace_->saved_queries(viewer_, ""))[0].about.name, "carriers");
}

}  // namespace
}  // namespace firn::workspace
