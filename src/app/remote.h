#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/client.h"

namespace firn::app {

// The flags of a command that talks to a server: `values` by name, the rest in order.
struct CommandLine {
  std::vector<std::pair<std::string, std::string>> values;
  std::vector<std::string> positional;
  bool has(std::string_view flag) const;
  std::string value(std::string_view flag, std::string_view otherwise) const;
};
// `with_value` and `without_value` list the flags (without "--") that the command knows, beside
// --url, --key-file and --help.
Result<CommandLine> parse_command_line(const std::vector<std::string>& arguments,
                                       const std::vector<std::string>& with_value,
                                       const std::vector<std::string>& without_value);

// Where a server is, and the key for it: --url or FIRN_URL; --key-file, FIRN_KEY or
// FIRN_BOOTSTRAP_KEY.
struct RemoteAddress {
  std::string url;
  std::string key;
};
Result<RemoteAddress> remote_address(const CommandLine& line);

// A running server, as commands see it. Not thread-safe.
class Remote {
 public:
  static Result<Remote> connect(const CommandLine& line);

  struct Rows {
    std::vector<std::string> columns;
    std::vector<std::string> types;
    std::vector<std::vector<std::string>> rows;  // as text; null is empty and in `nulls`
    std::vector<std::vector<bool>> nulls;
  };
  Result<Rows> query(const std::string& statement);
  // The answer in this format, as it comes.
  Status query_raw(const std::string& statement, const std::string& format,
                   const std::function<Status(std::string_view)>& on_bytes);
  // The body of a 200; anything else is the server's own error.
  Result<std::string> send(http::ClientRequest request);

 private:
  Remote(std::unique_ptr<http::Client> client, std::string key)
      : client_(std::move(client)), key_(std::move(key)) {}
  std::unique_ptr<http::Client> client_;
  std::string key_;
};

}  // namespace firn::app
