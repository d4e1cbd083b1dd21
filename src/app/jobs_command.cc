#include <boost/json.hpp>
#include <cstdio>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/remote.h"
#include "app/table_printer.h"

namespace firn::app {
namespace {

namespace json = boost::json;

constexpr char kUsage[] =
    "usage: firn jobs                              numbers and queues\n"
    "       firn jobs list [--state STATE] [--queue QUEUE] [--type TYPE]\n"
    "       firn jobs show ID\n"
    "       firn jobs requeue|kill|discard ID\n"
    "       firn jobs redrive [--queue QUEUE] [--type TYPE]   dead jobs go back to their queues\n"
    "       firn jobs pause|resume QUEUE\n"
    "       firn jobs workers | schedules";

std::string text_of(const json::value& value) {
  if (value.is_string()) return std::string(value.as_string());
  return value.is_null() ? std::string() : json::serialize(value);
}

// The data of the answer; the first error where there is one.
Result<json::object> ask(Remote& remote, const std::string& document, json::object variables = {}) {
  http::ClientRequest request;
  request.method = "POST";
  request.target = "/graphql";
  request.headers.add("Content-Type", "application/json");
  request.body =
      json::serialize(json::object{{"query", document}, {"variables", std::move(variables)}});
  const std::string body = TRY(remote.send(std::move(request)));
  boost::system::error_code failed;
  const json::value answer = json::parse(body, failed);
  if (failed || !answer.is_object()) {
    return Error(ErrorCode::kInternal, "the server's answer cannot be read");
  }
  if (const json::value* errors = answer.as_object().if_contains("errors")) {
    return Error(ErrorCode::kUnavailable, text_of(errors->at(0).at("message")));
  }
  return answer.at("data").as_object();
}

// A list of objects as a table of these members.
Status print_list(const json::value& list, const std::vector<std::string>& members) {
  Remote::Rows rows;
  rows.columns = members;
  rows.types.assign(members.size(), "VARCHAR");
  for (const json::value& element : list.as_array()) {
    auto& row = rows.rows.emplace_back();
    auto& nulls = rows.nulls.emplace_back();
    for (const std::string& member : members) {
      row.push_back(text_of(element.at(member)));
      nulls.push_back(element.at(member).is_null());
    }
  }
  fmt::print("{}", format_table(rows));
  return {};
}

std::string job_id(const std::string& given) {
  return given.starts_with("job:") ? given : "job:" + given;
}

json::value text_or_null(const CommandLine& line, std::string_view flag) {
  return line.has(flag) ? json::value(line.value(flag, "")) : json::value(nullptr);
}

Status summary(Remote& remote) {
  const auto data = TRY(ask(remote,
                            "{ jobStats { waiting scheduled retrying working dead enqueued "
                            "processed failures } jobQueues { name waiting working paused "
                            "latencySeconds } }"));
  const json::object& stats = data.at("jobStats").as_object();
  for (const auto& [name, value] : stats) {
    fmt::print("{:12} {}\n", std::string(name), text_of(value));
  }
  fmt::print("\n");
  return print_list(data.at("jobQueues"),
                    {"name", "waiting", "working", "paused", "latencySeconds"});
}

Status list(Remote& remote, const CommandLine& line) {
  json::object variables{{"queue", text_or_null(line, "queue")},
                         {"type", text_or_null(line, "type")},
                         {"state", nullptr}};
  if (line.has("state")) {
    std::string state = line.value("state", "");
    for (char& c : state) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    variables["state"] = state;
  }
  const auto data = TRY(ask(remote,
                            "query($state: JobState, $queue: String, $type: String) { jobs(state: "
                            "$state, queue: $queue, type: $type, first: 100) { edges { node { jid "
                            "queue type state failures enqueuedAt at } } } }",
                            std::move(variables)));
  json::array jobs;
  for (const json::value& edge : data.at("jobs").at("edges").as_array()) {
    jobs.push_back(edge.at("node"));
  }
  return print_list(jobs, {"jid", "queue", "type", "state", "failures", "enqueuedAt", "at"});
}

Status show(Remote& remote, const std::string& id) {
  const auto data = TRY(ask(remote,
                            "query($id: ID!) { job(id: $id) { jid queue type state args custom "
                            "enqueuedAt at workerId failures failure } }",
                            {{"id", job_id(id)}}));
  if (data.at("job").is_null()) {
    return Error(ErrorCode::kNotFound, "there is no such job that is not done yet");
  }
  for (const auto& [name, value] : data.at("job").as_object()) {
    fmt::print("{:12} {}\n", std::string(name), text_of(value));
  }
  return {};
}

Status change(Remote& remote, const std::string& verb, const std::string& id) {
  const std::string selection = verb == "discard" ? "" : " { state }";
  TRY(ask(remote, fmt::format("mutation($id: ID!) {{ {}Job(id: $id){} }}", verb, selection),
          {{"id", job_id(id)}}));
  return {};
}

Status redrive(Remote& remote, const CommandLine& line) {
  const auto data =
      TRY(ask(remote,
              "mutation($queue: String, $type: String) { redriveDeadJobs(queue: "
              "$queue, type: $type) }",
              {{"queue", text_or_null(line, "queue")}, {"type", text_or_null(line, "type")}}));
  fmt::print("{} jobs\n", text_of(data.at("redriveDeadJobs")));
  return {};
}

Status pause(Remote& remote, const std::string& queue, bool paused) {
  TRY(ask(remote,
          "mutation($name: String!, $paused: Boolean!) { pauseJobQueue(name: $name, paused: "
          "$paused) }",
          {{"name", queue}, {"paused", paused}}));
  return {};
}

Status print_workers(Remote& remote) {
  const auto data =
      TRY(ask(remote, "{ jobWorkers { wid hostname pid state connections startedAt beatAt } }"));
  return print_list(data.at("jobWorkers"),
                    {"wid", "hostname", "pid", "state", "connections", "startedAt", "beatAt"});
}

Status print_schedules(Remote& remote) {
  const auto data =
      TRY(ask(remote, "{ jobSchedules { name cron timezone paused nextAt lastAt } }"));
  return print_list(data.at("jobSchedules"),
                    {"name", "cron", "timezone", "paused", "nextAt", "lastAt"});
}

}  // namespace

Status command_jobs(const Arguments& arguments) {
  const CommandLine line = TRY(parse_command_line(arguments, {"state", "queue", "type"}, {"help"}));
  const auto& words = line.positional;
  const std::string verb = words.empty() ? "" : words[0];
  if (line.has("help")) {
    fmt::print("{}\n", kUsage);
    return {};
  }
  Remote remote = TRY(Remote::connect(line));
  if (words.empty()) return summary(remote);
  if (words.size() == 1 && verb == "list") return list(remote, line);
  if (words.size() == 1 && verb == "redrive") return redrive(remote, line);
  if (words.size() == 1 && verb == "workers") return print_workers(remote);
  if (words.size() == 1 && verb == "schedules") return print_schedules(remote);
  if (words.size() == 2 && verb == "show") return show(remote, words[1]);
  if (words.size() == 2 && (verb == "requeue" || verb == "kill" || verb == "discard")) {
    return change(remote, verb, words[1]);
  }
  if (words.size() == 2 && (verb == "pause" || verb == "resume")) {
    return pause(remote, words[1], verb == "pause");
  }
  return Error(ErrorCode::kInvalidArgument, kUsage);
}

}  // namespace firn::app
