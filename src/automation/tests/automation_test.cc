#include <gtest/gtest.h>

#include "automation/alerts.h"
#include "automation/delivery.h"
#include "automation/transport.h"

namespace firn::automation {
namespace {

TEST(AlertsTest, a_value_is_judged_by_its_bound_or_its_change) {
  const AlertRule above{AlertCondition::kAbove, 10, 0};
  EXPECT_EQ(judge(above, 10, {}), AlertState::kOk);
  EXPECT_EQ(judge(above, 10.5, {}), AlertState::kFiring);
  const AlertRule below{AlertCondition::kBelow, 10, 0};
  EXPECT_EQ(judge(below, 10, {}), AlertState::kOk);
  EXPECT_EQ(judge(below, -1, {}), AlertState::kFiring);
  const AlertRule grows{AlertCondition::kChangeAbove, 50, 60};
  EXPECT_EQ(judge(grows, 1e9, {}), AlertState::kOk);  // there is nothing to compare with yet
  EXPECT_EQ(judge(grows, 150, 100), AlertState::kOk);
  EXPECT_EQ(judge(grows, 151, 100), AlertState::kFiring);
  EXPECT_EQ(judge(grows, -40, -100), AlertState::kFiring);
  EXPECT_EQ(judge(grows, 1, 0), AlertState::kFiring);
  EXPECT_EQ(judge(grows, 0, 0), AlertState::kOk);
  const AlertRule falls{AlertCondition::kChangeBelow, -20, 60};
  EXPECT_EQ(judge(falls, 80, 100), AlertState::kOk);
  EXPECT_EQ(judge(falls, 79, 100), AlertState::kFiring);
  EXPECT_EQ(judge(falls, -1, 0), AlertState::kFiring);
}

TEST(TransportTest, webhooks_are_https_without_a_user) {
  const auto parts = parse_webhook_url("https://example.org/a?b=c");
  ASSERT_TRUE(parts.ok());
  EXPECT_EQ(parts->host, "example.org");
  EXPECT_EQ(parts->port, "443");
  EXPECT_EQ(parse_webhook_url("https://[2001:db8::1]:8443/")->host, "2001:db8::1");
  for (const char* url : {"http://example.org/", "https://user@example.org/", "example.org",
                          "gopher://example.org", "https://exa mple.org/"}) {
    EXPECT_FALSE(parse_webhook_url(url).ok()) << url;
  }
}

TEST(TransportTest, no_text_becomes_a_header) {
  const std::string message =
      mail_message({"id",
                    "f@example.org",
                    {"a@example.org", "b@example.org"},
                    "x\r\nBcc: evil@example.org\r\n\r\n" + std::string(100, 'y') + "é",
                    "\r\n.\r\nRCPT TO:<evil@example.org>",
                    0});
  const std::string head = message.substr(0, message.find("\r\n\r\n"));
  EXPECT_EQ(head.find("Bcc"), std::string::npos);
  EXPECT_EQ(message.find("evil"), std::string::npos);
  EXPECT_NE(head.find("Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"), std::string::npos);
  for (size_t at = 0; at < message.size();) {
    const size_t end = message.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 78U);
    at = end + 2;
  }
}

TEST(DeliveryTest, a_signature_is_hmac_sha256_of_time_and_body) {
  // openssl: printf '12.{}' | openssl dgst -sha256 -hmac key
  EXPECT_EQ(webhook_signature("key", 12, "{}"),
            "043e30e1e15664dc97494d18e4110984bcbd2c4e6f3e19de9569dc1ea6d9b03e");
}

}  // namespace
}  // namespace firn::automation
