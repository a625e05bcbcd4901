#include "fetch/web_files.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>

#include "fetch/public_address.h"

namespace gpen::fetch {
namespace {

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using Url = std::unique_ptr<CURLU, FreeUrl>;
using List = std::unique_ptr<curl_slist, FreeList>;

bool StartLibrary() { return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; }

std::string PartOf(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  std::string copy = text;
  curl_free(text);
  return copy;
}

// One transfer, as the library's callbacks see it.
struct Transfer {
  Reach reach = Reach::kRefused;
  std::stop_token stop = {};
  std::int64_t most_bytes = 0;
  std::vector<std::byte> received = {};
  std::span<const std::byte> to_send = {};
  bool is_too_large = false;
  bool is_inside = false;  ///< The name stood for an address that is refused.
  bool has_no_memory = false;
};

curl_socket_t OpenSocket(void* user, curlsocktype purpose, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKET_BAD;
  if (transfer.reach != Reach::kAnywhere && !IsPublicAddress(address->addr)) {
    transfer.is_inside = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t TakeIn(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  if (static_cast<std::int64_t>(transfer.received.size() + bytes) > transfer.most_bytes) {
    transfer.is_too_large = true;
    return 0;
  }
  const auto* first = reinterpret_cast<const std::byte*>(data);
  try {
    transfer.received.insert(transfer.received.end(), first, first + bytes);
  } catch (const std::exception&) {  // Nothing may be thrown through the library.
    transfer.has_no_memory = true;
    return 0;
  }
  return bytes;
}

std::size_t GiveOut(char* buffer, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = std::min(size * count, transfer.to_send.size());
  if (bytes > 0) std::memcpy(buffer, transfer.to_send.data(), bytes);
  transfer.to_send = transfer.to_send.subspan(bytes);
  return bytes;
}

int AskWhetherToStop(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->stop.stop_requested() ? 1 : 0;
}

// What the library reads must be what was judged: the handle itself is handed on.
Result<Url> ReadUrl(const std::string& text, const AllowedHosts& hosts, Reach* reach) {
  const auto refuse = [&](std::string_view why) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{}: {}", ShownAddress(text).substr(0, 300), why));
  };
  Url url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return refuse("expected an address https://host/path");
  }
  if (!PartOf(url.get(), CURLUPART_USER).empty() ||
      !PartOf(url.get(), CURLUPART_PASSWORD).empty()) {
    return refuse("an address with a name and password is refused");
  }
  Destination to{.scheme = PartOf(url.get(), CURLUPART_SCHEME),
                 .host = PartOf(url.get(), CURLUPART_HOST)};
  if (std::ranges::any_of(to.host, [](unsigned char c) { return c >= 0x80; })) {
    return refuse("expected the host's name in ASCII: what is not is written xn--...");
  }
  std::ranges::transform(to.host, to.host.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (to.host.ends_with('.')) to.host.pop_back();
  for (const char digit : PartOf(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT)) {
    to.port = to.port * 10 + (digit - '0');
  }
  *reach = hosts.For(to);
  if (*reach != Reach::kRefused) return url;
  return refuse(
      fmt::format("{}://{}:{} is none of the hosts that this worker may reach "
                  "(worker.hosts)",
                  to.scheme, to.host, to.port));
}

void SetCommon(CURL* easy, CURLU* url, const WebFilesOptions& options, Transfer* transfer) {
  curl_easy_setopt(easy, CURLOPT_CURLU, url);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // Also none of the environment's.
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1024L);
  curl_easy_setopt(
      easy, CURLOPT_LOW_SPEED_TIME,
      static_cast<long>(std::max<std::int64_t>(options.silence_timeout.count() / 1000, 1)));
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, OpenSocket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, AskWhetherToStop);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, TakeIn);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "gpen");
  if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
}

Error ErrorOfStatus(long status, const std::string& shown) {
  if (status == 413) {
    return Error(ErrorCode::kImageTooLarge, fmt::format("{}: the host takes less", shown));
  }
  const bool may_pass = status >= 500 || status == 408 || status == 425 || status == 429;
  const char* hint = status >= 300 && status < 400 ? "; redirects are not followed" : "";
  return Error(may_pass ? ErrorCode::kUnavailable : ErrorCode::kNotFound,
               fmt::format("{}: the host answered {}{}", shown, status, hint));
}

Result<void> Perform(CURL* easy, const Transfer& transfer, const std::string& shown) {
  const CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK && transfer.is_inside) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{}: it stands for an address inside a network, which is refused "
                             "unless the host itself is in worker.hosts",
                             shown));
  }
  if (transfer.is_too_large || code == CURLE_FILESIZE_EXCEEDED) {
    return Error(ErrorCode::kImageTooLarge,
                 fmt::format("{}: more than {} bytes", shown, transfer.most_bytes));
  }
  if (transfer.has_no_memory || code == CURLE_OUT_OF_MEMORY) {
    return Error(ErrorCode::kOutOfMemory, fmt::format("not enough memory for {}", shown));
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) return Error(ErrorCode::kCancelled, "stopped");
  if (code != CURLE_OK) {
    return Error(ErrorCode::kUnavailable, fmt::format("{}: {}", shown, curl_easy_strerror(code)));
  }
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) return {};
  return ErrorOfStatus(status, shown);
}

Result<Easy> NewTransfer() {
  static const bool started = StartLibrary();
  Easy easy(started ? curl_easy_init() : nullptr);
  if (!easy) return Error(ErrorCode::kUnavailable, "libcurl does not start");
  return easy;
}

}  // namespace

bool IsWebAddress(std::string_view text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

std::string ShownAddress(std::string_view url) {
  return std::string(url.substr(0, url.find_first_of("?#")));
}

WebFiles::WebFiles(WebFilesOptions options) : options_(std::move(options)) {}

Result<void> WebFiles::Check(const std::string& url) const {
  Reach reach = Reach::kRefused;
  GPEN_TRY(ReadUrl(url, options_.hosts, &reach));
  return {};
}

Result<std::vector<std::byte>> WebFiles::Get(const std::string& url, std::int64_t most_bytes,
                                             const std::stop_token& stop) const {
  Transfer transfer{.stop = stop, .most_bytes = most_bytes};
  GPEN_ASSIGN_OR_RETURN(const auto read, ReadUrl(url, options_.hosts, &transfer.reach));
  GPEN_ASSIGN_OR_RETURN(const auto easy, NewTransfer());
  SetCommon(easy.get(), read.get(), options_, &transfer);
  curl_easy_setopt(easy.get(), CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(most_bytes));
  GPEN_TRY(Perform(easy.get(), transfer, ShownAddress(url)));
  return std::move(transfer.received);
}

Result<void> WebFiles::Put(const std::string& url, std::span<const std::byte> bytes,
                           const std::stop_token& stop) const {
  // Of what the host says about it nobody reads more.
  Transfer transfer{.stop = stop, .most_bytes = 1 << 20, .to_send = bytes};
  GPEN_ASSIGN_OR_RETURN(const auto read, ReadUrl(url, options_.hosts, &transfer.reach));
  GPEN_ASSIGN_OR_RETURN(const auto easy, NewTransfer());
  SetCommon(easy.get(), read.get(), options_, &transfer);
  // Presigned addresses may fix the headers, so none is sent that is not needed.
  const List headers(curl_slist_append(curl_slist_append(nullptr, "Expect:"), "Content-Type:"));
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(bytes.size()));
  curl_easy_setopt(easy.get(), CURLOPT_READFUNCTION, GiveOut);
  curl_easy_setopt(easy.get(), CURLOPT_READDATA, &transfer);
  return Perform(easy.get(), transfer, ShownAddress(url));
}

}  // namespace gpen::fetch
