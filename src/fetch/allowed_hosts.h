// AllowedHosts: the hosts that photos may be fetched from and put to, and how: all others are
// refused, whatever a task says.
//
// A plain value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gpen::fetch {

/// Where an address leads, as the library reads it that will connect.
struct Destination {
  std::string scheme;  ///< "https" or "http".
  std::string host;    ///< In lower case; an address of IPv6 in brackets.
  int port = 0;
};

enum class Reach : unsigned char {
  kRefused,
  kPublicOnly,  ///< Only where the name stands for an address of the open internet.
  kAnywhere,    ///< Also in the network of the house.
};

class AllowedHosts {
 public:
  /// None.
  AllowedHosts() = default;

  /// A list by comma. "nas:8443" is https to exactly this host and port (443 where none is given),
  /// wherever it is; "http://nas:7860" the same without TLS; "*.example.org" https to all hosts
  /// below, port 443, where they are no addresses inside a network. Errors: kInvalidArgument.
  static Result<AllowedHosts> Parse(std::string_view text);

  Reach For(const Destination& to) const;

  /// The entries as they were written.
  std::vector<std::string> Texts() const;
  bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    std::string text;
    Destination to;  ///< The host begins with "." where all below are meant.
  };
  std::vector<Entry> entries_;
};

}  // namespace gpen::fetch
