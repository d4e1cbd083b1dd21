#include "app/demo_agent.h"

#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "app/remote_graphql.h"

namespace firn::app {
namespace {

namespace json = boost::json;

constexpr const char* kName = "flight delays";

// Its id; none where it is there already.
Result<std::optional<std::string>> make_agent(Remote& remote) {
  const auto known = TRY(ask_graphql(remote, "{ agents { id name } }", {}));
  for (const auto& agent : known.at("agents").as_array()) {
    if (agent.at("name") == kName) return std::optional<std::string>();
  }
  const auto made =
      TRY(ask_graphql(remote, "mutation($i: CreateAgentInput!) { createAgent(input: $i) { id } }",
                      {{"i",
                        {{"name", kName},
                         {"tables", json::array{"lake.main.flights"}},
                         {"measures", json::array{"dep_delay"}},
                         {"findings", 20}}}}));
  return std::optional(json::value_to<std::string>(made.at("createAgent").at("id")));
}

// The state of the newest run.
Result<std::string> state_of(Remote& remote, const std::string& agent) {
  const auto answer = TRY(ask_graphql(
      remote, "query($id: ID!) { agent(id: $id) { runs(first: 1) { task { state } } } }",
      {{"id", agent}}));
  const auto& runs = answer.at("agent").at("runs").as_array();
  if (runs.empty()) return std::string("WAITING");
  return json::value_to<std::string>(runs.front().at("task").at("state"));
}

}  // namespace

Status run_demo_agent(Remote& remote) {
  constexpr int kLooks = 300;
  constexpr std::chrono::milliseconds kBetween{200};
  const auto made = TRY(make_agent(remote));
  if (!made) {
    fmt::print(stderr, "agent {}: is there already\n", kName);
    return {};
  }
  const std::string& agent = *made;
  TRY(ask_graphql(remote, "mutation($id: ID!) { runAgent(id: $id) { id } }", {{"id", agent}}));
  std::string state = "WAITING";
  for (int i = 0; i < kLooks && (state == "WAITING" || state == "RUNNING"); ++i) {
    std::this_thread::sleep_for(kBetween);
    state = TRY(state_of(remote, agent));
  }
  if (state != "DONE") {
    return Error(ErrorCode::kUnavailable, "the agent's run is " + state + " after a minute");
  }
  const auto answer = TRY(ask_graphql(
      remote, "{ proposals(state: PENDING, first: 100) { edges { node { title proposedBy } } } }",
      {}));
  const std::string name = std::string("agent ") + kName;
  fmt::print(stderr, "{} proposes, for you to approve or reject:\n", name);
  // They come newest first; a run proposes the best first.
  const auto& edges = answer.at("proposals").at("edges").as_array();
  for (auto edge = edges.rbegin(); edge != edges.rend(); ++edge) {
    const auto& proposal = edge->at("node");
    if (proposal.at("proposedBy").as_string() != json::string_view(name)) continue;
    fmt::print(stderr, "  - {}\n", json::value_to<std::string>(proposal.at("title")));
  }
  return {};
}

}  // namespace firn::app
