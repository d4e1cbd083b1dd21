// CSV uploads: whatever the bytes, each record is either a row or a rejected row, and it does not
// matter in how many pieces they come.
#include <arrow/record_batch.h>

#include <cstdlib>

#include "ingest/csv_rows.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firn;
  if (size < 2 || size > 1 << 16) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const ingest::CsvDialect dialect{ingest::sniff_delimiter(bytes), "NA"};
  std::string_view rest = bytes;
  ingest::CsvReader header(dialect);
  if (header.next(rest, true) != ingest::CsvReader::Next::kRecord) return 0;
  std::vector<std::string> names;
  for (const auto& cell : header.cells()) names.emplace_back(cell.text);
  const auto seen = ingest::infer_csv(rest, names, dialect);
  auto schema = ingest::evolve_for({}, seen, {});
  if (!schema.ok()) return 0;
  int32_t id = 0;
  for (auto& field : schema->fields) field.id = ++id;
  size_t used = 0;
  const auto whole = ingest::decode_csv(rest, true, names, dialect, *schema, 0, used);
  if (!whole.ok()) return 0;
  if (!whole->batch->ValidateFull().ok()) std::abort();
  const size_t cut = data[0] * rest.size() / 256;
  const auto first =
      ingest::decode_csv(rest.substr(0, cut), false, names, dialect, *schema, 0, used);
  if (!first.ok()) std::abort();
  size_t used_then = 0;
  const auto then = ingest::decode_csv(rest.substr(used), true, names, dialect, *schema,
                                       first->rows_seen, used_then);
  if (!then.ok() || first->rows_seen + then->rows_seen != whole->rows_seen) std::abort();
  return 0;
}
