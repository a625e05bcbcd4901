// PhotoRequest: what the arguments of `gpen.restore(input, output=None, **options)` ask for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "remote/named_roots.h"
#include "restore/photo_options.h"

namespace gpen::remote {

/// A photo inside the message; its result comes back inside the result, unless an output is named.
struct InlinePhoto {
  std::string bytes;
};

/// A photo or a result at an address of the web, perhaps a presigned one.
struct WebFile {
  std::string url;
};

/// No larger photo travels inside a message or a result.
inline constexpr std::size_t kMostInlineBytes = 256 * 1024;

/// Asked for by a service that hands its own photos out: the output is to be a parcel
/// (photo_parcel.h) with all that the service would have made itself.
struct ParcelOrder {
  std::string name;          ///< Of the photo, for people.
  std::string models;        ///< FingerprintOf() the networks that are to do it.
  std::string options = {};  ///< restore::CanonicalJson().
};

struct PhotoRequest {
  using Input = std::variant<RootedPath, WebFile, InlinePhoto>;
  using Output = std::variant<RootedPath, WebFile>;
  Input input;
  /// None: beside the photo, where that lies beneath a root; else inside the result.
  std::optional<Output> output;
  std::string sha256;  ///< What the photo must have; empty: anything.
  std::optional<ParcelOrder> parcel;
  restore::PhotoOptions options;

  std::string name() const;  ///< For people.
};

/// `args` and `kwargs` are JSON. An input is "root:path", "https://...", "data:...;base64,..." or
/// bytes as kombu writes them. Errors: kInvalidArgument, kImageTooLarge (inside the message).
Result<PhotoRequest> ReadPhotoRequest(std::string_view args, std::string_view kwargs);

}  // namespace gpen::remote
