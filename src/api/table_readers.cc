#include <algorithm>
#include <cctype>

#include "api/context.h"
#include "api/ids.h"
#include "api/roots.h"
#include "api/rows.h"
#include "api/tables.h"

// What people made that reads a table: its lineage downstream.
namespace firn::api {
namespace {

using Readers = std::vector<schema::TableReader>;

// Tells whether statements read one table. The engine binds those that have its name in them.
class ReaderSearch {
 public:
  ReaderSearch(Services& services, const auth::Principal& who, const FoundTable& found)
      : services_(services),
        who_(who),
        uuid_(found.table->metadata->table_uuid),
        name_(lower(found.table->ident.name)) {}

  bool reads(const std::string& statement) {
    if (lower(statement).find(name_) == std::string::npos || asked_ == kAskedMax) return false;
    ++asked_;
    auto request = request_of(services_, who_, "firn");
    request.statement = statement;
    request.visible = false;
    const auto tables = services_.engine.validate(request);
    // One that cannot run reads nothing, now.
    return tables.ok() && std::any_of(tables->begin(), tables->end(),
                                      [&](const auto& table) { return table.uuid == uuid_; });
  }

 private:
  static constexpr int kAskedMax = 500;  // bounds what one look costs

  static std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
  }

  Services& services_;
  const auth::Principal& who_;
  const Uuid uuid_;
  const std::string name_;
  int asked_ = 0;
};

Result<Readers> find_readers(Services& services, const auth::Principal& who,
                             const std::string& table_id) {
  const auto found = TRY(find_table(services, who, table_id));
  ReaderSearch search(services, who, found);
  Readers readers;
  const auto add = [&](schema::TableReaderKind kind, std::string id, const std::string& name,
                       std::vector<std::string> tiles = {}) {
    readers.push_back({.kind = kind, .id = std::move(id), .name = name, .tiles = std::move(tiles)});
  };
  for (const auto& dashboard : TRY(services.workspace.dashboards(who, ""))) {
    std::vector<std::string> tiles;
    for (const auto& tile : dashboard.tiles) {
      if (tile.statement && search.reads(*tile.statement)) tiles.push_back(tile.title);
    }
    if (tiles.empty()) continue;
    add(schema::TableReaderKind::kDashboard, global_id("dashboard", dashboard.about.id),
        dashboard.about.name, std::move(tiles));
  }
  for (const auto& chart : TRY(services.workspace.charts(who, ""))) {
    if (!search.reads(chart.statement)) continue;
    add(schema::TableReaderKind::kChart, global_id("chart", chart.about.id), chart.about.name);
  }
  for (const auto& query : TRY(services.workspace.saved_queries(who, ""))) {
    if (!search.reads(query.statement)) continue;
    add(schema::TableReaderKind::kSavedQuery, global_id("savedQuery", query.about.id),
        query.about.name);
  }
  return readers;
}

}  // namespace

Field<Readers> QueryRoot::table_readers(Call& call,
                                        const schema::QueryTableReadersArgs& args) const {
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Readers> {
    return find_readers(services, who, args.table_id);
  });
}

}  // namespace firn::api
