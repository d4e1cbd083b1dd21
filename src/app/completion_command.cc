#include <fmt/format.h>

#include "app/commands.h"

namespace firn::app {
namespace {

constexpr char kBash[] = R"sh(_firn() {
  local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W "serve query ingest tables jobs demo doctor completion --version --help" -- "$current"))
    return
  fi
  case $command in
    serve) COMPREPLY=($(compgen -W "$(firn serve --help | grep -o -- '--[a-z-]*')" -- "$current")) ;;
    query) COMPREPLY=($(compgen -W "--format --url --key-file" -- "$current")) ;;
    ingest) COMPREPLY=($(compgen -f -W "--table --mode --null --url --key-file" -- "$current")) ;;
    demo) COMPREPLY=($(compgen -W "--data --url --key-file" -- "$current")) ;;
    doctor) COMPREPLY=($(compgen -W "--data-dir --url --key-file" -- "$current")) ;;
    jobs) COMPREPLY=($(compgen -W "list show requeue kill discard redrive pause resume workers schedules --state --queue --type --url --key-file" -- "$current")) ;;
    tables) COMPREPLY=($(compgen -W "--url --key-file" -- "$current")) ;;
    completion) COMPREPLY=($(compgen -W "bash zsh" -- "$current")) ;;
  esac
}
complete -F _firn firn
)sh";

}  // namespace

Status command_completion(const Arguments& arguments) {
  if (arguments.size() != 1 || (arguments[0] != "bash" && arguments[0] != "zsh")) {
    return Error(ErrorCode::kInvalidArgument,
                 "usage: firn completion bash|zsh, then: source <(firn completion bash)");
  }
  if (arguments[0] == "zsh") fmt::print("autoload -U +X bashcompinit && bashcompinit\n");
  fmt::print("{}", kBash);
  return {};
}

}  // namespace firn::app
