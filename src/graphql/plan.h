#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "graphql/document.h"
#include "graphql/schema.h"

namespace firn::graphql {

// A @skip or @include whose `if` is a variable.
struct Condition {
  std::string_view variable;
  bool included_when = true;
  bool operator==(const Condition&) const = default;
};
// All of them have to hold.
using Conditions = std::vector<Condition>;

// A field of a document, and what has to hold for it to be there.
struct Occurrence {
  const Node* node = nullptr;
  Conditions conditions;
};

enum class MetaField : uint8_t { kNone, kTypename, kSchema, kType };

struct SelectionPlan;

// One response key of a selection on one object type: what to call and what to write.
struct PlanField {
  uint32_t ordinal = 0;  // among the fields of the object type
  uint32_t index = 0;    // among the fields of the plan
  const FieldDefinition* definition = nullptr;
  const Type* type = nullptr;
  const NamedType* parent = nullptr;  // the object type
  MetaField meta = MetaField::kNone;
  bool guarded = false;  // an Authorizer is asked
  bool is_conditional = false;
  bool has_variable_arguments = false;
  std::string response_name;
  // ,"name": with quotes and colon, escaped, then TextBuffer::kPadding bytes; the first field of
  // an object drops the comma.
  std::string key;
  size_t key_bytes = 0;  // without the padding
  std::vector<Occurrence> occurrences;
  std::shared_ptr<const void> arguments;  // where all are constant; null where it takes none
  std::optional<Error> argument_error;
  // By object type: the one for `type` itself, or those of its possible types as they come up.
  std::unique_ptr<std::atomic<const SelectionPlan*>[]> selections;
};

// The fields of one object type that a selection asks for, in order.
struct SelectionPlan {
  const NamedType* type = nullptr;
  std::vector<const PlanField*> fields;
};

// Makes the C++ arguments of a field from coerced values: generated code does.
class ArgumentMaker {
 public:
  virtual ~ArgumentMaker() = default;
  virtual Result<std::shared_ptr<const void>> make_arguments(uint32_t type, uint32_t ordinal,
                                                             const Value& given) const = 0;
};

// What an operation of a validated document does, made once and run many times. Thread-safe.
// Selections on object types are compiled at once; those on the possible types of interfaces and
// unions when such an object first comes up.
class OperationPlan {
 public:
  struct Parts {
    std::shared_ptr<const Schema> schema;
    std::shared_ptr<const Document> document;
    const Node* operation = nullptr;
    const ArgumentMaker* arguments = nullptr;
    std::vector<std::string> guarding_directives;
  };
  // The document has to be valid for the schema.
  explicit OperationPlan(Parts parts);

  const SelectionPlan& root() const { return *root_; }
  OperationKind kind() const { return parts_.operation->operation; }
  const Node& operation() const { return *parts_.operation; }
  const Document& document() const { return *parts_.document; }
  const Schema& schema() const { return *parts_.schema; }
  // Compiles it where it is not yet; null where the plan has become too large.
  const SelectionPlan* selection(const PlanField& field, const NamedType& object) const;

  // How long a response lately was, for the next one's buffer.
  size_t response_bytes_hint() const {
    return response_bytes_hint_.load(std::memory_order_relaxed);
  }
  void set_response_bytes_hint(size_t bytes) const {
    response_bytes_hint_.store(bytes, std::memory_order_relaxed);
  }

  // What a plan may grow to.
  static constexpr size_t kFieldsMax = 100'000;
  static constexpr size_t kStepsMax = 1'000'000;

 private:
  struct Group {
    std::string_view response_name;
    std::vector<Occurrence> occurrences;
  };

  const SelectionPlan* compile(const NamedType& object,
                               const std::vector<Occurrence>& parents) const;
  void collect(const NamedType& object, const Node& selection_set, const Conditions& conditions,
               std::vector<const Node*>& fragments, std::vector<Group>& groups) const;
  PlanField* make_field(const NamedType& object, Group group) const;
  void make_arguments(PlanField& field) const;
  const Node* fragment(std::string_view name) const;

  Parts parts_;
  std::unordered_map<std::string_view, const Node*> fragments_;
  mutable std::mutex mutex_;
  mutable size_t steps_ = 0;
  mutable std::deque<PlanField> fields_;
  mutable std::deque<SelectionPlan> selections_;
  const SelectionPlan* root_ = nullptr;
  mutable std::atomic<size_t> response_bytes_hint_{0};
};

}  // namespace firn::graphql
