#include "graphql/execution.h"

#include <algorithm>

#include <fmt/format.h>

#include "graphql/coercion.h"
#include "graphql/introspection.h"
#include "graphql/json.h"

namespace firn::graphql {
namespace {

// Far above what a response of the size that is allowed can have.
constexpr size_t kErrorsMax = 1000;

}  // namespace

void map_error(const Error& error, GraphqlError& into) {
  const bool internal = error.code() == ErrorCode::kInternal;
  into.message = internal ? "Internal error" : error.message();
  into.extensions = "{\"code\":";
  append_json_string(into.extensions, info_of(error.code()).graphql_code);
  into.extensions += '}';
}

// --- Call

RequestContext& Call::context() const { return execution_.context(); }
const FieldDefinition& Call::field() const { return *field_.definition; }
bool Call::cancelled() const { return execution_.cancelled(); }
Scheduler& Call::scheduler() const { return execution_; }

// --- Writing

Execution::Composite::Composite(Execution& x, const Type& type)
    : x_(x), outer_(x.composite_), start_(x.segment_->text.size()), nullable_(!type.is_non_null()) {
  if (nullable_) x.composite_ = this;
}

Execution::Composite::~Composite() {
  if (!nullable_) return;
  x_.composite_ = outer_;
  if (region_ >= 0) {
    x_.segment_->regions[static_cast<size_t>(region_)].end = x_.segment_->text.size();
  }
}

bool Execution::Composite::give_up() {
  Segment& segment = *x_.segment_;
  segment.text.truncate(start_);
  while (!segment.holes.empty() && segment.holes.back().offset >= start_) {
    segment.holes.back().child->dropped = true;
    segment.holes.pop_back();
  }
  // Regions of composites within; that of this one, if any, spans nothing but the null.
  for (Region& region : segment.regions) {
    if (region.start >= start_) region.end = region.start;
  }
  if (!nullable_) return false;
  segment.text += "null";
  return true;
}

bool Execution::replace_by_null(size_t start, const Type& type) {
  segment_->text.truncate(start);
  if (type.is_non_null()) return false;
  segment_->text += "null";
  return true;
}

bool Execution::null(const PlanField& field, const Type& type) {
  if (!type.is_non_null()) {
    segment_->text += "null";
    return true;
  }
  add_error(field, Error(ErrorCode::kInvalidData,
                         fmt::format("Cannot return null for non-nullable field {}.{}.",
                                     field.parent->name, field.definition->name)));
  return false;
}

bool Execution::fail(const PlanField& field, const Type& type, const Error& error) {
  add_error(field, error);
  if (type.is_non_null()) return false;
  segment_->text += "null";
  return true;
}

bool Execution::unknown_field(const PlanField& field) {
  return fail(field, Error(ErrorCode::kInternal, "no resolver"));
}

bool Execution::object(const PlanField& field, const Type& type, uint32_t type_id, Resolve resolve,
                       const void* at) {
  const NamedType& object = *schema().types()[type_id];
  const SelectionPlan* plan = plan_->selection(field, object);
  if (plan == nullptr || must_stop()) {
    return fail(field, type,
                cancelled() ? Error(ErrorCode::kDeadlineExceeded, "the operation took too long")
                            : Error(ErrorCode::kResourceExhausted, "the response is too large"));
  }
  Composite composite(*this, type);
  segment_->text += '{';
  bool is_first = true;
  for (const PlanField* inner : plan->fields) {
    if (inner->is_conditional && !included(*inner)) continue;
    append_key(*inner, std::exchange(is_first, false));
    if (!write_field(*inner, resolve, at)) return composite.give_up();
  }
  segment_->text += '}';
  return true;
}

// The key has its comma.
void Execution::append_key(const PlanField& field, bool is_first) {
  const size_t comma = is_first ? 1 : 0;
  segment_->text.append_padded(field.key.data() + comma, field.key_bytes - comma);
}

bool Execution::write_field(const PlanField& field, Resolve resolve, const void* at) {
  PathStep step(*this, field);
  if (field.meta != MetaField::kNone) return write_meta_field(field);
  if (field.guarded) {
    Error denied(ErrorCode::kPermissionDenied, "");
    if (!allowed(field, denied)) return fail(field, denied);
  }
  return resolve(*this, at, field);
}

bool Execution::write_meta_field(const PlanField& field) {
  if (field.meta == MetaField::kTypename) {
    append_json_string(segment_->text, field.parent->name);
    return true;
  }
  return write_introspection(*this, field);
}

bool Execution::included(const PlanField& field) const {
  return std::any_of(
      field.occurrences.begin(), field.occurrences.end(), [&](const Occurrence& occurrence) {
        return std::all_of(occurrence.conditions.begin(), occurrence.conditions.end(),
                           [&](const Condition& condition) {
                             const Value* value = variables_.field(condition.variable);
                             const bool is = value != nullptr && value->boolean;
                             return is == condition.included_when;
                           });
      });
}

bool Execution::allowed(const PlanField& field, Error& denied) {
  if (options_.authorizer == nullptr) return true;
  auto [found, first] = denied_.try_emplace(field.definition);
  if (first) {
    const Status status = options_.authorizer->allow(call(field), *field.definition);
    if (!status.ok()) found->second.emplace(status.error());
  }
  if (!found->second) return true;
  denied = *found->second;
  return false;
}

Call& Execution::make_call(const PlanField& field) {
  if (calls_.size() <= field.index) calls_.resize(field.index + 16);
  calls_[field.index] = &call_storage_.emplace_back(*this, field);
  return *calls_[field.index];
}

const void* Execution::variable_arguments(const PlanField& field) {
  auto [found, first] = arguments_.try_emplace(field.index);
  CoercedArguments& made = found->second;
  if (first && field.argument_error) {
    made.error = field.argument_error;
  } else if (first) {
    auto values = coerce_arguments(field.definition->arguments,
                                   field.occurrences[0].node->arguments, &variables_);
    if (!values.ok()) {
      made.error = std::move(values).error();
    } else {
      auto read = options_.resolvers->make_arguments(field.parent->id, field.ordinal, *values);
      if (read.ok()) {
        made.value = std::move(*read);
      } else {
        made.error = std::move(read).error();
      }
    }
  }
  return made.value.get();
}

Error Execution::argument_error(const PlanField& field) {
  const auto found = arguments_.find(field.index);
  if (found != arguments_.end() && found->second.error) return *found->second.error;
  return Error(ErrorCode::kInternal, "a field takes no arguments");
}

// --- Errors

std::vector<Location> Execution::locations_of(const PlanField& field) const {
  std::vector<Location> locations;
  for (const Occurrence& occurrence : field.occurrences) {
    locations.push_back(plan_->document().location_of(*occurrence.node));
  }
  return locations;
}

std::vector<PathSegment> Execution::current_path() const {
  std::vector<PathSegment> path;
  for (const PathStep* step = path_; step != nullptr; step = step->outer_) {
    if (step->field_ != nullptr) {
      path.emplace_back(step->field_->response_name);
    } else {
      path.emplace_back(step->index_);
    }
  }
  std::reverse(path.begin(), path.end());
  path.insert(path.begin(), segment_->path.begin(), segment_->path.end());
  return path;
}

void Execution::add_error(const PlanField& field, const Error& error) {
  if (errors_.size() >= kErrorsMax) return;
  GraphqlError shown;
  if (options_.error_mapper) {
    options_.error_mapper(error, shown);
  } else {
    map_error(error, shown);
  }
  shown.locations = locations_of(field);
  shown.path = current_path();
  errors_.push_back(std::move(shown));
}

// --- Fields that come later

void Execution::add_hole(const PlanField& field, const Owner& owner,
                         std::unique_ptr<Pending> pending) {
  Segment& child = segments_.emplace_back();
  child.parent = segment_;
  child.hole = segment_->holes.size();
  child.path = current_path();
  Hole hole{segment_->text.size(), &child, -1};
  if (field.type->is_non_null() && composite_ != nullptr) {
    if (composite_->region_ < 0) {
      composite_->region_ = static_cast<int>(segment_->regions.size());
      segment_->regions.push_back({composite_->start_, SIZE_MAX, false});
    }
    hole.region = composite_->region_;
  }
  segment_->holes.push_back(hole);
  pending->segment = &child;
  pending->field = &field;
  if (owner.keep != nullptr) pending->owner = owner.keep(owner.at);
  pending_.push_back(std::move(pending));
  ++outstanding_;
}

bool Execution::is_dropped(const Segment* segment) const {
  for (; segment->parent != nullptr; segment = segment->parent) {
    if (segment->dropped) return true;
    const Segment& parent = *segment->parent;
    const size_t offset = parent.holes[segment->hole].offset;
    for (const Region& region : parent.regions) {
      if (region.is_null && region.start <= offset && offset < region.end) return true;
    }
    if (parent.is_null) return true;
  }
  return root_is_null_;
}

void Execution::fill(Pending& pending) {
  if (finished_) return;
  --outstanding_;
  if (is_dropped(pending.segment)) return;
  segment_ = pending.segment;
  composite_ = nullptr;
  path_ = nullptr;
  if (!pending.write(*this)) propagate_null(pending.segment);
}

// The segment's value is null where that is not allowed: up to what may be null.
void Execution::propagate_null(Segment* segment) {
  for (; segment->parent != nullptr; segment = segment->parent) {
    Segment& parent = *segment->parent;
    const Hole& hole = parent.holes[segment->hole];
    segment->is_null = true;
    if (hole.region >= 0) {
      parent.regions[static_cast<size_t>(hole.region)].is_null = true;
      return;
    }
  }
  root_is_null_ = true;
}

void Execution::assemble(const Segment& segment, std::string& out) const {
  const std::string_view text = segment.text.view();
  std::vector<const Region*> nulls;
  for (const Region& region : segment.regions) {
    if (region.is_null && region.end > region.start) nulls.push_back(&region);
  }
  std::sort(nulls.begin(), nulls.end(),
            [](const Region* a, const Region* b) { return a->start < b->start; });
  size_t at = 0;
  size_t hole = 0;
  size_t null = 0;
  for (;;) {
    while (hole < segment.holes.size() && segment.holes[hole].offset < at) ++hole;
    while (null < nulls.size() && nulls[null]->start < at) ++null;
    const size_t next_hole =
        hole < segment.holes.size() ? segment.holes[hole].offset : std::string::npos;
    const size_t next_null = null < nulls.size() ? nulls[null]->start : std::string::npos;
    const size_t next = std::min(next_hole, next_null);
    if (next == std::string::npos) break;
    out += text.substr(at, next - at);
    at = next;
    if (next_null <= next_hole) {
      out += "null";
      at = std::min(nulls[null]->end, text.size());
      // A hole at the very end of the region stands after it.
      while (hole < segment.holes.size() && segment.holes[hole].offset < at) ++hole;
      ++null;
      continue;
    }
    assemble(*segment.holes[hole].child, out);
    ++hole;
  }
  out += text.substr(at);
}

}  // namespace firn::graphql
