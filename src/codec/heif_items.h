// The items of a HEIF file and where their bytes lie, as its meta box says (ISO/IEC 14496-12).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "codec/byte_reader.h"

namespace gpen::codec {

struct HeifExtent {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  ///< 0: up to the file's end.
};

struct HeifItem {
  std::uint32_t id = 0;
  std::string type;      ///< Four letters: "hvc1", "grid", "Exif"; empty where not said.
  bool in_file = true;   ///< Its extents are places of the file, not of another box ...
  bool in_meta = false;  ///< ... but of the "idat" box.
  std::vector<HeifExtent> extents;
  Bytes entry;  ///< The content of its "infe" box, within the file; empty where it has none.

  /// Whether its bytes are compressed pixels.
  bool is_coded_picture() const;
};

struct HeifItems {
  std::uint32_t primary = 0;
  std::vector<HeifItem> items;
};

/// The content of a file's meta box; empty where there is none.
Bytes MetaOfHeif(Bytes heif);

/// The content of the "idat" box in `meta`.
Bytes DataInMeta(Bytes meta);

/// `meta`: the content of a file's meta box. What is damaged is left out.
HeifItems ReadHeifItems(Bytes meta);

/// Those of a whole file.
HeifItems ItemsOfHeif(Bytes heif);

struct HeifProperty {
  std::string type;           ///< "ispe", "irot", "colr".
  Bytes content;              ///< Of its box, within the file.
  bool is_essential = false;  ///< Who does not know it cannot use the item.
};

/// Calls `visit(item, number of the property from 1 on, whether it is essential)`. `associations`:
/// the content of an "ipma" box.
void ForEachPropertyUse(
    Bytes associations,
    const std::function<void(std::uint32_t item, unsigned property, bool is_essential)>& visit);

/// The properties of all items of `meta`, which must outlive this.
class HeifProperties {
 public:
  explicit HeifProperties(Bytes meta);

  /// Those of an item, in their order.
  std::vector<HeifProperty> Of(std::uint32_t item) const;

 private:
  std::vector<HeifProperty> all_;
  std::map<std::uint32_t, std::vector<std::pair<unsigned, bool>>> uses_;
};

/// Width times height as the first "ispe" among them says; 0 where none does.
std::uint64_t PixelsOf(const std::vector<HeifProperty>& properties);

/// The photo's properties, in their order.
std::vector<HeifProperty> PropertiesOfPrimary(Bytes heif);

struct HeifReference {
  std::string type;  ///< "auxl", "dimg", "cdsc".
  std::uint32_t from = 0;
  std::vector<std::uint32_t> to;
};

/// All references between the items of `meta`.
std::vector<HeifReference> ReferencesOfHeif(Bytes meta);

/// How the photo's pixels are turned on decoding (irot, imir), as an orientation of EXIF; 1 where
/// they are not.
int OrientationOfPrimary(Bytes heif);

/// What cameras put behind the boxes of the picture: the clip of a motion photo. Empty where there
/// is nothing.
Bytes AppendedToHeif(Bytes heif);

/// The pictures of a sequence ("avis", "hevc"), which libheif does not count; 0 where it is none.
int FramesOfSequence(Bytes heif);

}  // namespace gpen::codec
