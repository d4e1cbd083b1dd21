#pragma once

#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace firn::outbound {

// What every libcurl transfer of Firn has in common.
struct FreeCurl {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  void operator()(char* text) const { curl_free(text); }
};
using Handle = std::unique_ptr<CURL, FreeCurl>;
using List = std::unique_ptr<curl_slist, FreeCurl>;

void add(List& list, const std::string& text);

struct Patience {
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds whole{20'000};
};

// No proxy, no signals, and the times of `patience`. `cancelled` is asked about once a second and
// at every byte, as the thread's Interruption is, and outlives the handle. Internal where there is
// no memory.
Result<Handle> make_handle(const Patience& patience, const std::function<bool()>& cancelled);

// What came of a transfer of `what`: Cancelled, PermissionDenied where the peer is not who it ought
// to be, Unavailable for anything else. Never says what was sent, nor where to.
Status outcome_of(CURLcode code, std::string_view what);

}  // namespace firn::outbound
