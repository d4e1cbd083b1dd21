// Any bytes are a message, or are refused; and what is written of a message reads the same.
#include <cstdlib>
#include <string>

#include "graphql/json.h"
#include "mcp/json_rpc.h"
#include "mcp/mirror/answer.h"
#include "mcp/mirror/selection.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firn;
  if (size > 1 << 16) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  // Each is what a client wrote, too.
  (void)mcp::read_cursor(text);
  (void)mcp::check_selection("{ " + text + " }");
  graphql::Response response;
  response.body = text;
  mcp::AnswerOptions options;
  options.bytes_max = 100;
  const auto result = graphql::parse_json(mcp::tool_result(response, options));
  (void)result;
  auto json = graphql::parse_json(text);
  if (!json.ok()) return 0;
  mcp::Json id;
  const auto message = mcp::read_message(*json, id);
  if (!message.ok() || message->kind != mcp::Message::Kind::kRequest) return 0;
  const std::string written =
      mcp::write_error(message->id, {mcp::rpc_code::kInternal, message->method});
  if (!graphql::parse_json(written).ok()) std::abort();
  return 0;
}
