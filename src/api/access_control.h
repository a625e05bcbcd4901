// AccessControl: who may use the service, and who that is: tokens, login cookie, and the checks
// that keep other web sites out of it. Thread-safe.
//
// Other web sites change nothing and start nothing that is expensive: a page that somebody of the
// house looks at could otherwise let the browser ask for hundreds of ZIPs.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"
#include "http/response.h"
#include "people/people.h"

namespace gpen::api {

/// Request::user of the owner: who holds the configuration's token, or everybody where nobody needs
/// one. Everybody else is a person.
inline constexpr std::int64_t kOwner = 0;

/// jobs::Job::added_by of what `request` brings.
std::int64_t AdderOf(const http::Request& request);

/// What somebody may do.
struct Viewer {
  std::int64_t user = http::kNobody;
  std::string name;  ///< Empty for the owner.
  bool is_manager = false;
  bool sees_all = false;
};

class AccessControl {
 public:
  /// Told of every refused login or token: the client's address and why.
  using OnRefused = std::function<void(std::string_view address, std::string_view why)>;

  /// An empty `token` lets everybody in while there are no people. `allowed_hosts`: more names of
  /// this service. `people`, which may be null, must outlive this.
  AccessControl(std::string token, std::vector<std::string> allowed_hosts,
                OnRefused on_refused = {}, people::People* people = nullptr);

  /// A refusal, or nothing where `request` may go on; then it has its user, unless it asks for what
  /// everybody may have.
  std::optional<http::Response> Check(http::Request* request);

  /// The login form's answer: a cookie, or a refusal.
  http::Response Login(const http::Request& request, std::string_view form);
  http::Response Logout(const http::Request& request);
  /// Adds the cookie of a new session of `user` to `response`.
  void OpenSession(std::int64_t user, const http::Request& request, http::Response* response);

  bool needs_token() const { return has_owner_token() || has_people(); }
  bool has_owner_token() const { return !token_.empty(); }
  bool has_people() const { return people_ != nullptr && !people_->is_empty(); }

  Viewer ViewerOf(const http::Request& request) const;
  /// What a stream of `user` stands on; it ends when this is another. Empty where the user may not
  /// be here.
  std::string StandingOf(std::int64_t user) const;

 private:
  std::string CredentialOf(std::int64_t user) const;
  std::optional<std::int64_t> UserWithToken(std::string_view token) const;
  std::optional<std::int64_t> UserOfSession(const http::Request& request);
  bool IsBlocked(const std::string& address);
  void NoteFailure(const std::string& address);
  http::Response TooManyFailures(const http::Request& request) const;

  struct Failures {
    int count = 0;
    std::chrono::steady_clock::time_point since;
  };

  struct Session {
    std::int64_t user = http::kNobody;
    std::string credential;  ///< Of the user when it was opened; it ends with that.
    std::chrono::steady_clock::time_point until;
  };

  const std::string token_;
  const std::vector<std::string> allowed_hosts_;
  const OnRefused on_refused_;
  people::People* const people_;
  std::mutex mutex_;
  std::map<std::string, Failures> failures_;
  std::map<std::string, Session> sessions_;
};

/// Whether a Host header may name this service: an address, a name without dots, a name of a home
/// network (.local, .lan, .home.arpa, ...), or one of `allowed`. Keeps DNS rebinding out.
bool IsOwnHost(std::string_view host, const std::vector<std::string>& allowed);

}  // namespace gpen::api
