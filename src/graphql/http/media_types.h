#pragma once

#include <optional>
#include <string_view>

#include "http/message.h"

namespace firn::graphql {

enum class AnswerType { kGraphqlResponse, kJson, kEventStream };

std::string_view content_type_of(AnswerType type);

// What the client likes best of what there is, by the q-values of its Accept headers. Equal ones:
// graphql-response+json, then json, then an event stream. Null: it accepts none of them (406).
std::optional<AnswerType> choose_answer_type(const http::Headers& headers);

// Whether the client takes this content coding (RFC 9110, 12.5.3); without a header: no.
bool accepts_encoding(const http::Headers& headers, std::string_view coding);

// The charset parameter of Content-Type is absent or UTF-8.
bool is_utf8(const http::Headers& headers);

}  // namespace firn::graphql
