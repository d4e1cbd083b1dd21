#include <cstdio>
#include <iostream>

#include <fmt/format.h>

#include "api/schema/service.h"
#include "app/commands.h"
#include "app/remote.h"
#include "graphql/document.h"
#include "graphql/json.h"
#include "graphql/validation.h"
#include "platform/file.h"

namespace firn::app {
namespace {

constexpr char kUsage[] =
    "usage: firn graphql schema\n"
    "       firn graphql validate --schema FILE --document FILE\n"
    "       firn graphql validate --schema FILE --jsonl   ({\"document\": ...} lines from standard "
    "input)";

// {"valid": bool, "errors": [{"message", "locations"}]}
std::string verdict(const graphql::Schema& schema, std::string document, bool& valid) {
  graphql::ParseOptions options;
  options.empty_selections = true;  // as graphql-js, whose verdict this is to be
  graphql::ParseOutcome parsed = graphql::parse(std::move(document), options);
  std::vector<graphql::GraphqlError> errors;
  if (parsed.document) {
    errors = graphql::validate(schema, *parsed.document);
  } else {
    errors.push_back(std::move(parsed.error));
  }
  valid = errors.empty();
  std::string out = fmt::format("{{\"valid\":{},\"errors\":[", valid);
  for (size_t i = 0; i < errors.size(); ++i) {
    if (i > 0) out += ',';
    if (errors[i].locations.empty()) {
      out += "{\"message\":";
      graphql::append_json_string(out, errors[i].message);
      out += ",\"locations\":[]}";
    } else {
      graphql::write_error(errors[i], out);
    }
  }
  return out + "]}\n";
}

Status print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return {};
  return Error(ErrorCode::kCancelled, "cannot write the answer");
}

Status validate_lines(const graphql::Schema& schema) {
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto value = TRY(graphql::parse_json(line));
    const graphql::Value* document = value.field("document");
    if (document == nullptr || document->kind != graphql::Value::Kind::kString) {
      return Error(ErrorCode::kInvalidArgument, "a line has no \"document\"");
    }
    bool valid = false;
    TRY(print(verdict(schema, document->text, valid)));
  }
  return {};
}

Status validate(const Arguments& arguments) {
  const CommandLine line = TRY(parse_command_line(arguments, {"schema", "document"}, {"jsonl"}));
  const std::string schema_path = line.value("schema", "");
  const std::string document_path = line.value("document", "");
  const bool lines = line.has("jsonl");
  if (schema_path.empty() || document_path.empty() != lines || !line.positional.empty()) {
    return Error(ErrorCode::kInvalidArgument, kUsage);
  }
  auto& files = platform::local_file_system();
  const auto schema =
      TRY(graphql::Schema::build({{schema_path, TRY(files.read_file(schema_path))}}));
  if (lines) return validate_lines(*schema);
  bool valid = false;
  TRY(print(verdict(*schema, TRY(files.read_file(document_path)), valid)));
  if (valid) return {};
  return Error(ErrorCode::kInvalidData, "the document is not valid");
}

Status print_schema() {
  std::string out;
  for (const graphql::SchemaSource& source : api::schema::sources()) {
    out += out.empty() ? "" : "\n";
    out += source.text;
  }
  return print(out);
}

}  // namespace

Status command_graphql(const Arguments& arguments) {
  if (arguments.empty()) return Error(ErrorCode::kInvalidArgument, kUsage);
  const Arguments rest(arguments.begin() + 1, arguments.end());
  if (arguments[0] == "validate") return validate(rest);
  if (arguments[0] == "schema" && rest.empty()) return print_schema();
  return Error(ErrorCode::kInvalidArgument, kUsage);
}

}  // namespace firn::app
