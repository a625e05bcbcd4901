// AccessControl: who may use the service: token, login cookie, and the checks that keep other web
// sites out of it. Thread-safe.
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

namespace gpen::api {

class AccessControl {
 public:
  /// Told of every refused login or token: the client's address and why.
  using OnRefused = std::function<void(std::string_view address, std::string_view why)>;

  /// An empty `token` lets everybody in. `allowed_hosts`: more names of this service.
  AccessControl(std::string token, std::vector<std::string> allowed_hosts,
                OnRefused on_refused = {});

  /// A refusal, or nothing where `request` may go on.
  std::optional<http::Response> Check(const http::Request& request);

  /// The login form's answer: a cookie, or a refusal.
  http::Response Login(const http::Request& request, std::string_view form);
  http::Response Logout(const http::Request& request);

  bool needs_token() const { return !token_.empty(); }

 private:
  bool IsBlocked(const std::string& address);
  void NoteFailure(const std::string& address);
  http::Response TooManyFailures(const http::Request& request) const;
  bool HasSession(const http::Request& request);

  struct Failures {
    int count = 0;
    std::chrono::steady_clock::time_point since;
  };

  const std::string token_;
  const std::vector<std::string> allowed_hosts_;
  const OnRefused on_refused_;
  std::mutex mutex_;
  std::map<std::string, Failures> failures_;
  std::map<std::string, std::chrono::steady_clock::time_point> sessions_;  ///< Until when.
};

/// Compares in a time that tells nothing about where they differ.
bool EqualInConstantTime(std::string_view a, std::string_view b);

/// Whether a Host header may name this service: an address, a name without dots, a name of a home
/// network (.local, .lan, .home.arpa, ...), or one of `allowed`. Keeps DNS rebinding out.
bool IsOwnHost(std::string_view host, const std::vector<std::string>& allowed);

}  // namespace gpen::api
