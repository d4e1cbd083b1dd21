#pragma once

#include <memory>

#include "base/result.h"

namespace firn::graphql {

class Call;
struct FieldDefinition;

// Whatever the resolvers of one operation share: who asks, loaders. Opaque to this folder.
class RequestContext {
 public:
  virtual ~RequestContext() = default;
  // A context for one event of a subscription, whose loaders remember nothing, and who asks as they
  // are now. Null: this one serves all events. An error ends the subscription, and is told. On a
  // thread of the dispatcher; may block.
  virtual Result<std::shared_ptr<RequestContext>> for_event() {
    return std::shared_ptr<RequestContext>();
  }
};

// Decides whether a field may be resolved; asked once per operation for each field definition that
// carries one of ServiceOptions::guarding_directives. An error takes the place of the field's
// value. Called on the operation's thread, possibly for several operations at once.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  virtual Status allow(const Call& call, const FieldDefinition& field) = 0;
};

}  // namespace firn::graphql
