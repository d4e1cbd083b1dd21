#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/engine.h"

namespace firn::platform {
class File;
class FileSystem;
}  // namespace firn::platform

namespace firn::query {

// The rows of one result, one JSON array a line, in a file that goes with this object. One thread
// writes; any reads what is there.
class KeptResult {
 public:
  struct Limits {
    uint64_t rows_max = 1'000'000;
    uint64_t bytes_max = 256ULL << 20;
  };
  static Result<std::unique_ptr<KeptResult>> create(platform::FileSystem& files, std::string path,
                                                    const Limits& limits);
  ~KeptResult();

  void set_columns(std::vector<ResultColumn> columns);
  // Whole lines or parts of them, in order. What is past the limits is left out, and said.
  Status append(std::string_view encoded);

  struct Page {
    std::vector<ResultColumn> columns;
    std::string rows;  // a JSON array of arrays
    uint64_t total = 0;
    bool truncated = false;
  };
  // ResourceExhausted where the rows asked for are more than 32 MiB.
  Result<Page> page(uint64_t offset, uint64_t count);
  // The rows themselves, each a JSON array, as many as there are. The same error.
  Result<std::vector<std::string>> rows(uint64_t offset, uint64_t count);
  // Of every kept row, in an order-free way: two results with the same rows have the same one.
  std::string rows_hash();
  uint64_t bytes();

 private:
  KeptResult(platform::FileSystem& files, std::string path, std::unique_ptr<platform::File> file,
             const Limits& limits);
  Status take_line(std::string_view line);
  Status flush();
  Result<std::vector<std::string>> read_rows(uint64_t offset, uint64_t count);

  platform::FileSystem& files_;
  const std::string path_;
  const Limits limits_;
  std::mutex mutex_;
  std::unique_ptr<platform::File> file_;
  std::vector<ResultColumn> columns_;
  std::vector<uint64_t> starts_;  // of every kIndexEvery-th line
  std::string unfinished_;        // line
  std::string buffer_;            // lines that are not in the file yet
  uint64_t file_bytes_ = 0;
  uint64_t rows_ = 0;
  bool truncated_ = false;
  uint64_t hash_[4] = {0, 0, 0, 0};
};

}  // namespace firn::query
