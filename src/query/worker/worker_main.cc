#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "query/channel.h"
#include "query/worker.h"
#include "query/worker/database.h"
#include "query/worker/sandbox.h"

namespace firn::query {
namespace {

// The worker's end of the socket. One thread receives and hands out what comes; the query's thread
// asks for tables and sends the answer.
class Server final : public TableSource, public AnswerSink {
 public:
  Server() : channel_(kWorkerSocket, Channel::kFrameBytesMax) {}

  void serve(Database& database);
  Status send(FrameType type, std::string_view payload) {
    std::lock_guard lock(send_mutex_);
    return channel_.send(type, payload);
  }

  Result<std::vector<std::string>> list_schemas(const std::string& catalog) override {
    WireWriter out;
    out.text(catalog);
    return texts(TRY(ask(FrameType::kListSchemas, out.take())));
  }
  Result<std::vector<std::string>> list_tables(const std::string& catalog,
                                               const std::string& schema) override {
    WireWriter out;
    out.text(catalog);
    out.text(schema);
    return texts(TRY(ask(FrameType::kListTables, out.take())));
  }
  Result<ResolvedTable> resolve(const std::string& catalog, const std::string& schema,
                                const std::string& name, const TableVersion& version) override {
    WireWriter out;
    out.text(catalog);
    out.text(schema);
    out.text(name);
    out.number(static_cast<uint8_t>(version.kind));
    out.number(version.number);
    out.text(version.ref);
    const Frame reply = TRY(ask(FrameType::kResolve, out.take()));
    return decode_table(std::string_view(reply.payload).substr(1));
  }
  Result<ScanPlan> plan(uint64_t handle, const std::vector<Conjunct>& conjuncts) override {
    Frame reply = TRY(ask(FrameType::kPlan, encode(handle, conjuncts)));
    return decode_plan(std::string_view(reply.payload).substr(1), std::move(reply.descriptors));
  }

  Result<std::shared_ptr<OwnedDescriptor>> planned_file(const std::string& path) override {
    WireWriter out;
    out.text(path);
    return std::shared_ptr<OwnedDescriptor>(
        TRY(lent(TRY(ask(FrameType::kPlannedFile, out.take())))));
  }
  Result<RemotePage> remote_page() override {
    const Frame reply = TRY(ask(FrameType::kRemotePage, {}));
    return decode_page(std::string_view(reply.payload).substr(1));
  }
  Result<ForeignSource> foreign_source(const std::string& connection) override {
    WireWriter out;
    out.text(connection);
    Frame reply = TRY(ask(FrameType::kForeignSource, out.take()));
    return decode_source(std::string_view(reply.payload).substr(1), std::move(reply.descriptors));
  }
  Result<std::vector<ForeignTable>> foreign_tables(const std::string& connection) override {
    WireWriter out;
    out.text(connection);
    const Frame reply = TRY(ask(FrameType::kForeignTables, out.take()));
    return decode_foreign_tables(std::string_view(reply.payload).substr(1));
  }
  Result<ForeignAccess> foreign_read(const std::string& connection, const std::string& schema,
                                     const std::string& name) override {
    WireWriter out;
    out.text(connection);
    out.text(schema);
    out.text(name);
    const Frame reply = TRY(ask(FrameType::kForeignRead, out.take()));
    return decode_access(std::string_view(reply.payload).substr(1));
  }
  Result<std::unique_ptr<OwnedDescriptor>> foreign_socket(const std::string& address,
                                                          uint16_t port) override {
    WireWriter out;
    out.text(address);
    out.number(port);
    return lent(TRY(ask(FrameType::kForeignSocket, out.take())));
  }

  Status head(const std::vector<ResultColumn>& columns) override {
    return send(FrameType::kHead, encode(columns));
  }
  Status rows(std::string_view bytes) override { return send(FrameType::kRows, bytes); }

 private:
  void receive(Database& database);
  Result<Frame> ask(FrameType type, const std::string& request);
  static Result<std::unique_ptr<OwnedDescriptor>> lent(const Frame& reply) {
    std::unique_ptr<OwnedDescriptor> last;
    for (const int descriptor : reply.descriptors) {
      last = std::make_unique<OwnedDescriptor>(descriptor);  // one; others close
    }
    if (!last) return Error(ErrorCode::kInternal, "a malformed reply");
    return last;
  }
  static Result<std::vector<std::string>> texts(Frame reply) {
    WireReader in(std::string_view(reply.payload).substr(1));
    auto values = in.texts();
    if (!in.at_end()) return Error(ErrorCode::kInternal, "a malformed reply");
    return values;
  }

  Channel channel_;
  std::mutex send_mutex_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<WorkerQuery> query_;
  std::optional<Frame> reply_;
  std::mutex ask_mutex_;  // one question at a time
};

Result<Frame> Server::ask(FrameType type, const std::string& request) {
  std::lock_guard one(ask_mutex_);
  TRY(send(type, request));
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return reply_.has_value(); });
  Frame reply = std::move(*reply_);
  reply_.reset();
  // The first byte says whether an error follows.
  if (reply.payload.empty()) return Error(ErrorCode::kInternal, "a malformed reply");
  if (reply.payload[0] != 0) return decode_error(std::string_view(reply.payload).substr(1));
  return reply;
}

void Server::receive(Database& database) {
  while (true) {
    auto frame = channel_.receive();
    // The server closed the socket, or is gone: nothing here is worth saving.
    if (!frame.ok()) ::_exit(0);
    if (frame->type == FrameType::kCancel) {
      database.interrupt();
      continue;
    }
    std::lock_guard lock(mutex_);
    if (frame->type == FrameType::kReply) {
      reply_ = std::move(*frame);
    } else if (frame->type == FrameType::kQuery) {
      auto query = decode_query(frame->payload);
      if (!query.ok()) ::_exit(2);
      query_ = std::move(*query);
    }
    changed_.notify_all();
  }
}

void Server::serve(Database& database) {
  std::thread receiver([&] { receive(database); });
  while (true) {
    WorkerQuery query;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return query_.has_value(); });
      query = std::move(*query_);
      query_.reset();
    }
    const auto done = database.run(query, *this, *this);
    Status sent;
    if (done.ok()) {
      WireWriter out;
      out.number(done->rows);
      out.number(done->memory_peak_bytes);
      sent = send(FrameType::kDone, out.take());
    } else {
      sent = send(FrameType::kFailed, encode(done.error()));
    }
    if (!sent.ok()) ::_exit(0);
  }
}

struct Arguments {
  DatabaseOptions database;
  SandboxOptions sandbox;
};

std::optional<Arguments> parse_arguments(int argc, char** argv) {
  std::map<std::string, std::string> values;
  int first = 0;  // option, behind the command's name
  while (first < argc && std::string_view(argv[first]).substr(0, 2) != "--") ++first;
  for (int i = first; i + 1 < argc; i += 2) values[argv[i]] = argv[i + 1];
  const auto number = [&](const std::string& name) {
    uint64_t value = 0;
    const auto& text = values[name];
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  Arguments arguments;
  arguments.database.spill_directory = values["--spill"];
  arguments.database.extension_directory = values["--extensions"];
  arguments.database.memory_bytes_max = number("--memory");
  arguments.database.spill_bytes_max = number("--spill-bytes");
  arguments.database.threads = static_cast<int>(number("--threads"));
  if (arguments.database.spill_directory.empty() || arguments.database.threads < 1) {
    return std::nullopt;
  }
  arguments.sandbox.writable = values["--spill"];
  arguments.sandbox.readable = {values["--warehouse"], values["--extensions"], "/proc/self",
                                "/dev/urandom", "/sys/fs/cgroup"};
  arguments.sandbox.file_bytes_max = arguments.database.spill_bytes_max;
  // Room for what DuckDB does not count: stacks, the allocator's slack, the encoders.
  arguments.sandbox.memory_bytes_max = arguments.database.memory_bytes_max +
                                       arguments.database.memory_bytes_max / 4 + (512ULL << 20);
  return arguments;
}

int run_worker(const Arguments& arguments, WorkerReady ready) {
  auto database = Database::open(arguments.database);
  if (!database.ok()) {
    std::fprintf(stderr, "query worker: %s\n", database.error().to_log().c_str());
    return 1;
  }
  ready.seccomp = restrict_system_calls();
  limit_memory(arguments.sandbox);
  Server server;
  WireWriter out;
  out.number<uint8_t>(ready.landlock);
  out.number<uint8_t>(ready.seccomp);
  if (!server.send(FrameType::kReady, out.take()).ok()) return 0;
  server.serve(**database);
  return 0;
}

// DuckDB's parser and binder recurse: give them more stack than a process's first thread has.
constexpr size_t kStackBytes = 256u << 20;

}  // namespace

int worker_main(int argc, char** argv) {
  const auto arguments = parse_arguments(argc, argv);
  if (!arguments) {
    std::fprintf(stderr, "query-worker is started by firn serve only\n");
    return 2;
  }
  ::clearenv();
  // Every arena of the allocator takes address space, which is limited.
  ::mallopt(M_ARENA_MAX, 2);
  WorkerReady ready;
  limit_process(arguments->sandbox);
  ready.landlock = restrict_files(arguments->sandbox);
  int exit_code = 1;
  struct Start {
    const Arguments& arguments;
    const WorkerReady ready;
    int& exit_code;
  } start{*arguments, ready, exit_code};
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_t thread;
  const int failed = ::pthread_create(
      &thread, &attributes,
      [](void* given) -> void* {
        auto& start = *static_cast<Start*>(given);
        start.exit_code = run_worker(start.arguments, start.ready);
        return nullptr;
      },
      &start);
  if (failed != 0) return 1;
  ::pthread_join(thread, nullptr);
  return exit_code;
}

}  // namespace firn::query
