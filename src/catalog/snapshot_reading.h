#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "iceberg/manifest.h"
#include "iceberg/metadata.h"

// What a snapshot consists of, for whoever knows where a table's files lie. Plain functions.
namespace firn::catalog {

using EntriesPtr = std::shared_ptr<const std::vector<iceberg::ManifestEntry>>;
using ManifestsPtr = std::shared_ptr<const std::vector<iceberg::ManifestFile>>;

// The bytes of the file at a location; their number where somebody said it, else 0.
using ReadFile = std::function<Result<std::string>(const std::string& location, int64_t bytes)>;

// The schema that the spec's partitions are of: their source may be gone from the current one.
const iceberg::Schema& schema_of(const iceberg::TableMetadata& metadata,
                                 const iceberg::PartitionSpec& spec);

// Of version 1 without a list nothing is known but the manifests' paths. Errors: InvalidData, and
// those of `read`.
Result<std::vector<iceberg::ManifestFile>> read_manifests(const iceberg::TableMetadata& metadata,
                                                          const iceberg::Snapshot& snapshot,
                                                          const ReadFile& read);
// Live entries only. Errors: InvalidData, and those of `read`.
Result<std::vector<iceberg::ManifestEntry>> read_entries(const iceberg::TableMetadata& metadata,
                                                         const iceberg::ManifestFile& manifest,
                                                         const ReadFile& read);
// Data and delete manifests apart; `entries_of` is asked for each that has live entries.
Result<std::shared_ptr<const Catalog::SnapshotFiles>> gather_files(
    const std::vector<iceberg::ManifestFile>& manifests,
    const std::function<Result<EntriesPtr>(const iceberg::ManifestFile&)>& entries_of);

// Roughly what it takes in memory, bytes.
int64_t weight_of(const std::vector<iceberg::ManifestEntry>& entries);
int64_t weight_of(const std::vector<iceberg::ManifestFile>& manifests);

}  // namespace firn::catalog
