#include "query/conversation.h"

#include <sys/wait.h>

#include <csignal>

#include "base/interruption.h"

namespace firn::query {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLookInterval{100};
// Between asking a worker to stop and killing it.
constexpr std::chrono::milliseconds kStopGrace{1'000};

}  // namespace

Conversation::Outcome Conversation::run(const WorkerQuery& query, const Handlers& handlers) {
  pool_.kill_at(worker_, deadline_ + kStopGrace);
  if (!worker_.send(FrameType::kQuery, encode(query)).ok()) return {death(), false, true};
  while (true) {
    // Looked at also while frames keep coming.
    const bool readable = worker_.channel().readable_within(kLookInterval);
    look_around(handlers);
    if (!readable) continue;
    auto frame = worker_.channel().receive();
    if (!frame.ok()) return {death(), false, false};
    if (frame->type == FrameType::kDone) {
      WireReader in(frame->payload);
      WorkerDone done;
      done.rows = in.number<uint64_t>();
      done.memory_peak_bytes = in.number<uint64_t>();
      if (stop_reason_) return {*stop_reason_, true, false};
      return {done, true, false};
    }
    if (frame->type == FrameType::kFailed) {
      // An engine that broke an invariant of its own is not asked again.
      Error error = decode_error(frame->payload);
      const bool reusable = error.code() != ErrorCode::kInternal;
      return {stop_reason_ ? *stop_reason_ : std::move(error), reusable, false};
    }
    if (auto status = handle(*frame, handlers); !status.ok()) stop(std::move(status).error());
  }
}

void Conversation::look_around(const Handlers& handlers) {
  if (stop_reason_) return;
  if (Clock::now() >= deadline_) {
    stop(Error(ErrorCode::kDeadlineExceeded,
               "the query took longer than " + std::to_string(allowed_.count()) + " ms"));
    return;
  }
  bool cancelled = false;
  {
    std::lock_guard lock(record_.mutex);
    cancelled = record_.cancel_requested;
  }
  if (cancelled || handlers.cancelled()) {
    stop(Error(ErrorCode::kCancelled, "the query was cancelled"));
  }
}

void Conversation::stop(Error reason) {
  if (stop_reason_) return;
  stop_reason_ = std::move(reason);
  pool_.kill_at(worker_, Clock::now() + kStopGrace);
  // A worker that is gone shows at the next receive.
  if (!worker_.send(FrameType::kCancel, {}).ok()) worker_.kill();
}

Status Conversation::handle(const Frame& frame, const Handlers& handlers) {
  switch (frame.type) {
    case FrameType::kHead: {
      auto columns = TRY(decode_columns(frame.payload));
      return stop_reason_ ? Status() : handlers.head(std::move(columns));
    }
    case FrameType::kRows: return stop_reason_ ? Status() : handlers.rows(frame.payload);
    case FrameType::kListSchemas:
    case FrameType::kListTables:
    case FrameType::kResolve:
    case FrameType::kForeignSource:
    case FrameType::kForeignTables:
    case FrameType::kForeignRead:
    case FrameType::kForeignSocket:
    case FrameType::kRemotePage:
    case FrameType::kPlannedFile:
    case FrameType::kPlan: {
      std::vector<int> descriptors;
      // What it asks for may lie on another machine.
      const Interruption interruption([&] {
        look_around(handlers);
        return stop_reason_.has_value();
      });
      auto reply = reply_to(frame, descriptors);
      const std::string payload =
          reply.ok() ? std::string(1, '\0') + *reply : std::string(1, '\1') + encode(reply.error());
      const Status sent = worker_.send(FrameType::kReply, payload, descriptors);
      lent_.clear();
      return sent;
    }
    default: return Error(ErrorCode::kInternal, "the query worker broke the protocol");
  }
}

Result<std::string> Conversation::reply_to(const Frame& frame, std::vector<int>& descriptors) {
  WireReader in(frame.payload);
  if (frame.type == FrameType::kPlan) {
    const auto request = TRY(decode_plan_request(frame.payload));
    const ScanPlan plan = TRY(view_.plan(request.handle, request.conjuncts));
    for (const auto& file : plan.files) {
      if (!file.hot) continue;
      descriptors.push_back(file.hot->descriptor());
      hot_.push_back(file.hot);
    }
    return encode(plan);
  }
  if (frame.type == FrameType::kRemotePage) {
    const RemotePage page = TRY(view_.remote_page());
    return encode(page);
  }
  const std::string catalog = in.text();
  if (frame.type == FrameType::kPlannedFile) {
    if (!in.at_end()) return Error(ErrorCode::kInternal, "the query worker broke the protocol");
    lent_.push_back(TRY(view_.planned_file(catalog)));
    descriptors.push_back(lent_.back()->get());
    return std::string();
  }
  if (frame.type >= FrameType::kForeignSource) {
    return foreign_reply_to(frame.type, catalog, in, descriptors);
  }
  WireWriter out;
  if (frame.type == FrameType::kListSchemas) {
    out.texts(TRY(view_.list_schemas(catalog)));
    return out.take();
  }
  const std::string schema = in.text();
  if (frame.type == FrameType::kListTables) {
    out.texts(TRY(view_.list_tables(catalog, schema)));
    return out.take();
  }
  const std::string name = in.text();
  TableVersion version;
  version.kind = static_cast<TableVersion::Kind>(in.number<uint8_t>());
  version.number = in.number<int64_t>();
  version.ref = in.text();
  if (!in.at_end()) return Error(ErrorCode::kInternal, "the query worker broke the protocol");
  return encode(TRY(view_.resolve(catalog, schema, name, version)));
}

Result<std::string> Conversation::foreign_reply_to(FrameType type, const std::string& connection,
                                                   WireReader& in, std::vector<int>& descriptors) {
  const auto broken = Error(ErrorCode::kInternal, "the query worker broke the protocol");
  const auto lend = [&](std::shared_ptr<OwnedDescriptor> descriptor) {
    if (descriptor == nullptr) return;
    descriptors.push_back(descriptor->get());
    lent_.push_back(std::move(descriptor));
  };
  switch (type) {
    case FrameType::kForeignSource: {
      if (!in.at_end()) return broken;
      const auto source = TRY(view_.foreign_source(connection));
      lend(source.file);
      for (const auto& file : source.files) lend(file.descriptor);
      return encode(source);
    }
    case FrameType::kForeignTables:
      if (!in.at_end()) return broken;
      {
        const auto tables = TRY(view_.foreign_tables(connection));
        return encode(tables);
      }
    case FrameType::kForeignRead: {
      const std::string schema = in.text();
      const std::string name = in.text();
      if (!in.at_end()) return broken;
      const auto access = TRY(view_.foreign_read(connection, schema, name));
      return encode(access);
    }
    default: {
      const auto port = in.number<uint16_t>();
      if (!in.at_end()) return broken;
      auto socket = TRY(view_.foreign_socket(connection, port));
      lend(std::move(socket));
      return std::string();
    }
  }
}

Error Conversation::death() {
  if (stop_reason_) return *stop_reason_;
  // The socket closes a moment before the process can be waited for.
  std::optional<int> status;
  for (int i = 0; i < 200 && !status; ++i) {
    status = worker_.wait_status();
    if (!status) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  if (Clock::now() >= deadline_) {
    return Error(ErrorCode::kDeadlineExceeded,
                 "the query took longer than " + std::to_string(allowed_.count()) + " ms");
  }
  const int signal = status && WIFSIGNALED(*status) ? WTERMSIG(*status) : 0;
  const std::string limit = std::to_string(pool_.options().memory_bytes_max >> 20) + " MiB";
  // The kernel's out-of-memory killer, or an allocation that failed where none may.
  if (signal == SIGKILL || signal == SIGABRT) {
    return Error(ErrorCode::kResourceExhausted,
                 "the query ran out of memory (limit " + limit + ") and was stopped",
                 "signal " + std::to_string(signal));
  }
  return Error(ErrorCode::kInternal, "the query engine crashed on this query; it has been replaced",
               "signal " + std::to_string(signal));
}

}  // namespace firn::query
