#include "graphql/block_string.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace firn::graphql {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\n' && text[i] != '\r') continue;
    lines.push_back(text.substr(start, i - start));
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    start = i + 1;
  }
  lines.push_back(text.substr(start));
  return lines;
}

size_t indent_of(std::string_view line) {
  return static_cast<size_t>(std::find_if_not(line.begin(), line.end(), is_blank) - line.begin());
}

}  // namespace

std::string dedent_block_string(std::string_view raw) {
  const auto lines = split_lines(raw);
  size_t common = std::numeric_limits<size_t>::max();
  size_t first = lines.size();
  size_t last = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    const size_t indent = indent_of(lines[i]);
    if (indent == lines[i].size()) continue;
    first = std::min(first, i);
    last = i;
    if (i != 0) common = std::min(common, indent);
  }
  std::string out;
  for (size_t i = first; i < lines.size() && i <= last; ++i) {
    if (i != first) out += '\n';
    std::string_view line = lines[i];
    if (i != 0) line.remove_prefix(std::min(common, line.size()));
    out += line;
  }
  return out;
}

std::string print_block_string(std::string_view value) {
  std::string escaped;
  for (size_t i = 0; i < value.size();) {
    if (value.substr(i, 3) == "\"\"\"") {
      escaped += "\\\"\"\"";
      i += 3;
    } else {
      escaped += value[i++];
    }
  }
  const auto lines = split_lines(escaped);
  const bool single = lines.size() == 1;
  const bool leading = !single && std::all_of(lines.begin() + 1, lines.end(), [](auto line) {
    return line.empty() || is_blank(line[0]);
  });
  const bool triple = escaped.ends_with("\\\"\"\"");
  const bool trailing = (value.ends_with('"') && !triple) || value.ends_with('\\');
  const bool many = !single || value.size() > 70 || trailing || leading || triple;
  const bool skip_first = single && !value.empty() && is_blank(value[0]);
  std::string out = "\"\"\"";
  if ((many && !skip_first) || leading) out += '\n';
  out += escaped;
  if (many || trailing) out += '\n';
  return out + "\"\"\"";
}

}  // namespace firn::graphql
