// What is pushed by the clock, and what limits hold.
#include <spdlog/spdlog.h>

#include <fmt/format.h>

#include "jobs/queue.h"
#include "platform/clock.h"

namespace firn::jobs {
namespace {

constexpr size_t kSchedulesMax = 10'000;
constexpr size_t kLimitsMax = 10'000;
constexpr std::string_view kCronPrefix = "cron/";

std::string schedule_json(const Schedule& schedule) {
  std::string json =
      fmt::format("{{\"paused\":{},\"next_us\":{},\"last_us\":{},\"cron\":", schedule.paused,
                  schedule.next_us, schedule.last_us);
  append_json_string(json, schedule.cron);
  json += ",\"zone\":";
  append_json_string(json, schedule.zone);
  return json + ",\"job\":" + schedule.job + '}';
}

Result<Schedule> parse_schedule(std::string_view name, std::string_view json) {
  Schedule schedule;
  schedule.name = name;
  for (const JsonField& field : TRY(parse_object(json))) {
    if (field.name == "paused") schedule.paused = field.text == "true";
    if (field.name == "next_us") schedule.next_us = TRY(whole_number(field));
    if (field.name == "last_us") schedule.last_us = TRY(whole_number(field));
    if (field.name == "cron") schedule.cron = field.text;
    if (field.name == "zone") schedule.zone = field.text;
    if (field.name == "job") schedule.job = field.text;
  }
  return schedule;
}

// The job of one moment. Its id says which, so that a moment has one job.
Result<Job> job_of(const Schedule& schedule, int64_t at_us, int64_t now_us) {
  auto fields = TRY(parse_object(schedule.job));
  std::erase_if(fields, [](const JsonField& field) { return field.name == "jid"; });
  fields.push_back(
      {"jid", JsonKind::kString, fmt::format("cron-{}-{}", schedule.name, at_us / kSecondUs)});
  return parse_job(fields, now_us);
}

}  // namespace

void Queue::load_schedules() {
  const auto& settings = state_.settings();
  for (auto setting = settings.lower_bound(kCronPrefix);
       setting != settings.end() && setting->first.starts_with(kCronPrefix); ++setting) {
    const std::string name = setting->first.substr(kCronPrefix.size());
    auto schedule = parse_schedule(name, setting->second.value);
    if (!schedule.ok()) continue;
    auto cron = Cron::parse(schedule->cron, schedule->zone);
    if (!cron.ok()) {
      // It was fine when it was made: the machine's time zones have changed.
      spdlog::error("the schedule {} cannot run: {}", name, cron.error().to_log());
      continue;
    }
    schedules_.emplace(name, Planned{std::move(*schedule), std::move(*cron)});
  }
}

Result<Ticket> Queue::set_schedule(Schedule schedule) {
  constexpr size_t kNameBytesMax = 64;
  if (!valid_queue_name(schedule.name) || schedule.name.size() > kNameBytesMax) {
    return Error(ErrorCode::kInvalidArgument,
                 "a schedule's name matches [a-zA-Z0-9._-]+, with at most 64 characters");
  }
  Cron cron = TRY(Cron::parse(schedule.cron, schedule.zone));
  const int64_t now_us = clock_.now_us();
  schedule.next_us = schedule.paused ? 0 : TRY(cron.next_after(now_us));
  TRY(job_of(schedule, now_us, now_us));
  std::lock_guard lock(mutex_);
  TRY(writable());
  TRY(roomy());
  const auto before = schedules_.find(schedule.name);
  if (before == schedules_.end() && schedules_.size() >= kSchedulesMax) {
    return Error(ErrorCode::kOverloaded, "there are too many schedules");
  }
  if (before != schedules_.end()) schedule.last_us = before->second.schedule.last_us;
  const std::string key = std::string(kCronPrefix) + schedule.name;
  const std::string value = schedule_json(schedule);
  append_setting(stage(), key, value);
  state_.on_setting(key, value);
  schedules_.insert_or_assign(schedule.name, Planned{schedule, std::move(cron)});
  return staged_ticket();
}

Result<Ticket> Queue::remove_schedule(std::string_view name) {
  std::lock_guard lock(mutex_);
  TRY(writable());
  const auto found = schedules_.find(name);
  if (found == schedules_.end()) {
    return Error(ErrorCode::kNotFound, fmt::format("there is no schedule {}", name));
  }
  const std::string key = std::string(kCronPrefix) + found->first;
  append_setting(stage(), key, "");
  state_.on_setting(key, "");
  schedules_.erase(found);
  return staged_ticket();
}

std::vector<Schedule> Queue::schedules() const {
  std::lock_guard lock(mutex_);
  std::vector<Schedule> all;
  for (const auto& [name, planned] : schedules_) all.push_back(planned.schedule);
  return all;
}

// The job and the time of the next one are in one frame: never one without the other.
bool Queue::run_due_schedules(int64_t now_us) {
  bool any = false;
  for (auto& [name, planned] : schedules_) {
    Schedule& schedule = planned.schedule;
    if (schedule.paused || schedule.next_us > now_us) continue;
    auto job = job_of(schedule, schedule.next_us, now_us);
    if (job.ok() && state_.find(job->jid()) == nullptr && admit(*job, now_us).ok()) {
      enqueue(std::move(*job), Cause::kPushed);
    }
    schedule.last_us = now_us;
    const auto next = planned.cron.next_after(now_us);
    schedule.paused = !next.ok();
    schedule.next_us = next.ok() ? *next : 0;
    const std::string key = std::string(kCronPrefix) + name;
    const std::string value = schedule_json(schedule);
    append_setting(stage(), key, value);
    state_.on_setting(key, value);
    any = true;
  }
  return any;
}

Result<Ticket> Queue::set_limit(const Limit& limit) {
  TRY(parse_limit(limit_json(limit)));
  std::lock_guard lock(mutex_);
  TRY(writable());
  const std::string key = limit_setting(limit.kind, limit.name);
  if (state_.setting(key).empty() && state_.limits().list().size() >= kLimitsMax) {
    return Error(ErrorCode::kOverloaded, "there are too many limits");
  }
  append_setting(stage(), key, limit_json(limit));
  state_.on_setting(key, limit_json(limit));
  serve_all_waiters();
  return staged_ticket();
}

Result<Ticket> Queue::remove_limit(LimitKind kind, std::string_view name) {
  std::lock_guard lock(mutex_);
  TRY(writable());
  const std::string key = limit_setting(kind, name);
  if (state_.setting(key).empty()) {
    return Error(ErrorCode::kNotFound, fmt::format("there is no limit for {}", name));
  }
  append_setting(stage(), key, "");
  state_.on_setting(key, "");
  serve_all_waiters();
  return staged_ticket();
}

std::vector<Limit> Queue::limits() const {
  std::lock_guard lock(mutex_);
  return state_.limits().list();
}

}  // namespace firn::jobs
