#include "app/table_printer.h"

#include <algorithm>

namespace firn::app {
namespace {

// Code points, which is close enough to columns of a terminal for most text.
size_t display_width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string shown(std::string_view text, size_t width_max) {
  std::string out;
  size_t width = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c & 0xc0) != 0x80 && ++width > width_max) {
      out += "…";
      return out;
    }
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return out;
}

bool is_numeric(std::string_view type) {
  for (const std::string_view prefix :
       {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
        "UBIGINT", "FLOAT", "DOUBLE", "DECIMAL"}) {
    if (type.starts_with(prefix) && !type.ends_with("[]")) return true;
  }
  return false;
}

void add_cell(std::string& line, std::string_view text, size_t width, bool right) {
  const size_t gap = width - std::min(width, display_width(text));
  line += ' ';
  if (right) line.append(gap, ' ');
  line += text;
  if (!right) line.append(gap, ' ');
  line += ' ';
}

}  // namespace

std::string format_table(const Remote::Rows& rows, size_t width_max) {
  const size_t columns = rows.columns.size();
  std::vector<std::vector<std::string>> cells;
  std::vector<size_t> widths(columns);
  for (size_t c = 0; c < columns; ++c) widths[c] = display_width(rows.columns[c]);
  for (size_t r = 0; r < rows.rows.size(); ++r) {
    auto& line = cells.emplace_back();
    for (size_t c = 0; c < columns; ++c) {
      line.push_back(rows.nulls[r][c] ? "∅" : shown(rows.rows[r][c], width_max));
      widths[c] = std::max(widths[c], display_width(line.back()));
    }
  }
  std::string out;
  for (size_t c = 0; c < columns; ++c) {
    if (c > 0) out += "│";
    add_cell(out, rows.columns[c], widths[c], is_numeric(rows.types[c]));
  }
  out += '\n';
  for (size_t c = 0; c < columns; ++c) {
    if (c > 0) out += "┼";
    for (size_t i = 0; i < widths[c] + 2; ++i) out += "─";
  }
  out += '\n';
  for (const auto& line : cells) {
    for (size_t c = 0; c < columns; ++c) {
      if (c > 0) out += "│";
      add_cell(out, line[c], widths[c], is_numeric(rows.types[c]));
    }
    out += '\n';
  }
  return out;
}

}  // namespace firn::app
