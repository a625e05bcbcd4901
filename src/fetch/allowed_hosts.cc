#include "fetch/allowed_hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace gpen::fetch {
namespace {

constexpr int kHttpsPort = 443;
constexpr int kHttpPort = 80;

Error Expected(std::string_view found) {
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("expected hosts by comma: name[:port], http://name[:port] or "
                           "*.domain, found \"{}\"",
                           found));
}

bool IsHost(std::string_view host) {
  if (host.starts_with('[')) return host.ends_with(']') && host.size() > 3;
  return !host.empty() && std::ranges::all_of(host, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
  });
}

}  // namespace

Result<AllowedHosts> AllowedHosts::Parse(std::string_view text) {
  AllowedHosts hosts;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    auto rest = part;
    Destination to{.scheme = "https", .host = {}, .port = kHttpsPort};
    if (rest.starts_with("https://")) {
      rest.remove_prefix(8);
    } else if (rest.starts_with("http://")) {
      rest.remove_prefix(7);
      to = {.scheme = "http", .host = {}, .port = kHttpPort};
    }
    const bool all_below = rest.starts_with("*.");
    if (all_below) rest.remove_prefix(1);
    const auto colon = rest.rfind(':');
    if (colon != std::string_view::npos && !rest.ends_with(']')) {
      const auto digits = rest.substr(colon + 1);
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), to.port);
      if (error != std::errc() || end != digits.data() + digits.size() || to.port < 1 ||
          to.port > 65'535) {
        return Expected(part);
      }
      rest = rest.substr(0, colon);
    }
    const bool is_named = all_below ? rest.size() > 1 && rest[1] != '.' : !rest.starts_with('.');
    if (!IsHost(rest) || !is_named) return Expected(part);
    to.host = rest;
    std::ranges::transform(to.host, to.host.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    hosts.entries_.push_back({std::string(part), std::move(to)});
  }
  return hosts;
}

std::vector<std::string> AllowedHosts::Texts() const {
  std::vector<std::string> texts;
  for (const auto& entry : entries_) texts.push_back(entry.text);
  return texts;
}

Reach AllowedHosts::For(const Destination& to) const {
  Reach reach = Reach::kRefused;
  for (const auto& entry : entries_) {
    if (entry.to.scheme != to.scheme || entry.to.port != to.port) continue;
    if (entry.to.host == to.host) return Reach::kAnywhere;
    if (entry.to.host.starts_with('.') && to.host.ends_with(entry.to.host)) {
      reach = Reach::kPublicOnly;
    }
  }
  return reach;
}

}  // namespace gpen::fetch
