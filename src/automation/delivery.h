#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/auth.h"
#include "automation/records.h"
#include "automation/transport.h"
#include "federation/allowed_hosts.h"
#include "federation/secret_box.h"
#include "tasks/tasks.h"

namespace firn::platform {
class FileSystem;
}

namespace firn::automation {

enum class ChannelKind : uint8_t { kEmail, kWebhook };

// Where messages go.
struct Channel {
  About about;
  ChannelKind kind = ChannelKind::kEmail;
  std::vector<std::string> to;      // e-mail addresses
  std::string url;                  // of a webhook
  std::optional<tasks::Task> last;  // its last delivery
};

struct NewChannel {
  Channel channel;
  std::string secret;  // what a webhook's calls are signed with, 64 hex digits; only here
};

struct Message {
  std::string subject;
  std::string text;  // for people
  std::string json;  // for programs: an object
};

struct DeliveryOptions {
  MailServer server;           // without a url, mail lies in the folder below
  std::string mail_directory;  // the last 1,000 messages, as .eml files
  std::string ca_file;         // of webhooks; empty: the machine's
};

// Channels of organizations, for their admins; and messages to them, as tasks: an attempt that may
// pass is tried again. A webhook's host is looked up and judged at each call
// (federation::AllowedHosts), and the call goes to that very address. Its body is signed:
// "X-Firn-Signature: t=SECONDS,v1=HEX", HMAC-SHA256 of "SECONDS.BODY". Thread-safe.
class Delivery {
 public:
  static Result<std::unique_ptr<Delivery>> create(DeliveryOptions options,
                                                  federation::AllowedHosts hosts,
                                                  federation::SecretBox box,
                                                  store::Database& database, tasks::Tasks& tasks,
                                                  platform::FileSystem& files,
                                                  platform::Clock& clock, platform::Random& random);

  // Errors: InvalidArgument, PermissionDenied (also a host that webhooks may not name).
  Result<NewChannel> create_channel(const auth::Principal& who, const std::string& name,
                                    ChannelKind kind, const std::vector<std::string>& to,
                                    const std::string& url);
  Status remove_channel(const auth::Principal& who, const std::string& id);
  // Editors may see them. NotFound.
  Result<Channel> channel(const auth::Principal& who, const std::string& id);
  Result<std::vector<Channel>> channels(const auth::Principal& who);
  // A message that says that it is a test.
  Result<tasks::Task> test(const auth::Principal& who, const std::string& id);

  // Goes out once `transaction` has committed; call Tasks::committed() then. A channel that is gone
  // is left out.
  Status send(store::Transaction& transaction, const auth::Principal& who,
              const std::string& channel, const Message& message);
  // NotFound where the organization has no such channel.
  Status check(store::Transaction& transaction, const std::string& organization,
               const std::string& channel);

 private:
  struct Body;
  struct Arguments;
  Delivery(DeliveryOptions options, federation::AllowedHosts hosts, federation::SecretBox box,
           store::Database& database, tasks::Tasks& tasks, platform::FileSystem& files,
           platform::Clock& clock, platform::Random& random)
      : options_(std::move(options)),
        hosts_(std::move(hosts)),
        box_(std::move(box)),
        database_(database),
        tasks_(tasks),
        files_(files),
        clock_(clock),
        random_(random) {}
  Result<Channel> channel_of(const Record& record);
  Result<std::string> deliver(const Arguments& arguments, tasks::TaskContext& context);
  Status call(const Channel& channel, const std::string& secret, const Arguments& arguments,
              tasks::TaskContext& context);
  Status mail(const Channel& channel, const Arguments& arguments, tasks::TaskContext& context);
  Status keep_mail(const std::string& name, const std::string& message);

  const DeliveryOptions options_;
  const federation::AllowedHosts hosts_;
  const federation::SecretBox box_;
  store::Database& database_;
  tasks::Tasks& tasks_;
  platform::FileSystem& files_;
  platform::Clock& clock_;
  platform::Random& random_;
};

// HMAC-SHA256 in hex of what a webhook gets; for its receiver, and for tests.
std::string webhook_signature(std::string_view secret, int64_t seconds, std::string_view body);

}  // namespace firn::automation
