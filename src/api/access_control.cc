#include "api/access_control.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "api/json.h"
#include "base/constant_time.h"
#include "base/random_id.h"
#include "http/field_value.h"
#include "http/media_type.h"
#include "http/target.h"

namespace gpen::api {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMaxFailures = 10;  // Of one address within a minute.
constexpr std::chrono::minutes kFailureWindow{1};
constexpr std::chrono::hours kSessionTime{30 * 24};
constexpr std::size_t kMaxSessions = 1000;
constexpr std::string_view kCookie = "gpen_session";
constexpr std::string_view kSessionPath = "/api/v1/session";

// The name of a Host header in lower case: names of hosts are not case-sensitive.
std::string HostName(std::string_view host) {
  const auto end = host.starts_with('[') ? host.find(']') : host.find(':');
  auto name = host.substr(0, end == std::string_view::npos ? end
                             : host.starts_with('[')       ? end + 1
                                                           : end);
  if (name.ends_with('.')) name.remove_suffix(1);  // A name up to its root.
  return http::LowerCase(name);
}

bool IsAddress(std::string_view host) {
  return host.starts_with('[') || (!host.empty() && std::ranges::all_of(host, [](char c) {
           return std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.';
         }));
}

bool IsPublicPath(const http::Request& request) {
  const auto& path = request.target.path;
  return path == "/healthz" || path == "/readyz" || path == "/login" || path == kSessionPath ||
         path == "/favicon.svg" || path == "/manifest.webmanifest" || path == "/sw.js" ||
         path.starts_with("/icons/") || path.starts_with("/assets/") ||
         // Machines that work for us: each address has a secret of its own.
         path.starts_with("/api/v1/handouts/");
}

// What a browser says about where a request comes from; other programs say nothing.
bool ComesFromOtherSite(const http::Request& request) {
  const auto site = request.Header("sec-fetch-site");
  if (site == "cross-site" || site == "same-site") return true;
  const auto origin = request.Header("origin");
  if (origin.empty()) return false;
  const auto scheme = origin.find("://");
  return scheme == std::string_view::npos ||
         !http::EqualIgnoringCase(origin.substr(scheme + 3), request.Header("host"));
}

// Work that is worth starting for somebody of the house alone.
bool IsExpensive(const http::Request& request) {
  return request.route.ends_with("/zip") || request.route.find("/view/") != std::string::npos ||
         request.route.ends_with("/blend");
}

// What a page of another site may let the browser fetch of ours: nothing, but that somebody follows
// a link to us.
bool IsForeignFetch(const http::Request& request) {
  const auto site = request.Header("sec-fetch-site");
  if (site != "cross-site" && site != "same-site") return false;
  const bool follows_link = request.Header("sec-fetch-mode") == "navigate" &&
                            request.Header("sec-fetch-dest") == "document";
  return !follows_link || IsExpensive(request);
}

bool ShowsSameOrigin(const http::Request& request) {
  return request.Header("sec-fetch-site") == "same-origin" || !request.Header("origin").empty() ||
         !request.Header("x-requested-with").empty();
}

bool WantsPage(const http::Request& request) {
  if (request.method != http::Method::kGet) return false;
  std::string_view accepted = request.Header("accept");
  while (!accepted.empty()) {
    const auto type = http::MediaType::Parse(http::TakeListElement(&accepted));
    if (type && type->Is("text/html")) return true;
  }
  return false;
}

// The token that the request brings in one of two headers; empty where it brings none.
std::string_view TokenOf(const http::Request& request) {
  const auto key = request.Header("x-api-key");
  if (!key.empty()) return key;
  constexpr std::string_view kScheme = "Bearer ";
  const auto authorization = request.Header("authorization");
  if (!http::EqualIgnoringCase(authorization.substr(0, kScheme.size()), kScheme)) return {};
  return authorization.substr(kScheme.size());
}

}  // namespace

std::int64_t AdderOf(const http::Request& request) { return std::max(request.user, kOwner); }

bool IsOwnHost(std::string_view host, const std::vector<std::string>& allowed) {
  const auto name = HostName(host);
  if (IsAddress(name) || name.find('.') == std::string::npos) return true;
  for (const auto* suffix : {".local", ".lan", ".home", ".home.arpa", ".internal", ".localdomain",
                             ".fritz.box", ".localhost"}) {
    if (name.ends_with(suffix)) return true;
  }
  return std::ranges::any_of(
      allowed, [&](const auto& other) { return http::EqualIgnoringCase(name, other); });
}

AccessControl::AccessControl(std::string token, std::vector<std::string> allowed_hosts,
                             OnRefused on_refused, people::People* people)
    : token_(std::move(token)),
      allowed_hosts_(std::move(allowed_hosts)),
      on_refused_(std::move(on_refused)),
      people_(people) {}

std::optional<http::Response> AccessControl::Check(http::Request* checked) {
  http::Request& request = *checked;
  // What another program has changed counts at once; a file that cannot be read now changes
  // nothing.
  if (people_ != nullptr) (void)people_->Refresh();
  if (!IsOwnHost(request.Header("host"), allowed_hosts_)) {
    return http::ErrorResponse(421, "unknown_host",
                               "this service does not know itself by that host name: add it to "
                               "server.allowed_hosts");
  }
  if (request.is_read() ? IsForeignFetch(request) : ComesFromOtherSite(request)) {
    return http::ErrorResponse(403, "other_site", "requests from other web sites are refused");
  }
  if (!needs_token()) {
    request.user = kOwner;
    return std::nullopt;
  }
  if (const auto user = UserOfSession(request)) {
    request.user = *user;
    if (request.is_read() || ShowsSameOrigin(request) || IsPublicPath(request)) return std::nullopt;
    return http::ErrorResponse(403, "other_site",
                               "with a login cookie, changes need the header X-Requested-With");
  }
  const auto given = TokenOf(request);
  // Whoever shows a token to be told whose it is must not find one by trying.
  const bool asks_who = request.target.path == kSessionPath && !given.empty();
  if (IsPublicPath(request) && !asks_who) return std::nullopt;
  if (IsBlocked(request.remote_address)) return TooManyFailures(request);
  if (!given.empty()) {
    if (const auto user = UserWithToken(given)) {
      request.user = *user;
      return std::nullopt;
    }
    NoteFailure(request.remote_address);
  }
  if (WantsPage(request)) {
    http::Response redirect;
    redirect.status = 303;
    redirect.body = std::string();
    redirect.Set("Location", "/login");
    return redirect;
  }
  auto response = http::ErrorResponse(
      401, "unauthorized",
      "expected the token as \"Authorization: Bearer TOKEN\" or \"X-API-Key: TOKEN\"");
  response.Set("WWW-Authenticate", "Bearer");
  return response;
}

http::Response AccessControl::Login(const http::Request& request, std::string_view form) {
  if (IsBlocked(request.remote_address)) return TooManyFailures(request);
  const auto fields = http::ParseForm(form);
  std::string given;
  if (fields) {
    for (const auto& [name, value] : *fields) {
      if (name == "token") given = value;
    }
  }
  const auto user = UserWithToken(given);
  if (!user) {
    NoteFailure(request.remote_address);
    return http::ErrorResponse(401, "unauthorized", "this is not the token");
  }
  http::Response response;
  response.status = 303;
  response.body = std::string();
  response.Set("Location", "/");
  OpenSession(*user, request, &response);
  return response;
}

void AccessControl::OpenSession(std::int64_t user, const http::Request& request,
                                http::Response* response) {
  const auto session = RandomId();
  const auto credential = CredentialOf(user);
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    std::erase_if(sessions_, [now](const auto& entry) { return entry.second.until < now; });
    if (sessions_.size() >= kMaxSessions) sessions_.erase(sessions_.begin());
    sessions_[session] = {user, credential, now + kSessionTime};
  }
  response->Set("Set-Cookie", std::string(kCookie) + "=" + session +
                                  "; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000" +
                                  (request.is_secure ? "; Secure" : ""));
}

std::optional<std::int64_t> AccessControl::UserWithToken(std::string_view token) const {
  if (has_owner_token() && EqualInConstantTime(token, token_)) return kOwner;
  if (people_ == nullptr) return std::nullopt;
  const auto person = people_->FindByToken(token);
  if (!person) return std::nullopt;
  people_->NoteSeen(person->id);
  return person->id;
}

Viewer AccessControl::ViewerOf(const http::Request& request) const {
  if (request.user == kOwner) return {kOwner, "", true, true};
  const auto person = people_ == nullptr ? std::nullopt : people_->Find(request.user);
  if (!person) return {};
  return {person->id, person->name, person->is_manager(), person->sees == people::Sees::kAll};
}

std::string AccessControl::CredentialOf(std::int64_t user) const {
  if (user == kOwner) return has_owner_token() ? "owner" : "";
  const auto person = people_ == nullptr ? std::nullopt : people_->Find(user);
  return person ? person->token_sha256 : "";
}

std::string AccessControl::StandingOf(std::int64_t user) const {
  if (user == kOwner) return has_owner_token() || !has_people() ? "owner" : "";
  const auto person = people_ == nullptr ? std::nullopt : people_->Find(user);
  return person ? person->standing() : "";
}

http::Response AccessControl::Logout(const http::Request& request) {
  const std::lock_guard lock(mutex_);
  if (const auto cookie = request.Cookie(kCookie)) sessions_.erase(std::string(*cookie));
  http::Response response = SuccessResponse();
  response.Set("Set-Cookie", std::string(kCookie) +
                                 "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0" +
                                 (request.is_secure ? "; Secure" : ""));
  return response;
}

std::optional<std::int64_t> AccessControl::UserOfSession(const http::Request& request) {
  const auto cookie = request.Cookie(kCookie);
  if (!cookie) return std::nullopt;
  Session session;
  {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(std::string(*cookie));
    if (found == sessions_.end() || found->second.until <= Clock::now()) return std::nullopt;
    session = found->second;
  }
  const auto credential = CredentialOf(session.user);
  if (credential.empty() || credential != session.credential) return std::nullopt;
  if (people_ != nullptr && session.user != kOwner) people_->NoteSeen(session.user);
  return session.user;
}

http::Response AccessControl::TooManyFailures(const http::Request& request) const {
  if (on_refused_) on_refused_(request.remote_address, "too many wrong tokens");
  auto response = http::ErrorResponse(429, "too_many_failures",
                                      "too many wrong tokens from this address: wait a minute");
  response.Set("Retry-After", "60");
  return response;
}

bool AccessControl::IsBlocked(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  std::erase_if(failures_,
                [now](const auto& entry) { return now - entry.second.since > kFailureWindow; });
  const auto found = failures_.find(address);
  return found != failures_.end() && found->second.count >= kMaxFailures;
}

void AccessControl::NoteFailure(const std::string& address) {
  if (on_refused_) on_refused_(address, "a wrong token");
  const std::lock_guard lock(mutex_);
  auto& failures = failures_[address];
  if (failures.count++ == 0) failures.since = Clock::now();
}

}  // namespace gpen::api
