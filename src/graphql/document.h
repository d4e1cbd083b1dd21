#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graphql/arena.h"
#include "graphql/graphql_error.h"
#include "graphql/node.h"

namespace firn::graphql {

struct ParseOptions {
  size_t tokens_max = 100'000;
  // Nested selection sets, values and types together; what recurses over the tree relies on it.
  uint32_t nesting_max = 400;
  // graphql-js 17 reads `{ }` as a selection of nothing unless told not to; the specification's
  // grammar does not have it.
  bool empty_selections = false;
};

// A text and its syntax tree. Immutable, so any number of threads may read it.
class Document {
 public:
  const Node& root() const { return *root_; }
  NodeList definitions() const { return root_->items; }
  std::string_view text() const { return text_; }
  size_t token_count() const { return token_count_; }
  // Memory held, about.
  size_t bytes() const { return text_.size() + arena_.bytes() + sizeof *this; }
  // Where a node begins.
  Location location_of(const Node& node) const;

 private:
  friend class Parser;
  Document() = default;
  std::string text_;
  Arena arena_;
  Node* root_ = nullptr;
  size_t token_count_ = 0;
};

// What parsing gave: a document, or the one error that ended it.
struct ParseOutcome {
  std::shared_ptr<const Document> document;  // null: see `error`
  GraphqlError error;
  bool over_limit = false;  // too many tokens or too deep, as opposed to wrong
};

// Section 2 and 3 of the specification: an executable document, type system definitions and
// extensions, or both.
ParseOutcome parse(std::string text, const ParseOptions& options = {});

}  // namespace firn::graphql
