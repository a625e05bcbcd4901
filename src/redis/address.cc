#include "redis/address.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace gpen::redis {
namespace {

constexpr int kMostDatabases = 1'000'000;

Error Bad(std::string_view what) {
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("a Redis address: {}; expected redis://[user:password@]host[:port][/n], "
                           "rediss://... or redis+socket:///path?virtual_host=n",
                           what));
}

int Digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> Unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? Digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? Digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return Bad("% must be followed by two hexadecimal digits");
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (plain.find('\0') != std::string::npos) return Bad("it holds a zero byte");
  return plain;
}

Result<int> Number(std::string_view text, std::string_view what, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > most) {
    return Bad(fmt::format("expected {} from 0 to {}, found \"{}\"", what, most, text));
  }
  return value;
}

// What comes before the first `mark`; `text` keeps what comes after it. Nothing without a mark.
std::optional<std::string_view> CutBefore(std::string_view* text, char mark) {
  const auto at = text->find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const auto before = text->substr(0, at);
  text->remove_prefix(at + 1);
  return before;
}

Result<void> ApplyParameter(std::string_view name, const std::string& value, Address* address) {
  if (name == "ssl_cert_reqs") {
    const bool none =
        value == "none" || value == "CERT_NONE" || value == "optional" || value == "CERT_OPTIONAL";
    if (!none && value != "required" && value != "CERT_REQUIRED") {
      return Bad(fmt::format("expected ssl_cert_reqs=required or none, found \"{}\"", value));
    }
    address->verify = !none;
  } else if (name == "ssl_ca_certs") {
    address->ca_file = value;
  } else if (name == "ssl_certfile") {
    address->certificate_file = value;
  } else if (name == "ssl_keyfile") {
    address->key_file = value;
  } else if (name == "virtual_host" || name == "db") {
    GPEN_ASSIGN_OR_RETURN(address->database, Number(value, "a database", kMostDatabases));
  } else if (name == "password") {
    address->password = value;
  } else {
    return Bad(fmt::format("the parameter \"{}\" is not known", name));
  }
  return {};
}

Result<void> ApplyParameters(std::string_view query, Address* address) {
  while (!query.empty()) {
    std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const auto name = CutBefore(&pair, '=');
    if (!name) return Bad("a parameter without \"=\"");
    GPEN_ASSIGN_OR_RETURN(const auto value, Unescape(pair));
    GPEN_TRY(ApplyParameter(*name, value, address));
  }
  return {};
}

Result<void> ApplyUser(std::string_view user_info, Address* address) {
  const auto user = CutBefore(&user_info, ':');
  // "redis://secret@host" is a user without a password, as everywhere else.
  GPEN_ASSIGN_OR_RETURN(address->user, Unescape(user ? *user : user_info));
  if (user) {
    GPEN_ASSIGN_OR_RETURN(address->password, Unescape(user_info));
  }
  if (!address->user.empty() && address->password.empty()) {
    return Bad("a user needs a password: redis://user:password@host");
  }
  return {};
}

Result<void> ApplyHost(std::string_view host, Address* address) {
  std::string_view port;
  if (host.starts_with('[')) {  // An IPv6 address.
    const auto end = host.find(']');
    if (end == std::string_view::npos) return Bad("\"[\" without \"]\"");
    port = host.substr(end + 1);
    host = host.substr(1, end - 1);
    if (!port.empty() && port.front() != ':') return Bad("expected \":\" after \"]\"");
    if (!port.empty()) port.remove_prefix(1);
  } else if (const auto colon = host.find(':'); colon != std::string_view::npos) {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (!host.empty()) {
    GPEN_ASSIGN_OR_RETURN(address->host, Unescape(host));
  }
  if (!port.empty()) {
    GPEN_ASSIGN_OR_RETURN(address->port, Number(port, "a port", 65535));
  }
  return {};
}

}  // namespace

Result<Address> ParseAddress(std::string_view url) {
  const auto end = url.find("://");
  if (end == std::string_view::npos) return Bad("it has no \"://\"");
  const std::string_view scheme = url.substr(0, end);
  url.remove_prefix(end + 3);
  std::string_view query;
  if (const auto mark = url.find('?'); mark != std::string_view::npos) {
    query = url.substr(mark + 1);
    url = url.substr(0, mark);
  }
  Address address;
  const bool is_socket = scheme == "redis+socket" || scheme == "unix" || scheme == "socket";
  if (!is_socket && scheme != "redis" && scheme != "rediss") {
    return Bad(fmt::format("\"{}://\" is not spoken here", scheme));
  }
  address.tls = scheme == "rediss";
  const auto path_begin = url.find('/');
  std::string_view authority = url.substr(0, path_begin);
  const std::string_view path =
      path_begin == std::string_view::npos ? std::string_view() : url.substr(path_begin);
  // The last "@": a password may hold one.
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    GPEN_TRY(ApplyUser(authority.substr(0, at), &address));
    authority.remove_prefix(at + 1);
  }
  if (is_socket) {
    GPEN_ASSIGN_OR_RETURN(address.socket, Unescape(path));
    if (address.socket.size() < 2) return Bad("the path of the socket is missing");
  } else {
    GPEN_TRY(ApplyHost(authority, &address));
    if (path.size() > 1) {
      GPEN_ASSIGN_OR_RETURN(address.database, Number(path.substr(1), "a database", kMostDatabases));
    }
  }
  GPEN_TRY(ApplyParameters(query, &address));
  return address;
}

std::string Describe(const Address& address) {
  const std::string user = address.user.empty() ? "" : address.user + "@";
  if (!address.socket.empty()) {
    return fmt::format("redis+socket://{}{}?virtual_host={}", user, address.socket,
                       address.database);
  }
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}{}:{}/{}", address.tls ? "rediss" : "redis", user,
                     is_v6 ? "[" : "", address.host, is_v6 ? "]" : "", address.port,
                     address.database);
}

}  // namespace gpen::redis
