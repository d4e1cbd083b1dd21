#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "app/commands.h"
#include "app/demo_agent.h"
#include "app/demo_connection.h"
#include "app/remote.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/process.h"

namespace firn::app {
namespace {

constexpr size_t kPieceBytes = 256 << 10;

// One line on a terminal that is drawn over, and nothing at all elsewhere.
class Progress {
 public:
  Progress(std::string label, uint64_t total_bytes, bool counts_rows)
      : label_(std::move(label)),
        total_(std::max<uint64_t>(total_bytes, 1)),
        counts_rows_(counts_rows),
        start_ns_(platform::system_clock().monotonic_ns()),
        terminal_(::isatty(STDERR_FILENO) == 1) {}

  void add(std::string_view bytes) {
    done_ += bytes.size();
    if (counts_rows_) rows_ += static_cast<uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
    const int64_t now_ns = platform::system_clock().monotonic_ns();
    if (!terminal_ || now_ns - drawn_ns_ < 100'000'000) return;
    drawn_ns_ = now_ns;
    draw(seconds(now_ns));
  }
  void clear() const {
    if (terminal_) fmt::print(stderr, "\r\x1b[K");
  }
  double seconds(int64_t now_ns) const { return static_cast<double>(now_ns - start_ns_) / 1e9; }

 private:
  void draw(double seconds) const {
    constexpr size_t kBarWidth = 24;
    const double part = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
    const auto filled = static_cast<size_t>(part * kBarWidth);
    std::string bar;
    for (size_t i = 0; i < kBarWidth; ++i) bar += i < filled ? "█" : "░";
    const double left = part > 0 ? seconds / part - seconds : 0;
    const std::string rate =
        counts_rows_ && seconds > 0
            ? fmt::format("  {:.0f} rows/s", static_cast<double>(rows_) / seconds)
            : std::string();
    fmt::print(stderr, "\r\x1b[K{} {} {:3.0f}%{}  {:.0f} s left", label_, bar, part * 100, rate,
               left);
  }

  const std::string label_;
  const uint64_t total_;
  const bool counts_rows_;
  const int64_t start_ns_;
  const bool terminal_;
  uint64_t done_ = 0;
  uint64_t rows_ = 0;
  int64_t drawn_ns_ = 0;
};

struct Target {
  std::string catalog = "lake";
  std::string schema = "main";
  std::string table;
};

Result<Target> parse_target(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t dot = std::min(text.find('.', start), text.size());
    parts.push_back(text.substr(start, dot - start));
    start = dot + 1;
  }
  const bool empty =
      std::any_of(parts.begin(), parts.end(), [](const auto& p) { return p.empty(); });
  if (parts.size() > 3 || empty) {
    return Error(ErrorCode::kInvalidArgument,
                 "--table is CATALOG.SCHEMA.TABLE, such as lake.main.t");
  }
  Target target;
  target.table = parts.back();
  if (parts.size() > 1) target.schema = parts[parts.size() - 2];
  if (parts.size() > 2) target.catalog = parts[0];
  return target;
}

std::string_view media_type_of(std::string_view path) {
  const auto ends = [&](std::string_view suffix) { return path.ends_with(suffix); };
  if (ends(".gz")) path.remove_suffix(3);
  if (ends(".zst")) path.remove_suffix(4);
  if (ends(".csv") || ends(".tsv")) return "text/csv";
  if (ends(".parquet")) return "application/vnd.apache.parquet";
  if (ends(".ndjson") || ends(".jsonl")) return "application/x-ndjson";
  if (ends(".json")) return "application/json";
  if (ends(".arrow") || ends(".arrows")) return "application/vnd.apache.arrow.stream";
  return "";  // the server looks at the bytes
}

Status ingest_file(Remote& remote, const std::string& path, const Target& target,
                   const std::string& mode, const std::string& null_text) {
  const auto file = TRY(platform::local_file_system().open(path, platform::OpenMode::kRead));
  const uint64_t size = TRY(file->size());
  const std::string_view media_type = media_type_of(path);
  const bool text = media_type != "application/vnd.apache.parquet" && !path.ends_with(".gz") &&
                    !path.ends_with(".zst") && media_type != "application/vnd.apache.arrow.stream";
  Progress progress(target.table, size, text);
  http::ClientRequest request;
  request.method = "POST";
  request.target = fmt::format(
      "/upload?catalog={}&schema={}&table={}&mode={}", http::percent_encode(target.catalog),
      http::percent_encode(target.schema), http::percent_encode(target.table), mode);
  if (!null_text.empty()) request.target += "&null=" + http::percent_encode(null_text);
  if (!media_type.empty()) request.headers.add("Content-Type", std::string(media_type));
  if (path.ends_with(".gz")) request.headers.add("Content-Encoding", "gzip");
  if (path.ends_with(".zst")) request.headers.add("Content-Encoding", "zstd");
  request.body_length = size;
  uint64_t offset = 0;
  request.body_source = [&]() -> Result<std::string> {
    auto piece = TRY(file->read_at(offset, kPieceBytes));
    offset += piece.size();
    progress.add(piece);
    return piece;
  };
  const auto body = remote.send(std::move(request));
  progress.clear();
  const double seconds = progress.seconds(platform::system_clock().monotonic_ns());
  const boost::json::value answer = boost::json::parse(TRY(body));
  const auto rows = answer.at("rows").to_number<int64_t>();
  const auto rejected = answer.at("rejected_count").to_number<int64_t>();
  fmt::print(stderr, "{}.{}.{}: {} rows in {:.1f} s ({:.0f} rows/s)\n", target.catalog,
             target.schema, target.table, rows, seconds, static_cast<double>(rows) / seconds);
  if (rejected > 0) {
    fmt::print(stderr, "{} rows were rejected and are kept in {}.{}.{}__rejected; the first: {}\n",
               rejected, target.catalog, target.schema, target.table,
               std::string(answer.at("error_message").as_string()));
  }
  return {};
}

}  // namespace

Status command_ingest(const Arguments& arguments) {
  const CommandLine line = TRY(parse_command_line(arguments, {"table", "mode", "null"}, {}));
  if (line.positional.size() != 1 || !line.has("table")) {
    return Error(ErrorCode::kInvalidArgument,
                 "usage: firn ingest FILE --table lake.main.t [--mode create|append|overwrite|"
                 "create_append] [--null TEXT] [--url URL] [--key-file FILE]");
  }
  const Target target = TRY(parse_target(line.value("table", "")));
  Remote remote = TRY(Remote::connect(line));
  return ingest_file(remote, line.positional[0], target, line.value("mode", "create_append"),
                     line.value("null", ""));
}

Status command_demo(const Arguments& arguments) {
  const CommandLine line =
      TRY(parse_command_line(arguments, {"data", "database", "password-file"}, {}));
  const std::string prefix =
      platform::parent_directory(platform::parent_directory(platform::executable_path()));
  const std::string folder = line.value("data", prefix + "/share/demo");
  Remote remote = TRY(Remote::connect(line));
  for (const std::string name : {"flights", "weather"}) {
    const std::string path = folder + "/" + name + ".csv";
    if (!TRY(platform::local_file_system().exists(path))) {
      return Error(ErrorCode::kNotFound, path +
                                             " is missing; ./dev setup fetches the demo's data, "
                                             "or name its folder with --data");
    }
    const Status loaded = ingest_file(remote, path, {"lake", "main", name}, "create", "NA");
    if (!loaded.ok() && loaded.error().code() == ErrorCode::kAlreadyExists) {
      fmt::print(stderr, "lake.main.{} is there already\n", name);
      continue;
    }
    TRY(loaded);
  }
  if (line.has("database")) {
    const auto password =
        TRY(platform::local_file_system().read_file(line.value("password-file", "")));
    TRY(connect_demo_database(remote, line.value("database", ""), password));
  }
  return run_demo_agent(remote);
}

}  // namespace firn::app
