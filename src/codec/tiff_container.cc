#include "codec/container.h"
#include "codec/exif_in_tiff.h"
#include "codec/photoshop_resources.h"
#include "codec/tiff_directory.h"

namespace gpen::codec {
namespace {

constexpr std::uint16_t kXmp = 700;
constexpr std::uint16_t kIptc = 33723;
constexpr std::uint16_t kIcc = 34675;
constexpr std::uint16_t kPhotoshop = 34377;

}  // namespace

std::vector<std::byte> TiffWithMetadata(Bytes file, const Metadata& metadata) {
  std::vector<NewTiffEntry> blobs;
  if (!metadata.xmp.empty()) blobs.push_back(NewBytesEntry(kXmp, kTiffByte, metadata.xmp));
  if (!metadata.iptc.empty()) blobs.push_back(NewBytesEntry(kIptc, kTiffUndefined, metadata.iptc));
  if (!metadata.icc.empty()) blobs.push_back(NewBytesEntry(kIcc, kTiffUndefined, metadata.icc));
  const std::vector<std::byte> resources = ResourcesIn(metadata.parts);
  if (!resources.empty()) blobs.push_back(NewBytesEntry(kPhotoshop, kTiffByte, resources));
  return TiffWithEntries(file, metadata.exif, std::move(blobs));
}

}  // namespace gpen::codec
