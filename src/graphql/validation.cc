#include "graphql/validation.h"

namespace firn::graphql {

std::vector<GraphqlError> validate(const Schema&, const Document&, const ValidationOptions&) {
  return {};
}

}  // namespace firn::graphql
