#include "automation/rights.h"

#include <algorithm>

#include <fmt/format.h>

#include "catalog/catalog.h"

namespace firn::automation {
namespace {

// Tabs and line ends stand in no id; filters are SQL and may have both.
std::string plain(std::string text) {
  std::replace(text.begin(), text.end(), '\t', ' ');
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

Result<std::string> line_of(auth::Authenticator& auth, const auth::Principal& principal,
                            const auth::CatalogEntry& entry, const Uuid& table) {
  TRY(auth::authorize(principal, auth::Role::kViewer, entry.object()));
  const auto rules = TRY(auth.policies().rules_for(principal, entry.object(), table));
  std::string line = entry.id + '\t' + table.to_string() + '\t';
  for (const auto& filter : rules.row_filters) line += plain(filter) + ';';
  for (const auto& [field, rule] : rules.columns) {
    line += fmt::format("{}={};", field, static_cast<int>(rule));
  }
  // A filter may ask who reads.
  if (!rules.row_filters.empty()) line += principal.account;
  return line + '\n';
}

Result<std::string> again(auth::Authenticator& auth, const auth::Principal& reader,
                          const std::string& line) {
  const size_t first = line.find('\t');
  const size_t second = line.find('\t', first + 1);
  if (second == std::string::npos) return Error(ErrorCode::kInternal, "rights cannot be read");
  const std::string catalog = line.substr(0, first);
  if (catalog.empty()) return own_rights(reader);
  const auto table = Uuid::parse(line.substr(first + 1, second - first - 1));
  if (!table.ok()) return Error(ErrorCode::kInternal, "rights cannot be read");
  const auto entry = TRY(auth.directory().catalog_by_id(reader, catalog));
  return line_of(auth, reader, entry, *table);
}

}  // namespace

Result<std::string> rights_on(auth::Authenticator& auth, const auth::Principal& principal,
                              const std::vector<query::TableEvidence>& tables) {
  std::vector<std::string> lines;
  for (const auto& table : tables) {
    if (table.foreign) {
      lines.push_back(own_rights(principal));
      continue;
    }
    const auto entry = TRY(auth.directory().catalog(principal, table.catalog));
    lines.push_back(TRY(line_of(auth, principal, entry, table.uuid)));
    // Rejected rows are another table's, as they came: that one's rules are about them, too.
    if (catalog::base_of_rejected(table.name)) lines.push_back(own_rights(principal));
  }
  std::sort(lines.begin(), lines.end());
  std::string rights;
  for (const auto& line : lines) rights += line;
  return rights;
}

std::string own_rights(const auth::Principal& principal) {
  return "\town\t" + principal.account + '\n';
}

bool has_rights(auth::Authenticator& auth, const auth::Principal& reader,
                const std::string& rights) {
  if (!auth::authorize_anywhere(reader, auth::Role::kViewer).ok()) return false;
  for (size_t at = 0; at < rights.size();) {
    const size_t end = std::min(rights.find('\n', at), rights.size() - 1);
    const std::string line = rights.substr(at, end + 1 - at);
    const auto now = again(auth, reader, line);
    if (!now.ok() || *now != line) return false;
    at = end + 1;
  }
  return true;
}

}  // namespace firn::automation
