#include "auth/audit.h"

#include "base/utf8.h"
#include "platform/clock.h"
#include "store/database.h"

namespace firn::auth {
namespace {

constexpr size_t kTextMax = 200;
constexpr char kSeparator = '\n';

std::string cut(const std::string& text) { return std::string(cut_utf8(text, kTextMax)); }

std::string join(const std::vector<std::string>& objects) {
  std::string text;
  for (const auto& object : objects) {
    if (!text.empty()) text += kSeparator;
    for (const char c : cut(object)) text += c == kSeparator ? ' ' : c;
  }
  return text;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find(kSeparator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

}  // namespace

Status AuditLog::record(AuditEntry entry) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    auto row =
        TRY(transaction.prepare("INSERT INTO audit VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    return row.bind(1, entry.organization)
        .bind(2, clock_.now_us())
        .bind(3, entry.principal)
        .bind(4, entry.principal_name)
        .bind(5, entry.action)
        .bind(6, join(entry.objects))
        .bind(7, entry.error)
        .bind(8, cut(entry.address))
        .bind(9, cut(entry.client))
        .run();
  });
}

Result<std::vector<AuditEntry>> AuditLog::list(const Principal& principal, const Filter& filter,
                                               int64_t max) {
  TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  std::vector<AuditEntry> entries;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "SELECT id, at_us, principal, principal_name, action, objects, error, address, client FROM "
        "audit WHERE organization = ?1 AND id < ?2 AND (?3 = '' OR action = ?3) AND (?4 = '' OR "
        "principal = ?4) ORDER BY id DESC LIMIT ?5"));
    row.bind(1, principal.organization)
        .bind(2, filter.before.value_or(INT64_MAX))
        .bind(3, filter.action)
        .bind(4, filter.principal)
        .bind(5, max);
    while (TRY(row.step())) {
      entries.push_back({row.column_int(0), principal.organization, row.column_int(1),
                         row.column_text(2), row.column_text(3), row.column_text(4),
                         split(row.column_text(5)), row.column_text(6), row.column_text(7),
                         row.column_text(8)});
    }
    return {};
  }));
  return entries;
}

}  // namespace firn::auth
