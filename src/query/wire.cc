#include "query/wire.h"

#include <unistd.h>

#include <type_traits>
#include <utility>

namespace firn::query {
namespace {

constexpr int kTypeDepthMax = 64;

Error malformed() { return Error(ErrorCode::kInternal, "a query worker sent a malformed message"); }

void write_type(WireWriter& out, const iceberg::Type& type);

void write_field(WireWriter& out, const iceberg::Field& field) {
  out.number<int32_t>(field.id);
  out.text(field.name);
  out.number<uint8_t>(field.required);
  write_type(out, *field.type);
}

void write_type(WireWriter& out, const iceberg::Type& type) {
  out.number(static_cast<uint8_t>(type.id));
  out.number(type.precision);
  out.number(type.scale);
  out.number(type.length);
  out.number(static_cast<uint32_t>(type.fields.size()));
  for (const auto& field : type.fields) write_field(out, field);
}

iceberg::TypePtr read_type(WireReader& in, int depth);

iceberg::Field read_field(WireReader& in, int depth) {
  iceberg::Field field;
  field.id = in.number<int32_t>();
  field.name = in.text();
  field.required = in.number<uint8_t>() != 0;
  field.type = read_type(in, depth);
  return field;
}

iceberg::TypePtr read_type(WireReader& in, int depth) {
  auto type = std::make_shared<iceberg::Type>();
  type->id = static_cast<iceberg::TypeId>(in.number<uint8_t>());
  type->precision = in.number<int32_t>();
  type->scale = in.number<int32_t>();
  type->length = in.number<int32_t>();
  const size_t count = in.count(1);
  if (depth >= kTypeDepthMax) return type;
  for (size_t i = 0; i < count && in.ok(); ++i) type->fields.push_back(read_field(in, depth + 1));
  return type;
}

void write_value(WireWriter& out, const iceberg::Value& value) {
  out.number(static_cast<uint8_t>(value.index()));
  std::visit(
      [&](const auto& held) {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, bool>) {
          out.number<uint8_t>(held);
        } else if constexpr (std::is_same_v<T, std::string>) {
          out.text(held);
        } else if constexpr (std::is_same_v<T, iceberg::DecimalValue>) {
          out.number(held.unscaled);
        } else if constexpr (!std::is_same_v<T, std::monostate>) {
          out.number(held);
        }
      },
      value);
}

iceberg::Value read_value(WireReader& in) {
  switch (in.number<uint8_t>()) {
    case 1: return in.number<uint8_t>() != 0;
    case 2: return in.number<int32_t>();
    case 3: return in.number<int64_t>();
    case 4: return in.number<float>();
    case 5: return in.number<double>();
    case 6: return iceberg::DecimalValue{in.number<iceberg::Int128>()};
    case 7: return in.text();
    default: return {};
  }
}

}  // namespace

void WireWriter::text(std::string_view value) {
  number(static_cast<uint32_t>(value.size()));
  bytes_.append(value);
}

void WireWriter::texts(const std::vector<std::string>& values) {
  number(static_cast<uint32_t>(values.size()));
  for (const auto& value : values) text(value);
}

std::string WireReader::text() {
  const size_t size = number<uint32_t>();
  if (size > rest_.size()) {
    fail();
    return {};
  }
  std::string value(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return value;
}

size_t WireReader::count(size_t bytes_min) {
  const size_t count = number<uint32_t>();
  if (count > rest_.size() / bytes_min) {
    fail();
    return 0;
  }
  return count;
}

std::vector<std::string> WireReader::texts() {
  std::vector<std::string> values(count(sizeof(uint32_t)));
  for (auto& value : values) value = text();
  return values;
}

std::string encode(const WorkerQuery& query) {
  WireWriter out;
  out.number(static_cast<uint8_t>(query.mode));
  out.number(static_cast<uint8_t>(query.format));
  out.text(query.statement);
  out.text(query.parameters);
  out.text(query.nonce);
  out.texts(query.catalogs);
  out.texts(query.connections);
  out.texts(query.remote_catalogs);
  out.text(query.catalog);
  out.text(query.schema);
  out.text(query.timezone);
  out.number(query.limit);
  out.number(query.offset);
  out.number(query.result_bytes_max);
  out.number(query.suggestions_max);
  return out.take();
}

Result<WorkerQuery> decode_query(std::string_view bytes) {
  WireReader in(bytes);
  WorkerQuery query;
  query.mode = static_cast<QueryMode>(in.number<uint8_t>());
  query.format = static_cast<ResultFormat>(in.number<uint8_t>());
  query.statement = in.text();
  query.parameters = in.text();
  query.nonce = in.text();
  query.catalogs = in.texts();
  query.connections = in.texts();
  query.remote_catalogs = in.texts();
  query.catalog = in.text();
  query.schema = in.text();
  query.timezone = in.text();
  query.limit = in.number<uint64_t>();
  query.offset = in.number<uint64_t>();
  query.result_bytes_max = in.number<uint64_t>();
  query.suggestions_max = in.number<uint32_t>();
  if (!in.at_end()) return malformed();
  return query;
}

namespace {

void write_access(WireWriter& out, const auth::TableRules& rules, const Caller& caller) {
  out.texts(rules.row_filters);
  out.number(static_cast<uint32_t>(rules.columns.size()));
  for (const auto& [field_id, rule] : rules.columns) {
    out.number(field_id);
    out.number(static_cast<uint8_t>(rule));
  }
  out.number(static_cast<uint32_t>(rules.named_columns.size()));
  for (const auto& [name, rule] : rules.named_columns) {
    out.text(name);
    out.number(static_cast<uint8_t>(rule));
  }
  out.text(caller.id);
  out.text(caller.email);
  out.text(caller.role);
}

void read_access(WireReader& in, auth::TableRules& rules, Caller& caller) {
  rules.row_filters = in.texts();
  const size_t by_id = in.count(5);
  for (size_t i = 0; i < by_id && in.ok(); ++i) {
    const auto field_id = in.number<int32_t>();
    rules.columns[field_id] = static_cast<auth::ColumnRule>(in.number<uint8_t>());
  }
  const size_t by_name = in.count(5);
  for (size_t i = 0; i < by_name && in.ok(); ++i) {
    const std::string name = in.text();
    rules.named_columns[name] = static_cast<auth::ColumnRule>(in.number<uint8_t>());
  }
  caller.id = in.text();
  caller.email = in.text();
  caller.role = in.text();
}

}  // namespace

std::string encode(const ResolvedTable& table) {
  WireWriter out;
  out.number(table.handle);
  out.text(table.catalog);
  out.text(table.schema);
  out.text(table.name);
  out.text({reinterpret_cast<const char*>(table.uuid.bytes.data()), table.uuid.bytes.size()});
  out.number(table.schema_id);
  out.number<uint8_t>(table.snapshot_id.has_value());
  out.number(table.snapshot_id.value_or(0));
  out.number(table.record_count);
  out.number(static_cast<uint32_t>(table.columns.size()));
  for (const auto& column : table.columns) write_field(out, column);
  write_access(out, table.rules, table.caller);
  return out.take();
}

Result<ResolvedTable> decode_table(std::string_view bytes) {
  WireReader in(bytes);
  ResolvedTable table;
  table.handle = in.number<uint64_t>();
  table.catalog = in.text();
  table.schema = in.text();
  table.name = in.text();
  const std::string uuid = in.text();
  if (uuid.size() != table.uuid.bytes.size()) return malformed();
  std::copy(uuid.begin(), uuid.end(), table.uuid.bytes.begin());
  table.schema_id = in.number<int32_t>();
  const bool has_snapshot = in.number<uint8_t>() != 0;
  const auto snapshot_id = in.number<int64_t>();
  if (has_snapshot) table.snapshot_id = snapshot_id;
  table.record_count = in.number<int64_t>();
  const size_t count = in.count(1);
  for (size_t i = 0; i < count && in.ok(); ++i) table.columns.push_back(read_field(in, 0));
  read_access(in, table.rules, table.caller);
  if (!in.at_end()) return malformed();
  return table;
}

std::string encode(uint64_t handle, const std::vector<Conjunct>& conjuncts) {
  WireWriter out;
  out.number(handle);
  out.number(static_cast<uint32_t>(conjuncts.size()));
  for (const auto& conjunct : conjuncts) {
    out.number(conjunct.field_id);
    out.number(static_cast<uint8_t>(conjunct.op));
    out.number(static_cast<uint32_t>(conjunct.constants.size()));
    for (const auto& constant : conjunct.constants) write_value(out, constant);
  }
  return out.take();
}

Result<PlanRequest> decode_plan_request(std::string_view bytes) {
  WireReader in(bytes);
  PlanRequest request;
  request.handle = in.number<uint64_t>();
  const size_t count = in.count(1);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    Conjunct conjunct;
    conjunct.field_id = in.number<int32_t>();
    conjunct.op = static_cast<CompareOp>(in.number<uint8_t>());
    const size_t constants = in.count(1);
    for (size_t k = 0; k < constants && in.ok(); ++k) {
      conjunct.constants.push_back(read_value(in));
    }
    request.conjuncts.push_back(std::move(conjunct));
  }
  if (!in.at_end()) return malformed();
  return request;
}

std::string encode(const ScanPlan& plan) {
  WireWriter out;
  out.number(plan.files_total);
  out.number<uint8_t>(plan.fetched);
  out.text(plan.name_mapping);
  out.number(static_cast<uint32_t>(plan.deletes.size()));
  for (const auto& file : plan.deletes) {
    out.number(static_cast<uint8_t>(file.content));
    out.text(file.path);
    out.number(file.size_bytes);
    out.number(static_cast<uint32_t>(file.equality_ids.size()));
    for (const int32_t id : file.equality_ids) out.number(id);
  }
  out.number(static_cast<uint32_t>(plan.files.size()));
  for (const auto& file : plan.files) {
    out.text(file.path);
    out.number(file.size_bytes);
    out.number(file.record_count);
    out.text(file.location);
    out.number<uint8_t>(file.hot != nullptr);
    out.number(static_cast<uint32_t>(file.deletes.size()));
    for (const uint32_t index : file.deletes) out.number(index);
  }
  return out.take();
}

Result<ScanPlan> decode_plan(std::string_view bytes, std::vector<int> descriptors) {
  size_t used = 0;
  auto close_unused = [&] {
    for (; used < descriptors.size(); ++used) ::close(descriptors[used]);
  };
  WireReader in(bytes);
  ScanPlan plan;
  plan.files_total = in.number<int64_t>();
  plan.fetched = in.number<uint8_t>() != 0;
  plan.name_mapping = in.text();
  const size_t deletes = in.count(1);
  for (size_t i = 0; i < deletes && in.ok(); ++i) {
    PlannedDelete file;
    file.content = static_cast<iceberg::FileContent>(in.number<uint8_t>());
    file.path = in.text();
    file.size_bytes = in.number<int64_t>();
    file.equality_ids.resize(in.count(sizeof(int32_t)));
    for (auto& id : file.equality_ids) id = in.number<int32_t>();
    plan.deletes.push_back(std::move(file));
  }
  const size_t files = in.count(1);
  plan.files.reserve(files);
  for (size_t i = 0; i < files && in.ok(); ++i) {
    PlannedFile file;
    file.path = in.text();
    file.size_bytes = in.number<int64_t>();
    file.record_count = in.number<int64_t>();
    file.location = in.text();
    if (in.number<uint8_t>() != 0 && used < descriptors.size()) {
      file.hot = std::make_shared<HotFile>(descriptors[used++], file.size_bytes);
    }
    file.deletes.resize(in.count(sizeof(uint32_t)));
    for (auto& index : file.deletes) index = in.number<uint32_t>();
    plan.files.push_back(std::move(file));
  }
  close_unused();
  if (!in.at_end()) return malformed();
  return plan;
}

std::string encode(const ForeignAccess& access) {
  WireWriter out;
  write_access(out, access.rules, access.caller);
  return out.take();
}

Result<ForeignAccess> decode_access(std::string_view bytes) {
  WireReader in(bytes);
  ForeignAccess access;
  read_access(in, access.rules, access.caller);
  if (!in.at_end()) return malformed();
  return access;
}

std::string encode(const ForeignSource& source) {
  WireWriter out;
  const auto pairs = [&](const TextPairs& values) {
    out.number(static_cast<uint32_t>(values.size()));
    for (const auto& [name, value] : values) {
      out.text(name);
      out.text(value);
    }
  };
  out.number(static_cast<uint8_t>(source.kind));
  out.text(source.name);
  out.text(source.default_schema);
  out.text(source.host);
  out.text(source.address);
  out.number(source.port);
  out.text(source.attach);
  pairs(source.secret);
  pairs(source.settings);
  out.number(source.rows_max);
  out.number(source.file_bytes);
  out.number(static_cast<uint32_t>(source.files.size()));
  for (const auto& file : source.files) {
    out.text(file.table);
    out.text(file.path);
    out.number(static_cast<uint8_t>(file.csv));
  }
  return out.take();
}

Result<ForeignSource> decode_source(std::string_view bytes, std::vector<int> descriptors) {
  WireReader in(bytes);
  ForeignSource source;
  std::vector<std::shared_ptr<OwnedDescriptor>> owned;
  for (const int descriptor : descriptors) {
    owned.push_back(std::make_shared<OwnedDescriptor>(descriptor));
  }
  const auto pairs = [&](TextPairs& values) {
    values.resize(in.count(2 * sizeof(uint32_t)));
    for (auto& [name, value] : values) {
      name = in.text();
      value = in.text();
    }
  };
  source.kind = static_cast<ForeignKind>(in.number<uint8_t>());
  source.name = in.text();
  source.default_schema = in.text();
  source.host = in.text();
  source.address = in.text();
  source.port = in.number<uint16_t>();
  source.attach = in.text();
  pairs(source.secret);
  pairs(source.settings);
  source.rows_max = in.number<uint64_t>();
  source.file_bytes = in.number<uint64_t>();
  source.files.resize(in.count(2 * sizeof(uint32_t) + 1));
  for (auto& file : source.files) {
    file.table = in.text();
    file.path = in.text();
    file.csv = in.number<uint8_t>() != 0;
  }
  if (!in.at_end()) return malformed();
  const size_t single = source.kind == ForeignKind::kSqlite ? 1 : 0;
  if (owned.size() != source.files.size() + single) return malformed();
  if (single == 1) source.file = owned.front();
  for (size_t i = 0; i < source.files.size(); ++i) source.files[i].descriptor = owned[single + i];
  return source;
}

std::string encode(const std::vector<ForeignTable>& tables) {
  WireWriter out;
  out.number(static_cast<uint32_t>(tables.size()));
  for (const auto& table : tables) {
    out.text(table.schema);
    out.text(table.name);
    out.number(table.row_estimate);
    out.number(static_cast<uint32_t>(table.columns.size()));
    for (const auto& column : table.columns) {
      out.text(column.name);
      out.text(column.type);
      out.number<uint8_t>(column.required);
    }
  }
  return out.take();
}

Result<std::vector<ForeignTable>> decode_foreign_tables(std::string_view bytes) {
  WireReader in(bytes);
  std::vector<ForeignTable> tables(in.count(20));
  for (auto& table : tables) {
    table.schema = in.text();
    table.name = in.text();
    table.row_estimate = in.number<int64_t>();
    table.columns.resize(in.count(9));
    for (auto& column : table.columns) {
      column.name = in.text();
      column.type = in.text();
      column.required = in.number<uint8_t>() != 0;
    }
  }
  if (!in.at_end()) return malformed();
  return tables;
}

std::string encode(const RemotePage& page) {
  WireWriter out;
  out.text(page.columns);
  out.text(page.rows);
  out.number<uint8_t>(page.last);
  return out.take();
}

Result<RemotePage> decode_page(std::string_view bytes) {
  WireReader in(bytes);
  RemotePage page;
  page.columns = in.text();
  page.rows = in.text();
  page.last = in.number<uint8_t>() != 0;
  if (!in.at_end()) return malformed();
  return page;
}

std::string encode(const std::vector<ResultColumn>& columns) {
  WireWriter out;
  out.number(static_cast<uint32_t>(columns.size()));
  for (const auto& column : columns) {
    out.text(column.name);
    out.text(column.type);
  }
  return out.take();
}

Result<std::vector<ResultColumn>> decode_columns(std::string_view bytes) {
  WireReader in(bytes);
  std::vector<ResultColumn> columns(in.count(2 * sizeof(uint32_t)));
  for (auto& column : columns) {
    column.name = in.text();
    column.type = in.text();
  }
  if (!in.at_end()) return malformed();
  return columns;
}

std::string encode(const Error& error) {
  WireWriter out;
  out.number(static_cast<uint16_t>(error.code()));
  out.text(error.message());
  out.text(error.detail());
  out.number(static_cast<int64_t>(error.position() ? *error.position() : -1));
  return out.take();
}

Error decode_error(std::string_view bytes) {
  WireReader in(bytes);
  const auto code = static_cast<ErrorCode>(in.number<uint16_t>());
  std::string message = in.text();
  std::string detail = in.text();
  const auto position = in.number<int64_t>();
  if (!in.at_end()) return malformed();
  Error error(code, std::move(message), std::move(detail));
  return position < 0 ? error : std::move(error).at(static_cast<size_t>(position));
}

}  // namespace firn::query
