#include "automation/alerts.h"

#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "auth/directory.h"
#include "automation/alert_checks.h"
#include "automation/rights.h"
#include "base/rfc3339.h"
#include "platform/clock.h"
#include "platform/random.h"

namespace firn::automation {
namespace {

constexpr std::string_view kKind = "alert";
constexpr std::string_view kTask = "alert";
constexpr size_t kChannelsMax = 20;
constexpr std::string_view kStateNames[] = {"UNKNOWN", "OK", "FIRING", "ERROR"};

std::string_view name_of(AlertState state) { return kStateNames[static_cast<size_t>(state)]; }

// The first value of the first row, which may be a number or text that is one.
Result<double> number_of(const Answer& answer) {
  const Error none(ErrorCode::kInvalidData, "the statement gives no number");
  const auto rows = jobs::parse_array(answer.rows);
  if (!rows.ok() || rows->empty()) return none;
  const auto row = jobs::parse_array((*rows)[0].text);
  if (!row.ok() || row->empty()) return none;
  const auto& cell = (*row)[0];
  if (cell.kind != jobs::JsonKind::kNumber && cell.kind != jobs::JsonKind::kString) return none;
  char* end = nullptr;
  const double value = std::strtod(cell.text.c_str(), &end);
  if (cell.text.empty() || *end != '\0' || !std::isfinite(value)) return none;
  return value;
}

Message message_of(const Alert& alert, const AlertCheck& check) {
  Message message;
  message.subject = fmt::format("{}: {}", name_of(check.state), alert.about.name);
  message.text = fmt::format("The alert \"{}\" is {}; it was {}.\n", alert.about.name,
                             name_of(check.state), name_of(alert.state));
  if (check.value) message.text += fmt::format("Value: {}\n", *check.value);
  if (!check.error.empty()) message.text += "Error: " + check.error + '\n';
  message.json = "{\"type\":\"alert\",\"alert\":";
  jobs::append_json_string(message.json, alert.about.id);
  message.json += ",\"name\":";
  jobs::append_json_string(message.json, alert.about.name);
  message.json += fmt::format(",\"state\":\"{}\",\"was\":\"{}\",\"value\":", name_of(check.state),
                              name_of(alert.state));
  message.json += check.value ? fmt::format("{}", *check.value) : "null";
  message.json += ",\"checkedAt\":\"";
  append_rfc3339(message.json, check.checked_us);
  message.json += "\",\"error\":";
  if (check.error.empty()) {
    message.json += "null";
  } else {
    jobs::append_json_string(message.json, check.error);
  }
  message.json += '}';
  return message;
}

}  // namespace

AlertState judge(const AlertRule& rule, double value, std::optional<double> earlier) {
  const bool of_change = rule.condition >= AlertCondition::kChangeAbove;
  if (of_change && !earlier) return AlertState::kOk;
  double measured = value;
  if (of_change) {
    // From nothing, any change is beyond every bound.
    measured = *earlier != 0 ? 100 * (value - *earlier) / std::abs(*earlier)
               : value == 0  ? 0
                             : std::copysign(INFINITY, value);
  }
  const bool above =
      rule.condition == AlertCondition::kAbove || rule.condition == AlertCondition::kChangeAbove;
  const bool fires = above ? measured > rule.threshold : measured < rule.threshold;
  return fires ? AlertState::kFiring : AlertState::kOk;
}

// As it is kept.
struct Alerts::Body {
  std::string statement;
  std::string catalog;
  std::string schema;
  int64_t condition = 0;
  double threshold = 0;
  int64_t change_minutes = 0;
  std::vector<std::string> channels;
  template <typename Visit>
  static void members(Visit&& visit) {
    visit("statement", &Body::statement, jobs::kRequired);
    visit("catalog", &Body::catalog);
    visit("schema", &Body::schema);
    visit("condition", &Body::condition);
    visit("threshold", &Body::threshold);
    visit("change_minutes", &Body::change_minutes);
    visit("channels", &Body::channels);
  }
};

struct Alerts::Arguments {
  std::string alert;
  template <typename Visit>
  static void members(Visit&& visit) {
    visit("alert", &Arguments::alert, jobs::kRequired);
  }
};

Result<std::unique_ptr<Alerts>> Alerts::create(store::Database& database, tasks::Tasks& tasks,
                                               Delivery& delivery, query::Engine& engine,
                                               auth::Authenticator& auth, platform::Clock& clock,
                                               platform::Random& random) {
  TRY(records::migrate(database));
  TRY(checks::migrate(database));
  std::unique_ptr<Alerts> made(new Alerts(database, tasks, delivery, engine, auth, clock, random));
  tasks.add<Arguments>(std::string(kTask), auth::Role::kViewer,
                       [raw = made.get()](const Arguments& arguments, tasks::TaskContext& context)
                           -> Result<std::string> { return raw->run(arguments, context); });
  return made;
}

Result<Alert> Alerts::of(const Record& record) {
  const Body body = TRY(jobs::decode_arguments<Body>(record.body));
  Alert alert;
  alert.about = record.about;
  alert.ask = {body.statement, body.catalog, body.schema};
  alert.rule = {static_cast<AlertCondition>(body.condition), body.threshold, body.change_minutes};
  alert.channels = body.channels;
  alert.plan = TRY(tasks_.plan(record.about.organization, record.about.id));
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("SELECT state, since_us FROM alert_states WHERE alert = ?"));
    row.bind(1, record.about.id);
    if (!TRY(row.step())) return {};
    alert.state = static_cast<AlertState>(row.column_int(0));
    alert.since_us = row.column_int(1);
    return {};
  }));
  auto last = TRY(read_checks(record.about.id, 1));
  if (!last.empty()) alert.last = std::move(last[0]);
  return alert;
}

// An alert's number is data: only for those who may read all that went into it.
void Alerts::hide(const auth::Principal& reader, AlertCheck& check) {
  if (has_rights(auth_, reader, check.rights)) return;
  check.value.reset();
  if (!check.error.empty()) check.error = "(not yours to see)";
}

Result<std::vector<AlertCheck>> Alerts::read_checks(const std::string& id, int64_t max) {
  std::vector<AlertCheck> read;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    read = TRY(checks::list(transaction, id, max));
    return {};
  }));
  return read;
}

Result<Alert> Alerts::set(const auth::Principal& who, Alert alert) {
  TRY(auth::authorize(who, auth::Role::kEditor, auth::Object::whole(who)));
  if (alert.ask.statement.empty() || alert.ask.statement.size() > (1 << 16)) {
    return Error(ErrorCode::kInvalidArgument, "a statement has 1 byte to 64 KiB");
  }
  constexpr int64_t kMinutesMax = 366 * 24 * 60;
  const bool of_change = alert.rule.condition >= AlertCondition::kChangeAbove;
  if (of_change && (alert.rule.change_minutes < 1 || alert.rule.change_minutes > kMinutesMax)) {
    return Error(ErrorCode::kInvalidArgument,
                 "an alert on a change says over how many minutes, 1 to 527040");
  }
  if (!std::isfinite(alert.rule.threshold) || alert.channels.size() > kChannelsMax) {
    return Error(ErrorCode::kInvalidArgument,
                 "an alert has a finite threshold and at most 20 channels");
  }
  const bool is_new = alert.about.id.empty();
  Record record;
  record.about.id = is_new ? random_.uuid().to_string() : alert.about.id;
  record.about.organization = who.organization;
  record.about.name = TRY(auth::check_name("an alert's name", alert.about.name));
  record.about.created_by = record.about.updated_by = who.name;
  record.about.created_us = record.about.updated_us = clock_.now_us();
  record.body =
      jobs::encode_arguments(Body{alert.ask.statement, alert.ask.catalog, alert.ask.schema,
                                  static_cast<int64_t>(alert.rule.condition), alert.rule.threshold,
                                  alert.rule.change_minutes, alert.channels});
  alert.plan.id = record.about.id;
  alert.plan.kind = kTask;
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    for (const auto& channel : alert.channels) {
      TRY(delivery_.check(transaction, who.organization, channel));
    }
    TRY(is_new ? records::insert(transaction, kKind, record)
               : records::update(transaction, kKind, record));
    return tasks_.set_plan(transaction, who, alert.plan, Arguments{record.about.id});
  }));
  return find(who, record.about.id);
}

Status Alerts::remove(const auth::Principal& who, const std::string& id) {
  TRY(auth::authorize(who, auth::Role::kEditor, auth::Object::whole(who)));
  return database_.write([&](store::Transaction& transaction) -> Status {
    TRY(records::remove(transaction, kKind, who.organization, id));
    return tasks_.remove_plan(transaction, id);
  });
}

Result<Alert> Alerts::find(const auth::Principal& who, const std::string& id) {
  TRY(auth::authorize(who, auth::Role::kViewer, auth::Object::whole(who)));
  Alert alert = TRY(of(TRY(records::find_now(database_, kKind, who.organization, id))));
  if (alert.last) hide(who, *alert.last);
  return alert;
}

Result<std::vector<Alert>> Alerts::list(const auth::Principal& who) {
  TRY(auth::authorize(who, auth::Role::kViewer, auth::Object::whole(who)));
  std::vector<Alert> alerts;
  for (const auto& record : TRY(records::list(database_, kKind, who.organization))) {
    alerts.push_back(TRY(of(record)));
    if (alerts.back().last) hide(who, *alerts.back().last);
  }
  return alerts;
}

Result<tasks::Task> Alerts::check_now(const auth::Principal& who, const std::string& id) {
  TRY(auth::authorize(who, auth::Role::kEditor, auth::Object::whole(who)));
  TRY(records::find_now(database_, kKind, who.organization, id));
  return tasks_.run_plan(who.organization, id);
}

Result<std::vector<AlertCheck>> Alerts::checks(const auth::Principal& who, const std::string& id,
                                               int64_t max) {
  TRY(find(who, id));
  auto read = TRY(read_checks(id, max));
  for (auto& check : read) hide(who, check);
  return read;
}

// What it is now. An error that may pass is the task's, which is tried again; any other is the
// alert's.
Result<AlertCheck> Alerts::look(const Alert& alert, tasks::TaskContext& context) {
  AlertCheck check;
  check.checked_us = clock_.now_us();
  const auto failed = [&](const Error& error) -> Result<AlertCheck> {
    const auto code = error.code();
    if (code == ErrorCode::kCancelled || info_of(code).retryable) return error;
    check.state = AlertState::kError;
    check.error = error.message();
    // A message may quote a value.
    if (check.rights.empty()) check.rights = own_rights(context.principal);
    return check;
  };
  const auto answer = ask_for_task(engine_, auth_, context, alert.ask, 1);
  if (!answer.ok()) return failed(answer.error());
  check.rights = answer->rights;
  const auto value = number_of(*answer);
  if (!value.ok()) return failed(value.error());
  check.value = *value;
  std::optional<double> earlier;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    earlier = TRY(checks::earlier_value(transaction, alert.about.id, alert.rule, check.checked_us));
    return {};
  }));
  check.state = judge(alert.rule, *value, earlier);
  return check;
}

Status Alerts::keep(const Alert& alert, const AlertCheck& check, const auth::Principal& who) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    // It may have been deleted meanwhile.
    const auto there = records::find(transaction, kKind, who.organization, alert.about.id);
    if (!there.ok()) return there.error();
    TRY(checks::keep(transaction, alert.about.id, alert.rule, check));
    if (check.state == alert.state) return {};
    {
      auto row = TRY(transaction.prepare("INSERT OR REPLACE INTO alert_states VALUES (?, ?, ?)"));
      TRY(row.bind(1, alert.about.id)
              .bind(2, static_cast<int64_t>(check.state))
              .bind(3, check.checked_us)
              .run());
    }
    if (alert.state == AlertState::kUnknown && check.state == AlertState::kOk) return {};
    const Message message = message_of(alert, check);
    for (const auto& channel : alert.channels) {
      TRY(delivery_.send(transaction, who, channel, message));
    }
    return {};
  });
}

Result<std::string> Alerts::run(const Arguments& arguments, tasks::TaskContext& context) {
  const auto record =
      TRY(records::find_now(database_, kKind, context.principal.organization, arguments.alert));
  const Alert alert = TRY(of(record));
  const AlertCheck check = TRY(look(alert, context));
  TRY(keep(alert, check, context.principal));
  tasks_.committed();
  return fmt::format("{{\"state\":\"{}\"}}", name_of(check.state));
}

}  // namespace firn::automation
