#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace firn::store {

class Connection;

// A prepared statement with bound values, reset when this object goes out of scope.
// Columns count from 0, parameters from 1. Valid only inside the transaction that gave it.
class Statement {
 public:
  Statement(sqlite3* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& bind(int index, int64_t value);
  Statement& bind(int index, std::string_view text);
  Statement& bind_blob(int index, ByteSpan bytes);
  Statement& bind_null(int index);

  // True while there is a row. Errors: AlreadyExists where a UNIQUE or PRIMARY KEY constraint is
  // broken, StorageUnavailable where the disk is full or fails, Internal otherwise.
  Result<bool> step();
  // For statements without rows.
  Status run();

  int64_t column_int(int index) const;
  std::string column_text(int index) const;  // also blobs
  bool column_is_null(int index) const;

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_;
  std::optional<Error> bind_error_;
};

// Access to the database inside one transaction.
class Transaction {
 public:
  // `sql` is one statement; prepared once per connection and kept.
  Result<Statement> prepare(std::string_view sql);
  // Rows that the last statement changed.
  int64_t changes() const;
  int64_t last_insert_rowid() const;

 private:
  friend class Database;
  explicit Transaction(Connection& connection) : connection_(connection) {}
  Connection& connection_;
};

// One step of a component's schema. Steps run in order, once each, and are never edited afterwards.
struct Migration {
  std::string_view component;  // "catalog"; each component counts its own versions
  int version;                 // 1, 2, ...
  std::string_view sql;        // any number of statements
};

// A SQLite database in WAL mode with synchronous=FULL: a committed write is on stable storage.
// Thread-safe: one writer at a time, readers beside it on connections of their own.
class Database {
 public:
  // Opens or makes the file at `path`.
  static Result<std::unique_ptr<Database>> open(const std::string& path);
  ~Database();

  Status migrate(const std::vector<Migration>& migrations);
  // Runs `body` in BEGIN IMMEDIATE; commits when it returns without an error, else rolls back and
  // returns its error. Writers wait for each other.
  Status write(const std::function<Status(Transaction&)>& body);
  // Runs `body` on one consistent snapshot; writes fail in it.
  Status read(const std::function<Status(Transaction&)>& body);

 private:
  struct Impl;
  static Transaction transaction_on(Connection& connection);
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace firn::store
