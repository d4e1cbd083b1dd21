#include <algorithm>
#include <map>
#include <set>

#include "catalog/catalog_internal.h"
#include "catalog/commit.h"
#include "catalog/snapshot_reading.h"
#include "iceberg/data_writer.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/random.h"

namespace firn::catalog {
namespace {

constexpr std::string_view kMain = "main";

using iceberg::EntryStatus;
using iceberg::ManifestContent;
using iceberg::ManifestEntry;
using iceberg::ManifestFile;
using iceberg::TableMetadata;

// A manifest that this append wrote, and what it holds.
struct WrittenManifest {
  ManifestFile file;
  std::string path;  // local
  std::vector<ManifestEntry> entries;
};

struct Counts {
  int64_t files = 0;
  int64_t delete_files = 0;
  int64_t rows = 0;
  int64_t bytes = 0;

  void add(const iceberg::DataFile& file) {
    bytes += file.file_size_in_bytes;
    if (file.content == iceberg::FileContent::kData) {
      ++files;
      rows += file.record_count;
    } else {
      ++delete_files;
    }
  }
};

// One append (or overwrite) over its attempts. The manifest of the new files is written once; what
// depends on the table's state is made anew when the swap was lost.
class Appender {
 public:
  Appender(Catalog::Impl& catalog, const TableIdent& ident, const AppendRequest& request)
      : catalog_(catalog), ident_(ident), request_(request) {
    snapshot_id_ = static_cast<int64_t>(catalog_.random.next_u64() >> 1);
    if (snapshot_id_ == 0) snapshot_id_ = 1;
  }

  Result<TablePtr> run(const Uuid& expected_uuid) {
    for (int attempt = 1;; ++attempt) {
      const TablePtr base = TRY(catalog_.load(ident_));
      if (base->metadata->table_uuid != expected_uuid) {
        return Error(ErrorCode::kNotFound, "Table does not exist: " + ident_.to_string(),
                     "another table has the name now");
      }
      auto outcome = attempt_on(base);
      if (outcome.ok()) {
        discard(merges_);  // those that the last attempt did not use
        return outcome;
      }
      const ErrorCode code = outcome.error().code();
      if (code == ErrorCode::kCommitUnknown) return outcome;  // the files may be in use
      remove_list();
      if (code == ErrorCode::kCommitConflict && attempt < kCommitAttemptsMax) continue;
      discard(added_);
      discard(merges_);
      return outcome;
    }
  }

 private:
  Result<TablePtr> attempt_on(const TablePtr& base) {
    TableMetadata next = *base->metadata;
    // Version 1 has no sequence numbers; an upgrade changes nothing for its readers.
    next.format_version = std::max(next.format_version, 2);
    iceberg::Snapshot snapshot;
    const iceberg::Snapshot* parent = base->metadata->snapshot_of_ref(request_.branch);
    if (parent == nullptr && request_.branch != kMain) {
      return Error(ErrorCode::kNotFound, "the table has no branch '" + request_.branch + "'");
    }
    snapshot.snapshot_id = snapshot_id_;
    if (parent != nullptr) snapshot.parent_snapshot_id = parent->snapshot_id;
    snapshot.sequence_number = ++next.last_sequence_number;
    snapshot.timestamp_ms = std::max(catalog_.clock.now_ms(), next.last_updated_ms);
    snapshot.schema_id = next.current_schema_id;
    if (next.snapshot_by_id(snapshot_id_) != nullptr) {
      return Error(ErrorCode::kInternal, "a snapshot id was drawn twice");
    }
    if (added_.empty()) TRY(write_added(next));

    std::vector<ManifestFile> existing;
    if (parent != nullptr) {
      for (const ManifestFile& manifest : *TRY(catalog_.manifests_of(*base->metadata, *parent))) {
        if (manifest.added_files_count > 0 || manifest.existing_files_count > 0) {
          existing.push_back(manifest);
        }
      }
    }
    Counts removed;
    std::vector<WrittenManifest*> used;
    std::vector<WrittenManifest> fresh;
    for (WrittenManifest& manifest : added_) used.push_back(&manifest);
    if (request_.overwrite && !existing.empty()) {
      fresh = TRY(delete_all(next, existing, removed));
      existing.clear();
    } else if (!request_.removed_files.empty()) {
      fresh = TRY(delete_some(next, existing, removed));
    } else {
      TRY(merge_small(next, existing, used));
    }
    for (WrittenManifest& manifest : fresh) used.push_back(&manifest);

    fill_summary(snapshot, parent, removed);
    auto manifests = list_manifests(next, used, existing, snapshot);
    auto outcome = write_and_publish(base, std::move(next), std::move(snapshot), manifests);
    const bool keep_fresh = outcome.ok() || outcome.error().code() == ErrorCode::kCommitUnknown;
    if (!keep_fresh) discard(fresh);
    if (outcome.ok()) remember(used, manifests);
    return outcome;
  }

  // One manifest for each partition spec among the new files.
  Status write_added(const TableMetadata& metadata) {
    std::map<int32_t, std::vector<ManifestEntry>> by_spec;
    std::set<std::string> folders;
    for (const iceberg::DataFile& file : request_.files) {
      ManifestEntry entry;
      entry.snapshot_id = snapshot_id_;
      entry.data_file = file;
      added_counts_.add(file);
      std::string key = std::to_string(file.spec_id);
      const iceberg::PartitionSpec* spec = metadata.spec_by_id(file.spec_id);
      if (spec != nullptr) key += partition_path(*spec, metadata.schema(), file.partition);
      folders.insert(std::move(key));
      by_spec[file.spec_id].push_back(std::move(entry));
    }
    changed_partitions_ = folders.size();
    for (auto& [spec_id, entries] : by_spec) {
      added_.push_back(
          TRY(write_manifest(metadata, spec_id, ManifestContent::kData, std::move(entries))));
    }
    return {};
  }

  Result<WrittenManifest> write_manifest(const TableMetadata& metadata, int32_t spec_id,
                                         ManifestContent content,
                                         std::vector<ManifestEntry> entries) {
    const iceberg::PartitionSpec* spec = metadata.spec_by_id(spec_id);
    if (spec == nullptr) {
      return Error(ErrorCode::kInvalidData,
                   "the table has no partition spec " + std::to_string(spec_id));
    }
    const iceberg::Schema& schema = schema_of(metadata, *spec);
    const std::string bytes = TRY(iceberg::write_manifest(
        entries, schema, *spec, {metadata.format_version, content, "deflate"}));
    WrittenManifest manifest;
    manifest.file = iceberg::summarize_manifest(entries, *spec, schema);
    manifest.file.content = content;
    const std::string name = "/metadata/" + catalog_.random.uuid().to_string() + "-m" +
                             std::to_string(manifest_number_++) + ".avro";
    manifest.path = TRY(iceberg::local_path_of(metadata.location)) + name;
    manifest.file.manifest_path = metadata.location + name;
    manifest.file.manifest_length = static_cast<int64_t>(bytes.size());
    manifest.file.added_snapshot_id = snapshot_id_;
    manifest.entries = std::move(entries);
    auto written = catalog_.write_new(manifest.path, bytes);
    if (!written.ok()) {
      catalog_.remove_files({manifest.path});
      return std::move(written).error();
    }
    unsynced_.push_back(std::move(written).value());
    return manifest;
  }

  // Every live file of the table as a DELETED entry, by spec and content.
  Result<std::vector<WrittenManifest>> delete_all(const TableMetadata& metadata,
                                                  const std::vector<ManifestFile>& existing,
                                                  Counts& removed) {
    std::map<std::pair<int32_t, ManifestContent>, std::vector<ManifestEntry>> groups;
    for (const ManifestFile& manifest : existing) {
      auto& group = groups[{manifest.partition_spec_id, manifest.content}];
      for (const ManifestEntry& live : *TRY(catalog_.entries_of(metadata, manifest))) {
        ManifestEntry entry = live;
        entry.status = EntryStatus::kDeleted;
        entry.snapshot_id = snapshot_id_;
        removed.add(entry.data_file);
        group.push_back(std::move(entry));
      }
    }
    std::vector<WrittenManifest> written;
    for (auto& [key, entries] : groups) {
      written.push_back(TRY(write_manifest(metadata, key.first, key.second, std::move(entries))));
    }
    return written;
  }

  // The files that are to go as DELETED entries, in manifests with what else lay beside them.
  Result<std::vector<WrittenManifest>> delete_some(const TableMetadata& metadata,
                                                   std::vector<ManifestFile>& existing,
                                                   Counts& removed) {
    std::vector<WrittenManifest> written;
    std::vector<ManifestFile> untouched;
    size_t found = 0;
    for (ManifestFile& manifest : existing) {
      const auto live = TRY(catalog_.entries_of(metadata, manifest));
      std::vector<ManifestEntry> entries = *live;
      size_t here = 0;
      for (ManifestEntry& entry : entries) {
        entry.status = EntryStatus::kExisting;
        if (!request_.removed_files.contains(entry.data_file.file_path)) continue;
        entry.status = EntryStatus::kDeleted;
        entry.snapshot_id = snapshot_id_;
        removed.add(entry.data_file);
        ++here;
      }
      found += here;
      if (here == 0) {
        untouched.push_back(std::move(manifest));
      } else {
        written.push_back(TRY(write_manifest(metadata, manifest.partition_spec_id, manifest.content,
                                             std::move(entries))));
      }
    }
    if (found != request_.removed_files.size()) {
      discard(written);
      return Error(ErrorCode::kConflict, "files that the change replaces were rewritten since");
    }
    existing = std::move(untouched);
    return written;
  }

  // Replaces many small data manifests of one spec by one, so that planning a scan opens few.
  Status merge_small(const TableMetadata& metadata, std::vector<ManifestFile>& existing,
                     std::vector<WrittenManifest*>& used) {
    const auto enabled = metadata.properties.find("commit.manifest-merge.enabled");
    if (enabled != metadata.properties.end() && enabled->second == "false") return {};
    const int64_t count_min =
        integer_property(metadata.properties, "commit.manifest.min-count-to-merge", 100);
    const int64_t target_bytes =
        integer_property(metadata.properties, "commit.manifest.target-size-bytes", 8 << 20);
    std::map<int32_t, std::vector<ManifestFile>> small;
    int64_t bytes = 0;
    for (const ManifestFile& manifest : existing) {
      const bool mergeable = manifest.content == ManifestContent::kData &&
                             bytes + manifest.manifest_length <= target_bytes;
      if (!mergeable) continue;
      bytes += manifest.manifest_length;
      small[manifest.partition_spec_id].push_back(manifest);
    }
    for (const auto& [spec_id, inputs] : small) {
      if (std::cmp_less(inputs.size(), std::max<int64_t>(2, count_min))) continue;
      std::set<std::string> merged_paths;
      for (const ManifestFile& manifest : inputs) merged_paths.insert(manifest.manifest_path);
      // Made in an attempt before, over the same manifests.
      if (merged_paths != merged_inputs_) {
        discard(merges_);
        merges_.push_back(TRY(merge(metadata, spec_id, inputs)));
        merged_inputs_ = merged_paths;
      }
      used.push_back(&merges_.back());
      std::erase_if(existing, [&](const ManifestFile& manifest) {
        return merged_paths.contains(manifest.manifest_path);
      });
      return {};  // one merge in a commit bounds what it costs
    }
    return {};
  }

  Result<WrittenManifest> merge(const TableMetadata& metadata, int32_t spec_id,
                                const std::vector<ManifestFile>& inputs) {
    std::vector<ManifestEntry> entries;
    for (const ManifestFile& manifest : inputs) {
      for (const ManifestEntry& live : *TRY(catalog_.entries_of(metadata, manifest))) {
        entries.push_back(live);
        entries.back().status = EntryStatus::kExisting;
      }
    }
    return write_manifest(metadata, spec_id, ManifestContent::kData, std::move(entries));
  }

  void fill_summary(iceberg::Snapshot& snapshot, const iceberg::Snapshot* parent,
                    const Counts& removed) const {
    iceberg::Properties& summary = snapshot.summary;
    summary = request_.summary;
    const bool deletes = removed.files + removed.delete_files > 0;
    summary["operation"] = deletes ? "overwrite" : "append";
    const auto put = [&](const char* name, int64_t value) {
      if (value != 0) summary[name] = std::to_string(value);
    };
    put("added-data-files", added_counts_.files);
    put("added-records", added_counts_.rows);
    put("added-files-size", added_counts_.bytes);
    put("deleted-data-files", removed.files);
    put("removed-delete-files", removed.delete_files);
    put("deleted-records", removed.rows);
    put("removed-files-size", removed.bytes);
    summary["changed-partition-count"] = std::to_string(changed_partitions_);
    const auto total = [&](const char* name, int64_t added, int64_t gone) {
      if (parent == nullptr) {
        summary[name] = std::to_string(added);
      } else if (request_.overwrite) {
        // All that was there is gone.
        summary[name] = std::to_string(added);
      } else if (parent->summary.contains(name)) {
        summary[name] = std::to_string(integer_property(parent->summary, name, 0) + added - gone);
      }
    };
    total("total-data-files", added_counts_.files, removed.files);
    total("total-records", added_counts_.rows, removed.rows);
    total("total-files-size", added_counts_.bytes, removed.bytes);
    total("total-delete-files", 0, 0);
    total("total-position-deletes", 0, 0);
    total("total-equality-deletes", 0, 0);
  }

  // The new list: sequence numbers, and in version 3 row ids, are given now.
  static std::vector<ManifestFile> list_manifests(TableMetadata& next,
                                                  const std::vector<WrittenManifest*>& used,
                                                  const std::vector<ManifestFile>& existing,
                                                  iceberg::Snapshot& snapshot) {
    std::vector<ManifestFile> manifests;
    for (WrittenManifest* manifest : used) {
      ManifestFile file = manifest->file;
      file.sequence_number = snapshot.sequence_number;
      file.min_sequence_number = snapshot.sequence_number;
      for (const ManifestEntry& entry : manifest->entries) {
        // Only live entries count, and those without a number are new.
        if (entry.status == EntryStatus::kDeleted || !entry.sequence_number) continue;
        file.min_sequence_number = std::min(file.min_sequence_number, *entry.sequence_number);
      }
      manifests.push_back(std::move(file));
    }
    manifests.insert(manifests.end(), existing.begin(), existing.end());
    if (next.format_version < 3) return manifests;
    int64_t next_row_id = next.next_row_id.value_or(0);
    snapshot.first_row_id = next_row_id;
    for (ManifestFile& manifest : manifests) {
      if (manifest.content != ManifestContent::kData || manifest.first_row_id) continue;
      manifest.first_row_id = next_row_id;
      next_row_id += manifest.existing_rows_count + manifest.added_rows_count;
    }
    snapshot.added_rows = next_row_id - *snapshot.first_row_id;
    next.next_row_id = next_row_id;
    return manifests;
  }

  Result<TablePtr> write_and_publish(const TablePtr& base, TableMetadata next,
                                     iceberg::Snapshot snapshot,
                                     const std::vector<ManifestFile>& manifests) {
    iceberg::ManifestListHeader header;
    header.snapshot_id = snapshot_id_;
    header.parent_snapshot_id = snapshot.parent_snapshot_id;
    header.sequence_number = snapshot.sequence_number;
    header.format_version = next.format_version;
    header.first_row_id = snapshot.first_row_id;
    const std::string bytes = TRY(iceberg::write_manifest_list(manifests, header));
    const std::string name = "/metadata/snap-" + std::to_string(snapshot_id_) + "-" +
                             catalog_.random.uuid().to_string() + ".avro";
    list_path_ = TRY(iceberg::local_path_of(next.location)) + name;
    list_location_ = next.location + name;
    unsynced_.push_back(TRY(catalog_.write_new(list_path_, bytes)));

    snapshot.manifest_list = list_location_;
    next.last_updated_ms = snapshot.timestamp_ms;
    if (request_.branch == kMain) {
      next.current_snapshot_id = snapshot_id_;
      next.snapshot_log.push_back({snapshot.timestamp_ms, snapshot_id_});
    }
    iceberg::SnapshotRef& head = next.refs[request_.branch];
    head.snapshot_id = snapshot_id_;
    head.is_branch = true;
    next.refs.erase(request_.dropped_ref);
    next.snapshots.push_back(std::move(snapshot));
    for (const auto& [property, value] : request_.set_properties) next.properties[property] = value;

    std::vector<PendingCommit> commits;
    commits.push_back({ident_, base, std::move(next)});
    return TRY(catalog_.publish(std::move(commits), &unsynced_))[0];
  }

  // What was just written is never read again: it goes into the caches with what inherits applied.
  void remember(const std::vector<WrittenManifest*>& used,
                const std::vector<ManifestFile>& manifests) {
    for (size_t i = 0; i < used.size(); ++i) {
      const ManifestFile& file = manifests[i];
      auto live = std::make_shared<std::vector<ManifestEntry>>();
      int64_t next_row_id = file.first_row_id.value_or(0);
      for (ManifestEntry& entry : used[i]->entries) {
        if (entry.status == EntryStatus::kDeleted) continue;
        if (!entry.sequence_number) entry.sequence_number = file.sequence_number;
        if (!entry.file_sequence_number) entry.file_sequence_number = file.sequence_number;
        entry.data_file.spec_id = file.partition_spec_id;
        if (file.first_row_id && !entry.data_file.first_row_id) {
          entry.data_file.first_row_id = next_row_id;
          next_row_id += entry.data_file.record_count;
        }
        live->push_back(std::move(entry));
      }
      catalog_.remember_entries(file.manifest_path, std::move(live));
      std::erase_if(merges_, [&](const WrittenManifest& merged) { return &merged == used[i]; });
    }
    catalog_.remember_manifests(list_location_,
                                std::make_shared<const std::vector<ManifestFile>>(manifests));
  }

  void discard(std::vector<WrittenManifest>& manifests) {
    std::vector<std::string> paths;
    for (const WrittenManifest& manifest : manifests) paths.push_back(manifest.path);
    catalog_.remove_files(paths);
    manifests.clear();
  }

  void remove_list() {
    if (!list_path_.empty()) catalog_.remove_files({list_path_});
    list_path_.clear();
  }

  Catalog::Impl& catalog_;
  const TableIdent ident_;
  const AppendRequest& request_;
  int64_t snapshot_id_ = 0;
  int manifest_number_ = 0;
  std::vector<WrittenManifest> added_;
  Counts added_counts_;
  size_t changed_partitions_ = 0;
  std::vector<WrittenManifest> merges_;  // at most one
  std::set<std::string> merged_inputs_;
  // Made durable together, when the commit is published.
  std::vector<std::unique_ptr<platform::File>> unsynced_;
  std::string list_path_;
  std::string list_location_;
};

}  // namespace

Result<TablePtr> Catalog::append(const TableIdent& ident, const Uuid& expected_uuid,
                                 const AppendRequest& request) {
  const auto locks = impl_->lock_tables({ident});
  return Appender(*impl_, ident, request).run(expected_uuid);
}

}  // namespace firn::catalog
