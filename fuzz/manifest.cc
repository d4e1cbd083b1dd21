// Manifests: what can be read can be written, and reads back the same.
#include "iceberg/manifest.h"

#include <cstdlib>

#include "iceberg/metadata.h"

namespace {

using namespace firn::iceberg;

Schema sample_schema() {
  Schema schema;
  schema.fields = {{1, "i", primitive(TypeId::kInt)},    {3, "l", primitive(TypeId::kLong)},
                   {5, "x", primitive(TypeId::kDouble)}, {6, "dec", decimal(9, 2)},
                   {9, "dt", primitive(TypeId::kDate)},  {13, "s", primitive(TypeId::kString)},
                   {14, "u", primitive(TypeId::kUuid)},  {15, "fx", fixed(4)}};
  return schema;
}

PartitionSpec sample_spec() {
  PartitionSpec spec;
  spec.fields = {{9, 1000, "dt_day", {TransformKind::kDay, 0, {}}},
                 {13, 1001, "s_b", {TransformKind::kBucket, 4, {}}},
                 {6, 1002, "dec", {}},
                 {14, 1003, "u", {}},
                 {13, 1004, "s", {}},
                 {5, 1005, "x", {}}};
  return spec;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 1 << 16) return 0;
  const Schema schema = sample_schema();
  const PartitionSpec spec = sample_spec();
  ManifestFile from;
  from.sequence_number = 3;
  from.first_row_id = 10;
  const auto entries =
      read_manifest({reinterpret_cast<const char*>(data), size}, from, spec, schema);
  if (!entries.ok()) return 0;
  (void)summarize_manifest(*entries, spec, schema);
  const auto bytes = write_manifest(*entries, schema, spec, {3, ManifestContent::kData, "null"});
  if (!bytes.ok()) return 0;  // a fixed partition value of a length that no fixed type has
  const auto again = read_manifest(*bytes, from, spec, schema);
  if (!again.ok() || again->size() != entries->size()) std::abort();
  for (size_t i = 0; i < entries->size(); ++i) {
    const DataFile& before = (*entries)[i].data_file;
    const DataFile& after = (*again)[i].data_file;
    if (before.file_path != after.file_path || before.record_count != after.record_count ||
        before.lower_bounds != after.lower_bounds || before.value_counts != after.value_counts) {
      std::abort();
    }
  }
  return 0;
}
