#include <array>

#include <fmt/format.h>

#include "api/context.h"
#include "api/deployment_admin.h"
#include "api/jobs.h"
#include "api/roots.h"
#include "base/bytes.h"
#include "base/rfc3339.h"
#include "platform/random.h"

namespace firn::api {
namespace {

// A job's JSON, without a jid and the closing brace.
std::string job_json(const std::string& type, const std::string& queue,
                     const std::optional<graphql::RawJson>& args) {
  std::string json = "{\"jobtype\":";
  jobs::append_json_string(json, type);
  json += ",\"queue\":";
  jobs::append_json_string(json, queue);
  return json + ",\"args\":" + (args && args->text != "null" ? args->text : "[]");
}

// The client's own members, and that the job is to be tracked.
Result<std::string> tracked_custom(const std::optional<graphql::RawJson>& given) {
  std::string custom = "{\"track\":1";
  if (!given || given->text == "null") return custom + '}';
  for (const auto& field : TRY(jobs::parse_object(given->text))) {
    if (field.name == "track") continue;
    custom += ',';
    jobs::append_json_string(custom, field.name);
    custom += ':';
    if (field.kind == jobs::JsonKind::kString) {
      jobs::append_json_string(custom, field.text);
    } else {
      custom += field.text;
    }
  }
  return custom + '}';
}

Result<schema::Job> push(Services& services, const schema::PushJobInput& input) {
  std::array<uint8_t, 12> id;
  platform::system_random().fill(id);
  const std::string jid = to_hex(id);
  std::string json = job_json(input.type, input.queue, input.args);
  json += ",\"custom\":" + TRY(tracked_custom(input.custom));
  json += fmt::format(",\"jid\":\"{}\",\"retry\":{},\"reserve_for\":{}", jid, input.retry,
                      input.reserve_for);
  if (input.at) {
    json += ",\"at\":\"";
    append_rfc3339(json, input.at->micros, TimeDigits::kMicros);
    json += '"';
  }
  auto job = TRY(jobs::parse_job(json + '}', services.clock.now_us()));
  jobs::JobInfo info{jid,
                     std::string(job.queue()),
                     job.type,
                     job.state,
                     services.clock.now_us(),
                     job.when_us,
                     "",
                     0,
                     job.to_json()};
  TRY(services.jobs->settle(TRY(services.jobs->push(std::move(job)))));
  // Where it is not gone already.
  auto now = services.jobs->job(jid);
  return to_schema(now.ok() ? *now : info);
}

// Does something to one job, durably, and answers how it is then.
template <typename Change>
Result<schema::Job> change_job(Services& services, const auth::Principal& who,
                               const std::string& id, Change change) {
  const std::string jid = TRY(visible_jid(services, who, id));
  TRY(services.jobs->settle(TRY((services.jobs->*change)(jid))));
  return to_schema(TRY(services.jobs->job(jid)));
}

}  // namespace

Field<schema::Job> MutationRoot::push_job(Call& call,
                                          const schema::MutationPushJobArgs& args) const {
  return changing(call, {args.input.type},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<schema::Job> {
                    TRY(authorize_jobs(services, who));
                    return push(services, input);
                  });
}

Field<schema::Job> MutationRoot::requeue_job(Call& call,
                                             const schema::MutationRequeueJobArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<schema::Job> {
                    return change_job(services, who, args.id, &jobs::Queue::requeue);
                  });
}

Field<schema::Job> MutationRoot::kill_job(Call& call,
                                          const schema::MutationKillJobArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<schema::Job> {
                    return change_job(services, who, args.id, &jobs::Queue::kill);
                  });
}

Field<std::string> MutationRoot::discard_job(Call& call,
                                             const schema::MutationDiscardJobArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    const std::string jid = TRY(visible_jid(services, who, args.id));
                    TRY(services.jobs->settle(TRY(services.jobs->discard(jid))));
                    return args.id;
                  });
}

Field<int32_t> MutationRoot::redrive_dead_jobs(
    Call& call, const schema::MutationRedriveDeadJobsArgs& args) const {
  return changing(call, {args.queue.value_or("*")},
                  [&services = services_, args](const auth::Principal& who) -> Result<int32_t> {
                    TRY(authorize_jobs(services, who));
                    constexpr size_t kRedrivenMax = 10'000;
                    jobs::JobQuery query;
                    query.state = jobs::JobState::kDead;
                    query.queue = args.queue.value_or("");
                    query.type = args.type.value_or("");
                    query.count = kRedrivenMax;
                    int32_t count = 0;
                    jobs::Ticket last;
                    for (const auto& job : services.jobs->find(query)) {
                      // One that somebody else has dealt with meanwhile is fine.
                      const auto requeued = services.jobs->requeue(job.jid);
                      if (!requeued.ok()) continue;
                      last = *requeued;
                      ++count;
                    }
                    TRY(services.jobs->settle(last));
                    return count;
                  });
}

Field<std::string> MutationRoot::pause_job_queue(
    Call& call, const schema::MutationPauseJobQueueArgs& args) const {
  return changing(
      call, {args.name},
      [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
        TRY(authorize_jobs(services, who));
        TRY(services.jobs->settle(TRY(services.jobs->set_paused({args.name}, args.paused))));
        return args.name;
      });
}

Field<std::string> MutationRoot::remove_job_queue(
    Call& call, const schema::MutationRemoveJobQueueArgs& args) const {
  return changing(call, {args.name},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    TRY(authorize_jobs(services, who));
                    TRY(services.jobs->settle(TRY(services.jobs->remove_queues({args.name}))));
                    return args.name;
                  });
}

Field<std::string> MutationRoot::stop_job_worker(
    Call& call, const schema::MutationStopJobWorkerArgs& args) const {
  return changing(call, {args.wid},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    TRY(authorize_jobs(services, who));
                    TRY(services.jobs->workers().signal(
                        args.wid, args.terminate ? jobs::WorkerSignal::kTerminate
                                                 : jobs::WorkerSignal::kQuiet));
                    return args.wid;
                  });
}

Field<schema::JobSchedule> MutationRoot::set_job_schedule(
    Call& call, const schema::MutationSetJobScheduleArgs& args) const {
  return changing(call, {args.input.name},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<schema::JobSchedule> {
                    TRY(authorize_jobs(services, who));
                    jobs::Schedule schedule;
                    schedule.name = input.name;
                    schedule.cron = input.cron;
                    schedule.zone = input.timezone.value_or("");
                    schedule.job = job_json(input.type, input.queue, input.args) + '}';
                    schedule.paused = input.paused;
                    TRY(services.jobs->settle(TRY(services.jobs->set_schedule(schedule))));
                    for (const auto& made : services.jobs->schedules()) {
                      if (made.name == input.name) return to_schema(made);
                    }
                    return Error(ErrorCode::kConflict, "somebody has just removed it");
                  });
}

Field<std::string> MutationRoot::remove_job_schedule(
    Call& call, const schema::MutationRemoveJobScheduleArgs& args) const {
  return changing(call, {args.name},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    TRY(authorize_jobs(services, who));
                    TRY(services.jobs->settle(TRY(services.jobs->remove_schedule(args.name))));
                    return args.name;
                  });
}

Field<schema::JobLimit> MutationRoot::set_job_limit(
    Call& call, const schema::MutationSetJobLimitArgs& args) const {
  return changing(call, {args.input.name},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<schema::JobLimit> {
                    TRY(authorize_jobs(services, who));
                    jobs::Limit limit;
                    limit.kind = static_cast<jobs::LimitKind>(input.kind);
                    limit.name = input.name;
                    limit.concurrency = input.concurrency.value_or(0);
                    limit.rate = input.rate.value_or(0);
                    limit.per_s = input.per_seconds;
                    TRY(services.jobs->settle(TRY(services.jobs->set_limit(limit))));
                    return to_schema(limit);
                  });
}

Field<std::string> MutationRoot::remove_job_limit(
    Call& call, const schema::MutationRemoveJobLimitArgs& args) const {
  return changing(call, {args.name},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    TRY(authorize_jobs(services, who));
                    const auto kind = static_cast<jobs::LimitKind>(args.kind);
                    TRY(services.jobs->settle(TRY(services.jobs->remove_limit(kind, args.name))));
                    return args.name;
                  });
}

}  // namespace firn::api
