#include "agents/memories.h"

#include <algorithm>

#include "agents/lists_internal.h"
#include "platform/clock.h"
#include "platform/random.h"
#include "store/database.h"

namespace firn::agents {
namespace {

constexpr int64_t kMemoriesMax = 200;  // of an agent
constexpr size_t kTextMax = 4 << 10;
constexpr size_t kLeaveAloneMax = 50;
constexpr size_t kNameMax = 300;

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"agent_memories", 1, R"sql(
CREATE TABLE agent_memories (id TEXT PRIMARY KEY, organization TEXT NOT NULL, agent TEXT NOT NULL,
  kind INTEGER NOT NULL, text TEXT NOT NULL, leave_alone TEXT NOT NULL, created_by TEXT NOT NULL,
  created_us INTEGER NOT NULL, updated_us INTEGER NOT NULL) STRICT;
CREATE INDEX agent_memories_by_agent ON agent_memories (agent, created_us);
)sql"},
  };
  return steps;
}

constexpr const char* kColumns =
    "SELECT id, agent, kind, text, leave_alone, created_by, created_us, updated_us FROM "
    "agent_memories ";

Result<Memory> read_row(const store::Statement& row) {
  Memory memory;
  memory.id = row.column_text(0);
  memory.agent = row.column_text(1);
  memory.kind = static_cast<MemoryKind>(row.column_int(2));
  memory.text = row.column_text(3);
  memory.leave_alone = TRY(read_list(row.column_text(4)));
  memory.created_by = row.column_text(5);
  memory.created_us = row.column_int(6);
  memory.updated_us = row.column_int(7);
  return memory;
}

Status check(const Memory& memory) {
  const auto wrong = [](std::string message) {
    return Error(ErrorCode::kInvalidArgument, std::move(message));
  };
  if (memory.text.empty() || memory.text.size() > kTextMax) {
    return wrong("a memory has 1 to 4,096 bytes");
  }
  if (memory.leave_alone.size() > kLeaveAloneMax) {
    return wrong("a memory leaves at most 50 columns alone");
  }
  for (const auto& name : memory.leave_alone) {
    if (name.empty() || name.size() > kNameMax) return wrong("a column's name has 1 to 300 bytes");
  }
  return {};
}

Status may_change(const auth::Principal& who) {
  return authorize(who, auth::Role::kEditor, auth::Object::whole(who));
}

// "avg(dep_delay)" is about dep_delay.
std::string column_of(const std::string& measure) {
  const size_t open = measure.find('(');
  if (open == std::string::npos || !measure.ends_with(')')) return measure;
  return measure.substr(open + 1, measure.size() - open - 2);
}

bool same_name(const std::string& one, const std::string& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  });
}

// Makes room for one more.
Status make_room(store::Transaction& transaction, const Memory& wanted) {
  auto count = TRY(transaction.prepare("SELECT count(*) FROM agent_memories WHERE agent = ?"));
  count.bind(1, wanted.agent);
  TRY(count.step());
  if (count.column_int(0) < kMemoriesMax) return {};
  auto oldest = TRY(transaction.prepare(
      "DELETE FROM agent_memories WHERE id = (SELECT id FROM agent_memories WHERE agent = ? AND "
      "kind <> 0 ORDER BY created_us LIMIT 1)"));
  TRY(oldest.bind(1, wanted.agent).run());
  if (transaction.changes() > 0) return {};
  return Error(ErrorCode::kResourceExhausted, "an agent has at most 200 notes: delete some first");
}

}  // namespace

bool leaves_alone(const std::vector<Memory>& memories, const std::string& name) {
  if (name.empty()) return false;
  return std::any_of(memories.begin(), memories.end(), [&](const Memory& memory) {
    return std::any_of(memory.leave_alone.begin(), memory.leave_alone.end(),
                       [&](const std::string& left) {
                         return same_name(left, name) || same_name(left, column_of(name));
                       });
  });
}

Result<Memories> Memories::create(store::Database& database, platform::Clock& clock,
                                  platform::Random& random) {
  TRY(database.migrate(migrations()));
  return Memories(database, clock, random);
}

Result<Memory> Memories::read(store::Transaction& transaction, const std::string& organization,
                              const std::string& id) {
  auto row = TRY(transaction.prepare(std::string(kColumns) + "WHERE organization = ? AND id = ?"));
  row.bind(1, organization).bind(2, id);
  if (!TRY(row.step())) return Error(ErrorCode::kNotFound, "there is no such memory");
  return read_row(row);
}

Result<std::vector<Memory>> Memories::list(const auth::Principal& who, const std::string& agent) {
  TRY(authorize_anywhere(who, auth::Role::kViewer));
  std::vector<Memory> found;
  TRY(database_->read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        std::string(kColumns) +
        "WHERE organization = ? AND agent = ? ORDER BY created_us DESC, id LIMIT 200"));
    row.bind(1, who.organization).bind(2, agent);
    while (TRY(row.step())) found.push_back(TRY(read_row(row)));
    return {};
  }));
  return found;
}

Result<Memory> Memories::add(const auth::Principal& who, const Memory& wanted) {
  TRY(may_change(who));
  TRY(check(wanted));
  Memory memory = wanted;
  memory.id = random_->uuid().to_string();
  memory.created_by = who.name;
  memory.created_us = clock_->now_us();
  memory.updated_us = memory.created_us;
  TRY(database_->write([&](store::Transaction& transaction) -> Status {
    TRY(make_room(transaction, memory));
    auto row = TRY(transaction.prepare(
        "INSERT INTO agent_memories (id, organization, agent, kind, text, leave_alone, created_by, "
        "created_us, updated_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    row.bind(1, memory.id).bind(2, who.organization).bind(3, memory.agent);
    row.bind(4, static_cast<int64_t>(memory.kind)).bind(5, memory.text);
    row.bind(6, list_json(memory.leave_alone)).bind(7, memory.created_by);
    row.bind(8, memory.created_us).bind(9, memory.updated_us);
    return row.run();
  }));
  return memory;
}

Result<Memory> Memories::update(const auth::Principal& who, const std::string& id,
                                const std::optional<std::string>& text,
                                const std::optional<std::vector<std::string>>& leave_alone) {
  TRY(may_change(who));
  Memory memory;
  TRY(database_->write([&](store::Transaction& transaction) -> Status {
    memory = TRY(read(transaction, who.organization, id));
    if (text) memory.text = *text;
    if (leave_alone) memory.leave_alone = *leave_alone;
    memory.updated_us = clock_->now_us();
    TRY(check(memory));
    auto row = TRY(transaction.prepare(
        "UPDATE agent_memories SET text = ?, leave_alone = ?, updated_us = ? WHERE id = ?"));
    row.bind(1, memory.text).bind(2, list_json(memory.leave_alone)).bind(3, memory.updated_us);
    return row.bind(4, id).run();
  }));
  return memory;
}

Status Memories::remove(const auth::Principal& who, const std::string& id) {
  TRY(may_change(who));
  return database_->write([&](store::Transaction& transaction) -> Status {
    TRY(read(transaction, who.organization, id));
    auto row = TRY(transaction.prepare("DELETE FROM agent_memories WHERE id = ?"));
    return row.bind(1, id).run();
  });
}

Status Memories::remove_all(store::Transaction& transaction, const std::string& agent) {
  auto row = TRY(transaction.prepare("DELETE FROM agent_memories WHERE agent = ?"));
  return row.bind(1, agent).run();
}

}  // namespace firn::agents
