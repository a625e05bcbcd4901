#include "redis/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace gpen::redis {
namespace {

constexpr int kMostDatabases = 1'000'000;

Error Bad(std::string_view what) {
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("a Redis address: {}; expected redis://[user:password@]host[:port][/n], "
                           "rediss://..., redis+socket:///path?virtual_host=n or "
                           "sentinel://host,host[/n]?master_name=name",
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
  const bool asks_sentinels = !address->sentinels.empty();
  // A scheme of its own for TLS is not known to kombu.
  if (asks_sentinels && name.starts_with("ssl_")) address->tls = true;
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
  } else if (asks_sentinels && name == "master_name") {
    address->master_name = value;
  } else if (asks_sentinels && name == "sentinel_username") {
    address->sentinel_user = value;
  } else if (asks_sentinels && name == "sentinel_password") {
    address->sentinel_password = value;
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

// "host", "host:port" or "[v6]:port"; what is missing stays as it is.
Result<void> ApplyHost(std::string_view text, std::string* host, int* port) {
  std::string_view digits;
  if (text.starts_with('[')) {  // An IPv6 address.
    const auto end = text.find(']');
    if (end == std::string_view::npos) return Bad("\"[\" without \"]\"");
    digits = text.substr(end + 1);
    text = text.substr(1, end - 1);
    if (!digits.empty() && digits.front() != ':') return Bad("expected \":\" after \"]\"");
    if (!digits.empty()) digits.remove_prefix(1);
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    digits = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  if (!text.empty()) {
    GPEN_ASSIGN_OR_RETURN(*host, Unescape(text));
  }
  if (!digits.empty()) {
    GPEN_ASSIGN_OR_RETURN(*port, Number(digits, "a port", 65535));
  }
  return {};
}

Result<void> ApplySentinels(std::string_view hosts, Address* address) {
  while (true) {
    const auto first = CutBefore(&hosts, ',');
    Endpoint& sentinel = address->sentinels.emplace_back();
    GPEN_TRY(ApplyHost(first ? *first : hosts, &sentinel.host, &sentinel.port));
    if (!first) return {};
  }
}

// What follows "scheme://" and comes before "?".
Result<void> ApplyPlace(std::string_view scheme, std::string_view place, Address* address) {
  const auto path_begin = std::min(place.find('/'), place.size());
  std::string_view authority = place.substr(0, path_begin);
  const std::string_view path = place.substr(path_begin);
  // The last "@": a password may hold one.
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    GPEN_TRY(ApplyUser(authority.substr(0, at), address));
    authority.remove_prefix(at + 1);
  }
  if (scheme == "sentinel") {
    GPEN_TRY(ApplySentinels(authority, address));
  } else if (scheme == "redis" || scheme == "rediss") {
    address->tls = scheme == "rediss";
    GPEN_TRY(ApplyHost(authority, &address->host, &address->port));
  } else if (scheme == "redis+socket" || scheme == "unix" || scheme == "socket") {
    GPEN_ASSIGN_OR_RETURN(address->socket, Unescape(path));
    return address->socket.size() < 2 ? Bad("the path of the socket is missing") : Result<void>();
  } else {
    return Bad(fmt::format("\"{}://\" is not spoken here", scheme));
  }
  if (path.size() > 1) {
    GPEN_ASSIGN_OR_RETURN(address->database, Number(path.substr(1), "a database", kMostDatabases));
  }
  return {};
}

std::string HostAndPort(const std::string& host, int port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port);
}

// kombu writes each Sentinel as a URL of its own; the first one's user and the last one's database
// count.
constexpr std::string_view kNextSentinel = ";sentinel://";

std::string_view CutNextSentinel(std::string_view* rest) {
  const auto end = rest->find(kNextSentinel);
  const auto first = rest->substr(0, end);
  rest->remove_prefix(end == std::string_view::npos ? rest->size() : end + kNextSentinel.size());
  return first;
}

}  // namespace

Result<Address> ParseAddress(std::string_view url) {
  const auto end = url.find("://");
  if (end == std::string_view::npos) return Bad("it has no \"://\"");
  const std::string_view scheme = url.substr(0, end);
  std::string_view places = url.substr(end + 3);
  std::string_view query;
  if (const auto mark = places.find('?'); mark != std::string_view::npos) {
    query = places.substr(mark + 1);
    places = places.substr(0, mark);
  }
  Address address;
  do {
    const auto place = scheme == "sentinel" ? CutNextSentinel(&places) : places;
    GPEN_TRY(ApplyPlace(scheme, place, &address));
  } while (scheme == "sentinel" && !places.empty());
  GPEN_TRY(ApplyParameters(query, &address));
  if (!address.sentinels.empty() && address.master_name.empty()) {
    return Bad("with Sentinels, ?master_name= must say which servers are meant");
  }
  return address;
}

std::string Describe(const Address& address) {
  const std::string user = address.user.empty() ? "" : address.user + "@";
  if (!address.socket.empty()) {
    return fmt::format("redis+socket://{}{}?virtual_host={}", user, address.socket,
                       address.database);
  }
  if (!address.sentinels.empty()) {
    std::string hosts;
    for (const auto& [host, port] : address.sentinels) {
      hosts += (hosts.empty() ? "" : ",") + HostAndPort(host, port);
    }
    return fmt::format("sentinel://{}{}/{}?master_name={}", user, hosts, address.database,
                       address.master_name);
  }
  return fmt::format("{}://{}{}/{}", address.tls ? "rediss" : "redis", user,
                     HostAndPort(address.host, address.port), address.database);
}

}  // namespace gpen::redis
