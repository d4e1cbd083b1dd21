#include "app/metrics.h"

#include <fmt/format.h>

namespace firn::app {
namespace {

void add(std::string& out, const char* name, const char* type, const char* help, uint64_t value) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help,
                 type, value);
}

}  // namespace

std::string render_metrics(const http::ServerStats& http, const ingest::IngestStats& ingest,
                           const query::WorkerPool::Stats& workers, const jobs::QueueStats& jobs,
                           const jobs::wire::WireStats& wire) {
  std::string out;
  add(out, "firn_http_requests_total", "counter", "Requests received.", http.requests);
  add(out, "firn_http_connections", "gauge", "Open connections.", http.connections_open);
  add(out, "firn_http_received_bytes_total", "counter", "Bytes received.", http.bytes_in);
  add(out, "firn_http_sent_bytes_total", "counter", "Bytes sent.", http.bytes_out);
  add(out, "firn_ingest_rows_total", "counter", "Rows accepted.", ingest.rows_appended);
  add(out, "firn_ingest_rejected_rows_total", "counter", "Rows kept as rejected.",
      ingest.rows_rejected);
  add(out, "firn_hot_rows", "gauge", "Durable rows that are not yet committed.", ingest.rows_hot);
  add(out, "firn_hot_bytes", "gauge", "Memory of those rows.", ingest.bytes_hot);
  add(out, "firn_wal_bytes", "gauge", "Size of the live write-ahead log.", ingest.wal_bytes);
  add(out, "firn_commits_total", "counter", "Iceberg commits of hot rows.",
      ingest.committer.commits);
  add(out, "firn_commit_failures_total", "counter", "Commits that failed and are tried again.",
      ingest.committer.failures);
  add(out, "firn_committed_rows_total", "counter", "Rows committed.", ingest.committer.rows);
  add(out, "firn_query_workers", "gauge", "Query processes.",
      static_cast<uint64_t>(workers.workers));
  add(out, "firn_query_workers_idle", "gauge", "Query processes without a query.",
      static_cast<uint64_t>(workers.idle));
  add(out, "firn_queries_waiting", "gauge", "Queries that wait for a process.",
      static_cast<uint64_t>(workers.waiting));
  add(out, "firn_query_workers_started_total", "counter", "Query processes started.",
      workers.started);
  add(out, "firn_jobs_waiting", "gauge", "Jobs in their queues.", jobs.waiting);
  add(out, "firn_jobs_scheduled", "gauge", "Jobs for a later time.", jobs.scheduled);
  add(out, "firn_jobs_retrying", "gauge", "Jobs that failed and are tried again.", jobs.retries);
  add(out, "firn_jobs_working", "gauge", "Jobs that a worker has.", jobs.working);
  add(out, "firn_jobs_dead", "gauge", "Jobs that failed too often.", jobs.dead);
  add(out, "firn_jobs_pushed_total", "counter", "Jobs pushed.", jobs.counters.enqueued);
  add(out, "firn_jobs_processed_total", "counter", "Jobs done or failed.", jobs.counters.processed);
  add(out, "firn_job_failures_total", "counter", "Failures of jobs.", jobs.counters.failures);
  add(out, "firn_jobs_bytes", "gauge", "Memory of jobs.", jobs.bytes);
  add(out, "firn_jobs_log_bytes", "gauge", "Size of the job queue's log.", jobs.log_bytes);
  add(out, "firn_jobs_connections", "gauge", "Open connections to the job queue.",
      wire.connections);
  add(out, "firn_jobs_commands_total", "counter", "Commands to the job queue.", wire.commands);
  return out;
}

}  // namespace firn::app
