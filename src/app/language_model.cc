#include "app/language_model.h"

#include "llm/client.h"
#include "platform/file.h"

namespace firn::app {

Result<std::unique_ptr<llm::Model>> make_model(const Settings& settings) {
  if (settings.model_provider.empty()) return std::unique_ptr<llm::Model>();
  llm::ClientOptions options;
  options.provider = TRY(llm::parse_provider(settings.model_provider));
  options.url = settings.model_url;
  options.model = settings.model;
  options.key = settings.model_key;
  if (options.key.empty() && !settings.model_key_file.empty()) {
    options.key = TRY(platform::local_file_system().read_file(settings.model_key_file));
    while (!options.key.empty() && (options.key.back() == '\n' || options.key.back() == '\r')) {
      options.key.pop_back();
    }
  }
  options.ca_file = settings.model_ca_file;
  options.answer_max = std::chrono::seconds(settings.model_answer_seconds);
  options.silence_max = std::chrono::seconds(settings.model_silence_seconds);
  return llm::make_client(std::move(options));
}

}  // namespace firn::app
