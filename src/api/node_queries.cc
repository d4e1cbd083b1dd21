#include <charconv>
#include <map>

#include "api/agents.h"
#include "api/connection_object.h"
#include "api/context.h"
#include "api/convert.h"
#include "api/dashboards.h"
#include "api/organization.h"
#include "api/proposals.h"
#include "api/roots.h"
#include "api/runs_object.h"
#include "api/staging.h"
#include "api/tables.h"
#include "api/tasks.h"

namespace firn::api {
namespace {

using auth::Principal;
using Found = Result<std::optional<schema::Node>>;
using Finder = Found (*)(Services&, const Principal&, const std::string& id);

template <typename T>
Found value(T object) {
  return std::optional(schema::Node(std::make_shared<const T>(std::move(object))));
}

template <typename T>
Found object(std::shared_ptr<const T> made) {
  return std::optional(schema::Node(std::move(made)));
}

Found find_namespace(Services& services, const Principal& who, const std::string& id) {
  const std::string place = TRY(local_id("namespace", id));
  const size_t slash = place.rfind('/');
  if (slash == std::string::npos) return Error(ErrorCode::kNotFound, "there is no such namespace");
  const auto entry = TRY(services.auth.directory().catalog_by_id(who, place.substr(0, slash)));
  TRY(auth::authorize(who, auth::Role::kViewer, entry.object()));
  const auto levels = catalog::parse_namespace(place.substr(slash + 1));
  TRY(services.catalog.namespace_properties(entry.id, levels));
  return object(make_namespace(services, who, entry, levels));
}

Found find_policy(Services& services, const Principal& who, const std::string& id) {
  const auto policy = TRY(services.auth.policies().find(who, TRY(local_id("policy", id))));
  if (const auto connection = TRY(services.federation.connection_of(who, policy.table))) {
    TRY(auth::authorize(who, auth::Role::kAdmin, connection->object()));
    return value(to_schema(policy, {}));
  }
  const auto table = TRY(find_table_for(services, who, global_id("table", policy.table.to_string()),
                                        auth::Role::kAdmin));
  return value(to_schema(policy, table.table->metadata->schema()));
}

Found find_audit_entry(Services& services, const Principal& who, const std::string& id) {
  const std::string number = TRY(local_id("audit", id));
  int64_t entry_id = 0;
  std::from_chars(number.data(), number.data() + number.size(), entry_id);
  auth::AuditLog::Filter filter;
  filter.before = entry_id + 1;
  const auto entries = TRY(services.auth.audit().list(who, filter, 1));
  if (entries.empty() || entries[0].id != entry_id) {
    return Error(ErrorCode::kNotFound, "there is no such audit entry");
  }
  return value(to_schema(entries[0]));
}

template <typename Item>
Result<Item> one_of(Result<std::vector<Item>> all, const std::string& id, const char* what) {
  for (auto& item : TRY(std::move(all))) {
    if (item.id == id) return std::move(item);
  }
  return Error(ErrorCode::kNotFound, std::string("there is no such ") + what);
}

Found find_key(Services& services, const Principal& who, const std::string& id) {
  const std::string key_id = TRY(local_id("key", id));
  for (const auto& account : TRY(services.auth.accounts().list(who))) {
    for (const auto& key : account.keys) {
      if (key.id == key_id) return value(to_schema(key));
    }
  }
  return Error(ErrorCode::kNotFound, "there is no such key");
}

const std::map<std::string_view, Finder>& finders() {
  static const std::map<std::string_view, Finder> all = {
      {"agent",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         return object(
             make_agent(services, TRY(services.agents->find(who, TRY(local_id("agent", id))))));
       }},
      {"change",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         return value(
             TRY(to_schema(TRY(services.staging->find(who, TRY(local_id("change", id)))))));
       }},
      {"proposal",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         return value(
             TRY(to_schema(TRY(services.proposals->find(who, TRY(local_id("proposal", id)))))));
       }},
      {"organization",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         if (TRY(local_id("organization", id)) != who.organization) {
           return Error(ErrorCode::kNotFound, "there is no such organization");
         }
         return object(make_organization(
             services, TRY(services.auth.directory().organization(who.organization))));
       }},
      {"environment",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         return value(to_schema(TRY(one_of(services.auth.directory().environments(who.organization),
                                           TRY(local_id("environment", id)), "environment"))));
       }},
      {"person",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         return value(
             to_schema(TRY(services.auth.directory().person(who, TRY(local_id("person", id))))));
       }},
      {"invitation",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         return value(to_schema(TRY(one_of(services.auth.directory().invitations(who),
                                           TRY(local_id("invitation", id)), "invitation"))));
       }},
      {"account",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         return value(
             to_schema(TRY(services.auth.accounts().find(who, TRY(local_id("account", id))))));
       }},
      {"key", find_key},
      {"grant",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         return value(TRY(named_grant(services, who,
                                      TRY(one_of(services.auth.directory().grants(who),
                                                 TRY(local_id("grant", id)), "grant")))));
       }},
      {"catalog",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         const auto entry =
             TRY(services.auth.directory().catalog_by_id(who, TRY(local_id("catalog", id))));
         TRY(auth::authorize(who, auth::Role::kViewer, entry.object()));
         return object(make_catalog(services, who, entry));
       }},
      {"namespace", find_namespace},
      {"table",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         return object(make_table(services, TRY(find_table(services, who, id))));
       }},
      {"policy", find_policy},
      {"query",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         TRY(auth::authorize_anywhere(who, auth::Role::kViewer));
         return object(make_run(services, TRY(visible_run(services, who, id))));
       }},
      {"evidence",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         return value(to_schema(TRY(visible_evidence(services, who, id))));
       }},
      {"savedQuery",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         return value(
             to_schema(TRY(services.workspace.saved_query(who, TRY(local_id("savedQuery", id))))));
       }},
      {"chart",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         return value(to_schema(TRY(services.workspace.chart(who, TRY(local_id("chart", id))))));
       }},
      {"dashboard",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         return object(make_dashboard(
             services, TRY(services.workspace.dashboard(who, TRY(local_id("dashboard", id))))));
       }},
      {"insight",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         return value(
             to_schema(TRY(services.workspace.insight(who, TRY(local_id("insight", id))))));
       }},
      {"connection",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         return object(make_connection(
             services, TRY(services.federation.connection(who, TRY(local_id("connection", id))))));
       }},
      {"task",
       [](Services& services, const Principal& who, const std::string& id) -> Found {
         TRY(auth::authorize_anywhere(who, auth::Role::kViewer));
         return value(to_schema(TRY(services.tasks.find(who, TRY(local_id("task", id))))));
       }},
      {"audit", find_audit_entry},
  };
  return all;
}

// What is not there and what may not be seen look the same.
Found find_node(Services& services, const Principal& who, const std::string& id) {
  const auto finder = finders().find(kind_of(id));
  if (finder == finders().end()) return std::optional<schema::Node>();
  auto found = finder->second(services, who, id);
  if (!found.ok() && (found.error().code() == ErrorCode::kNotFound ||
                      found.error().code() == ErrorCode::kPermissionDenied)) {
    return std::optional<schema::Node>();
  }
  return found;
}

}  // namespace

Field<std::optional<schema::Node>> QueryRoot::node(Call& call,
                                                   const schema::QueryNodeArgs& args) const {
  return asking(call, [&services = services_, args](const Principal& who) -> Found {
    return find_node(services, who, args.id);
  });
}

Field<std::vector<std::optional<schema::Node>>> QueryRoot::nodes(
    Call& call, const schema::QueryNodesArgs& args) const {
  using Nodes = std::vector<std::optional<schema::Node>>;
  return asking(call, [&services = services_, args](const Principal& who) -> Result<Nodes> {
    constexpr size_t kIdsMax = 500;
    if (args.ids.size() > kIdsMax) {
      return Error(ErrorCode::kInvalidArgument, "at most 500 ids are asked for at once");
    }
    Nodes nodes;
    for (const auto& id : args.ids) nodes.push_back(TRY(find_node(services, who, id)));
    return nodes;
  });
}

}  // namespace firn::api
