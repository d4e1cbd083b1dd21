#include <algorithm>
#include <charconv>

#include "api/context.h"
#include "api/convert.h"
#include "api/deployment_admin.h"
#include "api/jobs.h"
#include "api/roots.h"

namespace firn::api {
namespace {

constexpr int32_t kPageMax = 500;

// Every element of a list of the queue's, as the schema has it.
template <typename Element, typename List>
std::vector<Element> all_of(const List& list) {
  std::vector<Element> made;
  for (const auto& element : list) made.push_back(to_schema(element));
  return made;
}

Result<size_t> page_size(int32_t first) {
  if (first < 0 || first > kPageMax) {
    return Error(ErrorCode::kInvalidArgument, "'first' is 0 to 500");
  }
  return static_cast<size_t>(first);
}

Result<size_t> offset_of(const std::optional<std::string>& after) {
  if (!after) return size_t{0};
  size_t offset = 0;
  const char* end = after->data() + after->size();
  const auto read = std::from_chars(after->data(), end, offset);
  if (read.ec != std::errc() || read.ptr != end) {
    return Error(ErrorCode::kInvalidArgument, "'after' is no cursor of this list");
  }
  return offset;
}

Result<schema::JobConnection> list_jobs(const Services& services,
                                        const schema::QueryJobsArgs& args) {
  jobs::JobQuery query;
  if (args.state) query.state = static_cast<jobs::JobState>(*args.state);
  query.queue = args.queue.value_or("");
  query.type = args.type.value_or("");
  query.pattern = args.pattern.value_or("");
  query.offset = TRY(offset_of(args.after));
  const size_t first = TRY(page_size(args.first));
  query.count = first + 1;
  auto found = services.jobs->find(query);
  const bool more = found.size() > first;
  if (more) found.pop_back();
  std::vector<schema::JobEdge> edges;
  for (size_t i = 0; i < found.size(); ++i) {
    edges.push_back({.cursor = std::to_string(query.offset + i + 1), .node = to_schema(found[i])});
  }
  std::optional<std::string> start;
  std::optional<std::string> end;
  if (!edges.empty()) {
    start = edges.front().cursor.get();
    end = edges.back().cursor.get();
  }
  return schema::JobConnection{.edges = std::move(edges),
                               .page_info = schema::PageInfo{.has_next_page = more,
                                                             .has_previous_page = query.offset > 0,
                                                             .start_cursor = std::move(start),
                                                             .end_cursor = std::move(end)}};
}

}  // namespace

Field<schema::JobStats> QueryRoot::job_stats(Call& call) const {
  return asking(
      call, [&services = services_](const auth::Principal& who) -> Result<schema::JobStats> {
        TRY(authorize_jobs(services, who));
        const auto stats = services.jobs->stats();
        return schema::JobStats{.waiting = static_cast<int64_t>(stats.waiting),
                                .scheduled = static_cast<int64_t>(stats.scheduled),
                                .retrying = static_cast<int64_t>(stats.retries),
                                .working = static_cast<int64_t>(stats.working),
                                .dead = static_cast<int64_t>(stats.dead),
                                .enqueued = static_cast<int64_t>(stats.counters.enqueued),
                                .processed = static_cast<int64_t>(stats.counters.processed),
                                .failures = static_cast<int64_t>(stats.counters.failures),
                                .recent_processed = services.jobs->recent_processed(),
                                .bytes = static_cast<int64_t>(stats.bytes),
                                .log_bytes = static_cast<int64_t>(stats.log_bytes)};
      });
}

Field<std::vector<schema::JobQueue>> QueryRoot::job_queues(Call& call) const {
  using Queues = std::vector<schema::JobQueue>;
  return asking(call, [&services = services_](const auth::Principal& who) -> Result<Queues> {
    TRY(authorize_jobs(services, who));
    Queues queues;
    for (const auto& queue : services.jobs->queues()) {
      queues.push_back({.name = queue.name,
                        .waiting = static_cast<int64_t>(queue.waiting),
                        .working = static_cast<int64_t>(queue.working),
                        .paused = queue.paused,
                        .latency_seconds = static_cast<double>(queue.latency_us) / 1e6});
    }
    return queues;
  });
}

Field<std::optional<schema::Job>> QueryRoot::job(Call& call,
                                                 const schema::QueryJobArgs& args) const {
  using Found = std::optional<schema::Job>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Found> {
    const auto jid = visible_jid(services, who, args.id);
    if (!jid.ok()) return Found();
    const auto job = services.jobs->job(*jid);
    if (!job.ok()) return Found();
    return Found(to_schema(*job));
  });
}

Field<schema::JobConnection> QueryRoot::jobs(Call& call, const schema::QueryJobsArgs& args) const {
  return asking(
      call,
      [&services = services_, args](const auth::Principal& who) -> Result<schema::JobConnection> {
        TRY(authorize_jobs(services, who));
        return list_jobs(services, args);
      });
}

Field<schema::JobProgress> QueryRoot::job_progress(Call& call,
                                                   const schema::QueryJobProgressArgs& args) const {
  return asking(
      call,
      [&services = services_, args](const auth::Principal& who) -> Result<schema::JobProgress> {
        return to_schema(progress_of(services, TRY(visible_jid(services, who, args.id))));
      });
}

Field<std::vector<schema::JobWorker>> QueryRoot::job_workers(Call& call) const {
  using Workers = std::vector<schema::JobWorker>;
  return asking(call, [&services = services_](const auth::Principal& who) -> Result<Workers> {
    TRY(authorize_jobs(services, who));
    Workers workers;
    for (const auto& worker : services.jobs->workers().list()) {
      workers.push_back(
          {.wid = worker.wid,
           .hostname = worker.hostname,
           .pid = worker.pid,
           .labels = worker.labels,
           .started_at = time_of(worker.started_us),
           .beat_at = time_of(worker.beat_us),
           .resident_kilobytes = worker.rss_kb,
           .state = static_cast<schema::WorkerState>(std::max(worker.state, worker.wanted)),
           .connections = worker.connections});
    }
    return workers;
  });
}

Field<std::vector<schema::JobSchedule>> QueryRoot::job_schedules(Call& call) const {
  using Schedules = std::vector<schema::JobSchedule>;
  return asking(call, [&services = services_](const auth::Principal& who) -> Result<Schedules> {
    TRY(authorize_jobs(services, who));
    return all_of<schema::JobSchedule>(services.jobs->schedules());
  });
}

Field<std::vector<schema::JobBatch>> QueryRoot::job_batches(
    Call& call, const schema::QueryJobBatchesArgs& args) const {
  using Batches = std::vector<schema::JobBatch>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Batches> {
    TRY(authorize_jobs(services, who));
    const size_t first = TRY(page_size(args.first));
    Batches batches;
    for (const auto& batch : services.jobs->batches()) {
      if (batches.size() == first) break;
      batches.push_back(
          {.bid = batch.bid,
           .parent_bid = unless_empty(batch.parent_bid),
           .description = batch.description,
           .created_at = time_of(batch.created_us),
           .ended_at = batch.ended_us == 0 ? std::nullopt : std::optional(time_of(batch.ended_us)),
           .committed = batch.committed,
           .total = static_cast<int64_t>(batch.total),
           .pending = static_cast<int64_t>(batch.pending),
           .failed = static_cast<int64_t>(batch.failed)});
    }
    return batches;
  });
}

Field<std::vector<schema::JobLimit>> QueryRoot::job_limits(Call& call) const {
  using AllLimits = std::vector<schema::JobLimit>;
  return asking(call, [&services = services_](const auth::Principal& who) -> Result<AllLimits> {
    TRY(authorize_jobs(services, who));
    return all_of<schema::JobLimit>(services.jobs->limits());
  });
}

}  // namespace firn::api
