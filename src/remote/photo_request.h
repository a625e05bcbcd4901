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

/// No larger photo travels inside a message or a result.
inline constexpr std::size_t kMostInlineBytes = 256 * 1024;

struct PhotoRequest {
  std::variant<RootedPath, InlinePhoto> input;
  std::optional<RootedPath> output;  ///< None: beside the photo, or inside the result.
  std::string sha256;                ///< What the photo must have; empty: anything.
  restore::PhotoOptions options;

  std::string name() const;  ///< For people.
};

/// `args` and `kwargs` are JSON. An input is "root:path", "data:...;base64,..." or bytes as kombu
/// writes them. Errors: kInvalidArgument, kImageTooLarge (inside the message).
Result<PhotoRequest> ReadPhotoRequest(std::string_view args, std::string_view kwargs);

}  // namespace gpen::remote
