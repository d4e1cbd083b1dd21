#include <algorithm>

#include <fmt/format.h>

#include "graphql/validation_internal.h"

namespace firn::graphql {
namespace {

constexpr size_t kDetailBytesMax = 1000;
constexpr size_t kConflictNodesMax = 20;
constexpr int64_t kBudget = 500'000;
constexpr size_t kDepthMax = 1500;  // of recursion through fragments

std::string abbreviate(std::string text) {
  if (text.size() > kDetailBytesMax) {
    text.resize(kDetailBytesMax);
    text += "...";
  }
  return text;
}

// A text that is the same for arguments that mean the same.
void append_key(const Node& value, std::string& out) {
  switch (value.kind) {
    case NodeKind::kVariable: out.append("$").append(value.name_text()); return;
    case NodeKind::kInt:
    case NodeKind::kFloat: out.append("#").append(value.text); return;
    case NodeKind::kEnum: out.append("E").append(value.text); return;
    case NodeKind::kBoolean: out += value.flag ? "T" : "F"; return;
    case NodeKind::kString:
      // With its length, since it may hold anything.
      out += fmt::format("{}{}:", value.flag ? 'B' : 'S', value.text.size());
      out += value.text;
      return;
    case NodeKind::kList:
      out += '[';
      for (const Node* item : value.items) {
        append_key(*item, out);
        out += ',';
      }
      out += ']';
      return;
    case NodeKind::kObject: {
      Nodes fields(value.items.begin(), value.items.end());
      std::sort(fields.begin(), fields.end(), [](const Node* a, const Node* b) {
        return std::pair(a->name_text(), a->start) < std::pair(b->name_text(), b->start);
      });
      out += '{';
      for (const Node* field : fields) {
        out.append(field->name_text()).append(":");
        append_key(*field->value, out);
        out += ',';
      }
      out += '}';
      return;
    }
    default: out += "N";
  }
}

bool types_conflict(const Type& a, const Type& b) {
  if (&a == &b) return false;
  if (a.is_list() || b.is_list()) {
    return !(a.is_list() && b.is_list()) || types_conflict(*a.of, *b.of);
  }
  if (a.is_non_null() || b.is_non_null()) {
    return !(a.is_non_null() && b.is_non_null()) || types_conflict(*a.of, *b.of);
  }
  if (a.named->is_leaf() || b.named->is_leaf()) return a.named != b.named;
  return false;
}

}  // namespace

class OverlappingFields {
 public:
  explicit OverlappingFields(ValidationContext& context) : context_(context) {}

  void check(const NamedType* parent, const Node& selection_set) {
    const NodeList items = selection_set.items;
    const bool alone =
        items.size() <= 1 && (items.empty() || items[0]->kind != NodeKind::kInlineFragment);
    if (alone) return;
    for (const Conflict& conflict : within_selection(parent, selection_set)) {
      Nodes nodes = conflict.nodes1;
      nodes.insert(nodes.end(), conflict.nodes2.begin(), conflict.nodes2.end());
      context_.report(
          fmt::format("Fields \"{}\" conflict because {}. Use different aliases on the fields to "
                      "fetch both if this was intentional.",
                      abbreviate(conflict.response_name), conflict.reason),
          nodes);
    }
  }

 private:
  struct Conflict {
    std::string response_name;
    std::string reason;
    Nodes nodes1;
    Nodes nodes2;
  };
  struct Field {
    const NamedType* parent = nullptr;
    const Node* node = nullptr;
    const FieldDefinition* definition = nullptr;
  };
  // The fields of a selection set by response key, in order, inline fragments put in; and the
  // fragments that it spreads, each once (null: unknown ones).
  struct Selection {
    std::vector<std::pair<std::string_view, std::vector<Field>>> groups;
    std::unordered_map<std::string_view, size_t> index;
    Nodes fragments;
    const std::vector<Field>* find(std::string_view name) const {
      const auto found = index.find(name);
      return found == index.end() ? nullptr : &groups[found->second].second;
    }
  };
  using Conflicts = std::vector<Conflict>;
  // What was compared: true where only as far as exclusive fields have to be.
  template <typename A>
  using Compared = std::map<std::pair<const A*, const Node*>, bool>;

  bool spend(int64_t cost) {
    budget_ -= cost;
    if (budget_ < 0) context_.abort();
    return !context_.aborted();
  }

  template <typename A>
  static bool was_compared(const Compared<A>& compared, const A* a, const Node* b, bool exclusive) {
    const auto found = compared.find({a, b});
    return found != compared.end() && (exclusive || !found->second);
  }

  const Selection& collect(const NamedType* parent, const Node& selection_set) {
    auto& known = selections_[{parent, &selection_set}];
    if (known == nullptr) {
      known = std::make_unique<Selection>();
      collect_into(parent, selection_set, *known);
    }
    return *known;
  }

  void collect_into(const NamedType* parent, const Node& selection_set, Selection& into) {
    for (const Node* selection : selection_set.items) {
      if (selection->kind == NodeKind::kField) {
        const Node* key = selection->alias != nullptr ? selection->alias : selection->name;
        const auto [at, first] = into.index.emplace(key->text, into.groups.size());
        if (first) into.groups.emplace_back(key->text, std::vector<Field>());
        const FieldDefinition* definition =
            parent == nullptr ? nullptr : parent->field(selection->name_text());
        into.groups[at->second].second.push_back({parent, selection, definition});
      } else if (selection->kind == NodeKind::kFragmentSpread) {
        const Node* fragment = context_.fragment(selection->name_text());
        if (std::find(into.fragments.begin(), into.fragments.end(), fragment) ==
            into.fragments.end()) {
          into.fragments.push_back(fragment);
        }
      } else {
        const NamedType* type = parent;
        if (selection->type != nullptr) type = context_.schema().type(selection->type->name_text());
        collect_into(type, *selection->selection_set, into);
      }
    }
  }

  const Selection& collect_fragment(const Node& fragment) {
    return collect(context_.schema().type(fragment.type->name_text()), *fragment.selection_set);
  }

  Conflicts within_selection(const NamedType* parent, const Node& selection_set) {
    Conflicts conflicts;
    const Selection& selection = collect(parent, selection_set);
    for (const auto& [name, fields] : selection.groups) {
      for (size_t i = 0; i < fields.size(); ++i) {
        for (size_t j = i + 1; j < fields.size(); ++j) {
          compare_fields(conflicts, false, name, fields[i], fields[j]);
          if (context_.aborted()) return {};
        }
      }
    }
    const Nodes& fragments = selection.fragments;
    for (size_t i = 0; i < fragments.size(); ++i) {
      compare_with_fragment(conflicts, false, selection, fragments[i]);
      for (size_t j = i + 1; j < fragments.size(); ++j) {
        compare_fragments(conflicts, false, fragments[i], fragments[j]);
      }
    }
    return conflicts;
  }

  void compare_with_fragment(Conflicts& conflicts, bool exclusive, const Selection& selection,
                             const Node* fragment) {
    const Deeper deeper(*this);
    if (!spend(1) || selection.groups.empty()) return;
    if (was_compared(selection_and_fragment_, &selection, fragment, exclusive)) return;
    selection_and_fragment_[{&selection, fragment}] = exclusive;
    if (fragment == nullptr) return;
    const Selection& other = collect_fragment(*fragment);
    if (&selection == &other) return;
    compare_selections(conflicts, exclusive, selection, other);
    for (const Node* referenced : other.fragments) {
      compare_with_fragment(conflicts, exclusive, selection, referenced);
    }
  }

  void compare_fragments(Conflicts& conflicts, bool exclusive, const Node* a, const Node* b) {
    const Deeper deeper(*this);
    if (!spend(2) || a == b) return;
    if (was_compared(fragment_and_fragment_, a, b, exclusive) ||
        was_compared(fragment_and_fragment_, b, a, exclusive)) {
      return;
    }
    fragment_and_fragment_[{a, b}] = exclusive;
    if (a == nullptr || b == nullptr) return;
    const Selection& first = collect_fragment(*a);
    const Selection& second = collect_fragment(*b);
    compare_selections(conflicts, exclusive, first, second);
    for (const Node* referenced : second.fragments) {
      compare_fragments(conflicts, exclusive, a, referenced);
    }
    for (const Node* referenced : first.fragments) {
      compare_fragments(conflicts, exclusive, referenced, b);
    }
  }

  Conflicts between_sub_selections(bool exclusive, const NamedType* parent1, const Node& set1,
                                   const NamedType* parent2, const Node& set2) {
    Conflicts conflicts;
    const Selection& first = collect(parent1, set1);
    const Selection& second = collect(parent2, set2);
    compare_selections(conflicts, exclusive, first, second);
    for (const Node* fragment : second.fragments) {
      compare_with_fragment(conflicts, exclusive, first, fragment);
    }
    for (const Node* fragment : first.fragments) {
      compare_with_fragment(conflicts, exclusive, second, fragment);
    }
    for (const Node* a : first.fragments) {
      for (const Node* b : second.fragments) compare_fragments(conflicts, exclusive, a, b);
    }
    return conflicts;
  }

  void compare_selections(Conflicts& conflicts, bool exclusive, const Selection& a,
                          const Selection& b) {
    for (const auto& [name, fields] : a.groups) {
      if (!spend(1)) return;
      const std::vector<Field>* others = b.find(name);
      if (others == nullptr) continue;
      for (const Field& field : fields) {
        for (const Field& other : *others) {
          compare_fields(conflicts, exclusive, name, field, other);
          if (context_.aborted()) return;
        }
      }
    }
  }

  void compare_fields(Conflicts& conflicts, bool parents_exclusive, std::string_view name,
                      const Field& a, const Field& b) {
    const Deeper deeper(*this);
    const bool exclusive =
        parents_exclusive ||
        (a.parent != b.parent && a.parent != nullptr && b.parent != nullptr &&
         a.parent->kind == TypeKind::kObject && b.parent->kind == TypeKind::kObject);
    if (!spend(2)) return;
    const auto conflict = [&](std::string reason) {
      conflicts.push_back({std::string(name), std::move(reason), {a.node}, {b.node}});
    };
    if (!exclusive && a.node->name_text() != b.node->name_text()) {
      return conflict(fmt::format("\"{}\" and \"{}\" are different fields",
                                  abbreviate(std::string(a.node->name_text())),
                                  abbreviate(std::string(b.node->name_text()))));
    }
    if (!exclusive && !same_arguments(*a.node, *b.node)) {
      return conflict("they have differing arguments");
    }
    const Type* type1 = a.definition == nullptr ? nullptr : a.definition->type;
    const Type* type2 = b.definition == nullptr ? nullptr : b.definition->type;
    if (type1 != nullptr && type2 != nullptr && types_conflict(*type1, *type2)) {
      return conflict(fmt::format("they return conflicting types \"{}\" and \"{}\"",
                                  type1->to_string(), type2->to_string()));
    }
    if (a.node->selection_set == nullptr || b.node->selection_set == nullptr) return;
    const Conflicts inner = between_sub_selections(
        exclusive, type1 == nullptr ? nullptr : type1->named, *a.node->selection_set,
        type2 == nullptr ? nullptr : type2->named, *b.node->selection_set);
    if (!inner.empty()) conflicts.push_back(join(name, *a.node, *b.node, inner));
  }

  static Conflict join(std::string_view name, const Node& a, const Node& b,
                       const Conflicts& inner) {
    Conflict joined;
    joined.response_name = name;
    for (const Conflict& conflict : inner) {
      joined.reason += fmt::format("{}subfields \"{}\" conflict because {}",
                                   joined.reason.empty() ? "" : " and ",
                                   abbreviate(conflict.response_name), conflict.reason);
      if (joined.reason.size() > kDetailBytesMax) break;
    }
    joined.reason = abbreviate(std::move(joined.reason));
    joined.nodes1 = gather(a, inner, &Conflict::nodes1);
    joined.nodes2 = gather(b, inner, &Conflict::nodes2);
    return joined;
  }

  static Nodes gather(const Node& node, const Conflicts& inner, Nodes Conflict::* side) {
    Nodes nodes = {&node};
    for (const Conflict& conflict : inner) {
      const Nodes& more = conflict.*side;
      const size_t room = kConflictNodesMax - nodes.size();
      const size_t skip = more.size() > room ? more.size() - room : 0;
      nodes.insert(nodes.end(), more.begin() + static_cast<ptrdiff_t>(skip), more.end());
      if (nodes.size() == kConflictNodesMax) break;
    }
    return nodes;
  }

  bool same_arguments(const Node& a, const Node& b) {
    if (a.arguments.size() != b.arguments.size()) return false;
    for (const Node* argument : a.arguments) {
      spend(1);
      const Node* other = nullptr;
      for (const Node* candidate : b.arguments) {
        if (candidate->name_text() == argument->name_text()) other = candidate;
      }
      if (other == nullptr || key_of(*argument->value) != key_of(*other->value)) return false;
    }
    return true;
  }

  const std::string& key_of(const Node& value) {
    auto& known = keys_[&value];
    if (known == nullptr) {
      known = std::make_unique<std::string>();
      append_key(value, *known);
    }
    return *known;
  }

  // Ends validation before the stack does.
  class Deeper {
   public:
    explicit Deeper(OverlappingFields& rule) : rule_(rule) {
      if (++rule_.depth_ > kDepthMax) rule_.context_.abort();
    }
    ~Deeper() { --rule_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    OverlappingFields& rule_;
  };

  ValidationContext& context_;
  int64_t budget_ = kBudget;
  size_t depth_ = 0;
  std::map<std::pair<const NamedType*, const Node*>, std::unique_ptr<Selection>> selections_;
  std::unordered_map<const Node*, std::unique_ptr<std::string>> keys_;
  Compared<Selection> selection_and_fragment_;
  Compared<Node> fragment_and_fragment_;
};

void OverlappingFieldsDeleter::operator()(OverlappingFields* rule) const { delete rule; }

std::unique_ptr<OverlappingFields, OverlappingFieldsDeleter> make_overlapping_fields(
    ValidationContext& context) {
  return std::unique_ptr<OverlappingFields, OverlappingFieldsDeleter>(
      new OverlappingFields(context));
}

void check_overlapping_fields(OverlappingFields& rule, const NamedType* parent,
                              const Node& selection_set) {
  rule.check(parent, selection_set);
}

}  // namespace firn::graphql
