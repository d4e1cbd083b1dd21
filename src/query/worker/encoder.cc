#include "query/worker/encoder.h"

#include <charconv>
#include <cmath>

#include "base/bytes.h"
#include "duckdb/common/types/hugeint.hpp"
#include "duckdb/common/types/uhugeint.hpp"
#include "duckdb/common/vector_operations/vector_operations.hpp"

namespace firn::query {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Vector;

// A JSON string; DuckDB's strings are UTF-8 already.
void append_json_string(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  size_t copied = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, copied, i - copied);
    copied = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: out += "\\u00", out += kHex[c >> 4], out += kHex[c & 15];
    }
  }
  out.append(text, copied, text.size() - copied);
  out += '"';
}

template <typename T>
void append_integer(T value, std::string& out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

// The shortest digits that read back as the same number, with a mark that it is not an integer.
template <typename T>
void append_floating(T value, bool json, std::string& out) {
  if (!std::isfinite(value)) {
    const char* name = std::isnan(value) ? "NaN" : (value > 0 ? "Infinity" : "-Infinity");
    if (json) out += '"';
    out += name;
    if (json) out += '"';
    return;
  }
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  const std::string_view text(digits, static_cast<size_t>(end - digits));
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

// "2013-01-01 05:00:00.5+02" as ISO 8601: a T between, minutes in the offset.
void append_iso_timestamp(std::string_view text, std::string& out) {
  const size_t space = text.find(' ');
  if (space == std::string_view::npos || text.ends_with("(BC)")) {
    out += text;  // infinity, or a year before 1
    return;
  }
  out.append(text.substr(0, space));
  out += 'T';
  const auto clock = text.substr(space + 1);
  out.append(clock);
  const size_t sign = clock.find_first_of("+-");
  if (sign != std::string_view::npos && clock.find(':', sign) == std::string_view::npos) {
    out += ":00";
  }
}

// One column, or a part of a nested one, of the chunk at hand.
class Cell {
 public:
  virtual ~Cell() = default;
  void look_at(Vector& vector, idx_t count) {
    vector.Flatten(count);
    validity_ = &duckdb::FlatVector::Validity(vector);
    look_inside(vector, count);
  }
  bool is_null(idx_t row) const { return !validity_->RowIsValid(row); }
  void json(idx_t row, std::string& out) {
    if (is_null(row)) {
      out += "null";
    } else {
      value(row, true, out);
    }
  }
  // Without JSON's quotes; not for nulls.
  void text(idx_t row, std::string& out) { value(row, false, out); }

 protected:
  virtual void look_inside(Vector& vector, idx_t count) = 0;
  virtual void value(idx_t row, bool json, std::string& out) = 0;

 private:
  const duckdb::ValidityMask* validity_ = nullptr;
};

using CellPtr = std::unique_ptr<Cell>;
CellPtr make_cell(duckdb::ClientContext& context, const LogicalType& type);

template <typename T>
class NumberCell final : public Cell {
  void look_inside(Vector& vector, idx_t) override {
    data_ = duckdb::FlatVector::GetData<T>(vector);
  }
  void value(idx_t row, bool json, std::string& out) override {
    if constexpr (std::is_same_v<T, bool>) {
      out += data_[row] ? "true" : "false";
    } else if constexpr (std::is_floating_point_v<T>) {
      append_floating(data_[row], json, out);
    } else if constexpr (std::is_integral_v<T>) {
      append_integer(data_[row], out);
    } else {
      out += data_[row].ToString();
    }
    (void)json;
  }
  const T* data_ = nullptr;
};

class StringCell final : public Cell {
  void look_inside(Vector& vector, idx_t) override {
    data_ = duckdb::FlatVector::GetData<duckdb::string_t>(vector);
  }
  void value(idx_t row, bool json, std::string& out) override {
    const std::string_view text(data_[row].GetData(), data_[row].GetSize());
    if (json) {
      append_json_string(text, out);
    } else {
      out += text;
    }
  }
  const duckdb::string_t* data_ = nullptr;
};

class BlobCell final : public Cell {
  void look_inside(Vector& vector, idx_t) override {
    data_ = duckdb::FlatVector::GetData<duckdb::string_t>(vector);
  }
  void value(idx_t row, bool json, std::string& out) override {
    const std::string_view bytes(data_[row].GetData(), data_[row].GetSize());
    if (json) out += '"';
    out += base64_encode(as_bytes(bytes));
    if (json) out += '"';
  }
  const duckdb::string_t* data_ = nullptr;
};

// What DuckDB's own cast to text says.
class CastCell final : public Cell {
 public:
  enum class Style { kString, kNumber, kTimestamp };
  CastCell(duckdb::ClientContext& context, Style style) : context_(context), style_(style) {}

 private:
  void look_inside(Vector& vector, idx_t count) override {
    texts_ = std::make_unique<Vector>(LogicalType::VARCHAR, count);
    duckdb::VectorOperations::Cast(context_, vector, *texts_, count);
    texts_->Flatten(count);
    data_ = duckdb::FlatVector::GetData<duckdb::string_t>(*texts_);
  }
  void value(idx_t row, bool json, std::string& out) override {
    const std::string_view text(data_[row].GetData(), data_[row].GetSize());
    if (style_ == Style::kNumber) {
      out += text;
      return;
    }
    if (style_ == Style::kString && json) return append_json_string(text, out);
    if (json) out += '"';
    if (style_ == Style::kTimestamp) {
      append_iso_timestamp(text, out);
    } else {
      out += text;
    }
    if (json) out += '"';
  }

  duckdb::ClientContext& context_;
  const Style style_;
  std::unique_ptr<Vector> texts_;
  const duckdb::string_t* data_ = nullptr;
};

class ListCell final : public Cell {
 public:
  explicit ListCell(CellPtr element) : element_(std::move(element)) {}

 private:
  void look_inside(Vector& vector, idx_t) override {
    entries_ = duckdb::ListVector::GetData(vector);
    element_->look_at(duckdb::ListVector::GetEntry(vector),
                      duckdb::ListVector::GetListSize(vector));
  }
  void value(idx_t row, bool, std::string& out) override {
    out += '[';
    for (idx_t i = 0; i < entries_[row].length; ++i) {
      if (i > 0) out += ',';
      element_->json(entries_[row].offset + i, out);
    }
    out += ']';
  }
  const CellPtr element_;
  const duckdb::list_entry_t* entries_ = nullptr;
};

class ArrayCell final : public Cell {
 public:
  ArrayCell(CellPtr element, idx_t size) : element_(std::move(element)), size_(size) {}

 private:
  void look_inside(Vector& vector, idx_t count) override {
    element_->look_at(duckdb::ArrayVector::GetEntry(vector), count * size_);
  }
  void value(idx_t row, bool, std::string& out) override {
    out += '[';
    for (idx_t i = 0; i < size_; ++i) {
      if (i > 0) out += ',';
      element_->json(row * size_ + i, out);
    }
    out += ']';
  }
  const CellPtr element_;
  const idx_t size_;
};

class StructCell final : public Cell {
 public:
  StructCell(std::vector<std::string> names, std::vector<CellPtr> members)
      : members_(std::move(members)) {
    for (const auto& name : names) {
      append_json_string(name, keys_.emplace_back());
      keys_.back() += ':';
    }
  }

 private:
  void look_inside(Vector& vector, idx_t count) override {
    auto& entries = duckdb::StructVector::GetEntries(vector);
    for (size_t i = 0; i < members_.size(); ++i) members_[i]->look_at(*entries[i], count);
  }
  void value(idx_t row, bool, std::string& out) override {
    out += '{';
    for (size_t i = 0; i < members_.size(); ++i) {
      if (i > 0) out += ',';
      out += keys_[i];
      members_[i]->json(row, out);
    }
    out += '}';
  }
  const std::vector<CellPtr> members_;
  std::vector<std::string> keys_;
};

// An object; keys of any type are written as their text.
class MapCell final : public Cell {
 public:
  MapCell(CellPtr key, CellPtr value) : key_(std::move(key)), value_(std::move(value)) {}

 private:
  void look_inside(Vector& vector, idx_t) override {
    entries_ = duckdb::ListVector::GetData(vector);
    const idx_t size = duckdb::ListVector::GetListSize(vector);
    key_->look_at(duckdb::MapVector::GetKeys(vector), size);
    value_->look_at(duckdb::MapVector::GetValues(vector), size);
  }
  void value(idx_t row, bool, std::string& out) override {
    out += '{';
    std::string key;
    for (idx_t i = 0; i < entries_[row].length; ++i) {
      if (i > 0) out += ',';
      key.clear();
      key_->text(entries_[row].offset + i, key);
      append_json_string(key, out);
      out += ':';
      value_->json(entries_[row].offset + i, out);
    }
    out += '}';
  }
  const CellPtr key_;
  const CellPtr value_;
  const duckdb::list_entry_t* entries_ = nullptr;
};

CellPtr make_nested_cell(duckdb::ClientContext& context, const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::LIST:
      return std::make_unique<ListCell>(make_cell(context, duckdb::ListType::GetChildType(type)));
    case LogicalTypeId::ARRAY:
      return std::make_unique<ArrayCell>(make_cell(context, duckdb::ArrayType::GetChildType(type)),
                                         duckdb::ArrayType::GetSize(type));
    case LogicalTypeId::MAP:
      return std::make_unique<MapCell>(make_cell(context, duckdb::MapType::KeyType(type)),
                                       make_cell(context, duckdb::MapType::ValueType(type)));
    default: {
      std::vector<std::string> names;
      std::vector<CellPtr> members;
      for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
        names.push_back(name);
        members.push_back(make_cell(context, child));
      }
      return std::make_unique<StructCell>(std::move(names), std::move(members));
    }
  }
}

CellPtr make_cell(duckdb::ClientContext& context, const LogicalType& type) {
  using Style = CastCell::Style;
  switch (type.id()) {
    case LogicalTypeId::BOOLEAN: return std::make_unique<NumberCell<bool>>();
    case LogicalTypeId::TINYINT: return std::make_unique<NumberCell<int8_t>>();
    case LogicalTypeId::SMALLINT: return std::make_unique<NumberCell<int16_t>>();
    case LogicalTypeId::INTEGER: return std::make_unique<NumberCell<int32_t>>();
    case LogicalTypeId::BIGINT: return std::make_unique<NumberCell<int64_t>>();
    case LogicalTypeId::UTINYINT: return std::make_unique<NumberCell<uint8_t>>();
    case LogicalTypeId::USMALLINT: return std::make_unique<NumberCell<uint16_t>>();
    case LogicalTypeId::UINTEGER: return std::make_unique<NumberCell<uint32_t>>();
    case LogicalTypeId::UBIGINT: return std::make_unique<NumberCell<uint64_t>>();
    case LogicalTypeId::HUGEINT: return std::make_unique<NumberCell<duckdb::hugeint_t>>();
    case LogicalTypeId::UHUGEINT: return std::make_unique<NumberCell<duckdb::uhugeint_t>>();
    case LogicalTypeId::FLOAT: return std::make_unique<NumberCell<float>>();
    case LogicalTypeId::DOUBLE: return std::make_unique<NumberCell<double>>();
    case LogicalTypeId::VARCHAR: return std::make_unique<StringCell>();
    case LogicalTypeId::BLOB: return std::make_unique<BlobCell>();
    case LogicalTypeId::DECIMAL: return std::make_unique<CastCell>(context, Style::kNumber);
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS:
    case LogicalTypeId::TIMESTAMP_TZ: return std::make_unique<CastCell>(context, Style::kTimestamp);
    case LogicalTypeId::LIST:
    case LogicalTypeId::ARRAY:
    case LogicalTypeId::MAP:
    case LogicalTypeId::STRUCT: return make_nested_cell(context, type);
    default: return std::make_unique<CastCell>(context, Style::kString);
  }
}

class TextEncoder : public Encoder {
 public:
  TextEncoder(duckdb::ClientContext& context, const duckdb::vector<LogicalType>& types) {
    for (const auto& type : types) cells_.push_back(make_cell(context, type));
  }
  void begin(std::string&) override {}
  void append(duckdb::DataChunk& chunk, std::string& out) override {
    for (size_t i = 0; i < cells_.size(); ++i) cells_[i]->look_at(chunk.data[i], chunk.size());
    for (idx_t row = 0; row < chunk.size(); ++row) append_row(row, out);
  }
  void finish(std::string&) override {}

 protected:
  virtual void append_row(idx_t row, std::string& out) = 0;
  std::vector<CellPtr> cells_;
};

// One array a row.
class ArrayEncoder final : public TextEncoder {
 public:
  using TextEncoder::TextEncoder;

 private:
  void append_row(idx_t row, std::string& out) override {
    char separator = '[';
    for (auto& cell : cells_) {
      out += separator;
      separator = ',';
      cell->json(row, out);
    }
    out += "]\n";
  }
};

// One object a row.
class ObjectEncoder final : public TextEncoder {
 public:
  ObjectEncoder(duckdb::ClientContext& context, const duckdb::vector<std::string>& names,
                const duckdb::vector<LogicalType>& types)
      : TextEncoder(context, types) {
    for (const auto& name : names) {
      append_json_string(name, keys_.emplace_back());
      keys_.back() += ':';
    }
  }

 private:
  void append_row(idx_t row, std::string& out) override {
    char separator = '{';
    for (size_t i = 0; i < cells_.size(); ++i) {
      out += separator;
      separator = ',';
      out += keys_[i];
      cells_[i]->json(row, out);
    }
    out += "}\n";
  }
  std::vector<std::string> keys_;
};

// RFC 4180 with a header; null is an empty field, an empty string a quoted one.
class CsvEncoder final : public TextEncoder {
 public:
  CsvEncoder(duckdb::ClientContext& context, const duckdb::vector<std::string>& names,
             const duckdb::vector<LogicalType>& types)
      : TextEncoder(context, types), names_(names) {}

  void begin(std::string& out) override {
    for (size_t i = 0; i < names_.size(); ++i) {
      if (i > 0) out += ',';
      field(names_[i], out);
    }
    out += "\r\n";
  }

 private:
  static void field(std::string_view text, std::string& out) {
    if (!text.empty() && text.find_first_of("\",\r\n") == std::string_view::npos) {
      out += text;
      return;
    }
    out += '"';
    for (const char c : text) {
      if (c == '"') out += '"';
      out += c;
    }
    out += '"';
  }
  void append_row(idx_t row, std::string& out) override {
    for (size_t i = 0; i < cells_.size(); ++i) {
      if (i > 0) out += ',';
      if (cells_[i]->is_null(row)) continue;
      text_.clear();
      cells_[i]->text(row, text_);
      field(text_, out);
    }
    out += "\r\n";
  }
  const duckdb::vector<std::string> names_;
  std::string text_;
};

}  // namespace

std::unique_ptr<Encoder> make_encoder(ResultFormat format, duckdb::ClientContext& context,
                                      const duckdb::vector<std::string>& names,
                                      const duckdb::vector<LogicalType>& types) {
  switch (format) {
    case ResultFormat::kCsv: return std::make_unique<CsvEncoder>(context, names, types);
    case ResultFormat::kJsonLines: return std::make_unique<ObjectEncoder>(context, names, types);
    case ResultFormat::kParquet:
    case ResultFormat::kArrow: return make_arrow_encoder(format, context, names, types);
    case ResultFormat::kDefault: break;
  }
  return std::make_unique<ArrayEncoder>(context, types);
}

}  // namespace firn::query
