// AddressList: addresses and networks ("127.0.0.1", "172.16.0.0/12", "fd00::/8"), to ask whether an
// address is among them. Immutable.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gpen::http {

/// Whether `text` is an IPv4 or IPv6 address and nothing else.
bool IsAddress(std::string_view text);

class AddressList {
 public:
  AddressList() = default;
  /// `text`: addresses and networks by commas or spaces. Errors: kInvalidArgument.
  static Result<AddressList> Parse(std::string_view text);

  bool Contains(std::string_view address) const;

 private:
  using Bytes = std::array<std::uint8_t, 16>;  // An IPv4 address as ::ffff:a.b.c.d.
  struct Network {
    Bytes address;
    int bits;
  };
  static std::optional<Bytes> BytesOf(std::string_view text);
  friend bool IsAddress(std::string_view text);

  std::vector<Network> networks_;
};

}  // namespace gpen::http
