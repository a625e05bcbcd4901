// WebFiles: whole files fetched from web addresses and put there, such as presigned ones of an
// object store, within limits and only from and to hosts that are allowed.
//
// No redirect is followed, no proxy asked, and the address that a name stands for is judged when
// the connection is made, so that a name cannot change its meaning in between. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "fetch/allowed_hosts.h"

namespace gpen::fetch {

struct WebFilesOptions {
  AllowedHosts hosts = {};
  std::filesystem::path ca_file = {};  ///< Certificates to believe; empty: the system's.
  Milliseconds connect_timeout{10'000};
  Milliseconds silence_timeout{60'000};  ///< Less than 1 KiB a second for so long: given up.
};

/// Whether `text` begins as a web address does.
bool IsWebAddress(std::string_view text);

/// For people and logs: without what follows "?", which may be a secret.
std::string ShownAddress(std::string_view url);

/// Errors of Get() and Put(): kInvalidArgument (no address, or a host that is not allowed),
/// kNotFound (the host refuses or knows it not), kUnavailable (not reached, too slow, the host
/// cannot now), kCancelled.
class WebFiles {
 public:
  explicit WebFiles(WebFilesOptions options);

  /// Whether the address may be asked at all. Errors: kInvalidArgument.
  Result<void> Check(const std::string& url) const;

  /// Errors: also kImageTooLarge.
  Result<std::vector<std::byte>> Get(const std::string& url, std::int64_t most_bytes,
                                     const std::stop_token& stop = {}) const;
  Result<void> Put(const std::string& url, std::span<const std::byte> bytes,
                   const std::stop_token& stop = {}) const;

  const AllowedHosts& hosts() const { return options_.hosts; }

 private:
  const WebFilesOptions options_;
};

}  // namespace gpen::fetch
