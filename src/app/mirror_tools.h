#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "agents/tools.h"
#include "api/context.h"
#include "mcp/mirror/mirror.h"

namespace firn::app {

// The tools of one principal, called in this process: through the mirror, and so through the same
// executor, rights, limits and audit log as a call over HTTP. `cancelled` is asked while a call is
// awaited; may be null. The mirror outlives it.
class MirrorTools final : public agents::Tools {
 public:
  MirrorTools(mcp::Mirror& mirror, api::PrincipalPtr who, std::string client,
              std::function<bool()> cancelled = nullptr, std::string run = {})
      : mirror_(mirror),
        who_(std::move(who)),
        client_(std::move(client)),
        cancelled_(std::move(cancelled)),
        run_(std::move(run)) {}
  Result<agents::ToolAnswer> call(const std::string& tool, const agents::Json& arguments) override;
  Result<std::vector<agents::ToolDescription>> list() override;

 private:
  // The JSON-RPC answer of a method, by its name and the mirror's member; `query` is the URL's.
  Result<std::string> ask(const char* name, void (mcp::Mirror::*method)(mcp::CallPtr),
                          mcp::Json params, std::map<std::string, std::string> query);
  Result<std::vector<mcp::Json>> list_of_mode(const std::string& mode);

  mcp::Mirror& mirror_;
  const api::PrincipalPtr who_;
  const std::string client_;
  const std::function<bool()> cancelled_;
  const std::string run_;
};

}  // namespace firn::app
