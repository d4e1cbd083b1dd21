#include "outbound/transfer.h"

#include <fmt/format.h>

#include <mutex>

#include "base/interruption.h"

namespace firn::outbound {
namespace {

int ask_cancelled(void* asked, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<const std::function<bool()>*>(asked))() || Interruption::now() ? 1 : 0;
}

}  // namespace

void add(List& list, const std::string& text) {
  curl_slist* grown = curl_slist_append(list.get(), text.c_str());
  CHECK(grown != nullptr);
  (void)list.release();
  list.reset(grown);
}

Result<Handle> make_handle(const Patience& patience, const std::function<bool()>& cancelled) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  Handle handle(curl_easy_init());
  if (!handle) return Error(ErrorCode::kInternal, "cannot send", "curl_easy_init failed");
  CURL* curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(patience.connect.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(patience.whole.count()));
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, ask_cancelled);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, const_cast<std::function<bool()>*>(&cancelled));
  return handle;
}

Status outcome_of(CURLcode code, std::string_view what) {
  switch (code) {
    case CURLE_OK: return {};
    case CURLE_ABORTED_BY_CALLBACK: return Error(ErrorCode::kCancelled, "told to end");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_LOGIN_DENIED:
    case CURLE_USE_SSL_FAILED:
      return Error(ErrorCode::kPermissionDenied,
                   fmt::format("{}: {}", what, curl_easy_strerror(code)));
    default:
      return Error(ErrorCode::kUnavailable, fmt::format("{}: {}", what, curl_easy_strerror(code)));
  }
}

}  // namespace firn::outbound
