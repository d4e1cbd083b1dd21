#include "ingest/service.h"

#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/table.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "iceberg/data_writer.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/random.h"
#include "platform/testing.h"
#include "store/database.h"

namespace firn::ingest {
namespace {

constexpr size_t kReadableBytesBehind = 64;

// One request under way: its bytes, which have to stay until it is answered, and its answer.
class Call {
 public:
  Call(AppendRequest request, std::string body)
      : request_(std::move(request)), body_(std::move(body)), size_(body_.size()) {
    body_.append(kReadableBytesBehind, ' ');
  }

  static std::shared_ptr<Call> start(Service& service, AppendRequest request, std::string body) {
    auto call = std::make_shared<Call>(std::move(request), std::move(body));
    Service::Done done = [call](Result<AppendAnswer> answer) {
      std::lock_guard lock(call->mutex_);
      ++call->answers_;
      call->answer_ = std::move(answer);
      call->answered_.notify_all();
    };
    const std::string_view bytes = std::string_view(call->body_).substr(0, call->size_);
    if (!service.try_append(call->request_, bytes, done)) {
      service.append_blocking(call->request_, bytes, std::move(done));
    }
    return call;
  }

  Result<AppendAnswer> wait() {
    std::unique_lock lock(mutex_);
    answered_.wait(lock, [this] { return answer_.has_value(); });
    return *answer_;
  }
  int answers() {
    std::lock_guard lock(mutex_);
    return answers_;
  }

 private:
  const AppendRequest request_;
  std::string body_;
  const size_t size_;
  std::mutex mutex_;
  std::condition_variable answered_;
  int answers_ = 0;
  std::optional<Result<AppendAnswer>> answer_;
};

class ServiceTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void TearDown() override { close(); }

  void open() {
    database_ = MUST(store::Database::open(folder_.path() + "/firn.db"));
    catalog_ = MUST(catalog::Catalog::create({folder_.path() + "/warehouse"}, *database_, files_,
                                             clock_, random_));
    MUST(catalog_->ensure_catalog("lake"));
    const Status space = catalog_->create_namespace("lake", {"main"}, {});
    CHECK(space.ok() || space.error().code() == ErrorCode::kAlreadyExists);
    IngestOptions options;
    options.wal.directory = folder_.path() + "/wal";
    options.wal.segment_bytes = 64 << 10;  // many segments come and go
    options.committer.interval_ms = interval_ms_;
    options.spool_directory = folder_.path() + "/spool";
    service_ = MUST(Service::create(options, *catalog_, *database_, files_, random_, clock_));
  }

  void close() {
    service_.reset();
    catalog_.reset();
    database_.reset();
  }

  std::shared_ptr<Call> start(std::string body, bool sync = false, std::string key = {}) {
    AppendRequest request;
    request.table = ident_;
    request.format = RowFormat::kJsonLines;
    request.sync = sync;
    request.idempotency_key = std::move(key);
    return Call::start(*service_, std::move(request), std::move(body));
  }

  catalog::TablePtr load(const catalog::TableIdent& ident) {
    return MUST(catalog_->load_table(ident));
  }

  std::vector<iceberg::DataFile> data_files(const catalog::TableIdent& ident) {
    const auto table = load(ident);
    std::vector<iceberg::DataFile> found;
    const auto* snapshot = table->metadata->current_snapshot();
    if (snapshot == nullptr) return found;
    const auto files = MUST(catalog_->snapshot_files(*table, snapshot->snapshot_id));
    EXPECT_TRUE(files->delete_manifests.empty());
    for (const auto& manifest : files->data_manifests) {
      for (const auto& entry : *manifest) found.push_back(entry.data_file);
    }
    return found;
  }

  int64_t committed_rows(const catalog::TableIdent& ident) {
    int64_t rows = 0;
    for (const auto& file : data_files(ident)) rows += file.record_count;
    return rows;
  }

  // The column "id" of every live data file. Counts alone would not tell a lost row and a repeated
  // one from none.
  std::multiset<int64_t> committed_ids() {
    std::multiset<int64_t> ids;
    for (const auto& file : data_files(ident_)) {
      const std::string path = MUST(iceberg::local_path_of(file.file_path));
      auto input = arrow::io::ReadableFile::Open(path);
      CHECK(input.ok());
      parquet::arrow::FileReaderBuilder builder;
      CHECK(builder.Open(*input).ok());
      // On this thread: what Arrow's own threads do, ThreadSanitizer only half sees.
      parquet::ArrowReaderProperties properties;
      properties.set_pre_buffer(false);
      auto reader = builder.properties(properties)->Build();
      CHECK(reader.ok());
      const auto table = (*reader)->ReadTable();
      CHECK(table.ok());
      for (const auto& chunk : (*table)->GetColumnByName("id")->chunks()) {
        const auto& column = static_cast<const arrow::Int64Array&>(*chunk);
        for (int64_t i = 0; i < column.length(); ++i) ids.insert(column.Value(i));
      }
    }
    return ids;
  }

  const catalog::TableIdent ident_{"lake", {"main"}, "events"};
  const catalog::TableIdent rejected_{"lake", {"main"}, "events__rejected"};
  platform::TemporaryDirectory folder_;
  platform::FileSystem& files_ = platform::local_file_system();
  platform::Random& random_ = platform::system_random();
  platform::Clock& clock_ = platform::system_clock();
  int64_t interval_ms_ = 20;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<Service> service_;
};

std::string rows_from(int64_t first, int64_t count, const std::string& more = {}) {
  std::string body;
  for (int64_t id = first; id < first + count; ++id) {
    body += R"({"id":)" + std::to_string(id) + R"(,"text":"row )" + std::to_string(id) + '"' +
            more + "}\n";
  }
  return body;
}

// Requests of every kind from several threads, beside committers and a reader that asks for what a
// query would see. What was acknowledged is seen from then on, and after a restart it is all there,
// once.
TEST_F(ServiceTest, ThreadsAppendAtOnceAndNothingIsLostOrRepeated) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 48;
  constexpr int kPerBody = 5;
  constexpr int64_t kSharedIds = 1'000'000'000;  // of bodies that every thread sends
  MUST(start(rows_from(0, 1), true)->wait());
  const Uuid table = load(ident_)->metadata->table_uuid;
  std::atomic<int64_t> acknowledged{1};
  std::atomic<int64_t> rejected{0};
  std::atomic<bool> stop{false};
  std::mutex expected_mutex;
  std::set<int64_t> expected{0};

  const auto append_all = [&](int worker) {
    std::vector<std::pair<std::shared_ptr<Call>, int64_t>> calls;  // and the rows only they added
    std::set<int64_t> mine;
    const auto settle = [&] {
      for (auto& [call, rows] : calls) {
        MUST(call->wait());
        acknowledged += rows;
      }
      calls.clear();
    };
    for (int round = 0; round < kRounds; ++round) {
      const int64_t first = (int64_t{worker} + 1) * 1'000'000 + int64_t{round} * kPerBody;
      const std::string name = std::to_string(worker) + "_" + std::to_string(round);
      for (int64_t id = first; id < first + kPerBody; ++id) mine.insert(id);
      switch (round % 8) {
        case 1:  // a new column; other threads may be adding theirs
          calls.emplace_back(start(rows_from(first, kPerBody, R"(,"c)" + name + R"(":1.5)")),
                             kPerBody);
          break;
        case 3:  // a row too many, which does not fit
          calls.emplace_back(start(rows_from(first, kPerBody) + R"({"id":"none"})" + "\n"),
                             kPerBody);
          ++rejected;
          break;
        case 4: {  // twice, the second while the first may be under way
          const auto one = start(rows_from(first, kPerBody), false, "own " + name);
          const auto two = start(rows_from(first, kPerBody), round % 16 == 4, "own " + name);
          EXPECT_EQ(MUST(one->wait()).task_id, MUST(two->wait()).task_id);
          calls.emplace_back(one, kPerBody);
          break;
        }
        case 5: {
          const auto call = start(rows_from(first, kPerBody), true);
          EXPECT_TRUE(MUST(call->wait()).snapshot_id.has_value());
          acknowledged += kPerBody;
          break;
        }
        case 6:  // every thread sends it: acknowledged to all, written once
          calls.emplace_back(start(rows_from(first, kPerBody)), kPerBody);
          calls.emplace_back(start(rows_from(kSharedIds + int64_t{round} * kPerBody, kPerBody),
                                   false, "shared " + std::to_string(round)),
                             0);
          for (int64_t i = 0; i < kPerBody; ++i) mine.insert(kSharedIds + round * kPerBody + i);
          break;
        default: calls.emplace_back(start(rows_from(first, kPerBody)), kPerBody);
      }
      if (round % 4 == 3) settle();
    }
    settle();
    std::lock_guard lock(expected_mutex);
    expected.insert(mine.begin(), mine.end());
  };

  // As a query does it: hot rows first, then the table, which holds at least what left them since.
  const auto read_all = [&] {
    uint64_t committed_before = 0;
    while (!stop) {
      const int64_t least = acknowledged;
      const auto hot = service_->hot().rows_of(table);
      const auto now = load(ident_);
      const uint64_t committed = service_->committed_lsn(*now->metadata);
      EXPECT_GE(committed, committed_before);
      committed_before = committed;
      int64_t seen = 0;
      if (const auto* snapshot = now->metadata->current_snapshot()) {
        seen = std::stoll(snapshot->summary.at("total-records"));
      }
      uint64_t lsn_before = 0;
      for (const HotRowsOfTable& rows : hot) {
        EXPECT_GE(rows.lsn, lsn_before);
        lsn_before = rows.lsn;
        if (rows.lsn > committed) seen += rows.batch->num_rows();
      }
      EXPECT_GE(seen, least);
      const IngestStats stats = service_->stats();
      EXPECT_EQ(stats.committer.failures, 0u);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  };

  std::thread reader(read_all);
  std::vector<std::thread> threads;
  for (int worker = 0; worker < kThreads; ++worker) threads.emplace_back(append_all, worker);
  for (std::thread& thread : threads) thread.join();
  stop = true;
  reader.join();
  service_->flush(10'000);
  EXPECT_EQ(service_->hot().rows(), 0);
  close();

  open();
  EXPECT_EQ(service_->hot().rows(), 0);
  const auto rows = static_cast<int64_t>(expected.size());
  EXPECT_EQ(committed_rows(ident_), rows);
  EXPECT_EQ(committed_ids(), std::multiset<int64_t>(expected.begin(), expected.end()));
  EXPECT_EQ(committed_rows(rejected_), rejected.load());
  EXPECT_EQ(std::stoll(load(ident_)->metadata->current_snapshot()->summary.at("total-records")),
            rows);
  // The keys outlive the restart, too.
  for (int worker = 0; worker < kThreads; ++worker) {
    const int64_t first = (int64_t{worker} + 1) * 1'000'000 + 4 * kPerBody;
    const auto call =
        start(rows_from(first, kPerBody), true, "own " + std::to_string(worker) + "_4");
    EXPECT_EQ(MUST(call->wait()).rows, kPerBody);
  }
  service_->flush(10'000);
  EXPECT_EQ(committed_rows(ident_), rows);
}

// Requests that are still on their way to the log, or wait for a snapshot, when the service goes:
// each is answered once, and what was acknowledged, or may have been, is there when it comes back.
TEST_F(ServiceTest, RequestsUnderWayAreAnsweredWhenItStops) {
  constexpr int kStops = 5;
  constexpr int kCalls = 20;
  int64_t first = 0;
  MUST(start(rows_from(first++, 1), true)->wait());
  for (int stop = 0; stop < kStops; ++stop) {
    std::vector<std::shared_ptr<Call>> calls;
    for (int i = 0; i < kCalls; ++i) {
      const std::string key = i % 4 == 0 ? "key " + std::to_string(first) : std::string();
      calls.push_back(start(rows_from(first++, 1), i % 2 == 0, key));
    }
    close();
    for (const auto& call : calls) {
      const auto answer = call->wait();
      EXPECT_EQ(call->answers(), 1);
      EXPECT_TRUE(answer.ok() || answer.error().code() == ErrorCode::kUnavailable);
    }
    open();
  }
  service_->flush(10'000);
  EXPECT_EQ(service_->hot().rows(), 0);
  const auto ids = committed_ids();
  EXPECT_EQ(static_cast<int64_t>(ids.size()), first);
  EXPECT_EQ(static_cast<int64_t>(std::set<int64_t>(ids.begin(), ids.end()).size()), first);
}

}  // namespace
}  // namespace firn::ingest
