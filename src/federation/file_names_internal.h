#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

// How the names of connected files make tables.
namespace firn::federation {

struct FileFormat {
  std::string_view suffix;
  bool csv;  // else Parquet
};
// Null: it is none of a table.
const FileFormat* format_of(std::string_view name);
// Of a file or folder: what writers leave behind for themselves.
bool is_hidden(std::string_view name);

// Which file or folder has which table. InvalidArgument where two would be the same one, or one
// folder has both formats.
class TableNames {
 public:
  // `path` within the connection: "orders.csv", or "orders/2024/a.csv" of the folder's table.
  Status claim(const std::string& path, const std::string& table, bool csv);

 private:
  struct Owner {
    std::string name;
    bool csv = false;
  };
  std::map<std::string, Owner> owners_;  // by table, in lower case
};

}  // namespace firn::federation
