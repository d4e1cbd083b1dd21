#include "app/remote.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "platform/file.h"

namespace firn::app {
namespace {

namespace json = boost::json;

std::string from_environment(const char* name, std::string otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : std::move(otherwise);
}

// The server's message, with the code's meaning kept.
Error server_error(const http::Response& response) {
  boost::system::error_code failed;
  const json::value body = json::parse(response.body, failed);
  ErrorCode code = ErrorCode::kInternal;
  std::string message = fmt::format("the server answered {}", response.status);
  if (!failed && body.is_object()) {
    const auto& object = body.as_object();
    if (const auto* text = object.if_contains("message"); text != nullptr && text->is_string()) {
      message = std::string(text->as_string());
    }
    if (const auto* text = object.if_contains("error"); text != nullptr && text->is_string()) {
      code = error_code_from_wire(std::string_view(text->as_string())).value_or(code);
    }
  }
  if (code == ErrorCode::kUnauthenticated) {
    message += "; set FIRN_KEY, or name a file with --key-file";
  }
  return Error(code, message);
}

std::string as_text(const json::value& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return std::string(value.as_string());
  if (value.is_double()) return fmt::format("{}", value.as_double());
  return json::serialize(value);
}

}  // namespace

bool CommandLine::has(std::string_view flag) const {
  return std::any_of(values.begin(), values.end(),
                     [&](const auto& entry) { return entry.first == flag; });
}

std::string CommandLine::value(std::string_view flag, std::string_view otherwise) const {
  for (const auto& [name, value] : values) {
    if (name == flag) return value;
  }
  return std::string(otherwise);
}

Result<CommandLine> parse_command_line(const std::vector<std::string>& arguments,
                                       const std::vector<std::string>& with_value,
                                       const std::vector<std::string>& without_value) {
  CommandLine line;
  const auto known = [](const std::vector<std::string>& flags, std::string_view name) {
    return std::find(flags.begin(), flags.end(), name) != flags.end();
  };
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view text = arguments[i];
    if (!text.starts_with("--")) {
      line.positional.emplace_back(text);
      continue;
    }
    text.remove_prefix(2);
    const size_t equals = text.find('=');
    const std::string name(text.substr(0, equals));
    if (known(without_value, name)) {
      line.values.emplace_back(name, "");
    } else if (known(with_value, name) || name == "url" || name == "key-file") {
      if (equals == std::string_view::npos && i + 1 == arguments.size()) {
        return Error(ErrorCode::kInvalidArgument, fmt::format("--{} needs a value", name));
      }
      line.values.emplace_back(name, equals == std::string_view::npos
                                         ? arguments[++i]
                                         : std::string(text.substr(equals + 1)));
    } else {
      return Error(ErrorCode::kInvalidArgument, fmt::format("there is no flag --{}", name));
    }
  }
  return line;
}

Result<RemoteAddress> remote_address(const CommandLine& line) {
  const std::string url = line.value("url", from_environment("FIRN_URL", "http://127.0.0.1:8080"));
  std::string key = from_environment("FIRN_KEY", from_environment("FIRN_BOOTSTRAP_KEY", ""));
  if (line.has("key-file")) {
    key = TRY(platform::local_file_system().read_file(line.value("key-file", "")));
    while (!key.empty() && (key.back() == '\n' || key.back() == '\r')) key.pop_back();
  }
  return RemoteAddress{url, std::move(key)};
}

Result<Remote> Remote::connect(const CommandLine& line) {
  RemoteAddress address = TRY(remote_address(line));
  return Remote(TRY(http::Client::create(address.url)), std::move(address.key));
}

Result<std::string> Remote::send(http::ClientRequest request) {
  if (!key_.empty()) request.headers.add("Authorization", "Bearer " + key_);
  http::Response response = TRY(client_->send(request));
  if (response.status != 200) return server_error(response);
  return std::move(response.body);
}

Status Remote::query_raw(const std::string& statement, const std::string& format,
                         const std::function<Status(std::string_view)>& on_bytes) {
  http::ClientRequest request;
  request.method = "POST";
  request.target = "/query";
  request.headers.add("Content-Type", "application/json");
  if (!key_.empty()) request.headers.add("Authorization", "Bearer " + key_);
  request.body = json::serialize(json::value{
      {"statement", statement}, {"catalog", "lake"}, {"schema", "main"}, {"format", format}});
  const http::Response response = TRY(client_->stream(request, on_bytes));
  if (response.status != 200) return server_error(response);
  return {};
}

Result<Remote::Rows> Remote::query(const std::string& statement) {
  Rows rows;
  std::string pending;
  int line_number = 0;
  const auto on_line = [&](std::string_view line) -> Status {
    ++line_number;
    boost::system::error_code failed;
    const json::value value = json::parse({line.data(), line.size()}, failed);
    if (failed) return Error(ErrorCode::kInternal, "the server's answer cannot be read");
    if (line_number > 1 && value.is_object() && value.as_object().contains("error")) {
      return Error(ErrorCode::kInvalidStatement, as_text(value.as_object().at("error")));
    }
    if (line_number == 2) {
      for (const json::value& column : value.as_array()) {
        rows.columns.push_back(as_text(column.at("name")));
        rows.types.push_back(as_text(column.at("type")));
      }
    } else if (line_number > 2) {
      auto& row = rows.rows.emplace_back();
      auto& nulls = rows.nulls.emplace_back();
      for (const json::value& cell : value.as_array()) {
        row.push_back(as_text(cell));
        nulls.push_back(cell.is_null());
      }
    }
    return {};
  };
  TRY(query_raw(statement, "default", [&](std::string_view bytes) -> Status {
    pending += bytes;
    size_t start = 0;
    for (size_t end; (end = pending.find('\n', start)) != std::string::npos; start = end + 1) {
      if (end > start) TRY(on_line(std::string_view(pending).substr(start, end - start)));
    }
    pending.erase(0, start);
    return {};
  }));
  if (!pending.empty()) TRY(on_line(pending));
  return rows;
}

}  // namespace firn::app
