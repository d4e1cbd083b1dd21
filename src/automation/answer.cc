#include "automation/answer.h"

#include "automation/rights.h"
#include "jobs/json_fields.h"
#include "query/request.h"

namespace firn::automation {
namespace {

class LinesSink final : public query::ResultSink {
 public:
  explicit LinesSink(const tasks::TaskContext& context) : context_(context) {}

  Status head(const query::ResultHead& head) override {
    columns_.assign(1, '[');
    for (const auto& column : head.columns) {
      columns_ += columns_.size() > 1 ? ",{\"name\":" : "{\"name\":";
      jobs::append_json_string(columns_, column.name);
      columns_ += ",\"type\":";
      jobs::append_json_string(columns_, column.type);
      columns_ += '}';
    }
    columns_ += ']';
    return {};
  }
  Status rows(std::string_view encoded) override {
    constexpr size_t kBytesMax = 1 << 20;
    if (lines_.size() + encoded.size() > kBytesMax) {
      return Error(ErrorCode::kResourceExhausted, "these rows are too large to be kept");
    }
    lines_ += encoded;
    return {};
  }
  bool cancelled() override { return context_.cancelled(); }

  Answer answer() && {
    Answer answer;
    answer.columns = std::move(columns_);
    if (!lines_.empty()) lines_.pop_back();
    if (!lines_.empty()) answer.row_count = 1;
    for (char& c : lines_) {
      if (c != '\n') continue;  // a line's end: inside strings it is escaped
      c = ',';
      ++answer.row_count;
    }
    answer.rows = '[' + lines_ + ']';
    return answer;
  }

 private:
  const tasks::TaskContext& context_;
  std::string columns_;
  std::string lines_;
};

}  // namespace

Result<Answer> ask_for_task(query::Engine& engine, auth::Authenticator& auth,
                            const tasks::TaskContext& context, const Ask& ask, uint64_t rows_max) {
  auto request = query::request_for(context.principal, auth, "firn " + context.task.kind);
  request.statement = ask.statement;
  request.catalog = ask.catalog;
  request.schema = ask.schema;
  request.parameters = ask.parameters;
  request.limit = rows_max;
  LinesSink sink(context);
  const auto info = TRY(engine.run(request, sink));
  Answer answer = std::move(sink).answer();
  answer.rights = TRY(rights_on(auth, context.principal, info.tables));
  return answer;
}

}  // namespace firn::automation
