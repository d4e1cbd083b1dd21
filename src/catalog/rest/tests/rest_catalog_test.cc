#include "catalog/rest/rest_catalog.h"

#include <gtest/gtest.h>

#include "platform/random.h"
#include "platform/testing.h"
#include "store/database.h"

namespace firn::catalog::rest {
namespace {

class RestCatalogTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = MUST(store::Database::open(directory_.path() + "/firn.db"));
    authenticator_ =
        MUST(auth::Authenticator::create(*database_, clock_, platform::system_random()));
    catalog_ =
        MUST(Catalog::create({directory_.path() + "/warehouse"}, *database_,
                             platform::local_file_system(), clock_, platform::system_random()));
    MUST(catalog_->ensure_catalog("lake"));
    MUST(catalog_->create_namespace("lake", {"main"}, {}));
    organization_ =
        MUST(authenticator_->directory().ensure_organization("acme", "production", "lake"));
    rest_ = std::make_unique<RestCatalog>(*catalog_, *authenticator_);
  }

  static http::Request request(std::string method, std::vector<std::string> segments) {
    http::Request made;
    made.method = std::move(method);
    made.segments = std::move(segments);
    for (const std::string& segment : made.segments) made.path += "/" + segment;
    return made;
  }

  http::Response as(auth::Role role, const http::Request& made, std::string_view body = {}) {
    auth::Principal principal;
    principal.organization = organization_;
    principal.role = role;
    return rest_->handle(made, body, principal);
  }

  platform::TemporaryDirectory directory_;
  std::string organization_;
  platform::ManualClock clock_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<RestCatalog> rest_;
};

TEST_F(RestCatalogTest, RolesReadAndChangeAsThePolicySays) {
  const auto list = request("GET", {"iceberg", "v1", "lake", "namespaces"});
  const auto create = request("POST", {"iceberg", "v1", "lake", "namespaces"});
  const auto drop = request("DELETE", {"iceberg", "v1", "lake", "namespaces", "viewer"});
  EXPECT_EQ(as(auth::Role::kViewer, list).status, 200);
  EXPECT_EQ(as(auth::Role::kIngest, list).status, 403);
  const auto refused = as(auth::Role::kViewer, create, R"({"namespace":["viewer"]})");
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("ForbiddenException"), std::string::npos);
  EXPECT_EQ(as(auth::Role::kEditor, create, R"({"namespace":["viewer"]})").status, 200);
  EXPECT_EQ(as(auth::Role::kViewer, drop).status, 403);
  EXPECT_EQ(as(auth::Role::kEditor, drop).status, 204);
}

TEST_F(RestCatalogTest, WithoutAKeyEveryRouteButTheTokenIsClosed) {
  const auto answer = rest_->handle(request("GET", {"iceberg", "v1", "config"}), "");
  EXPECT_EQ(answer.status, 401);
  EXPECT_NE(answer.body.find("NotAuthorizedException"), std::string::npos);
  const auto token = rest_->handle(request("POST", {"iceberg", "v1", "oauth", "tokens"}),
                                   "grant_type=client_credentials&client_secret=no");
  EXPECT_EQ(token.status, 401);
}

// Whatever is sent, the client gets an answer that says it is the client's fault.
TEST_F(RestCatalogTest, NonsenseNeverFailsTheServer) {
  const std::vector<std::vector<std::string>> tails = {
      {},
      {"config"},
      {"lake"},
      {"no", "namespaces"},
      {"lake", "namespaces"},
      {"lake", "namespaces", ""},
      {"lake", "namespaces", "\x1f\x1f"},
      {"lake", "namespaces", "main", "tables"},
      {"lake", "namespaces", "main", "tables", "t"},
      {"lake", "namespaces", "main", "tables", "", ""},
      {"lake", "namespaces", "main", "properties"},
      {"lake", "namespaces", "main", "register"},
      {"lake", "namespaces", "main", "views", "v"},
      {"lake", "tables", "rename"},
      {"lake", "transactions", "commit"},
      {"oauth", "tokens"}};
  for (const auto& tail : tails) {
    for (const char* method : {"GET", "POST", "DELETE", "PUT", "PATCH", "HEAD"}) {
      for (const char* body :
           {"", "[]", "{", "7", R"({"name":1})", R"({"namespace":[1]})",
            R"({"name":"t","schema":{"type":"struct","fields":[{"id":1}]}})",
            R"({"requirements":[{"type":"assert-create"}],"updates":[{"action":"set-location"}]})",
            R"({"requirements":[],"updates":[{"action":"remove-snapshots","snapshot-ids":{}}]})"}) {
        std::vector<std::string> segments = {"iceberg", "v1"};
        segments.insert(segments.end(), tail.begin(), tail.end());
        const auto answer = as(auth::Role::kOwner, request(method, segments), body);
        // 406: views are not stored.
        EXPECT_TRUE(answer.status < 500) << method << " " << segments.back() << " " << body;
      }
    }
  }
}

}  // namespace
}  // namespace firn::catalog::rest
