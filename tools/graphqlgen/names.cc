#include "tools/graphqlgen/names.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace firn::graphqlgen {
namespace {

constexpr std::array<std::string_view, 96> kKeywords = {"alignas",
                                                        "alignof",
                                                        "and",
                                                        "and_eq",
                                                        "asm",
                                                        "auto",
                                                        "bitand",
                                                        "bitor",
                                                        "bool",
                                                        "break",
                                                        "case",
                                                        "catch",
                                                        "char",
                                                        "char8_t",
                                                        "char16_t",
                                                        "char32_t",
                                                        "class",
                                                        "compl",
                                                        "concept",
                                                        "const",
                                                        "consteval",
                                                        "constexpr",
                                                        "constinit",
                                                        "const_cast",
                                                        "continue",
                                                        "co_await",
                                                        "co_return",
                                                        "co_yield",
                                                        "decltype",
                                                        "default",
                                                        "delete",
                                                        "do",
                                                        "double",
                                                        "dynamic_cast",
                                                        "else",
                                                        "enum",
                                                        "explicit",
                                                        "export",
                                                        "extern",
                                                        "false",
                                                        "float",
                                                        "for",
                                                        "friend",
                                                        "goto",
                                                        "if",
                                                        "inline",
                                                        "int",
                                                        "long",
                                                        "mutable",
                                                        "namespace",
                                                        "new",
                                                        "noexcept",
                                                        "not",
                                                        "not_eq",
                                                        "nullptr",
                                                        "operator",
                                                        "or",
                                                        "or_eq",
                                                        "private",
                                                        "protected",
                                                        "public",
                                                        "register",
                                                        "requires",
                                                        "return",
                                                        "short",
                                                        "signed",
                                                        "sizeof",
                                                        "static",
                                                        "static_assert",
                                                        "static_cast",
                                                        "struct",
                                                        "switch",
                                                        "template",
                                                        "this",
                                                        "thread_local",
                                                        "throw",
                                                        "true",
                                                        "try",
                                                        "typedef",
                                                        "typeid",
                                                        "typename",
                                                        "union",
                                                        "unsigned",
                                                        "using",
                                                        "virtual",
                                                        "void",
                                                        "volatile",
                                                        "wchar_t",
                                                        "while",
                                                        "xor",
                                                        "xor_eq",
                                                        "reinterpret_cast",
                                                        "errno",
                                                        "stdin",
                                                        "stdout",
                                                        "stderr"};

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

}  // namespace

std::string method_name(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    const bool after_lower = i > 0 && !is_upper(name[i - 1]) && name[i - 1] != '_';
    const bool before_lower = i > 0 && is_upper(name[i - 1]) && i + 1 < name.size() &&
                              !is_upper(name[i + 1]) && name[i + 1] != '_';
    if (is_upper(name[i]) && (after_lower || before_lower)) out += '_';
    out += lower(name[i]);
  }
  if (std::find(kKeywords.begin(), kKeywords.end(), out) != kKeywords.end()) out += '_';
  return out;
}

std::string constant_name(std::string_view name) {
  const bool shouted =
      std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  std::string out = "k";
  bool start = true;
  for (const char c : name) {
    if (c == '_') {
      start = true;
      continue;
    }
    out += start ? upper(c) : (shouted ? lower(c) : c);
    start = false;
  }
  return out;
}

std::string capitalized(std::string_view name) {
  std::string out(name);
  if (!out.empty()) out[0] = upper(out[0]);
  return out;
}

std::string literal(std::string_view text) {
  constexpr char kOctal[] = "01234567";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += '\\';
      out += kOctal[byte >> 6];
      out += kOctal[byte >> 3 & 7];
      out += kOctal[byte & 7];
    }
  }
  return out + "\"";
}

std::string comment(std::string_view text, std::string_view indent) {
  constexpr size_t kWidth = 92;
  std::string out;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty()) {
      size_t cut = line.size();
      if (cut > kWidth) {
        cut = line.rfind(' ', kWidth);
        if (cut == std::string_view::npos || cut == 0) cut = line.size();
      }
      std::string_view piece = line.substr(0, cut);
      while (piece.ends_with('\\')) piece.remove_suffix(1);  // would go on in the next line
      out.append(indent).append("// ").append(piece).append("\n");
      line.remove_prefix(std::min(cut + 1, line.size()));
    }
  }
  return out;
}

}  // namespace firn::graphqlgen
