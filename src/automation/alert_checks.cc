#include "automation/alert_checks.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

namespace firn::automation::checks {
namespace {

constexpr int64_t kMinuteUs = 60'000'000;

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"alerts", 1, R"sql(
CREATE TABLE alert_checks (alert TEXT NOT NULL REFERENCES automation_records(id) ON DELETE CASCADE,
  checked_us INTEGER NOT NULL, state INTEGER NOT NULL, value TEXT NOT NULL, error TEXT NOT NULL,
  rights TEXT NOT NULL, PRIMARY KEY (alert, checked_us)) STRICT;
CREATE TABLE alert_states (alert TEXT PRIMARY KEY REFERENCES automation_records(id) ON DELETE
  CASCADE, state INTEGER NOT NULL, since_us INTEGER NOT NULL) STRICT;
)sql"},
  };
  return steps;
}

bool is_of_change(const AlertRule& rule) { return rule.condition >= AlertCondition::kChangeAbove; }

// The latest check with a value up to then; 0: there is none.
Result<int64_t> latest_value_us(store::Transaction& transaction, const std::string& alert,
                                int64_t until_us) {
  auto row = TRY(transaction.prepare(
      "SELECT coalesce(max(checked_us), 0) FROM alert_checks WHERE alert = ? AND checked_us <= ? "
      "AND value <> ''"));
  row.bind(1, alert).bind(2, until_us);
  TRY(row.step());
  return row.column_int(0);
}

}  // namespace

Status migrate(store::Database& database) { return database.migrate(migrations()); }

Status keep(store::Transaction& transaction, const std::string& alert, const AlertRule& rule,
            const AlertCheck& check) {
  {
    auto row =
        TRY(transaction.prepare("INSERT OR REPLACE INTO alert_checks VALUES (?, ?, ?, ?, ?, ?)"));
    TRY(row.bind(1, alert)
            .bind(2, check.checked_us)
            .bind(3, static_cast<int64_t>(check.state))
            .bind(4, check.value ? fmt::format("{}", *check.value) : std::string())
            .bind(5, check.error)
            .bind(6, check.rights)
            .run());
  }
  // What the next check is compared with, and of what lies between the last of each slot.
  const int64_t span_us = rule.change_minutes * kMinuteUs;
  const int64_t slot_us = std::max<int64_t>(1, span_us / kEarlierKept);
  const int64_t first_us =
      is_of_change(rule) ? TRY(latest_value_us(transaction, alert, check.checked_us - span_us))
                         : INT64_MAX;
  auto old = TRY(transaction.prepare(
      "DELETE FROM alert_checks WHERE alert = ?1 AND checked_us NOT IN (SELECT checked_us FROM "
      "alert_checks WHERE alert = ?1 ORDER BY checked_us DESC LIMIT ?2) AND checked_us <> ?3 AND "
      "checked_us NOT IN (SELECT max(checked_us) FROM alert_checks WHERE alert = ?1 AND value <> "
      "'' AND checked_us > ?3 GROUP BY checked_us / ?4)"));
  return old.bind(1, alert).bind(2, kChecksKept).bind(3, first_us).bind(4, slot_us).run();
}

Result<std::vector<AlertCheck>> list(store::Transaction& transaction, const std::string& alert,
                                     int64_t max) {
  std::vector<AlertCheck> checks;
  auto row = TRY(transaction.prepare(
      "SELECT checked_us, state, value, error, rights FROM alert_checks WHERE alert = ? ORDER BY "
      "checked_us DESC LIMIT ?"));
  row.bind(1, alert).bind(2, std::min(max, kChecksKept));
  while (TRY(row.step())) {
    AlertCheck check;
    check.checked_us = row.column_int(0);
    check.state = static_cast<AlertState>(row.column_int(1));
    const std::string value = row.column_text(2);
    if (!value.empty()) check.value = std::strtod(value.c_str(), nullptr);
    check.error = row.column_text(3);
    check.rights = row.column_text(4);
    checks.push_back(std::move(check));
  }
  return checks;
}

Result<std::optional<double>> earlier_value(store::Transaction& transaction,
                                            const std::string& alert, const AlertRule& rule,
                                            int64_t now_us) {
  if (!is_of_change(rule)) return std::optional<double>();
  const int64_t at_us =
      TRY(latest_value_us(transaction, alert, now_us - rule.change_minutes * kMinuteUs));
  auto row =
      TRY(transaction.prepare("SELECT value FROM alert_checks WHERE alert = ? AND checked_us = ?"));
  row.bind(1, alert).bind(2, at_us);
  if (!TRY(row.step())) return std::optional<double>();
  return std::optional(std::strtod(row.column_text(0).c_str(), nullptr));
}

}  // namespace firn::automation::checks
