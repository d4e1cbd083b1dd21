// Tokens have to end, lie in order and inside the text, and strings to be found again.
#include <cstdlib>
#include <string_view>

#include "graphql/lexer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firn::graphql;
  if (size > 1 << 16) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Arena arena;
  Lexer lexer(text, arena);
  Token token;
  for (size_t i = 0; i <= size + 1; ++i) {
    const Token next = lexer.next(token);
    if (next.kind == TokenKind::kEnd) {
      if (lexer.error() && lexer.error()->offset > size) std::abort();
      return 0;
    }
    if (next.start < token.end || next.end <= next.start || next.end > size) std::abort();
    token = next;
  }
  std::abort();  // more tokens than bytes
}
