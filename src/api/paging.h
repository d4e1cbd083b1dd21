#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "api/schema/types.h"
#include "base/result.h"

// Relay's cursor connections over lists that are in memory.
namespace firn::api {

// Where a page lies in a list of `size`, whose cursors are the elements' keys.
struct PageBounds {
  size_t first = 0;
  size_t end = 0;
};

// `key(i)` is the cursor of element i. InvalidArgument for a cursor that is none of them, or a
// negative `first`.
template <typename Key>
Result<PageBounds> page_bounds(size_t size, int32_t first, const std::optional<std::string>& after,
                               Key&& key) {
  if (first < 0) return Error(ErrorCode::kInvalidArgument, "'first' is not negative");
  PageBounds page;
  if (after) {
    while (page.first < size && key(page.first) != *after) ++page.first;
    if (page.first == size) {
      return Error(ErrorCode::kInvalidArgument, "'after' is no cursor of this list");
    }
    ++page.first;
  }
  page.end = std::min(size, page.first + static_cast<size_t>(first));
  return page;
}

template <typename Edge>
schema::PageInfo page_info(const std::vector<Edge>& edges, const PageBounds& page, size_t size) {
  std::optional<std::string> start;
  std::optional<std::string> end;
  if (!edges.empty()) {
    start = edges.front().cursor.get();
    end = edges.back().cursor.get();
  }
  return {.has_next_page = page.end < size,
          .has_previous_page = page.first > 0,
          .start_cursor = std::move(start),
          .end_cursor = std::move(end)};
}

// A connection with a totalCount. `node(element)` gives a Result.
template <typename Connection, typename Edge, typename Element, typename Key, typename Node>
Result<Connection> paged(const std::vector<Element>& all, int32_t first,
                         const std::optional<std::string>& after, Key&& key, Node&& node) {
  const auto cursor = [&](size_t i) { return key(all[i]); };
  const PageBounds page = TRY(page_bounds(all.size(), first, after, cursor));
  std::vector<Edge> edges;
  for (size_t i = page.first; i < page.end; ++i) {
    edges.push_back(Edge{.cursor = key(all[i]), .node = TRY(node(all[i]))});
  }
  auto info = page_info(edges, page, all.size());
  return Connection{.edges = std::move(edges),
                    .page_info = std::move(info),
                    .total_count = static_cast<int32_t>(all.size())};
}

}  // namespace firn::api
