#include "federation/connections.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "federation/tables_json.h"
#include "platform/file.h"
#include "platform/random.h"
#include "platform/testing.h"
#include "store/database.h"

namespace firn::federation {
namespace {

using auth::Role;

auth::Principal principal(Role role, const std::string& organization = "o1") {
  auth::Principal who;
  who.organization = organization;
  who.account = "a1";
  who.name = "Ann";
  who.role = role;
  return who;
}

ConnectionSpec spec(const std::string& name) {
  ConnectionSpec made;
  made.name = name;
  made.host = "db.example.org";
  made.database = "shop";
  made.user = "firn";
  return made;
}

class ConnectionsTest : public ::testing::Test {
 protected:
  ConnectionsTest() { open(); }

  SecretBox box() {
    auto made = SecretBox::create({}, folder_.path() + "/secrets.key",
                                  platform::local_file_system(), platform::system_random());
    EXPECT_TRUE(made.ok());
    return *std::move(made);
  }
  void open() {
    connections_.reset();
    database_.reset();
    auto database = store::Database::open(folder_.path() + "/firn.db");
    ASSERT_TRUE(database.ok());
    database_ = std::move(*database);
    auto made = Connections::create(*database_, box(), clock_, platform::system_random());
    ASSERT_TRUE(made.ok());
    connections_ = std::move(*made);
  }

  platform::TemporaryDirectory folder_;
  platform::ManualClock clock_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Connections> connections_;
};

TEST_F(ConnectionsTest, come_back_after_a_restart_with_their_password) {
  const auto made =
      connections_->insert(principal(Role::kAdmin), "e1", spec("pg"), {"s3cret-word"});
  ASSERT_TRUE(made.ok()) << made.error().message();
  EXPECT_EQ(made->spec.port, 5432);
  open();
  const auto found = connections_->find(principal(Role::kViewer), made->id);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->spec.host, "db.example.org");
  EXPECT_TRUE(found->has_password);
  EXPECT_EQ(*connections_->password(*found), "s3cret-word");
}

TEST_F(ConnectionsTest, no_file_holds_the_password_and_only_the_owner_reads_the_key) {
  ASSERT_TRUE(
      connections_->insert(principal(Role::kAdmin), "e1", spec("pg"), {"s3cret-word"}).ok());
  connections_.reset();
  database_.reset();
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str().find("s3cret-word"), std::string::npos) << entry.path();
  }
  struct stat state{};
  ASSERT_EQ(::stat((folder_.path() + "/secrets.key").c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777, 0600u);
}

TEST_F(ConnectionsTest, who_may_see_and_change_them) {
  ConnectionSpec for_editors = spec("pg");
  for_editors.reader = Role::kEditor;
  EXPECT_EQ(connections_->insert(principal(Role::kEditor), "e1", for_editors, {}).error().code(),
            ErrorCode::kPermissionDenied);
  const auto made = connections_->insert(principal(Role::kAdmin), "e1", for_editors, {});
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(connections_->find(principal(Role::kEditor), made->id).ok());
  EXPECT_EQ(connections_->find(principal(Role::kViewer), made->id).error().code(),
            ErrorCode::kNotFound);
  EXPECT_TRUE(connections_->list(principal(Role::kViewer))->empty());
  EXPECT_TRUE(connections_->list(principal(Role::kOwner, "o2"))->empty());
  EXPECT_EQ(connections_->remove(principal(Role::kEditor), made->id).error().code(),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(connections_->remove(principal(Role::kOwner, "o2"), made->id).error().code(),
            ErrorCode::kNotFound);
  // A grant on its environment does, too, and one elsewhere does not.
  auth::Principal guest = principal(Role::kIngest);
  guest.grants.push_back({"g", "a1", Role::kEditor, "e2", {}});
  EXPECT_TRUE(connections_->list(guest)->empty());
  guest.grants.push_back({"h", "a1", Role::kEditor, "e1", {}});
  EXPECT_EQ(connections_->list(guest)->size(), 1u);
}

TEST_F(ConnectionsTest, a_password_stays_with_the_host_that_it_was_given_for) {
  const auto admin = principal(Role::kAdmin);
  const auto made = connections_->insert(admin, "e1", spec("pg"), {"s3cret-word"});
  ASSERT_TRUE(made.ok());
  ConnectionSpec elsewhere = made->spec;
  elsewhere.host = "evil.example.org";
  EXPECT_EQ(connections_->update(admin, made->id, elsewhere, {}).error().code(),
            ErrorCode::kInvalidArgument);
  const auto moved = connections_->update(admin, made->id, elsewhere, {"another"});
  ASSERT_TRUE(moved.ok()) << moved.error().message();
  EXPECT_EQ(*connections_->password(*moved), "another");
}

TEST_F(ConnectionsTest, names_are_unique_in_an_organization) {
  ASSERT_TRUE(connections_->insert(principal(Role::kAdmin), "e1", spec("pg"), {}).ok());
  EXPECT_EQ(connections_->insert(principal(Role::kAdmin), "e1", spec("pg"), {}).error().code(),
            ErrorCode::kAlreadyExists);
  EXPECT_TRUE(connections_->insert(principal(Role::kAdmin, "o2"), "e9", spec("pg"), {}).ok());
}

TEST_F(ConnectionsTest, what_cannot_be_a_connection_is_refused) {
  for (const char* name : {"", "Pg", "1a", "a b", "main", "x\n", "a.b"}) {
    EXPECT_FALSE(checked(spec(name)).ok()) << name;
  }
  ConnectionSpec made = spec("pg");
  made.host = "db.example.org' sslmode=disable";
  EXPECT_FALSE(checked(made).ok());
  made = spec("pg");
  made.database.clear();
  EXPECT_FALSE(checked(made).ok());
  made = spec("pg");
  made.statement_timeout_ms = 0;
  EXPECT_FALSE(checked(made).ok());
}

TEST_F(ConnectionsTest, tables_are_kept_as_they_were_found) {
  const auto made = connections_->insert(principal(Role::kAdmin), "e1", spec("pg"), {});
  ForeignTable table{"public", "t", 42, {{"id", "BIGINT", true}, {"x", "VARCHAR", false}}};
  ASSERT_TRUE(connections_->record_tables(made->id, {table}).ok());
  const auto tables = connections_->tables(*made);
  ASSERT_TRUE(tables.ok());
  ASSERT_EQ(tables->size(), 1u);
  EXPECT_EQ(tables->front().row_estimate, 42);
  EXPECT_EQ(tables->front().columns[0].type, "BIGINT");
  EXPECT_TRUE(tables->front().columns[0].required);
}

TEST(SecretBoxTest, opens_for_the_same_owner_and_key_only) {
  platform::TemporaryDirectory folder;
  auto& files = platform::local_file_system();
  auto& random = platform::system_random();
  const auto box = *SecretBox::create({}, folder.path() + "/key", files, random);
  std::string sealed = box.seal("word", "c1");
  EXPECT_EQ(*box.open(sealed, "c1"), "word");
  EXPECT_FALSE(box.open(sealed, "c2").ok());
  const auto other = *SecretBox::create(std::string(64, 'a'), "", files, random);
  EXPECT_FALSE(other.open(sealed, "c1").ok());
  for (size_t i = 0; i < sealed.size(); ++i) {
    sealed[i] = static_cast<char>(sealed[i] ^ 1);
    EXPECT_FALSE(box.open(sealed, "c1").ok()) << i;
    sealed[i] = static_cast<char>(sealed[i] ^ 1);
    EXPECT_FALSE(box.open(std::string_view(sealed).substr(0, i), "c1").ok()) << i;
  }
  EXPECT_FALSE(SecretBox::create("abc", "", files, random).ok());
}

TEST(BrowsedTest, malformed_text_is_an_error) {
  for (const char* text : {"", "[]", "{}", R"({"tables":[1]})", R"({"tables":[{"schema":"a"}]})",
                           R"({"tables":[{"schema":"a","name":"b","columns":[{}]}]})"}) {
    EXPECT_FALSE(parse_browsed(text).ok()) << text;
  }
}

}  // namespace
}  // namespace firn::federation
