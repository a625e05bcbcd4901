// An EXIF block or TIFF file opened at its first directory, and the tags that we know by name.
// Internal to the files that read or edit EXIF. A view: it does not own the bytes.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "codec/tiff_directory.h"

namespace gpen::codec {

enum ExifTag : std::uint16_t {
  kImageWidth = 0x0100,
  kImageLength = 0x0101,
  kStripOffsets = 0x0111,
  kOrientation = 0x0112,
  kSoftware = 0x0131,
  kTileOffsets = 0x0144,
  kThumbnailOffset = 0x0201,
  kThumbnailLength = 0x0202,
  kExifDirectory = 0x8769,
  kGpsDirectory = 0x8825,
  kSubjectArea = 0x9214,
  kMakerNote = 0x927C,
  kPixelXDimension = 0xA002,
  kPixelYDimension = 0xA003,
  kInteroperabilityDirectory = 0xA005,
  kSubjectLocation = 0xA214,
  kXResolution = 0x011A,
  kYResolution = 0x011B,
  kResolutionUnit = 0x0128,
  kFocalPlaneXResolution = 0xA20E,
  kFocalPlaneYResolution = 0xA20F,
  kCredentials = 0xCD41,  // C2PA.
};

struct ExifView {
  Bytes bytes;
  TiffLayout layout;
  TiffDirectory root;

  static std::optional<ExifView> Open(Bytes bytes) {
    const auto layout = ReadTiffLayout(bytes);
    if (!layout) return std::nullopt;
    auto root = ReadTiffDirectory(bytes, *layout, layout->first_directory);
    if (!root) return std::nullopt;
    return ExifView{bytes, *layout, *std::move(root)};
  }

  /// The directory that the entry `tag` of `parent` points to.
  std::optional<TiffDirectory> Child(const TiffDirectory& parent, std::uint16_t tag) const {
    const TiffEntry* pointer = parent.Find(tag);
    if (pointer == nullptr) return std::nullopt;
    return ReadTiffDirectory(bytes, layout, pointer->Unsigned(0, layout.order));
  }
};

/// The header of a block whose first directory is still to be written.
inline std::vector<std::byte> EmptyExifBlock(ByteOrder order) {
  std::vector<std::byte> block(8);
  block[0] = block[1] = order == ByteOrder::kBig ? std::byte{'M'} : std::byte{'I'};
  PutUnsigned(42, 2, 2, order, &block);
  return block;
}

/// Appends `root` as the first directory of `block`.
inline void FinishExifBlock(std::vector<NewTiffEntry> root, ByteOrder order,
                            std::vector<std::byte>* block) {
  const std::uint32_t offset = AppendTiffDirectory(std::move(root), 0, order, block);
  PutUnsigned(offset, 4, 4, order, block);
}

/// Adds `entry` in place of others with its tag.
inline void Replace(std::vector<NewTiffEntry>* entries, NewTiffEntry entry) {
  std::erase_if(*entries, [&](const NewTiffEntry& other) { return other.tag == entry.tag; });
  entries->push_back(std::move(entry));
}

}  // namespace gpen::codec
