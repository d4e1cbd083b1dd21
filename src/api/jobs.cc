#include "api/jobs.h"

#include "api/convert.h"
#include "api/deployment_admin.h"
#include "api/ids.h"
#include "api/tasks.h"
#include "jobs/json_fields.h"

namespace firn::api {
namespace {

std::optional<int32_t> number_or_none(int64_t value) {
  return value == 0 ? std::nullopt : std::optional(static_cast<int32_t>(value));
}

}  // namespace

schema::Job to_schema(const jobs::JobInfo& job) {
  graphql::RawJson args{"[]"};
  std::optional<graphql::RawJson> custom;
  std::optional<graphql::RawJson> failure;
  // It is the queue's own text.
  const auto fields = jobs::parse_object(job.json);
  if (fields.ok()) {
    for (const auto& field : *fields) {
      if (field.name == "args") args.text = field.text;
      if (field.name == "custom") custom = graphql::RawJson{field.text};
      if (field.name == "failure") failure = graphql::RawJson{field.text};
    }
  }
  return {.id = global_id("job", job.jid),
          .jid = job.jid,
          .queue = job.queue,
          .type = job.type,
          .state = static_cast<schema::JobState>(job.state),
          .args = std::move(args),
          .custom = std::move(custom),
          .enqueued_at = time_or_none(job.enqueued_us),
          .at = time_or_none(job.when_us),
          .worker_id = unless_empty(job.wid),
          .failures = job.failures,
          .failure = std::move(failure)};
}

schema::JobProgress to_schema(const jobs::Progress& progress) {
  return {.jid = progress.jid,
          .state = progress.state,
          .percent = progress.percent,
          .description = progress.description,
          .updated_at = time_or_none(progress.updated_us)};
}

schema::JobSchedule to_schema(const jobs::Schedule& schedule) {
  return {.name = schedule.name,
          .cron = schedule.cron,
          .timezone = schedule.zone.empty() ? "UTC" : schedule.zone,
          .job = graphql::RawJson{schedule.job},
          .paused = schedule.paused,
          .next_at = time_or_none(schedule.next_us),
          .last_at = time_or_none(schedule.last_us)};
}

schema::JobLimit to_schema(const jobs::Limit& limit) {
  return {.kind = static_cast<schema::JobLimitKind>(limit.kind),
          .name = limit.name,
          .concurrency = number_or_none(limit.concurrency),
          .rate = number_or_none(limit.rate),
          .per_seconds = static_cast<int32_t>(limit.per_s)};
}

Status authorize_jobs(const Services& services, const auth::Principal& who) {
  TRY(authorize_deployment(services, who));
  if (services.jobs != nullptr) return {};
  return Error(ErrorCode::kUnsupported,
               "the jobs are another server's (FAKTORY_URL): they are seen and steered there");
}

Result<std::string> visible_jid(const Services& services, const auth::Principal& who,
                                const std::string& id) {
  if (!authorize_jobs(services, who).ok()) {
    return Error(ErrorCode::kNotFound, "there is no such job");
  }
  return local_id("job", id);
}

jobs::Progress progress_of(const Services& services, const std::string& jid) {
  jobs::Progress progress = services.jobs->progress(jid);
  if (progress.state != "unknown") return progress;
  const auto job = services.jobs->job(jid);
  if (!job.ok()) return progress;
  switch (job->state) {
    case jobs::JobState::kWaiting:
    case jobs::JobState::kScheduled: progress.state = "enqueued"; break;
    case jobs::JobState::kWorking: progress.state = "working"; break;
    case jobs::JobState::kRetrying: progress.state = "failed"; break;
    case jobs::JobState::kDead: progress.state = "dead"; break;
  }
  return progress;
}

}  // namespace firn::api
