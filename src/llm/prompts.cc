#include "llm/prompts.h"

#include <charconv>

#include "platform/file.h"

namespace firn::llm {
namespace {

// "agent.v12" into its name and version.
std::optional<std::pair<std::string, int>> split(std::string_view versioned) {
  const size_t at = versioned.rfind(".v");
  if (at == std::string_view::npos || at == 0) return {};
  int version = 0;
  const char* end = versioned.data() + versioned.size();
  const auto [read, code] = std::from_chars(versioned.data() + at + 2, end, version);
  if (code != std::errc() || read != end || version < 1) return {};
  return std::pair(std::string(versioned.substr(0, at)), version);
}

}  // namespace

Result<Prompts> Prompts::load(const std::string& directory) {
  constexpr std::string_view kEnding = ".md";
  Prompts prompts;
  auto& files = platform::local_file_system();
  for (const auto& file : TRY(files.list(directory))) {
    const std::string& name = file.name;
    auto versioned = name.ends_with(kEnding) ? split(name.substr(0, name.size() - kEnding.size()))
                                             : std::nullopt;
    if (!versioned) {
      return Error(ErrorCode::kInvalidData,
                   directory + "/" + name + " is no prompt: those are NAME.vN.md");
    }
    prompts.texts_[versioned->first][versioned->second] =
        TRY(files.read_file(platform::join_path(directory, name)));
  }
  return prompts;
}

Result<Prompt> Prompts::find(std::string_view name) const {
  const auto wanted = split(name);
  const auto found = texts_.find(wanted ? wanted->first : std::string(name));
  if (found != texts_.end()) {
    const auto& versions = found->second;
    const auto at = wanted ? versions.find(wanted->second) : std::prev(versions.end());
    if (at != versions.end()) {
      return Prompt{found->first + ".v" + std::to_string(at->first), at->second};
    }
  }
  return Error(ErrorCode::kNotFound, "there is no prompt " + std::string(name));
}

std::string fill_in(std::string_view text,
                    const std::vector<std::pair<std::string, std::string>>& values) {
  std::string out;
  while (!text.empty()) {
    const size_t open = std::min(text.find("{{"), text.size());
    out += text.substr(0, open);
    text.remove_prefix(open);
    if (text.empty()) break;
    const size_t close = text.find("}}");
    const std::string_view name =
        close == std::string_view::npos ? std::string_view() : text.substr(2, close - 2);
    const std::string* value = nullptr;
    for (const auto& [key, given] : values) {
      if (key == name) value = &given;
    }
    if (value != nullptr) {
      out += *value;
      text.remove_prefix(close + 2);
    } else {
      out += "{{";
      text.remove_prefix(2);
    }
  }
  return out;
}

}  // namespace firn::llm
