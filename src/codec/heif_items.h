// The items of a HEIF file and where their bytes lie, as its meta box says (ISO/IEC 14496-12).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "codec/byte_reader.h"

namespace gpen::codec {

struct HeifExtent {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  ///< 0: up to the file's end.
};

struct HeifItem {
  std::uint32_t id = 0;
  std::string type;     ///< Four letters: "hvc1", "grid", "Exif"; empty where not said.
  bool in_file = true;  ///< Its extents are places of the file, not of another box.
  std::vector<HeifExtent> extents;

  /// Whether its bytes are compressed pixels.
  bool is_coded_picture() const;
};

struct HeifItems {
  std::uint32_t primary = 0;
  std::vector<HeifItem> items;
};

/// `meta`: the content of a file's meta box. What is damaged is left out.
HeifItems ReadHeifItems(Bytes meta);

/// Those of a whole file.
HeifItems ItemsOfHeif(Bytes heif);

struct HeifProperty {
  std::string type;  ///< "ispe", "irot", "colr".
  Bytes content;     ///< Of its box, within the file.
};

/// The photo's properties, in their order.
std::vector<HeifProperty> PropertiesOfPrimary(Bytes heif);

/// How the photo's pixels are turned on decoding (irot, imir), as an orientation of EXIF; 1 where
/// they are not.
int OrientationOfPrimary(Bytes heif);

/// What cameras put behind the boxes of the picture: the clip of a motion photo. Empty where there
/// is nothing.
Bytes AppendedToHeif(Bytes heif);

/// The pictures of a sequence ("avis", "hevc"), which libheif does not count; 0 where it is none.
int FramesOfSequence(Bytes heif);

}  // namespace gpen::codec
