#pragma once

#include <memory>

#include "auth/auth.h"
#include "http/server.h"
#include "http/thread_pool.h"
#include "ingest/service.h"

namespace firn::ingest {

struct IngestHttpOptions {
  uint64_t append_bytes_max = 64ULL << 20;
  uint64_t inline_bytes_max = 512ULL << 10;  // larger bodies are decoded off the I/O threads
  int blocking_threads = 4;
  int blocking_queue_max = 1024;
};

// The HTTP edge of ingestion: POST /append, POST /upload, GET /tasks/{id}. Thread-safe.
class IngestHttp {
 public:
  IngestHttp(const IngestHttpOptions& options, Service& service,
             auth::Authenticator& authenticator);

  // The route of a request under these paths; nullopt for any other path.
  std::optional<http::Route> route(const http::Request& request);

 private:
  void append(const std::shared_ptr<http::Exchange>& exchange);
  void upload(http::Stream& stream);
  http::Response task(const http::Request& request);

  const IngestHttpOptions options_;
  Service& service_;
  auth::Authenticator& authenticator_;
  http::ThreadPool pool_;
};

}  // namespace firn::ingest
