#include "automation/answer.h"

#include "automation/rights.h"
#include "jobs/json_fields.h"
#include "query/json_rows.h"
#include "query/request.h"

namespace firn::automation {

Result<Answer> ask_for_task(query::Engine& engine, auth::Authenticator& auth,
                            const tasks::TaskContext& context, const Ask& ask, uint64_t rows_max) {
  auto request = query::request_for(context.principal, auth, "firn " + context.task.kind);
  request.statement = ask.statement;
  request.catalog = ask.catalog;
  request.schema = ask.schema;
  request.parameters = ask.parameters;
  request.limit = rows_max;
  constexpr size_t kBytesMax = 1 << 20;
  query::JsonRows sink(kBytesMax, [&context] { return context.cancelled(); });
  const auto info = TRY(engine.run(request, sink));
  Answer answer;
  answer.columns.assign(1, '[');
  for (const auto& column : sink.columns()) {
    answer.columns += answer.columns.size() > 1 ? ",{\"name\":" : "{\"name\":";
    jobs::append_json_string(answer.columns, column.name);
    answer.columns += ",\"type\":";
    jobs::append_json_string(answer.columns, column.type);
    answer.columns += '}';
  }
  answer.columns += ']';
  auto rows = sink.take();
  answer.rows = std::move(rows.json);
  answer.row_count = rows.count;
  answer.rights = TRY(rights_on(auth, context.principal, info.tables));
  return answer;
}

}  // namespace firn::automation
