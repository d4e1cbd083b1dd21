#include "automation/delivery.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "auth/directory.h"
#include "base/bytes.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/random.h"

namespace firn::automation {
namespace {

constexpr std::string_view kKind = "channel";
constexpr std::string_view kTask = "deliver";
constexpr size_t kRecipientsMax = 50;

Result<std::vector<std::string>> checked_addresses(const std::vector<std::string>& to) {
  if (to.empty() || to.size() > kRecipientsMax) {
    return Error(ErrorCode::kInvalidArgument, "an e-mail channel has 1 to 50 addresses");
  }
  std::vector<std::string> addresses;
  for (const auto& address : to) {
    addresses.push_back(TRY(auth::normalize_email(address)));
    const bool plain = std::all_of(addresses.back().begin(), addresses.back().end(), [](char c) {
      return c > ' ' && c < 127 && std::string_view("<>(),;:\\\"[]").find(c) == std::string::npos;
    });
    if (!plain) return Error(ErrorCode::kInvalidArgument, "an e-mail address is a plain one");
  }
  return addresses;
}

}  // namespace

// As it is kept.
struct Delivery::Body {
  int64_t kind = 0;
  std::vector<std::string> to;
  std::string url;
  std::string sealed;  // a webhook's secret, in base64
  template <typename Visit>
  static void members(Visit&& visit) {
    visit("kind", &Body::kind, jobs::kRequired);
    visit("to", &Body::to);
    visit("url", &Body::url);
    visit("sealed", &Body::sealed);
  }
};

struct Delivery::Arguments {
  std::string channel;
  std::string subject;
  std::string text;
  std::string json;
  template <typename Visit>
  static void members(Visit&& visit) {
    visit("channel", &Arguments::channel, jobs::kRequired);
    visit("subject", &Arguments::subject);
    visit("text", &Arguments::text);
    visit("json", &Arguments::json);
  }
};

std::string webhook_signature(std::string_view secret, int64_t seconds, std::string_view body) {
  const std::string signed_text = fmt::format("{}.{}", seconds, body);
  std::array<uint8_t, crypto_auth_hmacsha256_BYTES> mac;
  crypto_auth_hmacsha256_state state;
  const auto* key = reinterpret_cast<const uint8_t*>(secret.data());
  crypto_auth_hmacsha256_init(&state, key, secret.size());
  const auto* text = reinterpret_cast<const uint8_t*>(signed_text.data());
  crypto_auth_hmacsha256_update(&state, text, signed_text.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  return to_hex(mac);
}

Result<std::unique_ptr<Delivery>> Delivery::create(
    DeliveryOptions options, federation::AllowedHosts hosts, federation::SecretBox box,
    store::Database& database, tasks::Tasks& tasks, platform::FileSystem& files,
    platform::Clock& clock, platform::Random& random) {
  const auto& server = options.server;
  const bool smtp = server.url.starts_with("smtp://") || server.url.starts_with("smtps://");
  if (!server.url.empty() && (!smtp || server.from.empty())) {
    return Error(ErrorCode::kInvalidArgument,
                 "--smtp-url is smtp://HOST[:PORT] or smtps://, and goes with --smtp-from");
  }
  TRY(records::migrate(database));
  TRY(files.create_directories(options.mail_directory));
  std::unique_ptr<Delivery> made(new Delivery(std::move(options), std::move(hosts), std::move(box),
                                              database, tasks, files, clock, random));
  tasks.add<Arguments>(std::string(kTask), auth::Role::kViewer,
                       [raw = made.get()](const Arguments& arguments, tasks::TaskContext& context)
                           -> Result<std::string> { return raw->deliver(arguments, context); });
  return made;
}

Result<Channel> Delivery::channel_of(const Record& record) {
  const Body body = TRY(jobs::decode_arguments<Body>(record.body));
  Channel channel{record.about, static_cast<ChannelKind>(body.kind), body.to, body.url, {}};
  auto last = TRY(tasks_.of_subject(record.about.organization, record.about.id, 1));
  if (!last.empty()) channel.last = std::move(last[0]);
  return channel;
}

Result<NewChannel> Delivery::create_channel(const auth::Principal& who, const std::string& name,
                                            ChannelKind kind, const std::vector<std::string>& to,
                                            const std::string& url) {
  TRY(auth::authorize(who, auth::Role::kAdmin, auth::Object::whole(who)));
  Body body;
  body.kind = static_cast<int64_t>(kind);
  NewChannel made;
  Record record;
  record.about.id = random_.uuid().to_string();
  record.about.organization = who.organization;
  record.about.name = TRY(auth::check_name("a channel's name", name));
  record.about.created_by = record.about.updated_by = who.name;
  record.about.created_us = record.about.updated_us = clock_.now_us();
  if (kind == ChannelKind::kEmail) {
    body.to = TRY(checked_addresses(to));
  } else {
    TRY(hosts_.resolve(TRY(parse_webhook_url(url)).host));
    body.url = url;
    std::array<uint8_t, 32> secret;
    random_.fill(secret);
    made.secret = to_hex(secret);
    body.sealed = base64_encode(as_bytes(box_.seal(made.secret, record.about.id)));
  }
  record.body = jobs::encode_arguments(body);
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    return records::insert(transaction, kKind, record);
  }));
  made.channel = TRY(channel_of(record));
  return made;
}

Status Delivery::remove_channel(const auth::Principal& who, const std::string& id) {
  TRY(auth::authorize(who, auth::Role::kAdmin, auth::Object::whole(who)));
  return database_.write([&](store::Transaction& transaction) -> Status {
    return records::remove(transaction, kKind, who.organization, id);
  });
}

Result<Channel> Delivery::channel(const auth::Principal& who, const std::string& id) {
  TRY(auth::authorize(who, auth::Role::kEditor, auth::Object::whole(who)));
  return channel_of(TRY(records::find_now(database_, kKind, who.organization, id)));
}

Result<std::vector<Channel>> Delivery::channels(const auth::Principal& who) {
  TRY(auth::authorize(who, auth::Role::kEditor, auth::Object::whole(who)));
  std::vector<Channel> channels;
  for (const auto& record : TRY(records::list(database_, kKind, who.organization))) {
    channels.push_back(TRY(channel_of(record)));
  }
  return channels;
}

Result<tasks::Task> Delivery::test(const auth::Principal& who, const std::string& id) {
  TRY(auth::authorize(who, auth::Role::kAdmin, auth::Object::whole(who)));
  const Channel to = TRY(channel(who, id));
  return tasks_.begin(
      who, std::string(kTask),
      Arguments{id, "A test of the channel " + to.about.name,
                "If you can read this, messages of Firn arrive here.", R"({"type":"test"})"},
      id);
}

Status Delivery::check(store::Transaction& transaction, const std::string& organization,
                       const std::string& channel) {
  TRY(records::find(transaction, kKind, organization, channel));
  return {};
}

Status Delivery::send(store::Transaction& transaction, const auth::Principal& who,
                      const std::string& channel, const Message& message) {
  const auto there = check(transaction, who.organization, channel);
  if (!there.ok()) return there.error().code() == ErrorCode::kNotFound ? Status() : there;
  TRY(tasks_.enqueue(transaction, who, std::string(kTask),
                     Arguments{channel, message.subject, message.text, message.json}, channel));
  return {};
}

Result<std::string> Delivery::deliver(const Arguments& arguments, tasks::TaskContext& context) {
  const Record record =
      TRY(records::find_now(database_, kKind, context.principal.organization, arguments.channel));
  const Body body = TRY(jobs::decode_arguments<Body>(record.body));
  const Channel channel{record.about, static_cast<ChannelKind>(body.kind), body.to, body.url, {}};
  if (channel.kind == ChannelKind::kEmail) {
    TRY(mail(channel, arguments, context));
    return std::string();
  }
  std::string sealed;
  if (!base64_decode(body.sealed, sealed)) {
    return Error(ErrorCode::kInvalidData, "the channel's secret cannot be read: make a new one");
  }
  TRY(call(channel, TRY(box_.open(sealed, record.about.id)), arguments, context));
  return std::string();
}

Status Delivery::call(const Channel& channel, const std::string& secret, const Arguments& arguments,
                      tasks::TaskContext& context) {
  outbound::HttpPost request;
  request.url = channel.url;
  request.address = TRY(hosts_.resolve(TRY(parse_webhook_url(channel.url)).host));
  request.ca_file = options_.ca_file;
  request.what = "the webhook cannot be called";
  request.body = "{\"id\":";
  jobs::append_json_string(request.body, context.task.id);
  request.body += ",\"subject\":";
  jobs::append_json_string(request.body, arguments.subject);
  request.body += ",\"text\":";
  jobs::append_json_string(request.body, arguments.text);
  request.body += ",\"event\":" + (arguments.json.empty() ? "null" : arguments.json) + '}';
  const int64_t seconds = clock_.now_us() / 1'000'000;
  request.headers = {
      {"Content-Type", "application/json"},
      {"User-Agent", "firn"},
      // The same at each attempt: whoever gets it twice can tell.
      {"X-Firn-Delivery", context.task.id},
      {"X-Firn-Signature",
       fmt::format("t={},v1={}", seconds, webhook_signature(secret, seconds, request.body))}};
  return call_webhook(request, [&] { return context.cancelled(); });
}

Status Delivery::mail(const Channel& channel, const Arguments& arguments,
                      tasks::TaskContext& context) {
  const bool kept = options_.server.url.empty();
  Mail mail{context.task.id, kept ? "firn@localhost" : options_.server.from,
            channel.to,      arguments.subject,
            arguments.text,  clock_.now_us()};
  const std::string message = mail_message(mail);
  if (!kept) {
    return send_mail(options_.server, channel.to, message, [&] { return context.cancelled(); });
  }
  return keep_mail(fmt::format("{:020}-{}.eml", context.task.created_us, context.task.id), message);
}

Status Delivery::keep_mail(const std::string& name, const std::string& message) {
  constexpr size_t kKeptMax = 1'000;
  TRY(files_.replace_durable(platform::join_path(options_.mail_directory, name),
                             as_bytes(message)));
  std::vector<std::string> names;
  for (const auto& entry : TRY(files_.list(options_.mail_directory))) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  for (size_t i = 0; i + kKeptMax < names.size(); ++i) {
    TRY(files_.remove(platform::join_path(options_.mail_directory, names[i])));
  }
  return {};
}

}  // namespace firn::automation
