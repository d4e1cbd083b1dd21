#include "store/database.h"

#include <sqlite3.h>

#include <map>
#include <mutex>

namespace firn::store {
namespace {

Error sqlite_error(sqlite3* db, std::string_view what) {
  const int code = db != nullptr ? sqlite3_extended_errcode(db) : SQLITE_NOMEM;
  const std::string detail =
      std::string(what) + ": " + (db != nullptr ? sqlite3_errmsg(db) : "out of memory");
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY) {
        return Error(ErrorCode::kAlreadyExists, "it exists already", detail);
      }
      return Error(ErrorCode::kInternal, "a database constraint failed", detail);
    case SQLITE_FULL: return Error(ErrorCode::kStorageUnavailable, "the disk is full", detail);
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return Error(ErrorCode::kStorageUnavailable, "the database's disk failed", detail);
    case SQLITE_BUSY: return Error(ErrorCode::kOverloaded, "the database is busy", detail);
    default: return Error(ErrorCode::kInternal, "the database failed", detail);
  }
}

}  // namespace

class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const std::string& path) {
    auto connection = std::make_unique<Connection>();
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path.c_str(), &connection->db_, flags, nullptr) != SQLITE_OK) {
      return sqlite_error(connection->db_, "open " + path);
    }
    sqlite3_extended_result_codes(connection->db_, 1);
    sqlite3_busy_timeout(connection->db_, 10'000);
    TRY(connection->execute(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"));
    return connection;
  }

  ~Connection() {
    for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close_v2(db_);
  }

  Status execute(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      return sqlite_error(db_, sql);
    }
    return {};
  }

  Result<Statement> prepare(std::string_view sql) {
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
      sqlite3_stmt* statement = nullptr;
      if (sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                             SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
        return sqlite_error(db_, sql);
      }
      found = statements_.emplace(std::string(sql), statement).first;
    }
    return Statement(db_, found->second);
  }

  sqlite3* db() { return db_; }

 private:
  sqlite3* db_ = nullptr;
  std::map<std::string, sqlite3_stmt*, std::less<>> statements_;
};

Statement::Statement(Statement&& other) noexcept
    : db_(other.db_),
      statement_(std::exchange(other.statement_, nullptr)),
      bind_error_(std::move(other.bind_error_)) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Statement& Statement::bind(int index, int64_t value) {
  if (sqlite3_bind_int64(statement_, index, value) != SQLITE_OK) {
    bind_error_ = sqlite_error(db_, "bind");
  }
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
  // A null pointer would bind NULL; an empty view may hold one.
  const char* data = text.data() != nullptr ? text.data() : "";
  if (sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8) !=
      SQLITE_OK) {
    bind_error_ = sqlite_error(db_, "bind");
  }
  return *this;
}

Statement& Statement::bind_blob(int index, ByteSpan bytes) {
  const void* data = bytes.data() != nullptr ? static_cast<const void*>(bytes.data()) : "";
  if (sqlite3_bind_blob64(statement_, index, data, bytes.size(), SQLITE_TRANSIENT) != SQLITE_OK) {
    bind_error_ = sqlite_error(db_, "bind");
  }
  return *this;
}

Statement& Statement::bind_null(int index) {
  if (sqlite3_bind_null(statement_, index) != SQLITE_OK) bind_error_ = sqlite_error(db_, "bind");
  return *this;
}

Result<bool> Statement::step() {
  if (bind_error_) return *bind_error_;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_error(db_, sqlite3_sql(statement_));
}

Status Statement::run() {
  TRY(step());
  return {};
}

int64_t Statement::column_int(int index) const { return sqlite3_column_int64(statement_, index); }

std::string Statement::column_text(int index) const {
  const void* bytes = sqlite3_column_blob(statement_, index);
  const int size = sqlite3_column_bytes(statement_, index);
  return bytes == nullptr ? std::string()
                          : std::string(static_cast<const char*>(bytes), static_cast<size_t>(size));
}

bool Statement::column_is_null(int index) const {
  return sqlite3_column_type(statement_, index) == SQLITE_NULL;
}

Result<Statement> Transaction::prepare(std::string_view sql) { return connection_.prepare(sql); }
int64_t Transaction::changes() const { return sqlite3_changes64(connection_.db()); }
int64_t Transaction::last_insert_rowid() const {
  return sqlite3_last_insert_rowid(connection_.db());
}

struct Database::Impl {
  std::string path;
  std::mutex write_mutex;
  std::unique_ptr<Connection> writer;
  std::mutex readers_mutex;
  std::vector<std::unique_ptr<Connection>> idle_readers;

  Status in_transaction(Connection& connection, const char* begin,
                        const std::function<Status(Transaction&)>& body) {
    TRY(connection.execute(begin));
    Transaction transaction = make(connection);
    Status outcome = body(transaction);
    if (outcome.ok()) outcome = connection.execute("COMMIT");
    if (!outcome.ok() && sqlite3_get_autocommit(connection.db()) == 0) {
      // The first error is the one to report; SQLite rolls back by itself if this fails.
      (void)connection.execute("ROLLBACK");
    }
    return outcome;
  }

  static Transaction make(Connection& connection) { return Database::transaction_on(connection); }
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;

Transaction Database::transaction_on(Connection& connection) { return Transaction(connection); }

Result<std::unique_ptr<Database>> Database::open(const std::string& path) {
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->writer = TRY(Connection::open(path));
  TRY(impl->writer->execute(
      "CREATE TABLE IF NOT EXISTS migrations (component TEXT NOT NULL, version INTEGER NOT NULL, "
      "PRIMARY KEY (component, version)) WITHOUT ROWID"));
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

Status Database::migrate(const std::vector<Migration>& migrations) {
  for (const Migration& migration : migrations) {
    TRY(write([&](Transaction& transaction) -> Status {
      {
        auto known =
            TRY(transaction.prepare("SELECT 1 FROM migrations WHERE component=? AND version=?"));
        known.bind(1, migration.component).bind(2, int64_t{migration.version});
        if (TRY(known.step())) return {};
      }
      TRY(transaction.connection_.execute(std::string(migration.sql)));
      auto note = TRY(transaction.prepare("INSERT INTO migrations VALUES (?, ?)"));
      return note.bind(1, migration.component).bind(2, int64_t{migration.version}).run();
    }));
  }
  return {};
}

Status Database::write(const std::function<Status(Transaction&)>& body) {
  std::lock_guard lock(impl_->write_mutex);
  return impl_->in_transaction(*impl_->writer, "BEGIN IMMEDIATE", body);
}

Status Database::read(const std::function<Status(Transaction&)>& body) {
  std::unique_ptr<Connection> reader;
  {
    std::lock_guard lock(impl_->readers_mutex);
    if (!impl_->idle_readers.empty()) {
      reader = std::move(impl_->idle_readers.back());
      impl_->idle_readers.pop_back();
    }
  }
  if (!reader) {
    reader = TRY(Connection::open(impl_->path));
    TRY(reader->execute("PRAGMA query_only=ON"));
  }
  const Status outcome = impl_->in_transaction(*reader, "BEGIN", body);
  constexpr size_t kIdleReadersMax = 16;
  std::lock_guard lock(impl_->readers_mutex);
  if (impl_->idle_readers.size() < kIdleReadersMax)
    impl_->idle_readers.push_back(std::move(reader));
  return outcome;
}

}  // namespace firn::store
