// The few edits that a restored photo's XMP packet needs, made in its text.
//
// Everything that is not named here stays as its author wrote it; no XML library rewrites it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gpen::codec {

/// Begins the content of each segment of a JPEG that holds a piece of the packet's extended part.
inline constexpr std::string_view kExtendedXmpMark = "http://ns.adobe.com/xmp/extension/";

/// What a packet may speak of and the file no longer has.
struct XmpLosses {
  bool extension = false;  ///< The extended part of the packet.
  bool pictures = false;   ///< A gain map, a depth map.
  bool clip = false;       ///< The clip of a motion photo.
};

/// Of a file within the photo's that the packet lists.
struct NewSize {
  std::uint64_t before = 0;
  std::uint64_t now = 0;
};

struct XmpEdit {
  std::string creator_tool;  ///< xmp:CreatorTool.
  int width = 0;             ///< Of the upright picture.
  int height = 0;
  int orientation = 1;  ///< Of the stored picture, as in EXIF: places are turned upright by it.
  XmpLosses losses = {};
  double enlargement = 1;           ///< So many times as large as the stored picture.
  std::vector<NewSize> sizes = {};  ///< Of files behind the picture, in their order.
};

/// `packet` with tiff:Orientation 1, the size and CreatorTool set, places turned, and without
/// thumbnails (which would show the face as it was) and the mark of an extended part that is not
/// kept. A new packet where it is empty; unchanged where it is not RDF in UTF-8.
std::string EditXmp(std::string_view packet, const XmpEdit& edit);

}  // namespace gpen::codec
