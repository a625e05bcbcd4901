// The texts that people or programs put into a photo for people to read: the comments of a JPEG,
// the text chunks of a PNG. What becomes of them in another format.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/byte_reader.h"
#include "codec/photo.h"

namespace gpen::codec {

struct PhotoText {
  std::string keyword;  ///< As a PNG names it: "Title", "Comment".
  std::string text;     ///< UTF-8.
};

/// The content of a text chunk of a PNG; nothing where it is damaged.
std::optional<PhotoText> ReadPngText(std::string_view type, Bytes chunk);

/// True for a part that holds such a text.
bool IsText(const FormatPart& part);

struct ConvertedTexts {
  std::vector<FormatPart> parts;  ///< For a file of the format.
  std::vector<PhotoText> in_xmp;  ///< Those that XMP has a place for; see AddTexts.
  std::vector<std::string> lost;  ///< The keywords of those that have no place.
};

/// `parts`: of a photo in another format than `format`.
ConvertedTexts ConvertTexts(const std::vector<FormatPart>& parts, Format format);

/// Adds `texts` to the XMP packet. Returns the keywords of those that it has no place for: another
/// text stands there, or the packet cannot be edited.
std::vector<std::string> AddTexts(const std::vector<PhotoText>& texts, std::string* packet);

}  // namespace gpen::codec
