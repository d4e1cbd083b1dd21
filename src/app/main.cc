#include <cstdio>
#include <map>

#include <fmt/format.h>

#include "app/commands.h"
#include "query/worker.h"

namespace firn::app {
namespace {

constexpr char kUsage[] = R"(firn: rows in, answers out, on Apache Iceberg

  firn serve                        the server; firn serve --help lists its settings
  firn query "SQL"                  ask; --format table, csv or json
  firn ingest FILE --table lake.main.t   load CSV, JSON, NDJSON, Parquet or Arrow
  firn tables                       tables and their rows
  firn jobs                         background jobs: list, show, requeue, kill, discard, pause ...
  firn demo                         load a year of New York's flights and weather
  firn mcp                          a server for desktop assistants, over standard input
  firn graphql schema               the API's schema; graphql validate checks documents
  firn doctor                       what is wrong with this installation, and the fix
  firn completion bash|zsh          completion for a shell
  firn --version

Commands talk to --url (or FIRN_URL), with the key in FIRN_KEY or --key-file.
)";

int run(int argc, char** argv) {
  if (argc < 2) {
    fmt::print("{}", kUsage);
    return 0;
  }
  const std::string name = argv[1];
  if (name == "query-worker") return query::worker_main(argc, argv);
  if (name == "--version" || name == "version") {
    fmt::print("firn {}\n", FIRN_VERSION);
    return 0;
  }
  if (name == "--help" || name == "help" || name == "-h") {
    fmt::print("{}", kUsage);
    return 0;
  }
  const std::map<std::string, Status (*)(const Arguments&)> commands = {
      {"serve", command_serve},
      {"query", command_query},
      {"ingest", command_ingest},
      {"tables", command_tables},
      {"demo", command_demo},
      {"doctor", command_doctor},
      {"completion", command_completion},
      {"graphql", command_graphql},
      {"mcp", command_mcp},
      {"jobs", command_jobs},
  };
  const auto command = commands.find(name);
  if (command == commands.end()) {
    fmt::print(stderr, "firn: there is no command '{}'; firn --help lists all\n", name);
    return 2;
  }
  const Status outcome = command->second(Arguments(argv + 2, argv + argc));
  if (outcome.ok()) return 0;
  const bool server_side = name == "serve" && !outcome.error().detail().empty();
  fmt::print(stderr, "firn {}: {}{}\n", name, outcome.error().message(),
             server_side ? " (" + outcome.error().detail() + ")" : "");
  return outcome.error().code() == ErrorCode::kInvalidArgument ? 2 : 1;
}

}  // namespace
}  // namespace firn::app

int main(int argc, char** argv) { return firn::app::run(argc, argv); }
