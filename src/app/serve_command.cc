#include <signal.h>

#include <cstdio>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "app/commands.h"
#include "app/server.h"
#include "app/settings.h"

namespace firn::app {

Status command_serve(const Arguments& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--help") {
      fmt::print(
          "usage: firn serve [FLAGS]\n\nSettings, strongest first: flags, variables, "
          "firn.toml.\n{}",
          settings_help());
      return {};
    }
  }
  const Settings settings = TRY(load_settings(arguments));
  spdlog::set_default_logger(spdlog::stderr_color_mt("firn"));
  spdlog::set_level(spdlog::level::from_str(settings.log_level));
  // Before any thread starts, so that all inherit the mask and only sigwait sees the signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  const auto server = TRY(FirnServer::start(settings));
  const Address address = TRY(parse_address(settings.listen));
  spdlog::info("firn {} serves http://{}:{} from {}", FIRN_VERSION, address.host, server->port(),
               settings.data_dir);
  if (const auto& owner = server->new_owner(); owner.password_made) {
    fmt::print("Sign in as {} with this password, shown once and stored nowhere:\n  {}\n",
               owner.email, owner.password);
    std::fflush(stdout);
  }
  int received = 0;
  ::sigwait(&signals, &received);
  spdlog::info("draining");
  server->drain();
  return {};
}

}  // namespace firn::app
