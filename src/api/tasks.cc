#include "api/tasks.h"

#include <charconv>

#include "api/context.h"
#include "api/convert.h"
#include "api/roots.h"
#include "automation/exports.h"

namespace firn::api {
namespace {

static_assert(static_cast<int>(schema::ExportFormat::kParquet) ==
              static_cast<int>(automation::ExportFormat::kParquet));

constexpr int32_t kPageMax = 500;

Result<int64_t> page_size(int32_t first) {
  if (first >= 0 && first <= kPageMax) return int64_t{first};
  return Error(ErrorCode::kInvalidArgument, "'first' is 0 to 500");
}

std::optional<int64_t> number_if(bool given, int64_t value) {
  return given ? std::optional(value) : std::nullopt;
}

schema::QueryExport export_object(const automation::Export& made) {
  const bool there = made.expires_us > 0;
  return {.id = global_id("export", made.task.id),
          .statement = made.statement,
          .format = static_cast<schema::ExportFormat>(made.format),
          .task = to_schema(made.task),
          .row_count = number_if(there, made.rows),
          .bytes = number_if(there, made.bytes),
          .expires_at = time_or_none(made.expires_us),
          .download_path = there ? std::optional("/exports/" + made.task.id) : std::nullopt};
}

std::string cursor_of(const tasks::Task& task) {
  return std::to_string(task.created_us) + '/' + task.id;
}

Result<tasks::Tasks::Filter> filter_of(const schema::QueryTasksArgs& args) {
  tasks::Tasks::Filter filter;
  filter.everybody = args.everybody;
  filter.kind = args.kind.value_or("");
  if (args.state) filter.state = static_cast<tasks::TaskState>(*args.state);
  if (!args.after) return filter;
  const size_t slash = args.after->find('/');
  int64_t before_us = 0;
  const char* end = args.after->data() + std::min(slash, args.after->size());
  const auto read = std::from_chars(args.after->data(), end, before_us);
  if (slash == std::string::npos || read.ec != std::errc() || read.ptr != end) {
    return Error(ErrorCode::kInvalidArgument, "'after' is no cursor of this list");
  }
  filter.before_us = before_us;
  filter.before_id = args.after->substr(slash + 1);
  return filter;
}

Result<schema::TaskConnection> list_tasks(Services& services, const auth::Principal& who,
                                          const schema::QueryTasksArgs& args) {
  const int64_t first = TRY(page_size(args.first));
  auto found = TRY(services.tasks.list(who, TRY(filter_of(args)), first + 1));
  const bool more = found.size() > static_cast<size_t>(first);
  if (more) found.pop_back();
  std::vector<schema::TaskEdge> edges;
  for (const auto& task : found) {
    edges.push_back({.cursor = cursor_of(task), .node = to_schema(task)});
  }
  std::optional<std::string> start;
  std::optional<std::string> end;
  if (!found.empty()) {
    start = cursor_of(found.front());
    end = cursor_of(found.back());
  }
  return schema::TaskConnection{
      .edges = std::move(edges),
      .page_info = schema::PageInfo{.has_next_page = more,
                                    .has_previous_page = args.after.has_value(),
                                    .start_cursor = std::move(start),
                                    .end_cursor = std::move(end)}};
}

}  // namespace

std::optional<graphql::DateTime> time_or_none(int64_t us) {
  return us == 0 ? std::nullopt : std::optional(time_of(us));
}

std::optional<schema::TaskError> task_error(const std::optional<Error>& error) {
  if (!error) return std::nullopt;
  return schema::TaskError{.code = std::string(info_of(error->code()).graphql_code),
                           .message = error->message()};
}

schema::Task to_schema(const tasks::Task& task) {
  std::optional<graphql::RawJson> result;
  if (!task.result.empty()) result = graphql::RawJson{task.result};
  return {.id = global_id("task", task.id),
          .kind = task.kind,
          .state = static_cast<schema::TaskState>(task.state),
          .percent = task.percent,
          .note = task.note,
          .requested_by = task.account_name,
          .attempts = task.attempts,
          .created_at = time_of(task.created_us),
          .started_at = time_or_none(task.started_us),
          .ended_at = time_or_none(task.ended_us),
          .error = task_error(task.error),
          .result = std::move(result)};
}

Field<std::optional<schema::Task>> QueryRoot::task(Call& call,
                                                   const schema::QueryTaskArgs& args) const {
  using Found = std::optional<schema::Task>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Found> {
    const auto id = local_id("task", args.id);
    if (!id.ok()) return Found();
    const auto task = TRY(if_found(services.tasks.find(who, *id)));
    return task ? Found(to_schema(*task)) : Found();
  });
}

Field<schema::TaskConnection> QueryRoot::tasks(Call& call,
                                               const schema::QueryTasksArgs& args) const {
  return asking(
      call,
      [&services = services_, args](const auth::Principal& who) -> Result<schema::TaskConnection> {
        return list_tasks(services, who, args);
      });
}

Field<std::optional<schema::QueryExport>> QueryRoot::query_export(
    Call& call, const schema::QueryQueryExportArgs& args) const {
  using Found = std::optional<schema::QueryExport>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Found> {
    const auto id = local_id("export", args.id);
    if (!id.ok()) return Found();
    const auto made = TRY(if_found(services.exports.find(who, *id)));
    return made ? Found(export_object(*made)) : Found();
  });
}

Field<std::vector<schema::QueryExport>> QueryRoot::query_exports(
    Call& call, const schema::QueryQueryExportsArgs& args) const {
  using All = std::vector<schema::QueryExport>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<All> {
    All all;
    for (const auto& made : TRY(services.exports.list(who, TRY(page_size(args.first))))) {
      all.push_back(export_object(made));
    }
    return all;
  });
}

Field<schema::Task> MutationRoot::cancel_task(Call& call,
                                              const schema::MutationCancelTaskArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::Task> {
        return to_schema(TRY(services.tasks.cancel(who, TRY(local_id("task", args.id)))));
      });
}

Field<schema::QueryExport> MutationRoot::export_query(
    Call& call, const schema::MutationExportQueryArgs& args) const {
  return changing(call, {},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<schema::QueryExport> {
                    automation::ExportRequest request;
                    request.statement = input.statement;
                    request.format = static_cast<automation::ExportFormat>(input.format);
                    request.catalog = input.catalog.value_or("");
                    request.schema = input.namespace_.value_or("");
                    if (input.parameters) request.parameters = input.parameters->text;
                    if (request.parameters == "null") request.parameters.clear();
                    request.timezone = input.timezone.value_or("");
                    return export_object(TRY(services.exports.begin(who, request)));
                  });
}

Field<std::string> MutationRoot::delete_export(Call& call,
                                               const schema::MutationDeleteExportArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    TRY(services.exports.remove(who, TRY(local_id("export", args.id))));
                    return args.id;
                  });
}

}  // namespace firn::api
