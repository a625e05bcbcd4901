// Probe and Decode on any bytes, with limits so small that only parsing and a little decoding are
// done; then the metadata that was read goes through the edits that Encode makes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "base/file.h"
#include "codec/color_transform.h"
#include "codec/decode.h"
#include "codec/exif_block.h"
#include "codec/exif_in_tiff.h"
#include "codec/xmp_packet.h"

namespace {

/// A promise of the codec that does not hold is as bad as a crash.
void Require(bool holds) {
  if (!holds) std::abort();
}

void EditMetadata(const gpen::codec::Photo& photo) {
  using namespace gpen::codec;
  const auto edited = EditExif(photo.metadata.exif, {photo.width(), photo.height(), "fuzz"});
  Require(ExifOrientation(edited) == 1);
  WithoutMakerNote(edited);
  TiffWithEntries(edited, photo.metadata.exif, {});
  EditXmp(gpen::AsText(photo.metadata.xmp),
          {"fuzz", photo.width(), photo.height(), 6, {true, true, true}});
  const auto transform = ColorTransform::Create(photo, nullptr);
  Require(transform.has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  gpen::codec::Limits limits;
  limits.max_pixels = 64 * 1024;
  limits.max_memory_bytes = 32 << 20;
  const auto info = gpen::codec::Probe(bytes, limits);
  const auto photo = gpen::codec::Decode(bytes, limits);
  if (!info) {
    Require(!photo.has_value() && !info.error().message().empty());
    return 0;
  }
  Require(std::int64_t{info->width} * info->height <= limits.max_pixels);
  if (!photo) {
    Require(!photo.error().message().empty());
    return 0;
  }
  Require(photo->width() == info->width && photo->height() == info->height);
  EditMetadata(*photo);
  return 0;
}
