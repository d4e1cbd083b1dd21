#pragma once

#include <string>
#include <vector>

#include "store/database.h"
#include "tasks/tasks.h"

namespace firn::tasks {

const std::vector<store::Migration>& migrations();

inline constexpr const char* kSelectTask =
    "SELECT id, organization, account, account_name, ceiling, kind, subject, arguments, state, "
    "percent, note, result, error_code, error_message, attempts, created_us, started_us, ended_us "
    "FROM tasks";
Task read_task(const store::Statement& row);
Status insert_task(store::Transaction& transaction, const Task& task);
Result<int64_t> count_unfinished(store::Transaction& transaction, const std::string& organization);

inline constexpr const char* kSelectPlan =
    "SELECT id, organization, account, account_name, ceiling, kind, arguments, cron, zone, paused, "
    "next_us, last_us FROM task_plans";
Plan read_plan(const store::Statement& row);
Status upsert_plan(store::Transaction& transaction, const Plan& plan);

}  // namespace firn::tasks
