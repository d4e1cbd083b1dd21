#include <gtest/gtest.h>

#include "automation/alert_checks.h"
#include "automation/alerts.h"
#include "automation/delivery.h"
#include "automation/transport.h"
#include "platform/testing.h"

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

// Checks of one alert, in a store of their own; each has its minute as its value.
class AlertChecksTest : public ::testing::Test {
 protected:
  AlertChecksTest() {
    database_ = MUST(store::Database::open(folder_.path() + "/firn.db"));
    CHECK(records::migrate(*database_).ok());
    CHECK(checks::migrate(*database_).ok());
    Record record;
    record.about.id = "a";
    record.about.organization = "o";
    record.about.name = "n";
    record.body = "[{}]";
    in_store([&](store::Transaction& t) { CHECK(records::insert(t, "alert", record).ok()); });
  }
  // One transaction for all of it: thousands of them take their time.
  void in_store(const std::function<void(store::Transaction&)>& body) {
    CHECK(database_
              ->write([&](store::Transaction& t) -> Status {
                body(t);
                return {};
              })
              .ok());
  }
  static void check(store::Transaction& t, const AlertRule& rule, int64_t minute,
                    bool with_value = true) {
    AlertCheck check;
    check.checked_us = minute * kMinuteUs;
    if (with_value) check.value = static_cast<double>(minute);
    CHECK(checks::keep(t, "a", rule, check).ok());
  }
  static std::optional<double> earlier(store::Transaction& t, const AlertRule& rule,
                                       int64_t minute) {
    return MUST(checks::earlier_value(t, "a", rule, minute * kMinuteUs));
  }
  static int64_t rows(store::Transaction& t) {
    auto row = MUST(t.prepare("SELECT count(*) FROM alert_checks"));
    MUST(row.step());
    return row.column_int(0);
  }

  static constexpr int64_t kMinuteUs = 60'000'000;
  platform::TemporaryDirectory folder_;
  std::unique_ptr<store::Database> database_;
};

TEST_F(AlertChecksTest, a_change_over_a_day_is_seen_by_checks_of_every_minute) {
  const AlertRule rule{AlertCondition::kChangeAbove, 50, 1440};
  in_store([&](store::Transaction& t) {
    for (int64_t minute = 1000; minute < 3500; ++minute) {
      const auto value = earlier(t, rule, minute);
      EXPECT_EQ(value.has_value(), minute >= 2440) << minute;
      if (value) {
        EXPECT_LE(*value, static_cast<double>(minute - 1440));
        EXPECT_GE(*value, static_cast<double>(minute - 1440 - 3));
      }
      check(t, rule, minute, minute % 7 != 3);  // some fail
    }
    EXPECT_LE(rows(t), checks::kChecksKept + checks::kEarlierKept + 2);
    // As a plain rule it needs no more than the last ones.
    check(t, {AlertCondition::kAbove, 50, 0}, 3500);
    EXPECT_EQ(rows(t), checks::kChecksKept);
  });
}

TEST_F(AlertChecksTest, what_a_change_is_compared_with_outlasts_errors_and_has_a_bound) {
  in_store([&](store::Transaction& t) {
    const AlertRule rule{AlertCondition::kChangeBelow, -10, 10};
    check(t, rule, 100);
    for (int64_t minute = 101; minute < 101 + 2 * checks::kChecksKept; ++minute) {
      check(t, rule, minute, false);
    }
    EXPECT_EQ(earlier(t, rule, 101 + 2 * checks::kChecksKept), 100);
    const AlertRule year{AlertCondition::kChangeAbove, 1, 527'040};
    for (int64_t day = 1; day < 800; ++day) {
      for (const int64_t hour : {0, 6, 12, 18}) check(t, year, day * 1440 + hour * 60);
      if (day < 368) continue;
      const auto value = earlier(t, year, (day + 1) * 1440);
      EXPECT_TRUE(value.has_value());
      EXPECT_NEAR(value.value_or(0), static_cast<double>((day + 1) * 1440 - 527'040), 1000);
    }
    EXPECT_LE(rows(t), checks::kChecksKept + checks::kEarlierKept + 2);
  });
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
