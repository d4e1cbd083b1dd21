#include "auth/auth.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "platform/random.h"
#include "platform/testing.h"
#include "store/database.h"

namespace firn::auth {
namespace {

class AuthTest : public ::testing::Test {
 protected:
  AuthTest()
      : database_(MUST(store::Database::open(folder_.path() + "/firn.db"))),
        auth_(MUST(Authenticator::create(*database_, clock_, platform::system_random()))),
        organization_(MUST(auth_->ensure_organization("acme"))) {}

  static http::Request request(std::string name, std::string value) {
    http::Request made;
    made.headers.add(std::move(name), std::move(value));
    return made;
  }

  platform::TemporaryDirectory folder_;
  platform::ManualClock clock_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Authenticator> auth_;
  std::string organization_;
};

TEST_F(AuthTest, AKeyWorksInEveryPlace) {
  const auto account = MUST(auth_->create_service_account(organization_, "loader", Role::kIngest));
  const std::string key = MUST(auth_->create_key(account.id));
  const std::string basic = base64_encode(as_bytes("any:" + key));
  for (const auto& asked : {request("Authorization", "Bearer " + key), request("x-api-key", key),
                            request("authorization", "basic " + basic)}) {
    const auto principal = auth_->authenticate(asked);
    ASSERT_TRUE(principal.ok());
    EXPECT_EQ(principal->account, account.id);
    EXPECT_EQ(principal->role, Role::kIngest);
    EXPECT_EQ(principal->organization, organization_);
  }
}

TEST_F(AuthTest, AnythingElseIsUnauthenticated) {
  const auto account = MUST(auth_->create_service_account(organization_, "a", Role::kOwner));
  const std::string key = MUST(auth_->create_key(account.id));
  EXPECT_FALSE(auth_->authenticate(http::Request{}).ok());
  for (const std::string& wrong :
       {key + "0", key.substr(0, key.size() - 1), std::string("firn_x_y"), std::string("firn__"),
        std::string(), std::string(100'000, 'x')}) {
    const auto outcome = auth_->authenticate_key(wrong);
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code(), ErrorCode::kUnauthenticated);
    EXPECT_EQ(outcome.error().message().find(wrong.empty() ? "\x01" : wrong), std::string::npos);
  }
  EXPECT_FALSE(auth_->authenticate(request("Authorization", "Basic !!!")).ok());
}

TEST_F(AuthTest, ARevokedKeyStopsAtOnce) {
  const auto account = MUST(auth_->create_service_account(organization_, "a", Role::kViewer));
  const std::string key = MUST(auth_->create_key(account.id));
  const auto principal = MUST(auth_->authenticate_key(key));
  ASSERT_TRUE(auth_->revoke_key(principal.key_id).ok());
  EXPECT_FALSE(auth_->authenticate_key(key).ok());
  EXPECT_EQ(auth_->revoke_key(principal.key_id).error().code(), ErrorCode::kNotFound);
}

TEST_F(AuthTest, TheBootstrapKeyIsAnOwnersAndStays) {
  const std::string key = "firn_boot_0123456789abcdef";
  ASSERT_TRUE(auth_->ensure_bootstrap_key(organization_, key).ok());
  ASSERT_TRUE(auth_->ensure_bootstrap_key(organization_, key).ok());
  EXPECT_EQ(MUST(auth_->authenticate_key(key)).role, Role::kOwner);
  EXPECT_FALSE(auth_->ensure_bootstrap_key(organization_, "firn_boot_another0123456789").ok());
  for (const char* bad : {"boot", "firn_a_short", "firn__0123456789abcdef"}) {
    EXPECT_EQ(auth_->ensure_bootstrap_key(organization_, bad).error().code(),
              ErrorCode::kInvalidArgument);
  }
}

TEST_F(AuthTest, SecretsAreNotStored) {
  const auto account = MUST(auth_->create_service_account(organization_, "a", Role::kViewer));
  const std::string key = MUST(auth_->create_key(account.id));
  const std::string secret = key.substr(key.rfind('_') + 1);
  for (const char* file : {"/firn.db", "/firn.db-wal"}) {
    const auto bytes = platform::local_file_system().read_file(folder_.path() + file);
    if (bytes.ok()) {
      EXPECT_EQ(bytes->find(secret), std::string::npos);
    }
  }
}

TEST_F(AuthTest, EachRoleMayWhatItSays) {
  const auto allowed = [](Role role) {
    std::string actions;
    Principal principal;
    principal.role = role;
    for (const Action action :
         {Action::kQuery, Action::kIngest, Action::kChangeTables, Action::kManage}) {
      actions += authorize(principal, action).ok() ? '1' : '0';
    }
    return actions;
  };
  EXPECT_EQ(allowed(Role::kOwner), "1111");
  EXPECT_EQ(allowed(Role::kAdmin), "1111");
  EXPECT_EQ(allowed(Role::kEditor), "1110");
  EXPECT_EQ(allowed(Role::kViewer), "1000");
  EXPECT_EQ(allowed(Role::kIngest), "0100");
}

}  // namespace
}  // namespace firn::auth
