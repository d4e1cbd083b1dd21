#include <array>

#include "auth/policies.h"
#include "federation/file_names_internal.h"

namespace firn::federation {
namespace {

constexpr std::array<FileFormat, 8> kFormats{{{".parquet", false},
                                              {".csv", true},
                                              {".csv.gz", true},
                                              {".csv.zst", true},
                                              {".tsv", true},
                                              {".tsv.gz", true},
                                              {".tsv.zst", true},
                                              {".parq", false}}};

}  // namespace

const FileFormat* format_of(std::string_view name) {
  for (const FileFormat& format : kFormats) {
    if (name.size() > format.suffix.size() && name.ends_with(format.suffix)) return &format;
  }
  return nullptr;
}

bool is_hidden(std::string_view name) { return name.empty() || name[0] == '.' || name[0] == '_'; }

Status TableNames::claim(const std::string& path, const std::string& table, bool csv) {
  const std::string owner = path.find('/') == std::string::npos ? path : table + "/";
  const auto [known, first] = owners_.try_emplace(auth::lower_case(table), Owner{owner, csv});
  if (!first && known->second.name != owner) {
    return Error(ErrorCode::kInvalidArgument,
                 known->second.name + " and " + owner + " would be the same table: rename one");
  }
  if (!first && known->second.csv != csv) {
    return Error(ErrorCode::kInvalidArgument,
                 "the folder " + owner + " has both Parquet and CSV files");
  }
  return {};
}

}  // namespace firn::federation
