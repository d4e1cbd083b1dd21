#include "graphql/printer.h"

#include <fmt/format.h>

#include "graphql/block_string.h"

namespace firn::graphql {
namespace {

std::string print_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        if (byte < 0x20 || byte == 0x7f) {
          out += fmt::format("\\u{:04X}", byte);
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

class Printer {
 public:
  std::string take() { return std::move(out_); }

  void print(const Node& node) {
    switch (node.kind) {
      case NodeKind::kDocument: join(node.items, "\n\n"); break;
      case NodeKind::kName: out_ += node.text; break;
      case NodeKind::kOperationDefinition: print_operation(node); break;
      case NodeKind::kVariableDefinition:
        if (node.description != nullptr) describe(node);
        print(*node.variable);
        out_ += ": ";
        print(*node.type);
        print_default(node);
        print_directives(node);
        break;
      case NodeKind::kVariable: out_.append("$").append(node.name_text()); break;
      case NodeKind::kSelectionSet: block(node.items); break;
      case NodeKind::kField:
        if (node.alias != nullptr) out_.append(node.alias->text).append(": ");
        out_ += node.name_text();
        print_arguments(node);
        print_directives(node);
        print_selections(node);
        break;
      case NodeKind::kArgument:
      case NodeKind::kObjectField:
        out_.append(node.name_text()).append(": ");
        print(*node.value);
        break;
      case NodeKind::kFragmentSpread:
        out_.append("...").append(node.name_text());
        print_directives(node);
        break;
      case NodeKind::kInlineFragment:
        out_ += "...";
        if (node.type != nullptr) out_.append(" on ").append(node.type->name_text());
        print_directives(node);
        print_selections(node);
        break;
      case NodeKind::kFragmentDefinition:
        describe(node);
        out_.append("fragment ").append(node.name_text());
        out_.append(" on ").append(node.type->name_text());
        print_directives(node);
        print_selections(node);
        break;
      default: print_value_or_type(node);
    }
  }

 private:
  void print_value_or_type(const Node& node) {
    switch (node.kind) {
      case NodeKind::kInt:
      case NodeKind::kFloat:
      case NodeKind::kEnum: out_ += node.text; break;
      case NodeKind::kString:
        out_ += node.flag ? print_block_string(node.text) : print_string(node.text);
        break;
      case NodeKind::kBoolean: out_ += node.flag ? "true" : "false"; break;
      case NodeKind::kNull: out_ += "null"; break;
      case NodeKind::kList:
        out_ += '[';
        join(node.items, ", ");
        out_ += ']';
        break;
      case NodeKind::kObject:
        out_ += node.items.empty() ? "{" : "{ ";
        join(node.items, ", ");
        out_ += node.items.empty() ? "}" : " }";
        break;
      case NodeKind::kDirective:
        out_.append("@").append(node.name_text());
        print_arguments(node);
        break;
      case NodeKind::kNamedType: out_ += node.name_text(); break;
      case NodeKind::kListType:
        out_ += '[';
        print(*node.type);
        out_ += ']';
        break;
      case NodeKind::kNonNullType:
        print(*node.type);
        out_ += '!';
        break;
      default: print_type_system(node);
    }
  }

  void print_type_system(const Node& node) {
    describe(node);
    switch (node.kind) {
      case NodeKind::kSchemaDefinition:
      case NodeKind::kSchemaExtension:
        out_ += node.kind == NodeKind::kSchemaExtension ? "extend schema" : "schema";
        print_directives(node);
        print_block(node);
        break;
      case NodeKind::kOperationTypeDefinition:
        out_.append(name_of(node.operation)).append(": ").append(node.type->name_text());
        break;
      case NodeKind::kFieldDefinition:
        out_ += node.name_text();
        print_definition_arguments(node);
        out_ += ": ";
        print(*node.type);
        print_directives(node);
        break;
      case NodeKind::kInputValueDefinition:
        out_.append(node.name_text()).append(": ");
        print(*node.type);
        print_default(node);
        print_directives(node);
        break;
      case NodeKind::kEnumValueDefinition:
        out_ += node.name_text();
        print_directives(node);
        break;
      case NodeKind::kDirectiveDefinition:
        out_.append("directive @").append(node.name_text());
        print_definition_arguments(node);
        print_directives(node);
        out_ += node.flag ? " repeatable on " : " on ";
        join(node.items, " | ");
        break;
      case NodeKind::kDirectiveExtension:
        out_.append("extend directive @").append(node.name_text());
        print_directives(node);
        break;
      default: print_type(node);
    }
  }

  void print_type(const Node& node) {
    if (is_type_extension(node.kind)) out_ += "extend ";
    switch (node.kind) {
      case NodeKind::kScalarTypeDefinition:
      case NodeKind::kScalarTypeExtension: out_ += "scalar "; break;
      case NodeKind::kObjectTypeDefinition:
      case NodeKind::kObjectTypeExtension: out_ += "type "; break;
      case NodeKind::kInterfaceTypeDefinition:
      case NodeKind::kInterfaceTypeExtension: out_ += "interface "; break;
      case NodeKind::kUnionTypeDefinition:
      case NodeKind::kUnionTypeExtension: out_ += "union "; break;
      case NodeKind::kEnumTypeDefinition:
      case NodeKind::kEnumTypeExtension: out_ += "enum "; break;
      default: out_ += "input ";
    }
    out_ += node.name_text();
    if (!node.interfaces.empty()) {
      out_ += " implements ";
      join(node.interfaces, " & ");
    }
    print_directives(node);
    if (node.kind == NodeKind::kUnionTypeDefinition || node.kind == NodeKind::kUnionTypeExtension) {
      if (!node.items.empty()) out_ += " = ";
      join(node.items, " | ");
    } else {
      print_block(node);
    }
  }

  void print_operation(const Node& node) {
    describe(node);
    // Behind a definition that has no braces yet, those of a shorthand would be read as its own.
    const bool shorthand = node.operation == OperationKind::kQuery && node.name == nullptr &&
                           node.variables.empty() && node.directives.empty() &&
                           node.description == nullptr && out_.empty();
    if (!shorthand) {
      out_ += name_of(node.operation);
      if (node.name != nullptr) out_.append(" ").append(node.name_text());
      if (!node.variables.empty()) {
        if (node.name == nullptr) out_ += ' ';
        out_ += '(';
        join(node.variables, ", ");
        out_ += ')';
      }
      print_directives(node);
      out_ += ' ';
    }
    print(*node.selection_set);
  }

  void print_selections(const Node& node) {
    if (node.selection_set == nullptr) return;
    out_ += ' ';
    print(*node.selection_set);
  }

  void print_block(const Node& node) {
    if (node.items.empty()) return;
    out_ += ' ';
    block(node.items);
  }

  void block(NodeList items) {
    if (items.empty()) {
      out_ += "{ }";
      return;
    }
    out_ += '{';
    indent_ += 2;
    for (const Node* item : items) {
      new_line();
      print(*item);
    }
    indent_ -= 2;
    new_line();
    out_ += '}';
  }

  void print_arguments(const Node& node) {
    if (node.arguments.empty()) return;
    out_ += '(';
    join(node.arguments, ", ");
    out_ += ')';
  }

  void print_definition_arguments(const Node& node) {
    if (node.arguments.empty()) return;
    bool described = false;
    for (const Node* argument : node.arguments) described |= argument->description != nullptr;
    if (!described) return print_arguments(node);
    out_ += '(';
    indent_ += 2;
    for (const Node* argument : node.arguments) {
      new_line();
      print(*argument);
    }
    indent_ -= 2;
    new_line();
    out_ += ')';
  }

  void print_directives(const Node& node) {
    for (const Node* directive : node.directives) {
      out_ += ' ';
      print(*directive);
    }
  }

  void print_default(const Node& node) {
    if (node.value == nullptr) return;
    out_ += " = ";
    print(*node.value);
  }

  void describe(const Node& node) {
    if (node.description == nullptr) return;
    const std::string text = node.description->flag ? print_block_string(node.description->text)
                                                    : print_string(node.description->text);
    for (const char c : text) {
      out_ += c;
      if (c == '\n') out_.append(indent_, ' ');
    }
    new_line();
  }

  void join(NodeList items, std::string_view separator) {
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out_ += separator;
      print(*items[i]);
    }
  }

  void new_line() {
    out_ += '\n';
    out_.append(indent_, ' ');
  }

  std::string out_;
  size_t indent_ = 0;
};

}  // namespace

std::string print(const Node& node) {
  Printer printer;
  printer.print(node);
  return printer.take();
}

}  // namespace firn::graphql
