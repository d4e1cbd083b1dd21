#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/context.h"
#include "graphql/http/graphql_http.h"
#include "graphql/scheduler.h"
#include "http/thread_pool.h"

namespace firn::app {

// Who makes a GraphQL request, and the cookies of the answer.
class GraphqlAdmission final : public graphql::Admission {
 public:
  // `public_url`: the address that browsers use, where a proxy stands before; else empty.
  GraphqlAdmission(api::Services& services, std::string public_url);

  Result<std::shared_ptr<graphql::RequestContext>> admit(
      const http::Request& request, const std::optional<std::string>& authorization) override;
  bool origin_allowed(const http::Request& request) override;
  void decorate(graphql::RequestContext& context, http::Response& response) override;
  // Null where nobody says who they are.
  Result<api::PrincipalPtr> principal_of(const http::Request& request,
                                         const std::optional<std::string>& authorization);

 private:
  api::Services& services_;
  const std::string public_origin_;  // "https://firn.example.org"; empty: the request's own host
  const bool secure_;
};

// Threads for resolvers that block.
class ResolverPool final : public graphql::TaskRunner {
 public:
  ResolverPool(int threads, size_t queue_max) : pool_(threads, queue_max) {}
  bool post(std::function<void()> task) override { return pool_.try_submit(std::move(task)); }

 private:
  http::ThreadPool pool_;
};

}  // namespace firn::app
