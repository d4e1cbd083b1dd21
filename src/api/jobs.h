#pragma once

#include "api/schema/types.h"
#include "api/services.h"
#include "jobs/queue.h"

// Background jobs as the schema has them.
namespace firn::api {

static_assert(static_cast<int>(schema::JobState::kDead) == static_cast<int>(jobs::JobState::kDead));
static_assert(static_cast<int>(schema::JobLimitKind::kKey) ==
              static_cast<int>(jobs::LimitKind::kKey));
static_assert(static_cast<int>(schema::WorkerState::kTerminating) ==
              static_cast<int>(jobs::WorkerSignal::kTerminate));

schema::Job to_schema(const jobs::JobInfo& job);
schema::JobProgress to_schema(const jobs::Progress& progress);
schema::JobSchedule to_schema(const jobs::Schedule& schedule);
schema::JobLimit to_schema(const jobs::Limit& limit);

// PermissionDenied unless the principal runs the deployment; Unsupported where another server keeps
// the queue.
Status authorize_jobs(const Services& services, const auth::Principal& who);
// The job with this global id, for those who run the deployment; NotFound for all others, in the
// same words as for one that does not exist.
Result<std::string> visible_jid(const Services& services, const auth::Principal& who,
                                const std::string& id);
// Its progress; of a job that is not tracked, just its state.
jobs::Progress progress_of(const Services& services, const std::string& jid);

}  // namespace firn::api
