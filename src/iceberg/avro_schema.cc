#include <boost/json.hpp>
#include <limits>

#include "iceberg/avro.h"
#include "iceberg/json.h"

namespace firn::iceberg::avro {
namespace {

namespace json = boost::json;

constexpr int kDepthMax = 64;
constexpr size_t kNodesMax = 100'000;

constexpr std::pair<std::string_view, Kind> kPrimitives[] = {
    {"null", Kind::kNull},   {"boolean", Kind::kBoolean}, {"int", Kind::kInt},
    {"long", Kind::kLong},   {"float", Kind::kFloat},     {"double", Kind::kDouble},
    {"bytes", Kind::kBytes}, {"string", Kind::kString}};

Error invalid(std::string what) {
  return Error(ErrorCode::kInvalidData, "an Avro schema is malformed: " + std::move(what));
}

class SchemaParser {
 public:
  Result<NodePtr> parse(const json::value& value, int depth) {
    if (depth > kDepthMax) return invalid("nested too deeply");
    if (++nodes_ > kNodesMax) return invalid("too large");
    if (value.is_string()) return named(value.get_string());
    if (value.is_array()) return parse_union(value.get_array(), depth);
    if (!value.is_object()) return invalid("a type is neither a name nor an object");
    const json::object& object = value.get_object();
    const json::value* type = json_find(object, "type");
    if (type == nullptr) return invalid("a type is missing");
    if (!type->is_string()) return parse(*type, depth + 1);
    const std::string_view kind = type->get_string();
    if (kind == "record") return parse_record(object, depth);
    if (kind == "array") return parse_items(object, Kind::kArray, "items", depth);
    if (kind == "map") return parse_items(object, Kind::kMap, "values", depth);
    if (kind == "fixed") return parse_fixed(object);
    if (kind == "enum") return parse_enum(object);
    return named(kind);
  }

 private:
  // Only types that are complete can be named, so none contains itself.
  Result<NodePtr> named(std::string_view name) {
    for (const auto& [text, kind] : kPrimitives) {
      if (text != name) continue;
      auto node = std::make_shared<Node>();
      node->kind = kind;
      return NodePtr(std::move(node));
    }
    const auto found = names_.find(std::string(name));
    if (found == names_.end()) {
      return invalid("unknown type '" + std::string(name.substr(0, 64)) + "'");
    }
    return found->second;
  }

  Result<NodePtr> parse_union(const json::array& list, int depth) {
    auto node = std::make_shared<Node>();
    node->kind = Kind::kUnion;
    for (const json::value& branch : list) {
      node->branches.push_back(TRY(parse(branch, depth + 1)));
    }
    if (node->branches.empty()) return invalid("an empty union");
    return NodePtr(std::move(node));
  }

  Result<NodePtr> parse_record(const json::object& object, int depth) {
    auto node = std::make_shared<Node>();
    node->kind = Kind::kRecord;
    for (const json::value& item : *TRY(json_array(object, "fields"))) {
      const json::object& member = *TRY(json_object(item, "field"));
      RecordField field;
      field.name = TRY(json_string(member, "name"));
      field.field_id = TRY(optional_int32(member, "field-id")).value_or(-1);
      field.type = TRY(parse(*TRY(json_member(member, "type")), depth + 1));
      node->fields.push_back(std::move(field));
    }
    return remember(object, std::move(node));
  }

  Result<NodePtr> parse_items(const json::object& object, Kind kind, std::string_view member,
                              int depth) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->branches.push_back(TRY(parse(*TRY(json_member(object, member)), depth + 1)));
    return NodePtr(std::move(node));
  }

  Result<NodePtr> parse_fixed(const json::object& object) {
    auto node = std::make_shared<Node>();
    node->kind = Kind::kFixed;
    node->fixed_bytes = TRY(json_int32(object, "size"));
    if (node->fixed_bytes < 0) return invalid("a fixed type of negative size");
    return remember(object, std::move(node));
  }

  Result<NodePtr> parse_enum(const json::object& object) {
    auto node = std::make_shared<Node>();
    node->kind = Kind::kEnum;
    node->symbols = TRY(json_array(object, "symbols"))->size();
    return remember(object, std::move(node));
  }

  Result<NodePtr> remember(const json::object& object, std::shared_ptr<Node> node) {
    std::string name = TRY(json_string(object, "name"));
    if (const auto space = TRY(optional_string(object, "namespace"))) {
      names_[*space + "." + name] = node;
    }
    names_[std::move(name)] = node;
    return NodePtr(std::move(node));
  }

  std::map<std::string, NodePtr> names_;
  size_t nodes_ = 0;
};

}  // namespace

Result<NodePtr> parse_schema(std::string_view text) {
  return SchemaParser().parse(TRY(parse_json(text)), 0);
}

const Datum* Datum::field(int32_t field_id) const {
  if (kind != Kind::kRecord) return nullptr;
  for (size_t i = 0; i < node->fields.size(); ++i) {
    if (node->fields[i].field_id == field_id) return items[i].is_null() ? nullptr : &items[i];
  }
  return nullptr;
}

}  // namespace firn::iceberg::avro
