#include "api/rejected_rows.h"

#include <algorithm>
#include <boost/json.hpp>
#include <future>
#include <set>

#include "api/convert.h"
#include "api/paging.h"
#include "api/rows.h"
#include "base/bytes.h"

namespace firn::api {
namespace {

constexpr int32_t kRowsListedMax = 10'000;
constexpr size_t kIdsMax = 500;

struct Rejected {
  std::string id;
  int64_t at_us = 0;
  std::string error;
  std::string shown;
  std::string raw;
};

std::string text_of(const boost::json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : std::string();
}

// The rows of the rejected table, newest first, without those that are settled. None where
// there is no such table.
Result<std::vector<Rejected>> read(Services& services, const FoundTable& found) {
  catalog::TableIdent ident = found.table->ident;
  ident.name += catalog::kRejectedSuffix;
  std::vector<Rejected> rows;
  const auto table = services.catalog.load_table(ident);
  if (!table.ok() && table.error().code() == ErrorCode::kNotFound) return rows;
  const auto settled =
      TRY(services.ingest.settled_rejections().list(TRY(table)->metadata->table_uuid));
  const std::set<std::string> gone(settled.begin(), settled.end());
  // Equal rows of one request differ by their index, and two requests by their time.
  const auto page = TRY(read_rows(
      services, found.principal,
      "SELECT epoch_us(rejected_at) || '-' || row_index || '-' || md5(raw) AS id, "
      "epoch_us(rejected_at), error, coalesce(try(decode(raw)), hex(raw)), base64(raw) FROM " +
          sql_name(found.entry, ident) + " ORDER BY rejected_at DESC, row_index DESC, id",
      kRowsListedMax));
  boost::system::error_code failed;
  const auto value = boost::json::parse(page.rows.get().text, failed);
  if (failed || !value.is_array()) {
    return Error(ErrorCode::kInternal, "the rejected rows cannot be read");
  }
  for (const auto& element : value.get_array()) {
    const auto& row = element.get_array();
    Rejected rejected{text_of(row.at(0)), 0, text_of(row.at(2)), text_of(row.at(3)), {}};
    if (gone.contains(rejected.id)) continue;
    if (row.at(1).is_int64()) rejected.at_us = row.at(1).get_int64();
    if (!base64_decode(text_of(row.at(4)), rejected.raw)) {
      return Error(ErrorCode::kInternal, "the rejected rows cannot be read");
    }
    rows.push_back(std::move(rejected));
  }
  return rows;
}

Result<ingest::AppendAnswer> append(Services& services, const catalog::TableIdent& table,
                                    const std::string& raw) {
  ingest::AppendRequest request;
  request.table = table;
  request.format = ingest::RowFormat::kJson;
  constexpr size_t kPadding = 64;
  std::string body = raw;
  body.reserve(raw.size() + kPadding);
  std::promise<Result<ingest::AppendAnswer>> answered;
  auto answer = answered.get_future();
  services.ingest.append_blocking(request, body, [&answered](Result<ingest::AppendAnswer> answer) {
    answered.set_value(std::move(answer));
  });
  return answer.get();
}

// Of the table that `found`'s rejected rows are in.
Status settle(Services& services, const FoundTable& found, const std::vector<std::string>& ids) {
  catalog::TableIdent rejected_table = found.table->ident;
  rejected_table.name += catalog::kRejectedSuffix;
  const auto table = TRY(services.catalog.load_table(rejected_table));
  return services.ingest.settled_rejections().add(table->metadata->table_uuid, ids);
}

Status check_count(const std::vector<std::string>& ids) {
  if (ids.size() <= kIdsMax) return {};
  return Error(ErrorCode::kInvalidArgument, "at most 500 rejected rows are settled at once");
}

}  // namespace

Result<schema::RejectedRowConnection> list_rejected_rows(Services& services,
                                                         const FoundTable& found, int32_t first,
                                                         const std::optional<std::string>& after) {
  return paged<schema::RejectedRowConnection, schema::RejectedRowEdge>(
      TRY(read(services, found)), first, after, [](const Rejected& row) { return row.id; },
      [](const Rejected& row) -> Result<schema::RejectedRow> {
        return schema::RejectedRow{
            .id = row.id, .rejected_at = time_of(row.at_us), .error = row.error, .row = row.shown};
      });
}

Result<schema::ReplayedRows> replay_rejected_rows(Services& services, const FoundTable& found,
                                                  const std::vector<std::string>& ids) {
  TRY(check_count(ids));
  const std::set<std::string> wanted(ids.begin(), ids.end());
  int64_t accepted = 0;
  int64_t rejected = 0;
  for (const auto& row : TRY(read(services, found))) {
    if (!wanted.contains(row.id)) continue;
    const auto answer = append(services, found.table->ident, row.raw);
    // What is no JSON at all stays where it is.
    if (!answer.ok() && answer.error().code() == ErrorCode::kInvalidData) {
      ++rejected;
      continue;
    }
    const auto counted = TRY(answer);
    accepted += counted.rows;
    rejected += counted.rejected_count;
    // At once, so that an error further on leaves nothing to be sent twice.
    TRY(settle(services, found, {row.id}));
  }
  return schema::ReplayedRows{.accepted = accepted, .rejected = rejected};
}

Result<schema::ReplayedRows> mend_rejected_row(Services& services, const FoundTable& found,
                                               const std::string& id, const std::string& row) {
  const auto waiting = TRY(read(services, found));
  if (std::none_of(waiting.begin(), waiting.end(),
                   [&](const Rejected& rejected) { return rejected.id == id; })) {
    return Error(ErrorCode::kNotFound, "there is no such rejected row, or it is settled already");
  }
  const auto answer = append(services, found.table->ident, row);
  if (!answer.ok() && answer.error().code() == ErrorCode::kInvalidData) {
    return Error(ErrorCode::kInvalidArgument, "the row: " + std::string(answer.error().message()));
  }
  const auto counted = TRY(answer);
  TRY(settle(services, found, {id}));
  return schema::ReplayedRows{.accepted = counted.rows, .rejected = counted.rejected_count};
}

Result<int64_t> discard_rejected_rows(Services& services, const FoundTable& found,
                                      const std::vector<std::string>& ids) {
  TRY(check_count(ids));
  const std::set<std::string> wanted(ids.begin(), ids.end());
  std::vector<std::string> discarded;
  for (const auto& row : TRY(read(services, found))) {
    if (wanted.contains(row.id)) discarded.push_back(row.id);
  }
  if (!discarded.empty()) TRY(settle(services, found, discarded));
  return static_cast<int64_t>(discarded.size());
}

}  // namespace firn::api
