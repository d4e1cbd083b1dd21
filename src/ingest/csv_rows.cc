#include "ingest/csv_rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <arrow/record_batch.h>
#include <simdjson.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/utf8.h"
#include "iceberg/arrow_schema.h"
#include "ingest/column.h"
#include "ingest/scalar_text.h"

namespace firn::ingest {
namespace {

using iceberg::TypeId;
using Kind = InferredType::Kind;

template <typename T>
std::optional<T> parse_number(std::string_view text) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  T value{};
  const char* end = text.data() + text.size();
  const auto [at, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc() || at != end || text.empty()) return std::nullopt;
  return value;
}

std::optional<bool> parse_bool(std::string_view text) {
  if (text == "true" || text == "TRUE" || text == "True") return true;
  if (text == "false" || text == "FALSE" || text == "False") return false;
  return std::nullopt;
}

// A code such as 007 is text: as a number it would lose its zeros.
bool has_leading_zero(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

bool is_whole_number(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

InferredType infer_cell(std::string_view text) {
  InferredType type;
  if (parse_bool(text)) {
    type.kind = Kind::kBoolean;
  } else if (has_leading_zero(text)) {
    type.kind = infer_text(text);
  } else if (const auto whole = parse_number<int64_t>(text)) {
    type.kind = Kind::kLong;
    type.beyond_int = *whole > INT32_MAX || *whole < INT32_MIN;
    parse_decimal(text, 0, &type.integer_digits);
  } else if (is_whole_number(text)) {
    type.kind = Kind::kString;  // no long holds it, and a double would lose digits
  } else if (const auto number = parse_number<double>(text); number && std::isfinite(*number)) {
    type.kind = Kind::kDouble;
    type.integer_digits = static_cast<int32_t>(std::min<size_t>(text.find('.'), 38));
  } else {
    type.kind = infer_text(text);
  }
  return type;
}

template <typename T>
bool put(Column& column, const std::optional<T>& value) {
  if (value) column.append_fixed(*value);
  return value.has_value();
}

bool append_timestamp(std::string_view text, Column& column) {
  const auto parsed = parse_timestamp(text);
  if (!parsed || parsed->has_offset != (column.type() == TypeId::kTimestampTz)) return false;
  column.append_fixed(parsed->us);
  return true;
}

bool append_bytes_cell(std::string_view text, Column& column) {
  std::string bytes;
  const auto& type = column.iceberg_type();
  if (!base64_decode(text, bytes)) return false;
  if (type.id == TypeId::kFixed && bytes.size() != static_cast<size_t>(type.length)) return false;
  column.append_bytes(bytes);
  return true;
}

bool append_cell(std::string_view text, Column& column) {
  const auto& type = column.iceberg_type();
  switch (type.id) {
    case TypeId::kBoolean: {
      const auto flag = parse_bool(text);
      if (flag) column.append_bool(*flag);
      return flag.has_value();
    }
    case TypeId::kInt: return put(column, parse_number<int32_t>(text));
    case TypeId::kLong: return put(column, parse_number<int64_t>(text));
    case TypeId::kFloat: return put(column, parse_number<float>(text));
    case TypeId::kDouble: return put(column, parse_number<double>(text));
    case TypeId::kDecimal: {
      int32_t digits = 0;
      const auto unscaled = parse_decimal(text, type.scale, &digits);
      return digits + type.scale <= type.precision && put(column, unscaled);
    }
    case TypeId::kDate: return put(column, parse_date(text));
    case TypeId::kTime: return put(column, parse_time(text));
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz: return append_timestamp(text, column);
    case TypeId::kString:
      if (!is_utf8(text)) return false;
      column.append_bytes(text);
      return true;
    case TypeId::kUuid: {
      const auto id = Uuid::parse(text);
      if (id.ok()) column.append_bytes(as_text(id->bytes));
      return id.ok();
    }
    case TypeId::kBinary:
    case TypeId::kFixed: return append_bytes_cell(text, column);
    default: return false;
  }
}

class CsvDecoder {
 public:
  CsvDecoder(const std::vector<std::string>& names, const iceberg::Schema& schema)
      : names_(names), schema_(schema), columns_(make_columns(schema)) {
    for (const std::string& name : names) {
      const auto at = std::find_if(columns_.begin(), columns_.end(),
                                   [&](const Column& column) { return column.name() == name; });
      targets_.push_back(at == columns_.end() ? -1 : static_cast<int>(at - columns_.begin()));
    }
  }

  // Empty: the record fitted.
  std::string append(const CsvReader& reader) {
    std::string error = try_append(reader);
    if (error.empty()) {
      ++rows_;
    } else {
      for (Column& column : columns_) column.truncate(rows_);
    }
    return error;
  }

  std::shared_ptr<arrow::RecordBatch> finish() {
    return finish_columns(columns_, iceberg::to_arrow_schema(schema_), rows_);
  }

 private:
  std::string try_append(const CsvReader& reader) {
    const auto& cells = reader.cells();
    if (cells.size() != names_.size()) {
      return "the header has " + std::to_string(names_.size()) + " columns; this row has " +
             std::to_string(cells.size());
    }
    for (size_t i = 0; i < cells.size(); ++i) {
      if (reader.is_null(cells[i])) continue;
      if (targets_[i] < 0) return "there is no column '" + names_[i] + "' and none can be made";
      Column& column = columns_[static_cast<size_t>(targets_[i])];
      if (column.length() > rows_) return "the column '" + column.name() + "' comes twice";
      if (!append_cell(cells[i].text, column)) {
        constexpr size_t kShownMax = 40;
        if (!is_utf8(cells[i].text)) {
          return "column '" + column.name() + "': the text is not valid UTF-8";
        }
        return "column '" + column.name() + "' is " + iceberg::type_name(column.iceberg_type()) +
               "; got '" + std::string(cut_utf8(cells[i].text, kShownMax)) + "'";
      }
    }
    for (Column& column : columns_) {
      if (column.length() > rows_) continue;
      if (column.required()) return "the column '" + column.name() + "' needs a value";
      column.append_null();
    }
    return {};
  }

  const std::vector<std::string>& names_;
  const iceberg::Schema& schema_;
  std::vector<Column> columns_;
  std::vector<int> targets_;
  int64_t rows_ = 0;
};

}  // namespace

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

char sniff_delimiter(std::string_view first_bytes) {
  const std::string_view line = first_bytes.substr(0, first_bytes.find('\n'));
  char best = ',';
  for (const char candidate : {',', ';', '\t', '|'}) {
    if (std::count(line.begin(), line.end(), candidate) >
        std::count(line.begin(), line.end(), best)) {
      best = candidate;
    }
  }
  return best;
}

// One record from the start of `bytes`; false when its end is not there yet.
bool CsvReader::scan(std::string_view bytes, bool last, size_t& used) {
  struct Span {
    size_t start, size;
    bool quoted, in_buffer;
  };
  std::vector<Span> spans;
  unquoted_.clear();
  size_t at = 0;
  for (;;) {
    Span span{at, 0, at < bytes.size() && bytes[at] == '"', false};
    if (span.quoted) {
      span.in_buffer = true;
      span.start = unquoted_.size();
      for (++at;; ++at) {
        const size_t quote = bytes.find('"', at);
        if (quote == std::string_view::npos) {
          if (!last) return false;
          unquoted_.append(bytes.substr(at));
          at = bytes.size();
          break;
        }
        unquoted_.append(bytes.substr(at, quote - at));
        at = quote + 1;
        if (at >= bytes.size() && !last) return false;
        if (at >= bytes.size() || bytes[at] != '"') break;
        unquoted_ += '"';
      }
      // Text between the closing quote and the delimiter belongs to the cell, as others read it.
      const size_t end =
          std::min(bytes.find_first_of(std::string{dialect_.delimiter, '\n'}, at), bytes.size());
      std::string_view tail = bytes.substr(at, end - at);
      if (!tail.empty() && tail.back() == '\r') tail.remove_suffix(1);
      unquoted_.append(tail);
      at = end;
      span.size = unquoted_.size() - span.start;
    } else {
      while (at < bytes.size() && bytes[at] != dialect_.delimiter && bytes[at] != '\n') ++at;
      span.size = at - span.start;
    }
    if (at >= bytes.size() && !last) return false;
    const bool ends = at >= bytes.size() || bytes[at] == '\n';
    if (ends && !span.in_buffer && span.size > 0 && bytes[span.start + span.size - 1] == '\r') {
      --span.size;
    }
    spans.push_back(span);
    if (ends) break;
    ++at;
  }
  raw_ = bytes.substr(0, at);
  used = std::min(at + 1, bytes.size());
  cells_.clear();
  for (const Span& span : spans) {
    const std::string_view from = span.in_buffer ? std::string_view(unquoted_) : bytes;
    cells_.push_back({from.substr(span.start, span.size), span.quoted});
  }
  return true;
}

CsvReader::Next CsvReader::next(std::string_view& bytes, bool last) {
  while (!bytes.empty()) {
    size_t used = 0;
    if (!scan(bytes, last, used)) return Next::kPartial;
    bytes.remove_prefix(used);
    const bool blank = cells_.size() == 1 && cells_[0].text.empty() && !cells_[0].quoted;
    if (!blank) return Next::kRecord;
  }
  return Next::kPartial;
}

InferredType infer_csv(std::string_view bytes, const std::vector<std::string>& names,
                       const CsvDialect& dialect) {
  InferredType rows;
  rows.kind = Kind::kStruct;
  for (const std::string& name : names) rows.fields.push_back({name, {}});
  std::vector<bool> mixed(names.size());
  CsvReader reader(dialect);
  while (reader.next(bytes, true) == CsvReader::Next::kRecord) {
    const auto& cells = reader.cells();
    if (cells.size() != names.size()) continue;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (reader.is_null(cells[i])) continue;
      const InferredType cell = infer_cell(cells[i].text);
      InferredType& column = rows.fields[i].type;
      const auto number = [](Kind kind) { return kind == Kind::kLong || kind == Kind::kDouble; };
      // Every cell is text to begin with, so a column of several kinds can be text.
      if (column.kind != Kind::kUnknown && column.kind != cell.kind &&
          !(number(column.kind) && number(cell.kind))) {
        mixed[i] = true;
      }
      merge_inferred(column, cell);
    }
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (mixed[i] || rows.fields[i].type.kind == Kind::kUnknown) {
      rows.fields[i].type.kind = Kind::kString;
    }
  }
  return rows;
}

Result<DecodedRows> decode_csv(std::string_view bytes, bool last,
                               const std::vector<std::string>& names, const CsvDialect& dialect,
                               const iceberg::Schema& schema, int64_t first_index, size_t& used) {
  DecodedRows decoded;
  CsvDecoder decoder(names, schema);
  CsvReader reader(dialect);
  std::string_view rest = bytes;
  while (reader.next(rest, last) == CsvReader::Next::kRecord) {
    std::string error = decoder.append(reader);
    if (!error.empty()) {
      decoded.rejected.push_back({first_index + decoded.rows_seen, std::move(error),
                                  std::string(cut_utf8(reader.raw(), kRejectedBytesMax))});
    }
    ++decoded.rows_seen;
  }
  used = bytes.size() - rest.size();
  decoded.batch = decoder.finish();
  return decoded;
}

}  // namespace firn::ingest
