#include "http/address_list.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace gpen::http {
namespace {

constexpr int kMappedBits = 96;  // Before the bits of an IPv4 address.

}  // namespace

std::optional<AddressList::Bytes> AddressList::BytesOf(std::string_view text) {
  const std::string terminated(text);
  if (terminated.size() != text.size()) return std::nullopt;
  Bytes bytes = {};
  bytes[10] = bytes[11] = 0xFF;
  if (::inet_pton(AF_INET, terminated.c_str(), bytes.data() + 12) == 1) return bytes;
  if (::inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

bool IsAddress(std::string_view text) { return AddressList::BytesOf(text).has_value(); }

Result<AddressList> AddressList::Parse(std::string_view text) {
  AddressList list;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(", "), text.size());
    const std::string_view item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (item.empty()) continue;
    const auto slash = std::min(item.find('/'), item.size());
    const auto address = BytesOf(item.substr(0, slash));
    const bool is_v4 = item.find(':') == std::string_view::npos;
    int bits = is_v4 ? 32 : 128;
    bool sound = address.has_value();
    if (sound && slash < item.size()) {
      const auto digits = item.substr(slash + 1);
      int given = -1;
      const auto [last, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), given);
      sound = error == std::errc() && last == digits.data() + digits.size() && given >= 0 &&
              given <= bits;
      bits = given;
    }
    if (!sound) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("expected addresses and networks such as 127.0.0.1 or "
                               "172.16.0.0/12, found \"{}\"",
                               item));
    }
    list.networks_.push_back({*address, is_v4 ? bits + kMappedBits : bits});
  }
  return list;
}

bool AddressList::Contains(std::string_view text) const {
  const auto address = BytesOf(text);
  if (!address) return false;
  return std::ranges::any_of(networks_, [&](const Network& network) {
    const auto whole = static_cast<std::size_t>(network.bits / 8);
    if (!std::equal(address->begin(), address->begin() + static_cast<std::ptrdiff_t>(whole),
                    network.address.begin())) {
      return false;
    }
    const int rest = network.bits % 8;
    if (rest == 0) return true;
    const int mask = 0xFF << (8 - rest) & 0xFF;
    return ((*address)[whole] & mask) == (network.address[whole] & mask);
  });
}

}  // namespace gpen::http
