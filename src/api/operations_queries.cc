#include <algorithm>
#include <charconv>
#include <numeric>

#include "api/context.h"
#include "api/convert.h"
#include "api/deployment_admin.h"
#include "api/rejected_rows.h"
#include "api/roots.h"

namespace firn::api {

Field<schema::Ingestion> QueryRoot::ingestion(Call& call) const {
  return asking(
      call, [&services = services_](const auth::Principal& who) -> Result<schema::Ingestion> {
        std::vector<std::string> catalogs;
        for (const auto& entry : TRY(services.auth.directory().catalogs(who))) {
          if (auth::authorize(who, auth::Role::kViewer, entry.object()).ok()) {
            catalogs.push_back(entry.id);
          }
        }
        const auto rows = services.ingest.throughput().of(catalogs);
        int64_t hot = 0;
        for (const auto& table : services.ingest.hot().tables()) {
          if (std::find(catalogs.begin(), catalogs.end(), table.ident.catalog) == catalogs.end()) {
            continue;
          }
          hot += services.ingest.hot().row_count(table.table, 0);
        }
        constexpr int kMinute = 60;
        const auto minute =
            std::accumulate(rows.recent.end() - kMinute, rows.recent.end(), int64_t{0});
        return schema::Ingestion{.rows_appended = rows.appended,
                                 .rows_rejected = rows.rejected,
                                 .hot_rows = hot,
                                 .rows_per_second = static_cast<double>(minute) / kMinute,
                                 .recent_rows = rows.recent};
      });
}

Field<schema::RejectedRowConnection> QueryRoot::rejected_rows(
    Call& call, const schema::QueryRejectedRowsArgs& args) const {
  return asking(call,
                [&services = services_,
                 args](const auth::Principal& who) -> Result<schema::RejectedRowConnection> {
                  const auto found =
                      TRY(find_table_for(services, who, args.table_id, auth::Role::kEditor));
                  return list_rejected_rows(services, found, args.first, args.after);
                });
}

Field<schema::ReplayedRows> MutationRoot::replay_rejected_rows(
    Call& call, const schema::MutationReplayRejectedRowsArgs& args) const {
  return changing(
      call, {args.table_id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::ReplayedRows> {
        const auto found = TRY(find_table_for(services, who, args.table_id, auth::Role::kEditor));
        return api::replay_rejected_rows(services, found, args.ids);
      });
}

Field<schema::ReplayedRows> MutationRoot::mend_rejected_row(
    Call& call, const schema::MutationMendRejectedRowArgs& args) const {
  return changing(
      call, {args.table_id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::ReplayedRows> {
        const auto found = TRY(find_table_for(services, who, args.table_id, auth::Role::kEditor));
        return api::mend_rejected_row(services, found, args.id, args.row);
      });
}

Field<int64_t> MutationRoot::discard_rejected_rows(
    Call& call, const schema::MutationDiscardRejectedRowsArgs& args) const {
  return changing(call, {args.table_id},
                  [&services = services_, args](const auth::Principal& who) -> Result<int64_t> {
                    const auto found =
                        TRY(find_table_for(services, who, args.table_id, auth::Role::kEditor));
                    return api::discard_rejected_rows(services, found, args.ids);
                  });
}

Field<schema::AuditConnection> QueryRoot::audit_log(Call& call,
                                                    const schema::QueryAuditLogArgs& args) const {
  return asking(
      call,
      [&services = services_, args](const auth::Principal& who) -> Result<schema::AuditConnection> {
        if (args.first < 0) return Error(ErrorCode::kInvalidArgument, "'first' is not negative");
        auth::AuditLog::Filter filter;
        filter.action = args.action.value_or("");
        if (args.principal_id) {
          const std::string& id = *args.principal_id;
          filter.principal = id.substr(id.find(':') + 1);  // with its kind, or without
        }
        if (args.after) {
          int64_t before = 0;
          const auto* end = args.after->data() + args.after->size();
          const auto parsed = std::from_chars(args.after->data(), end, before);
          if (parsed.ec != std::errc() || parsed.ptr != end) {
            return Error(ErrorCode::kInvalidArgument, "'after' is no cursor of this list");
          }
          filter.before = before;
        }
        auto entries = TRY(services.auth.audit().list(who, filter, args.first + 1));
        const bool more = entries.size() > static_cast<size_t>(args.first);
        if (more) entries.pop_back();
        std::vector<schema::AuditEdge> edges;
        for (const auto& entry : entries) {
          edges.push_back({.cursor = std::to_string(entry.id), .node = to_schema(entry)});
        }
        std::optional<std::string> start;
        std::optional<std::string> end;
        if (!edges.empty()) {
          start = edges.front().cursor.get();
          end = edges.back().cursor.get();
        }
        return schema::AuditConnection{
            .edges = std::move(edges),
            .page_info = schema::PageInfo{.has_next_page = more,
                                          .has_previous_page = args.after.has_value(),
                                          .start_cursor = std::move(start),
                                          .end_cursor = std::move(end)}};
      });
}

Field<schema::Deployment> QueryRoot::deployment(Call& call) const {
  return asking(call,
                [&services = services_](const auth::Principal& who) -> Result<schema::Deployment> {
                  TRY(authorize_deployment(services, who));
                  const auto status = services.deployment();
                  const auto workers = services.engine.worker_stats();
                  const auto ingest = services.ingest.stats();
                  return schema::Deployment{
                      .version = FIRN_VERSION,
                      .started_at = time_of(status.started_us),
                      .resident_bytes = status.resident_bytes,
                      .disk_free_bytes = status.disk_free_bytes,
                      .query_workers = static_cast<int32_t>(workers.workers),
                      .query_workers_busy = static_cast<int32_t>(workers.workers - workers.idle),
                      .http_connections = static_cast<int32_t>(status.http_connections),
                      .requests = status.http_requests,
                      .hot_bytes = static_cast<int64_t>(ingest.bytes_hot),
                      .log_bytes = static_cast<int64_t>(ingest.wal_bytes),
                      .commits = static_cast<int64_t>(ingest.committer.commits)};
                });
}

}  // namespace firn::api
