#include "federation/connected_objects.h"

#include <algorithm>
#include <cctype>

#include "federation/connected_files.h"
#include "federation/file_names_internal.h"

namespace firn::federation {
namespace {

// Whether no part of the path is something's own.
bool is_seen(std::string_view path) {
  for (;;) {
    const size_t slash = path.find('/');
    if (is_hidden(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

Result<std::vector<query::ForeignFile>> open_connected_objects(const Bucket& bucket,
                                                               const std::string& prefix,
                                                               ObjectCache& cache) {
  const auto wanted = [&](const std::string& key) {
    const std::string_view path = std::string_view(key).substr(prefix.size());
    return is_seen(path) && format_of(path) != nullptr;
  };
  const auto objects = TRY(list_objects(bucket, prefix, wanted, kConnectedFilesMax));
  if (objects.empty()) {
    return Error(ErrorCode::kNotFound, "there are no Parquet or CSV objects in it");
  }
  std::vector<query::ForeignFile> files;
  TableNames names;
  for (const auto& object : objects) {
    const std::string path = object.key.substr(prefix.size());
    const FileFormat* format = format_of(path);
    const size_t slash = path.find('/');
    const std::string table = slash == std::string::npos
                                  ? path.substr(0, path.size() - format->suffix.size())
                                  : path.substr(0, slash);
    TRY(names.claim(path, table, format->csv));
    // Who fetched it is part of it: a key that may list but not read opens nothing.
    const std::string identity =
        bucket.access_key + "\n" + bucket.host + "\n" + std::to_string(bucket.port) + "\n" +
        bucket.name + "\n" + object.key + "\n" + object.etag + "\n" + std::to_string(object.bytes);
    auto file = cache.open(identity, object.bytes, [&](const ObjectCache::Take& take) {
      return read_object(bucket, object, take);
    });
    if (!file.ok()) return file.error().with_context(object.key);
    std::string content = object.etag;
    std::erase_if(content, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
    files.push_back({table,
                     "/connected/" + content + "-" + std::to_string(object.bytes) + "/" + path,
                     format->csv, std::move(*file)});
  }
  return files;
}

}  // namespace firn::federation
