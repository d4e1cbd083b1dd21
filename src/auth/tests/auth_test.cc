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
        organization_(MUST(auth_->directory().ensure_organization("acme", "production", "lake"))) {}

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
  const auto account = MUST(auth_->accounts().create_first(organization_, "loader", Role::kIngest));
  const std::string key = MUST(auth_->accounts().create_first_key(account.id)).secret;
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
  const auto account = MUST(auth_->accounts().create_first(organization_, "a", Role::kOwner));
  const std::string key = MUST(auth_->accounts().create_first_key(account.id)).secret;
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
  const auto account = MUST(auth_->accounts().create_first(organization_, "a", Role::kOwner));
  const std::string key = MUST(auth_->accounts().create_first_key(account.id)).secret;
  const auto principal = MUST(auth_->authenticate_key(key));
  ASSERT_TRUE(auth_->accounts().revoke_key(principal, principal.key_id).ok());
  EXPECT_FALSE(auth_->authenticate_key(key).ok());
}

TEST_F(AuthTest, TheBootstrapKeyIsAnOwnersAndStays) {
  const std::string key = "firn_boot_0123456789abcdef";
  ASSERT_TRUE(auth_->accounts().ensure_bootstrap_key(organization_, key).ok());
  ASSERT_TRUE(auth_->accounts().ensure_bootstrap_key(organization_, key).ok());
  EXPECT_EQ(MUST(auth_->authenticate_key(key)).role, Role::kOwner);
  EXPECT_FALSE(
      auth_->accounts().ensure_bootstrap_key(organization_, "firn_boot_another0123456789").ok());
  for (const char* bad : {"boot", "firn_a_short", "firn__0123456789abcdef"}) {
    EXPECT_EQ(auth_->accounts().ensure_bootstrap_key(organization_, bad).error().code(),
              ErrorCode::kInvalidArgument);
  }
}

TEST_F(AuthTest, SecretsAreNotStored) {
  const auto account = MUST(auth_->accounts().create_first(organization_, "a", Role::kViewer));
  const std::string key = MUST(auth_->accounts().create_first_key(account.id)).secret;
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
    principal.organization = "o";
    principal.role = role;
    for (const Role needed :
         {Role::kViewer, Role::kIngest, Role::kEditor, Role::kAdmin, Role::kOwner}) {
      actions += authorize(principal, needed, Object::whole(principal)).ok() ? '1' : '0';
    }
    return actions;
  };
  EXPECT_EQ(allowed(Role::kOwner), "11111");
  EXPECT_EQ(allowed(Role::kAdmin), "11110");
  EXPECT_EQ(allowed(Role::kEditor), "11100");
  EXPECT_EQ(allowed(Role::kViewer), "10000");
  EXPECT_EQ(allowed(Role::kIngest), "01000");
  EXPECT_EQ(allowed(Role::kEngine), "10000");
}

TEST_F(AuthTest, OnlyAnEngineIsOneAndOnlyAnOwnerMakesOne) {
  Principal principal;
  principal.organization = "o";
  for (const Role role : kRoles) {
    principal.role = role;
    EXPECT_EQ(authorize_engine(principal).ok(), role == Role::kEngine) << role_name(role);
    EXPECT_EQ(authorize_giving(principal, Role::kEngine, Object::whole(principal)).ok(),
              role == Role::kOwner)
        << role_name(role);
  }
  // Of a catalog only: it may not ask what others see elsewhere.
  principal.role = Role::kViewer;
  principal.grants = {{"g", "p", Role::kEngine, "", "lake"}};
  EXPECT_FALSE(authorize_engine(principal).ok());
}

TEST_F(AuthTest, AGrantHoldsWhereItIsAndNowhereElse) {
  Principal principal;
  principal.organization = "o";
  principal.role = Role::kViewer;
  principal.grants = {{"g", "p", Role::kEditor, "", "lake"}, {"h", "p", Role::kIngest, "env", ""}};
  EXPECT_TRUE(authorize(principal, Role::kEditor, {"o", "other", "lake"}).ok());
  EXPECT_FALSE(authorize(principal, Role::kEditor, {"o", "other", "pond"}).ok());
  EXPECT_TRUE(authorize(principal, Role::kIngest, {"o", "env", "pond"}).ok());
  EXPECT_TRUE(authorize(principal, Role::kViewer, {"o", "env", "pond"}).ok());
  EXPECT_FALSE(authorize(principal, Role::kViewer, {"x", "env", "lake"}).ok());
  EXPECT_FALSE(authorize(principal, Role::kViewer, {}).ok());
}

class MembersTest : public AuthTest {
 protected:
  MembersTest() {
    auto& sessions = auth_->sessions();
    const auto person = MUST(
        sessions.create_first_person(organization_, "Ann", "Ann@Example.org", "a long password"));
    owner_ = MUST(sessions.begin(person, organization_));
  }
  const Principal& owner() const { return owner_.principal; }
  Principal join(const std::string& email, Role role) {
    const auto invited = MUST(auth_->directory().invite(owner(), email, role));
    return MUST(auth_->sessions().accept_invitation(invited.token, "Someone", "another password",
                                                    "127.0.0.1"))
        .principal;
  }
  static http::Request with_cookie(const std::string& method, const std::string& token,
                                   const std::string& csrf = {}) {
    http::Request made;
    made.method = method;
    made.headers.add("Cookie", "a=b; firn_session=" + token + "; c=d");
    if (!csrf.empty()) made.headers.add("X-Firn-CSRF", csrf);
    return made;
  }
  NewSession owner_;
};

TEST_F(MembersTest, APersonSignsInWithTheRightPasswordOnly) {
  auto& sessions = auth_->sessions();
  EXPECT_TRUE(sessions.sign_in(" ann@example.org ", "a long password", "1.2.3.4").ok());
  const auto wrong = sessions.sign_in("ann@example.org", "a wrong password", "1.2.3.4");
  const auto unknown = sessions.sign_in("bob@example.org", "a long password", "1.2.3.4");
  ASSERT_FALSE(wrong.ok());
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(wrong.error().code(), ErrorCode::kUnauthenticated);
  EXPECT_EQ(wrong.error().message(), unknown.error().message());
}

TEST_F(MembersTest, WrongPasswordsSlowTheNextOnesDown) {
  auto& sessions = auth_->sessions();
  ErrorCode last = ErrorCode::kInternal;
  for (int i = 0; i < 8; ++i) {
    last = sessions.sign_in("ann@example.org", "a wrong password", "1.2.3.4").error().code();
  }
  EXPECT_EQ(last, ErrorCode::kOverloaded);
  EXPECT_EQ(sessions.sign_in("ann@example.org", "a long password", "9.9.9.9").error().code(),
            ErrorCode::kOverloaded);
  clock_.advance_us(120'000'000);
  EXPECT_TRUE(sessions.sign_in("ann@example.org", "a long password", "1.2.3.4").ok());
}

TEST_F(MembersTest, TheSetUpIsOpenOnce) {
  const auto second = auth_->sessions().create_first_person(organization_, "Eve", "eve@example.org",
                                                            "a long password");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), ErrorCode::kPermissionDenied);
}

TEST_F(MembersTest, ASessionChangesThingsOnlyWithTheCsrfToken) {
  EXPECT_TRUE(auth_->authenticate(with_cookie("GET", owner_.token)).ok());
  EXPECT_FALSE(auth_->authenticate(with_cookie("POST", owner_.token)).ok());
  EXPECT_FALSE(auth_->authenticate(with_cookie("POST", owner_.token, "wrong")).ok());
  const auto principal = auth_->authenticate(with_cookie("POST", owner_.token, owner_.csrf));
  ASSERT_TRUE(principal.ok());
  EXPECT_EQ(principal->email, "ann@example.org");
  EXPECT_EQ(principal->role, Role::kOwner);
}

TEST_F(MembersTest, ASessionEndsWithSignOutIdlenessAndANewPassword) {
  auto& sessions = auth_->sessions();
  const auto other = MUST(sessions.sign_in("ann@example.org", "a long password", "1.2.3.4"));
  const Principal principal = MUST(auth_->authenticate(with_cookie("GET", other.token)));
  ASSERT_TRUE(sessions.change_password(principal, "a long password", "a newer password").ok());
  EXPECT_TRUE(auth_->authenticate(with_cookie("GET", other.token)).ok());
  EXPECT_FALSE(auth_->authenticate(with_cookie("GET", owner_.token)).ok());
  ASSERT_TRUE(sessions.end(principal).ok());
  EXPECT_FALSE(auth_->authenticate(with_cookie("GET", other.token)).ok());
  const auto last = MUST(sessions.sign_in("ann@example.org", "a newer password", "1.2.3.4"));
  clock_.advance_us(Sessions::kIdleUs + 1);
  EXPECT_FALSE(auth_->authenticate(with_cookie("GET", last.token)).ok());
}

TEST_F(MembersTest, AnInvitationWorksOnceAndNobodyGivesMoreThanTheyHave) {
  auto& directory = auth_->directory();
  const auto invited = MUST(directory.invite(owner(), "Bob@example.org", Role::kAdmin));
  auto& sessions = auth_->sessions();
  const auto bob =
      MUST(sessions.accept_invitation(invited.token, "Bob", "another password", "127.0.0.1"));
  EXPECT_EQ(bob.principal.role, Role::kAdmin);
  EXPECT_FALSE(
      sessions.accept_invitation(invited.token, "Eve", "another password", "127.0.0.1").ok());
  EXPECT_FALSE(directory.invite(bob.principal, "eve@example.org", Role::kOwner).ok());
  EXPECT_FALSE(directory.set_person_role(bob.principal, owner().account, Role::kViewer).ok());
  EXPECT_FALSE(directory.set_person_role(owner(), owner().account, Role::kViewer).ok());
  EXPECT_FALSE(directory.remove_person(owner(), owner().account).ok());
  EXPECT_TRUE(directory.remove_person(owner(), bob.principal.account).ok());
  EXPECT_FALSE(auth_->authenticate(with_cookie("GET", bob.token)).ok());
}

TEST_F(MembersTest, OrganizationsSeeNothingOfEachOther) {
  auto& directory = auth_->directory();
  auto [acme, invitation] =
      MUST(directory.create_organization(owner(), "Second", "production", "zoe@example.org"));
  const auto zoe = MUST(auth_->sessions().accept_invitation(invitation.token, "Zoe",
                                                            "another password", "127.0.0.1"))
                       .principal;
  EXPECT_EQ(zoe.organization, acme.id);
  EXPECT_TRUE(MUST(directory.catalogs(zoe)).empty());
  EXPECT_EQ(directory.catalog(zoe, "lake").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(MUST(directory.people(zoe)).size(), 1u);
  EXPECT_EQ(directory.person(zoe, owner().account).error().code(), ErrorCode::kNotFound);
  const auto environment = MUST(directory.environments(acme.id)).at(0);
  const auto lake = MUST(directory.create_catalog(zoe, environment.id, "lake"));
  EXPECT_EQ(lake.name, "lake");
  EXPECT_NE(lake.id, "lake");
  EXPECT_EQ(directory.grant(zoe, zoe.account, Role::kEditor, "", "lake").error().code(),
            ErrorCode::kNotFound);
  EXPECT_FALSE(directory.create_organization(zoe, "Third", "production", "x@example.org").ok());
}

TEST_F(MembersTest, KeysAreManagedRotatedAndExpire) {
  auto& accounts = auth_->accounts();
  const auto account = MUST(accounts.create(owner(), "loader", Role::kIngest));
  const auto first = MUST(accounts.create_key(owner(), account.id, "laptop", std::nullopt));
  ASSERT_TRUE(auth_->authenticate_key(first.secret).ok());
  const auto second = MUST(accounts.rotate_key(owner(), first.key.id, 60));
  EXPECT_TRUE(auth_->authenticate_key(first.secret).ok());
  clock_.advance_us(61'000'000);
  EXPECT_FALSE(auth_->authenticate_key(first.secret).ok());
  EXPECT_TRUE(auth_->authenticate_key(second.secret).ok());
  ASSERT_TRUE(accounts.set_role(owner(), account.id, Role::kViewer).ok());
  EXPECT_EQ(MUST(auth_->authenticate_key(second.secret)).role, Role::kViewer);
  ASSERT_TRUE(accounts.remove(owner(), account.id).ok());
  EXPECT_FALSE(auth_->authenticate_key(second.secret).ok());
  const auto admin = join("adm@example.org", Role::kAdmin);
  const auto boss = MUST(accounts.create(owner(), "boss", Role::kOwner));
  EXPECT_FALSE(accounts.create_key(admin, boss.id, "", std::nullopt).ok());
}

TEST_F(MembersTest, PoliciesHoldForTheirRolesTogether) {
  auto& policies = auth_->policies();
  const Object lake = MUST(auth_->directory().catalog(owner(), "lake")).object();
  const Uuid table = platform::system_random().uuid();
  TablePolicy policy;
  policy.table = table;
  policy.name = "mine";
  policy.roles = {Role::kViewer};
  policy.row_filter = "owner = caller_email()";
  policy.columns = {{3, ColumnRule::kHashed}};
  ASSERT_TRUE(policies.set(owner(), lake, policy).ok());
  policy.name = "hide";
  policy.row_filter.reset();
  policy.columns = {{3, ColumnRule::kHidden}};
  const auto hide = MUST(policies.set(owner(), lake, policy));
  const auto viewer = join("vic@example.org", Role::kViewer);
  auto rules = MUST(policies.rules_for(viewer, lake, table));
  EXPECT_EQ(rules.row_filters.size(), 1u);
  EXPECT_EQ(rules.columns.at(3), ColumnRule::kHidden);
  EXPECT_FALSE(MUST(policies.rules_for(owner(), lake, table)).any());
  EXPECT_FALSE(policies.set(viewer, lake, policy).ok());
  ASSERT_TRUE(policies.remove(owner(), lake, hide.id).ok());
  EXPECT_EQ(MUST(policies.rules_for(viewer, lake, table)).columns.at(3), ColumnRule::kHashed);
}

TEST_F(MembersTest, PoliciesOfConnectedTablesGoByName) {
  auto& policies = auth_->policies();
  const Object whole = Object::whole(owner());
  const Uuid table = connected_table("c1", "public", "Planes");
  EXPECT_EQ(table, connected_table("c1", "PUBLIC", "planes"));
  EXPECT_NE(table, connected_table("c2", "public", "planes"));
  EXPECT_NE(table, connected_table("c1", "publi", "cplanes"));
  TablePolicy policy;
  policy.table = table;
  policy.name = "mine";
  policy.roles = {Role::kViewer};
  policy.columns = {{0, ColumnRule::kNulled, "a, b: \"c\"@"}, {0, ColumnRule::kHidden, "year"}};
  ASSERT_TRUE(policies.set(owner(), whole, policy).ok());
  policy.name = "stricter";
  policy.columns = {{0, ColumnRule::kHidden, "a, b: \"c\"@"}};
  ASSERT_TRUE(policies.set(owner(), whole, policy).ok());
  const auto viewer = join("vic@example.org", Role::kViewer);
  const auto rules = MUST(policies.rules_for(viewer, whole, table));
  EXPECT_TRUE(rules.columns.empty());
  ASSERT_EQ(rules.named_columns.size(), 2u);
  EXPECT_EQ(rules.named_columns.at("a, b: \"c\"@"), ColumnRule::kHidden);
  policy.roles = {Role::kEngine};
  EXPECT_FALSE(policies.set(owner(), whole, policy).ok());
}

TEST_F(MembersTest, AnEngineLearnsWhoAnAccountIs) {
  const auto person = join("vic@example.org", Role::kViewer);
  const auto engine = MUST(auth_->accounts().create(owner(), "trino", Role::kEngine));
  const auto key = MUST(auth_->accounts().create_key(owner(), engine.id, "", std::nullopt));
  const auto principal = MUST(auth_->authenticate_key(key.secret));
  EXPECT_EQ(MUST(auth_->account(principal, person.account)).email, "vic@example.org");
  EXPECT_EQ(MUST(auth_->account(principal, engine.id)).role, Role::kEngine);
  EXPECT_EQ(auth_->account(principal, "nobody").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(auth_->account(owner(), person.account).error().code(), ErrorCode::kPermissionDenied);
  Principal elsewhere = principal;
  elsewhere.organization = "another";
  EXPECT_EQ(auth_->account(elsewhere, person.account).error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace firn::auth
