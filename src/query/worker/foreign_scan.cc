#include "query/worker/foreign_scan.h"

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/planner/filter/conjunction_filter.hpp"
#include "duckdb/planner/filter/constant_filter.hpp"
#include "duckdb/planner/filter/dynamic_filter.hpp"
#include "duckdb/planner/filter/in_filter.hpp"
#include "duckdb/planner/filter/optional_filter.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "query/worker/file_tables.h"
#include "query/worker/lake_scan.h"

namespace firn::query {
namespace {

using duckdb::ClientContext;
using duckdb::TableFilter;
using duckdb::TableFilterType;

// Of a source that has Parquet and CSV files, the latter's scans have a slot of their own.
constexpr size_t kSlotsMax = 2 * ForeignSources::kSourcesMax;

// DuckDB's scan functions are plain pointers: which source they belong to is in the function
// itself, one a slot.
struct Slot {
  ForeignSource source;
  duckdb::table_function_t function = nullptr;
  duckdb::table_function_init_global_t init_global = nullptr;
  duckdb::table_function_init_local_t init_local = nullptr;
  duckdb::table_function_supports_pushdown_type_t supports_pushdown_type = nullptr;
  duckdb::table_function_get_bind_info_t get_bind_info = nullptr;
  duckdb::table_function_cardinality_t cardinality = nullptr;
  std::map<const duckdb::TableCatalogEntry*, int64_t> row_estimates;
  std::atomic<uint64_t> rows = 0;
  // Scans hold on to the filters that they are given.
  std::mutex mutex;
  std::vector<duckdb::unique_ptr<duckdb::TableFilterSet>> filters;
};

std::array<Slot, kSlotsMax>& slots() {
  static std::array<Slot, kSlotsMax> instance;
  return instance;
}

template <typename Body>
auto guarded(const Slot& slot, Body&& body) {
  try {
    return body();
  } catch (const std::exception& thrown) {
    rethrow_foreign(slot.source, thrown);
  }
}

// Text is ordered by the source's collation, which is not DuckDB's.
bool means_the_same(const duckdb::Value& constant) {
  return constant.type().id() != duckdb::LogicalTypeId::VARCHAR;
}

// What an optional filter asks for, in filters that extensions know; null: nothing.
duckdb::unique_ptr<TableFilter> required(const TableFilter& filter) {
  switch (filter.filter_type) {
    case TableFilterType::OPTIONAL_FILTER: {
      const auto& child = static_cast<const duckdb::OptionalFilter&>(filter).child_filter;
      return child ? required(*child) : nullptr;
    }
    case TableFilterType::DYNAMIC_FILTER: {
      const auto& data = filter.Cast<duckdb::DynamicFilter>().filter_data;
      if (!data) return nullptr;
      std::lock_guard<duckdb::mutex> lock(data->lock);
      if (!data->initialized || !data->filter) return nullptr;
      return required(*data->filter);
    }
    case TableFilterType::CONSTANT_COMPARISON:
      return means_the_same(filter.Cast<duckdb::ConstantFilter>().constant) ? filter.Copy()
                                                                            : nullptr;
    case TableFilterType::IN_FILTER: return filter.Copy();
    case TableFilterType::CONJUNCTION_AND: {
      auto all = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
      for (const auto& child : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters) {
        if (auto part = required(*child)) all->child_filters.push_back(std::move(part));
      }
      if (all->child_filters.empty()) return nullptr;
      return all;
    }
    default: return nullptr;
  }
}

// Whether the filter is one of those that the scan is free to ignore.
bool is_optional(const TableFilter& filter) {
  return filter.filter_type == TableFilterType::OPTIONAL_FILTER ||
         filter.filter_type == TableFilterType::DYNAMIC_FILTER ||
         filter.filter_type == TableFilterType::BLOOM_FILTER;
}

// The filters with every optional one made a plain one, or left out.
duckdb::unique_ptr<TableFilter> plain(const TableFilter& filter) {
  if (is_optional(filter)) return required(filter);
  if (filter.filter_type != TableFilterType::CONJUNCTION_AND) return filter.Copy();
  auto all = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
  for (const auto& child : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters) {
    if (auto part = plain(*child)) all->child_filters.push_back(std::move(part));
  }
  if (all->child_filters.empty()) return nullptr;
  return all;
}

// Valid until the next query.
duckdb::optional_ptr<duckdb::TableFilterSet> plain(
    Slot& slot, duckdb::optional_ptr<duckdb::TableFilterSet> filters) {
  if (!filters) return nullptr;
  auto set = duckdb::make_uniq<duckdb::TableFilterSet>();
  for (const auto& [column, filter] : filters->filters) {
    if (auto kept = plain(*filter)) set->filters[column] = std::move(kept);
  }
  std::lock_guard lock(slot.mutex);
  slot.filters.push_back(std::move(set));
  return slot.filters.back().get();
}

template <size_t kSlot>
struct Scan {
  static Slot& slot() { return slots()[kSlot]; }
  // Both slots of a source count in the first.
  static std::atomic<uint64_t>& rows() { return slots()[kSlot % ForeignSources::kSourcesMax].rows; }

  static void function(ClientContext& context, duckdb::TableFunctionInput& input,
                       duckdb::DataChunk& output) {
    guarded(slot(), [&] { slot().function(context, input, output); });
    const uint64_t read = rows() += output.size();
    if (read <= slot().source.rows_max) return;
    throw_error(Error(ErrorCode::kResourceExhausted,
                      "the query reads more than " + std::to_string(slot().source.rows_max) +
                          " rows of the connection " + slot().source.name +
                          ": select fewer, with a condition that the database can use"));
  }

  static duckdb::unique_ptr<duckdb::GlobalTableFunctionState> init_global(
      ClientContext& context, duckdb::TableFunctionInitInput& input) {
    return guarded(slot(), [&] {
      duckdb::TableFunctionInitInput asked(input.bind_data, input.column_indexes,
                                           input.projection_ids, plain(slot(), input.filters),
                                           input.sample_options, input.op);
      return slot().init_global(context, asked);
    });
  }

  static duckdb::unique_ptr<duckdb::LocalTableFunctionState> init_local(
      duckdb::ExecutionContext& context, duckdb::TableFunctionInitInput& input,
      duckdb::GlobalTableFunctionState* global) {
    return guarded(slot(), [&] {
      duckdb::TableFunctionInitInput asked(input.bind_data, input.column_indexes,
                                           input.projection_ids, plain(slot(), input.filters),
                                           input.sample_options, input.op);
      return slot().init_local(context, asked, global);
    });
  }

  // MySQL compares text without regard to case, most often.
  static bool supports_pushdown_type(const duckdb::FunctionData& bind_data, duckdb::idx_t column) {
    const auto info = slot().get_bind_info(const_cast<duckdb::FunctionData*>(&bind_data));
    if (info.table) {
      const auto& columns = info.table->GetColumns();
      if (column < columns.LogicalColumnCount() &&
          columns.GetColumn(duckdb::LogicalIndex(column)).Type().id() ==
              duckdb::LogicalTypeId::VARCHAR) {
        return false;
      }
    }
    const auto own = slot().supports_pushdown_type;
    return own == nullptr || own(bind_data, column);
  }

  static duckdb::unique_ptr<duckdb::NodeStatistics> cardinality(
      ClientContext& context, const duckdb::FunctionData* bind_data) {
    const auto info = slot().get_bind_info(const_cast<duckdb::FunctionData*>(bind_data));
    const auto known = slot().row_estimates.find(info.table.get());
    if (known != slot().row_estimates.end()) {
      return duckdb::make_uniq<duckdb::NodeStatistics>(static_cast<duckdb::idx_t>(known->second));
    }
    return slot().cardinality ? slot().cardinality(context, bind_data) : nullptr;
  }

  static void wrap(duckdb::TableFunction& scan) {
    if (scan.get_bind_info != nullptr) scan.cardinality = cardinality;
    scan.function = function;
    scan.init_global = init_global;
    if (scan.init_local != nullptr) scan.init_local = init_local;
    if (slot().source.kind == ForeignKind::kMySql && scan.get_bind_info != nullptr) {
      scan.supports_pushdown_type = supports_pushdown_type;
    }
  }
};

template <size_t... kSlots>
std::optional<size_t> slot_of(const duckdb::TableFunction& scan, std::index_sequence<kSlots...>) {
  std::optional<size_t> found;
  ((scan.function == Scan<kSlots>::function ? void(found = kSlots) : void()), ...);
  return found;
}

struct Scans {
  std::map<size_t, std::vector<duckdb::LogicalGet*>> by_slot;
  bool repeats = false;  // a part of the plan may run more than once
};

void collect(duckdb::LogicalOperator& plan, Scans& scans) {
  if (plan.type == duckdb::LogicalOperatorType::LOGICAL_RECURSIVE_CTE) scans.repeats = true;
  if (plan.type == duckdb::LogicalOperatorType::LOGICAL_GET) {
    auto& get = plan.Cast<duckdb::LogicalGet>();
    const auto slot = slot_of(get.function, std::make_index_sequence<kSlotsMax>());
    if (slot) scans.by_slot[*slot].push_back(&get);
  }
  for (auto& child : plan.children) collect(*child, scans);
}

// Extensions begin a scan when the query is put together, as several scans share a session. The
// only scan of a source may begin later, once the other side of its join is known.
void begin_late(duckdb::OptimizerExtensionInput&,
                duckdb::unique_ptr<duckdb::LogicalOperator>& plan) {
  Scans scans;
  collect(*plan, scans);
  if (scans.repeats) return;
  for (auto& [slot, gets] : scans.by_slot) {
    if (gets.size() != 1) continue;
    gets.front()->function.global_initialization =
        duckdb::TableFunctionInitialization::INITIALIZE_ON_EXECUTE;
  }
}

template <size_t... kSlots>
void wrap(size_t slot, duckdb::TableFunction& scan, std::index_sequence<kSlots...>) {
  static constexpr std::array<void (*)(duckdb::TableFunction&), sizeof...(kSlots)> kWraps{
      Scan<kSlots>::wrap...};
  kWraps.at(slot)(scan);
}

}  // namespace

duckdb::TableFunction foreign_scan(duckdb::TableFunction scan, const OpenedSource& opened,
                                   const duckdb::TableCatalogEntry& table, int64_t row_estimate) {
  const size_t number = opened.slot + (is_csv_scan(scan) ? ForeignSources::kSourcesMax : 0);
  auto& slot = slots().at(number);
  slot.source = opened.source;
  slot.function = scan.function;
  slot.init_global = scan.init_global;
  slot.init_local = scan.init_local;
  slot.supports_pushdown_type = scan.supports_pushdown_type;
  slot.get_bind_info = scan.get_bind_info;
  slot.cardinality = scan.cardinality;
  if (row_estimate >= 0) slot.row_estimates[&table] = row_estimate;
  wrap(number, scan, std::make_index_sequence<kSlotsMax>());
  return scan;
}

void register_foreign_scans(duckdb::DatabaseInstance& database) {
  duckdb::OptimizerExtension extension;
  extension.optimize_function = begin_late;
  duckdb::OptimizerExtension::Register(duckdb::DBConfig::GetConfig(database), extension);
}

void reset_foreign_scans() {
  for (auto& slot : slots()) {
    slot.rows = 0;
    slot.filters.clear();
    slot.row_estimates.clear();
  }
}

}  // namespace firn::query
