#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/rows.h"

namespace firn::ingest {

struct CsvDialect {
  char delimiter = ',';
  std::string null_text;  // an unquoted cell like this, or an empty one, is null
};

bool is_utf8(std::string_view text);

// Comma, semicolon, tab or bar: whichever the first line has most of.
char sniff_delimiter(std::string_view first_bytes);

// One record of RFC 4180, cut into cells.
struct CsvCell {
  std::string_view text;
  bool quoted = false;
};

// Splits whole records off `bytes`. Quotes inside cells are undone in a buffer of its own, valid
// until the next call. Not thread-safe.
class CsvReader {
 public:
  explicit CsvReader(const CsvDialect& dialect) : dialect_(dialect) {}

  enum class Next {
    kRecord,   // cells() and raw() are set, the record is taken off `bytes`
    kPartial,  // the record goes on behind `bytes`; nothing was taken
  };
  // `last`: nothing comes behind `bytes`. Records of no cell (blank lines) are passed over.
  Next next(std::string_view& bytes, bool last);
  const std::vector<CsvCell>& cells() const { return cells_; }
  std::string_view raw() const { return raw_; }
  bool is_null(const CsvCell& cell) const {
    return !cell.quoted && (cell.text.empty() || cell.text == dialect_.null_text);
  }

 private:
  bool scan(std::string_view bytes, bool last, size_t& used);

  const CsvDialect dialect_;
  std::vector<CsvCell> cells_;
  std::string unquoted_;
  std::string_view raw_;
};

// What the records in `bytes` (behind the header) say of the named columns' types.
InferredType infer_csv(std::string_view bytes, const std::vector<std::string>& names,
                       const CsvDialect& dialect);
// Decodes records of those columns; whole records only, unless `last`. `used` gets the bytes taken.
Result<DecodedRows> decode_csv(std::string_view bytes, bool last,
                               const std::vector<std::string>& names, const CsvDialect& dialect,
                               const iceberg::Schema& schema, int64_t first_index, size_t& used);

}  // namespace firn::ingest
