#include "api/rows.h"

#include "query/request.h"

namespace firn::api {
namespace {

class PageSink final : public query::ResultSink {
 public:
  Status head(const query::ResultHead& head) override {
    for (const auto& column : head.columns) {
      columns_.push_back(schema::ResultColumn{.name = column.name, .type = column.type});
    }
    return {};
  }
  Status rows(std::string_view encoded) override {
    constexpr size_t kBytesMax = 16 << 20;
    if (lines_.size() + encoded.size() > kBytesMax) {
      return Error(ErrorCode::kResourceExhausted, "these rows are too large: ask for fewer");
    }
    lines_ += encoded;
    return {};
  }
  bool cancelled() override { return false; }

  schema::ResultPage page() && {
    int64_t rows = 0;
    if (!lines_.empty()) lines_.pop_back();
    for (char& c : lines_) {
      if (c != '\n') continue;  // a line's end: inside strings it is escaped
      c = ',';
      ++rows;
    }
    if (!lines_.empty()) ++rows;
    return {.columns = std::move(columns_),
            .rows = graphql::RawJson{"[" + lines_ + "]"},
            .offset = 0,
            .total_rows = rows,
            .truncated = false};
  }

 private:
  std::vector<schema::ResultColumn> columns_;
  std::string lines_;
};

}  // namespace

query::QueryRequest request_of(Services& services, const auth::Principal& principal,
                               const std::string& client) {
  return query::request_for(principal, services.auth, client);
}

Result<schema::ResultPage> read_rows(Services& services, const auth::Principal& principal,
                                     const std::string& statement, int32_t rows_max) {
  constexpr int32_t kRowsMax = 10'000;
  auto request = request_of(services, principal, "firn");
  request.statement = statement;
  request.limit = static_cast<uint64_t>(std::clamp(rows_max, 0, kRowsMax));
  request.visible = false;
  PageSink sink;
  TRY(services.engine.run(request, sink));
  return std::move(sink).page();
}

}  // namespace firn::api
