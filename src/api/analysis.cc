#include "api/analysis.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "api/convert.h"
#include "api/rows.h"
#include "api/table_statistics.h"
#include "base/words.h"
#include "graphql/suggestions.h"

namespace firn::api {
namespace {

constexpr int32_t kSampleRowsMax = 100;
constexpr int64_t kAskedLookedAt = 2'000;
constexpr size_t kAskedShown = 5;

std::string full_name(const FoundTable& found) {
  return found.entry.name + "." + found.table->ident.to_string();
}

std::optional<std::string> comment_of(const FoundTable& found) {
  const auto& properties = found.table->metadata->properties;
  const auto comment = properties.find("comment");
  if (comment == properties.end()) return std::nullopt;
  return comment->second;
}

std::string table_id(const FoundTable& found) {
  return global_id("table", found.table->metadata->table_uuid.to_string());
}

Result<std::vector<FoundTable>> all_tables(Services& services, const auth::Principal& principal) {
  return visible_tables(services, principal, TRY(services.auth.directory().catalogs(principal)),
                        nullptr, "");
}

Error no_table(Services& services, const auth::Principal& principal, const std::string& name) {
  std::vector<std::string> names;
  if (const auto tables = all_tables(services, principal); tables.ok()) {
    for (const auto& found : *tables) names.push_back(full_name(found));
  }
  const std::vector<std::string_view> options(names.begin(), names.end());
  return {ErrorCode::kNotFound, "there is no table " + name + "." +
                                    graphql::did_you_mean(graphql::suggest(name, options)) +
                                    " searchCatalog finds tables by words."};
}

// Statements of this table that ended well, gathered.
Result<std::vector<schema::AskedStatement>> asked_of(Services& services,
                                                     const auth::Principal& principal,
                                                     const Uuid& table) {
  const auto whole = auth::Object::whole(principal);
  const bool sees_all = auth::authorize(principal, auth::Role::kAdmin, whole).ok();
  query::QueryLog::Filter filter;
  if (!sees_all) filter.account = principal.account;
  struct Times {
    int32_t times = 0;
    int64_t last_us = 0;
    std::set<std::string> by;
  };
  std::map<std::string, Times> statements;
  for (const auto& logged :
       TRY(services.log.list(principal.organization, filter, kAskedLookedAt))) {
    const auto& tables = logged.info.tables;
    const bool of_table = std::any_of(tables.begin(), tables.end(),
                                      [&](const auto& one) { return one.uuid == table; });
    if (!of_table || logged.info.error) continue;
    Times& times = statements[logged.info.statement];
    ++times.times;
    times.last_us = std::max(times.last_us, logged.info.start_us);
    times.by.insert(logged.info.requested_by);
  }
  std::vector<schema::AskedStatement> asked;
  for (const auto& [statement, times] : statements) {
    asked.push_back({.statement = statement,
                     .times = times.times,
                     .last_asked_at = time_of(times.last_us),
                     .by = std::vector<std::string>(times.by.begin(), times.by.end())});
  }
  std::sort(asked.begin(), asked.end(), [](const auto& a, const auto& b) {
    return std::pair(a.times.get(), a.last_asked_at.get().micros) >
           std::pair(b.times.get(), b.last_asked_at.get().micros);
  });
  if (asked.size() > kAskedShown) asked.erase(asked.begin() + kAskedShown, asked.end());
  return asked;
}

std::vector<schema::DescribedColumn> described_columns(
    const FoundTable& found, const std::vector<schema::ColumnStatistics>& statistics) {
  std::vector<schema::DescribedColumn> columns;
  for (const auto& column : visible_columns(found)) {
    schema::DescribedColumn described{.name = column.name,
                                      .type = column.type,
                                      .comment = column.comment,
                                      .masked = column.masked,
                                      .null_count = std::nullopt,
                                      .lower = std::nullopt,
                                      .upper = std::nullopt};
    for (const auto& known : statistics) {
      if (known.field_id.get() != column.field_id.get()) continue;
      described.null_count = known.null_count;
      described.lower = known.lower;
      described.upper = known.upper;
    }
    columns.push_back(std::move(described));
  }
  return columns;
}

// What answers to the words, as it is found.
class Hits {
 public:
  explicit Hits(const std::string& text) : wanted_(words_of(text)) {}
  // `matched` is the part of the name that is looked at.
  void add(schema::CatalogHitKind kind, const std::string& name, std::string_view matched,
           const std::string& id, std::optional<std::string> type,
           std::optional<std::string> description) {
    const int score = word_score(wanted_, matched, description.value_or(""));
    if (score == 0) return;
    hits_.push_back({.kind = kind,
                     .name = name,
                     .id = id,
                     .type = std::move(type),
                     .description = std::move(description),
                     .score = score});
  }
  // By score, and then by name.
  std::vector<schema::CatalogHit> best(size_t first) && {
    std::sort(hits_.begin(), hits_.end(), [](const auto& a, const auto& b) {
      return std::tie(b.score.get(), a.name.get()) < std::tie(a.score.get(), b.name.get());
    });
    if (hits_.size() > first) {
      hits_.erase(hits_.begin() + static_cast<ptrdiff_t>(first), hits_.end());
    }
    return std::move(hits_);
  }

 private:
  const std::vector<std::string> wanted_;
  std::vector<schema::CatalogHit> hits_;
};

void add_table(Hits& hits, const FoundTable& found) {
  using Kind = schema::CatalogHitKind;
  const std::string name = full_name(found);
  const std::string id = table_id(found);
  hits.add(Kind::kTable, name, name, id, std::nullopt, comment_of(found));
  for (const auto& column : visible_columns(found)) {
    const std::string& column_name = column.name.get();
    hits.add(Kind::kColumn, name + "." + column_name, column_name, id, column.type.get(),
             column.comment.get());
  }
}

}  // namespace

Result<FoundTable> find_table_by_full_name(Services& services, const auth::Principal& principal,
                                           const std::string& name) {
  const size_t last = name.rfind('.');
  const std::string table = last == std::string::npos ? name : name.substr(last + 1);
  std::string before = last == std::string::npos ? "" : name.substr(0, last);
  const size_t first = before.find('.');
  // "main.t" is a namespace of the first catalog; "lake.main.t" says both.
  const std::string catalog = first == std::string::npos ? "lake" : before.substr(0, first);
  const std::string space = first == std::string::npos ? before : before.substr(first + 1);
  auto found = find_table(services, principal, catalog, space.empty() ? "main" : space, table);
  if (!found.ok() && found.error().code() == ErrorCode::kNotFound) {
    return no_table(services, principal, name);
  }
  return found;
}

Result<schema::Column> find_column(const FoundTable& found, const std::string& name) {
  const auto columns = visible_columns(found);
  std::vector<std::string_view> names;
  for (const auto& column : columns) {
    if (column.name.get() == name) return column;
    names.push_back(column.name.get());
  }
  return Error(ErrorCode::kNotFound, full_name(found) + " has no column " + name + "." +
                                         graphql::did_you_mean(graphql::suggest(name, names)));
}

std::string quoted_column(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '.') {
      out += "\".\"";  // a field of a struct
    } else {
      out += c;
      if (c == '"') out += c;
    }
  }
  return out + '"';
}

Result<std::vector<schema::CatalogHit>> search_catalog(Services& services,
                                                       const auth::Principal& principal,
                                                       const std::string& text, size_t first) {
  using Kind = schema::CatalogHitKind;
  Hits hits(text);
  for (const auto& found : TRY(all_tables(services, principal))) add_table(hits, found);
  for (const auto& query : TRY(services.workspace.saved_queries(principal, ""))) {
    hits.add(Kind::kSavedQuery, query.about.name, query.about.name,
             global_id("savedQuery", query.about.id), std::nullopt, query.description);
  }
  for (const auto& dashboard : TRY(services.workspace.dashboards(principal, ""))) {
    hits.add(Kind::kDashboard, dashboard.about.name, dashboard.about.name,
             global_id("dashboard", dashboard.about.id), std::nullopt, dashboard.description);
  }
  for (const auto& insight : TRY(services.workspace.insights(principal))) {
    hits.add(Kind::kInsight, insight.about.name, insight.about.name,
             global_id("insight", insight.about.id), std::nullopt, insight.narrative);
  }
  return std::move(hits).best(first);
}

Result<schema::TableDescription> describe_table(Services& services,
                                                const auth::Principal& principal,
                                                const std::string& name, int32_t sample_rows) {
  const auto found = TRY(find_table_by_full_name(services, principal, name));
  const auto& metadata = *found.table->metadata;
  const bool counted = found.rules.row_filters.empty();
  std::vector<schema::ColumnStatistics> statistics;
  if (!found.rules.any()) statistics = TRY(column_statistics(services, found));
  auto sample =
      TRY(read_rows(services, principal, "FROM " + sql_name(found.entry, found.table->ident),
                    std::clamp(sample_rows, 0, kSampleRowsMax)));
  const int64_t hot =
      services.ingest.hot().row_count(metadata.table_uuid, services.ingest.committed_lsn(metadata));
  return schema::TableDescription{
      .id = table_id(found),
      .full_name = full_name(found),
      .comment = comment_of(found),
      .row_count = counted ? std::optional(committed_rows(metadata)) : std::nullopt,
      .last_updated_at = time_of(metadata.last_updated_ms * 1000),
      .hot_row_count = counted ? hot : 0,
      .partitioning = partition_fields(metadata),
      .columns = described_columns(found, statistics),
      .sample = std::move(sample),
      .asked = TRY(asked_of(services, principal, metadata.table_uuid))};
}

}  // namespace firn::api
