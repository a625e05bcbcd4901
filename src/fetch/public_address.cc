#include "fetch/public_address.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace gpen::fetch {
namespace {

struct Network {
  std::uint32_t address;
  int bits;
};

// RFC 6890 and its updates.
constexpr std::array kInside = {
    Network{0x00000000, 8},   // This network.
    Network{0x0A000000, 8},   // Private.
    Network{0x64400000, 10},  // Shared by customers of a provider.
    Network{0x7F000000, 8},   // This machine.
    Network{0xA9FE0000, 16},  // Link; clouds answer there with secrets.
    Network{0xAC100000, 12},  // Private.
    Network{0xC0000000, 24},  // Protocols.
    Network{0xC0000200, 24},  // Documentation, and the two below.
    Network{0xC0586300, 24},  // Relays to IPv6.
    Network{0xC0A80000, 16},  // Private.
    Network{0xC6120000, 15},  // Benchmarks.
    Network{0xC6336400, 24}, Network{0xCB007100, 24},
    Network{0xE0000000, 3},  // Groups, reserved, broadcast.
};

bool IsPublic4(std::uint32_t address) {
  return std::ranges::none_of(kInside, [&](const Network& network) {
    return (address ^ network.address) >> (32 - network.bits) == 0;
  });
}

std::uint32_t FourBytes(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 24U | std::uint32_t{bytes[1]} << 16U |
         std::uint32_t{bytes[2]} << 8U | bytes[3];
}

bool IsPublic6(const unsigned char* bytes) {
  const auto begins = [&](std::initializer_list<unsigned char> prefix) {
    return std::equal(prefix.begin(), prefix.end(), bytes);
  };
  // Addresses that stand for one of IPv4 are judged by that one.
  if (begins({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) return IsPublic4(FourBytes(bytes + 12));
  if (begins({0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) {
    return IsPublic4(FourBytes(bytes + 12));
  }
  if (begins({0x20, 0x02})) return IsPublic4(FourBytes(bytes + 2));
  if (begins({0x20, 0x01, 0x0D, 0xB8}) || begins({0x20, 0x01, 0x00})) return false;
  // Of all the rest only this is given out to the internet.
  return (bytes[0] & 0xE0U) == 0x20;
}

}  // namespace

bool IsPublicAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in four = {};
    std::memcpy(&four, &address, sizeof four);
    return IsPublic4(ntohl(four.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 six = {};
    std::memcpy(&six, &address, sizeof six);
    return IsPublic6(six.sin6_addr.s6_addr);
  }
  return false;
}

}  // namespace gpen::fetch
