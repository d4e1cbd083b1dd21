#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "graphql/schema.h"
#include "platform/file.h"
#include "tools/graphqlgen/emit.h"
#include "tools/graphqlgen/model.h"

namespace firn::graphqlgen {
namespace {

constexpr char kUsage[] =
    "usage: graphqlgen --out DIR --prefix INCLUDE_PREFIX --namespace NS [--include HEADER]...\n"
    "                  [--scalar NAME=C++TYPE]... FILE.graphql...\n";

Result<Options> parse_arguments(const std::vector<std::string>& arguments) {
  Options options;
  options.scalars = {{"JSON", "::firn::graphql::RawJson"},
                     {"DateTime", "::firn::graphql::DateTime"},
                     {"Long", "int64_t"}};
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& flag = arguments[i];
    if (!flag.starts_with("--")) {
      options.files.push_back(flag);
      continue;
    }
    if (i + 1 == arguments.size()) return Error(ErrorCode::kInvalidArgument, kUsage);
    const std::string& value = arguments[++i];
    if (flag == "--out") {
      options.output_directory = value;
    } else if (flag == "--prefix") {
      options.include_prefix = value;
    } else if (flag == "--namespace") {
      options.name_space = value;
    } else if (flag == "--include") {
      options.includes.push_back(value);
    } else if (flag == "--scalar" && value.find('=') != std::string::npos) {
      options.scalars[value.substr(0, value.find('='))] = value.substr(value.find('=') + 1);
    } else {
      return Error(ErrorCode::kInvalidArgument, kUsage);
    }
  }
  if (options.output_directory.empty() || options.name_space.empty() || options.files.empty()) {
    return Error(ErrorCode::kInvalidArgument, kUsage);
  }
  std::sort(options.files.begin(), options.files.end());
  return options;
}

// Leaves a file alone that has these contents already, so that nothing is built again.
Status write_if_changed(const std::string& path, const std::string& text) {
  auto& files = platform::local_file_system();
  if (TRY(files.exists(path))) {
    if (TRY(files.read_file(path)) == text) return {};
    TRY(files.remove(path));
  }
  auto file = TRY(files.open(path, platform::OpenMode::kCreateNew));
  return file->append(as_bytes(text));
}

Status generate(const std::vector<std::string>& arguments) {
  const Options options = TRY(parse_arguments(arguments));
  auto& files = platform::local_file_system();
  std::vector<graphql::SchemaSource> sources;
  for (const std::string& path : options.files) {
    const std::string name = std::filesystem::path(path).filename().string();
    auto text = TRY(files.read_file(path));
    sources.push_back({name, std::move(text)});
  }
  const auto schema = TRY(graphql::Schema::build(sources));
  const Model model = TRY(Model::create(*schema, options));
  const auto path = [&](const std::string& name) {
    return platform::join_path(options.output_directory, name);
  };
  TRY(files.create_directories(options.output_directory));
  TRY(write_if_changed(path("types.h"), emit_types_header(model)));
  TRY(write_if_changed(path("service.h"), emit_service_header(model)));
  TRY(write_if_changed(path("service.cc"), emit_service_source(model, sources)));
  TRY(write_if_changed(path("dispatch_internal.h"), emit_dispatch_header(model)));
  TRY(write_if_changed(path("inputs.cc"), emit_inputs_source(model)));
  for (size_t part = 0; part < kDispatchParts; ++part) {
    TRY(write_if_changed(path(fmt::format("dispatch_{}.cc", part)),
                         emit_dispatch_source(model, part, kDispatchParts)));
  }
  return {};
}

}  // namespace
}  // namespace firn::graphqlgen

int main(int argc, char** argv) {
  const firn::Status outcome = firn::graphqlgen::generate({argv + 1, argv + argc});
  if (outcome.ok()) return 0;
  fmt::print(stderr, "{}\n", outcome.error().message());
  return 1;
}
