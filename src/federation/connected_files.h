#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "query/foreign.h"

namespace firn::federation {

// Files that one connection may have: their descriptors go to a worker in one message.
inline constexpr size_t kConnectedFilesMax = 120;

// Opens the Parquet and CSV files of a folder, or a single file, for reading. `path` is below
// `allowed_directory`; "." is that folder itself. A file (orders.parquet, orders.csv, .csv.gz,
// .csv.zst, .tsv and so on) is the table of its name; a folder is one table of all files at and
// below it, of one format, where names such as year=2024 give columns. Other files, and links, are
// left out; what begins with a dot or an underscore, too. Paths in the answer are for the worker
// only: they say which content a file has. Blocks on disk.
// Errors: PermissionDenied, NotFound, InvalidArgument (two things would be the same table, a folder
// mixes formats), TooLarge (more than kConnectedFilesMax, or folders nested deeper than 8).
Result<std::vector<query::ForeignFile>> open_connected_files(const std::string& path,
                                                             const std::string& allowed_directory);

// The real path of something below the folder that whoever runs Firn allowed, also where links
// lead. Errors: PermissionDenied, NotFound.
Result<std::string> allowed_path(const std::string& path, const std::string& directory);

}  // namespace firn::federation
