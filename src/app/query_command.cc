#include <cstdio>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/remote.h"
#include "app/table_printer.h"
#include "platform/clock.h"

namespace firn::app {
namespace {

Status print(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size()) {
    return Error(ErrorCode::kCancelled, "cannot write the answer");
  }
  return {};
}

}  // namespace

Status command_query(const Arguments& arguments) {
  const CommandLine line = TRY(parse_command_line(arguments, {"format"}, {}));
  if (line.positional.size() != 1) {
    return Error(
        ErrorCode::kInvalidArgument,
        "usage: firn query \"SQL\" [--format table|csv|json] [--url URL] [--key-file FILE]");
  }
  const std::string format = line.value("format", "table");
  Remote remote = TRY(Remote::connect(line));
  const int64_t start_ns = platform::system_clock().monotonic_ns();
  if (format == "csv" || format == "json") {
    return remote.query_raw(line.positional[0], format == "csv" ? "csv" : "jsonl", print);
  }
  if (format != "table") {
    return Error(ErrorCode::kInvalidArgument, "--format is table, csv or json");
  }
  const Remote::Rows rows = TRY(remote.query(line.positional[0]));
  const int64_t ms = (platform::system_clock().monotonic_ns() - start_ns) / 1'000'000;
  TRY(print(format_table(rows)));
  fmt::print(stderr, "{} row{} in {} ms\n", rows.rows.size(), rows.rows.size() == 1 ? "" : "s", ms);
  return {};
}

Status command_tables(const Arguments& arguments) {
  const CommandLine line = TRY(parse_command_line(arguments, {}, {}));
  if (!line.positional.empty()) {
    return Error(ErrorCode::kInvalidArgument, "usage: firn tables [--url URL] [--key-file FILE]");
  }
  Remote remote = TRY(Remote::connect(line));
  const Remote::Rows names = TRY(
      remote.query("SELECT table_catalog, table_schema, table_name FROM information_schema.tables "
                   "ORDER BY ALL"));
  if (names.rows.empty()) {
    fmt::print("there are no tables yet; firn demo loads some\n");
    return {};
  }
  const auto quoted = [](const std::string& name) {
    std::string out = "\"";
    for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
  };
  Remote::Rows listing{{"table", "rows"}, {"VARCHAR", "BIGINT"}, {}, {}};
  for (const auto& row : names.rows) {
    const Remote::Rows count = TRY(remote.query(fmt::format(
        "SELECT count(*) FROM {}.{}.{}", quoted(row[0]), quoted(row[1]), quoted(row[2]))));
    listing.rows.push_back({row[0] + "." + row[1] + "." + row[2], count.rows.at(0).at(0)});
    listing.nulls.push_back({false, false});
  }
  return print(format_table(listing));
}

}  // namespace firn::app
