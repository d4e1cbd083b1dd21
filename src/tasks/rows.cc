#include "tasks/rows_internal.h"

namespace firn::tasks {
namespace {

std::string ceiling_text(const std::optional<auth::Role>& ceiling) {
  return ceiling ? std::string(auth::role_name(*ceiling)) : std::string();
}

}  // namespace

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"tasks", 1, R"sql(
CREATE TABLE tasks (id TEXT PRIMARY KEY, organization TEXT NOT NULL, account TEXT NOT NULL,
  account_name TEXT NOT NULL, ceiling TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
  arguments TEXT NOT NULL, state INTEGER NOT NULL, percent INTEGER NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT '', result TEXT NOT NULL DEFAULT '',
  error_code TEXT NOT NULL DEFAULT '', error_message TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0, cancel INTEGER NOT NULL DEFAULT 0,
  created_us INTEGER NOT NULL, started_us INTEGER NOT NULL DEFAULT 0,
  ended_us INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX tasks_by_time ON tasks (organization, created_us, id);
CREATE INDEX tasks_by_subject ON tasks (subject, created_us);
CREATE INDEX tasks_unfinished ON tasks (organization) WHERE state < 2;
CREATE INDEX tasks_ended ON tasks (ended_us) WHERE state > 1;
CREATE TABLE task_plans (id TEXT PRIMARY KEY, organization TEXT NOT NULL, account TEXT NOT NULL,
  account_name TEXT NOT NULL, ceiling TEXT NOT NULL, kind TEXT NOT NULL, arguments TEXT NOT NULL,
  cron TEXT NOT NULL, zone TEXT NOT NULL, paused INTEGER NOT NULL, next_us INTEGER NOT NULL,
  last_us INTEGER NOT NULL) STRICT;
CREATE INDEX task_plans_due ON task_plans (next_us) WHERE next_us > 0;
)sql"},
  };
  return steps;
}

Task read_task(const store::Statement& row) {
  Task task;
  task.id = row.column_text(0);
  task.organization = row.column_text(1);
  task.account = row.column_text(2);
  task.account_name = row.column_text(3);
  task.ceiling = auth::parse_role(row.column_text(4));
  task.kind = row.column_text(5);
  task.subject = row.column_text(6);
  task.arguments = row.column_text(7);
  task.state = static_cast<TaskState>(row.column_int(8));
  task.percent = static_cast<int32_t>(row.column_int(9));
  task.note = row.column_text(10);
  task.result = row.column_text(11);
  if (const auto code = error_code_from_wire(row.column_text(12))) {
    task.error = Error(*code, row.column_text(13));
  }
  task.attempts = static_cast<int32_t>(row.column_int(14));
  task.created_us = row.column_int(15);
  task.started_us = row.column_int(16);
  task.ended_us = row.column_int(17);
  return task;
}

Status insert_task(store::Transaction& transaction, const Task& task) {
  auto row = TRY(transaction.prepare(
      "INSERT INTO tasks (id, organization, account, account_name, ceiling, kind, subject, "
      "arguments, state, created_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)"));
  return row.bind(1, task.id)
      .bind(2, task.organization)
      .bind(3, task.account)
      .bind(4, task.account_name)
      .bind(5, ceiling_text(task.ceiling))
      .bind(6, task.kind)
      .bind(7, task.subject)
      .bind(8, task.arguments)
      .bind(9, task.created_us)
      .run();
}

Result<int64_t> count_unfinished(store::Transaction& transaction, const std::string& organization) {
  auto row =
      TRY(transaction.prepare("SELECT count(*) FROM tasks WHERE organization = ? AND state < 2"));
  row.bind(1, organization);
  TRY(row.step());
  return row.column_int(0);
}

Plan read_plan(const store::Statement& row) {
  Plan plan;
  plan.id = row.column_text(0);
  plan.organization = row.column_text(1);
  plan.account = row.column_text(2);
  plan.account_name = row.column_text(3);
  plan.ceiling = auth::parse_role(row.column_text(4));
  plan.kind = row.column_text(5);
  plan.arguments = row.column_text(6);
  plan.cron = row.column_text(7);
  plan.zone = row.column_text(8);
  plan.paused = row.column_int(9) != 0;
  plan.next_us = row.column_int(10);
  plan.last_us = row.column_int(11);
  return plan;
}

Status upsert_plan(store::Transaction& transaction, const Plan& plan) {
  auto row = TRY(
      transaction.prepare("INSERT INTO task_plans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON "
                          "CONFLICT (id) DO UPDATE SET account = excluded.account, account_name = "
                          "excluded.account_name, ceiling = excluded.ceiling, kind = "
                          "excluded.kind, arguments = excluded.arguments, cron = excluded.cron, "
                          "zone = excluded.zone, paused = excluded.paused, next_us = "
                          "excluded.next_us"));
  return row.bind(1, plan.id)
      .bind(2, plan.organization)
      .bind(3, plan.account)
      .bind(4, plan.account_name)
      .bind(5, ceiling_text(plan.ceiling))
      .bind(6, plan.kind)
      .bind(7, plan.arguments)
      .bind(8, plan.cron)
      .bind(9, plan.zone)
      .bind(10, static_cast<int64_t>(plan.paused))
      .bind(11, plan.next_us)
      .bind(12, plan.last_us)
      .run();
}

}  // namespace firn::tasks
