// TIFF and BigTIFF: the first directory.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "codec/exif_in_tiff.h"
#include "codec/exif_view.h"
#include "codec/header.h"
#include "codec/photoshop_resources.h"
#include "codec/tiff_directory.h"

namespace gpen::codec {
namespace {

constexpr int kMaxPages = 10'000;  // Counted for a message only.

constexpr std::uint64_t kOldJpeg = 6;  // Compressions.
constexpr std::uint64_t kJpeg = 7;

enum Photometric {
  kMinIsWhite = 0,
  kMinIsBlack = 1,
  kRgb = 2,
  kPalette = 3,
  kSeparated = 5,
  kYcbcr = 6,
  kCielab = 8,
  kIcclab = 9
};

/// The storage of pixels as the first directory tells it.
struct TiffPicture {
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  std::uint64_t bits = 1;
  std::uint64_t samples = 1;
  std::uint64_t photometric = kMinIsBlack;
  std::uint64_t compression = 1;
  std::uint64_t sample_format = 1;
  std::uint64_t orientation = 1;
  std::uint64_t extra_samples = 0;
  std::uint64_t block_rows = 0;  // Of a strip or tile.
  std::uint64_t block_width = 0;
};

TiffPicture ReadPicture(const TiffDirectory& directory, ByteOrder order) {
  const auto value = [&](std::uint16_t tag, std::uint64_t otherwise) {
    const TiffEntry* entry = directory.Find(tag);
    return entry == nullptr || entry->value.empty() ? otherwise : entry->Unsigned(0, order);
  };
  TiffPicture picture;
  picture.width = value(256, 0);
  picture.height = value(257, 0);
  picture.bits = value(258, 1);
  picture.compression = value(259, 1);
  picture.photometric = value(262, kMinIsBlack);
  picture.orientation = value(274, 1);
  picture.samples = value(277, 1);
  picture.sample_format = value(339, 1);
  const TiffEntry* extra = directory.Find(338);
  picture.extra_samples = extra == nullptr ? 0 : extra->count;
  picture.block_rows = value(323, std::min(value(278, picture.height), picture.height));
  picture.block_width = value(322, picture.width);
  return picture;
}

/// RAW photos of most cameras are TIFF files whose first picture is a small preview.
bool LooksLikeRaw(const TiffDirectory& directory, ByteOrder order) {
  const TiffEntry* kind = directory.Find(254);
  const bool preview = kind != nullptr && (kind->Unsigned(0, order) & 1) != 0;
  return directory.Find(0xC612) != nullptr || (preview && directory.Find(330) != nullptr);
}

Result<void> CheckVariant(const TiffPicture& picture) {
  if (picture.width == 0 || picture.height == 0 || picture.width > 0x7FFFFFFF ||
      picture.height > 0x7FFFFFFF || picture.samples == 0) {
    return Error(ErrorCode::kCorruptImage,
                 fmt::format("damaged TIFF: {} x {} pixels of {} samples do not exist",
                             picture.width, picture.height, picture.samples));
  }
  const bool lab = picture.photometric == kCielab || picture.photometric == kIcclab;
  const bool integer = picture.sample_format == 1 || (lab && picture.sample_format == 2);
  const bool known_bits = picture.bits == 1 || picture.bits == 2 || picture.bits == 4 ||
                          picture.bits == 8 || picture.bits == 16;
  if (!integer || !known_bits) {
    return Error(ErrorCode::kUnsupportedFormat,
                 fmt::format("expected a TIFF with integers of up to 16 bits, but this one has {} "
                             "of {} bits; convert it to 16 bit first",
                             picture.sample_format == 3 ? "floating-point numbers" : "numbers",
                             picture.bits));
  }
  return {};
}

/// Counts the directories that follow; a damaged chain ends the count.
int CountPages(Bytes bytes, const TiffLayout& layout, std::uint64_t next) {
  int pages = 1;
  while (next != 0 && pages < kMaxPages) {
    const auto directory = ReadTiffDirectory(bytes, layout, next);
    if (!directory) break;
    ++pages;
    // Directories that point backwards could form a circle.
    if (directory->next <= next) break;
    next = directory->next;
  }
  return pages;
}

/// Where scans of a JPEG begin. Coded data hold no such mark.
std::vector<std::uint64_t> PlacesOfScans(Bytes bytes) {
  std::vector<std::uint64_t> places;
  for (std::size_t at = 0; at + 1 < bytes.size(); ++at) {
    const void* found = std::memchr(bytes.data() + at, 0xFF, bytes.size() - 1 - at);
    if (found == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes.data());
    if (bytes[at + 1] == std::byte{0xDA}) places.push_back(at);
  }
  return places;
}

/// Of each strip or tile, which may all be the same bytes.
Result<void> CheckScans(Bytes bytes, const TiffDirectory& directory, ByteOrder order) {
  const bool tiles = directory.Find(324) != nullptr;
  const TiffEntry* starts = directory.Find(tiles ? 324 : 273);
  const TiffEntry* lengths = directory.Find(tiles ? 325 : 279);
  if (starts == nullptr || lengths == nullptr || starts->value.empty()) return {};
  const auto places = PlacesOfScans(bytes);
  for (std::uint64_t i = 0; i < std::min(starts->count, lengths->count); ++i) {
    const std::uint64_t start = starts->Unsigned(i, order);
    const auto first = std::lower_bound(places.begin(), places.end(), start);
    const std::uint64_t length = lengths->Unsigned(i, order);
    const auto end = std::partition_point(
        first, places.end(), [&](std::uint64_t place) { return place - start < length; });
    if (end - first <= kMostJpegScans) continue;
    return Error(ErrorCode::kCorruptImage,
                 fmt::format("expected a TIFF whose JPEG parts have at most {} scans, but one of "
                             "them has {}: {}",
                             kMostJpegScans, end - first, kWhyFewScans));
  }
  return {};
}

void SetChannels(const TiffPicture& picture, Header* header) {
  const bool color = picture.photometric == kRgb || picture.photometric == kPalette ||
                     picture.photometric == kYcbcr;
  const bool gray = picture.photometric <= kMinIsBlack;
  header->needs_conversion_to_srgb = !color && !gray;
  const std::uint64_t color_samples = picture.photometric == kPalette || gray ? 1
                                      : picture.photometric == kSeparated     ? 4
                                                                              : 3;
  header->info.has_alpha = picture.samples > color_samples && !header->needs_conversion_to_srgb;
  header->decoded_channels = (gray ? 1 : 3) + (header->info.has_alpha ? 1 : 0);
  header->info.stored_channels = static_cast<int>(std::min<std::uint64_t>(picture.samples, 64));
  header->info.bits_per_sample = static_cast<int>(picture.bits);
  header->decoded_type =
      picture.bits == 16 && !header->needs_conversion_to_srgb ? SampleType::kU16 : SampleType::kU8;
  if (picture.samples > color_samples + 1) {
    header->warnings.push_back(
        fmt::format("the TIFF has {} channels: those after the first {} are not kept",
                    picture.samples, color_samples + 1));
  }
}

void ReadResolution(const TiffDirectory& directory, ByteOrder order, Metadata* metadata) {
  const TiffEntry* unit = directory.Find(296);
  const std::uint64_t kind = unit == nullptr ? 2 : unit->Unsigned(0, order);
  const double to_inches = kind == 2 ? 1.0 : kind == 3 ? 2.54 : 0.0;
  const auto resolution = [&](std::uint16_t tag) {
    const TiffEntry* entry = directory.Find(tag);
    if (entry == nullptr || entry->type != kTiffRational || entry->value.size() < 8) return 0.0;
    const double divisor = ReadU32(entry->value, 4, order);
    return divisor == 0 ? 0.0 : ReadU32(entry->value, 0, order) / divisor * to_inches;
  };
  metadata->horizontal_dpi = resolution(282);
  metadata->vertical_dpi = resolution(283);
}

void ReadBlobs(Bytes bytes, const TiffDirectory& directory, Metadata* metadata,
               std::vector<std::string>* losses) {
  const auto blob = [&](std::uint16_t tag) {
    const TiffEntry* entry = directory.Find(tag);
    return entry == nullptr ? std::vector<std::byte>() : Copy(entry->value);
  };
  metadata->xmp = blob(700);
  metadata->icc = blob(34675);
  metadata->iptc = blob(33723);
  ReadPhotoshopResources(blob(34377), metadata, losses);
  metadata->exif = ExifFromTiff(bytes);
}

/// What the first directory points to and no result of ours has.
void NameWhatIsLeft(const TiffDirectory& directory, std::vector<std::string>* losses) {
  if (directory.Find(330) != nullptr) {
    losses->emplace_back("smaller versions and further pictures within the TIFF are left out");
  }
  if (directory.Find(37724) != nullptr) losses->emplace_back("Photoshop's layers are left out");
  if (directory.Find(kCredentials) != nullptr) losses->emplace_back(kCredentialsLoss);
}

}  // namespace

Result<Header> ReadTiffHeader(Bytes bytes) {
  const auto layout = ReadTiffLayout(bytes);
  const auto directory =
      layout ? ReadTiffDirectory(bytes, *layout, layout->first_directory) : std::nullopt;
  if (!directory) {
    return Error(ErrorCode::kCorruptImage,
                 "damaged TIFF: its first directory lies outside the file; copy it again");
  }
  if (LooksLikeRaw(*directory, layout->order)) {
    return Error(ErrorCode::kUnsupportedFormat,
                 "expected a JPEG, PNG, WebP, TIFF, HEIC or AVIF photo, but this is a camera's RAW "
                 "photo (DNG, NEF, ARW or alike); develop it to JPEG or TIFF first");
  }
  const TiffPicture picture = ReadPicture(*directory, layout->order);
  GPEN_TRY(CheckVariant(picture));
  if (picture.compression == kOldJpeg || picture.compression == kJpeg) {
    GPEN_TRY(CheckScans(bytes, *directory, layout->order));
  }
  Header header;
  const bool turned = picture.orientation >= 1 && picture.orientation <= 8;
  SetUprightSize(static_cast<int>(picture.width), static_cast<int>(picture.height),
                 turned ? static_cast<int>(picture.orientation) : 1, &header.info);
  SetChannels(picture, &header);
  const bool cut = std::any_of(
      directory->entries.begin(), directory->entries.end(),
      [](const auto& e) { return e.count > 0 && e.value.empty() && TiffTypeSize(e.type) != 0; });
  if (cut) header.losses.emplace_back("part of the metadata lies outside the file and is lost");
  header.info.frames = CountPages(bytes, *layout, directory->next);
  // Then: lossy DNG, JPEG 2000, WebP, JPEG XL.
  constexpr std::uint64_t kLossy[] = {kOldJpeg, kJpeg, 34892, 33003, 33005, 34712, 50001, 50002};
  header.info.lossless =
      std::find(std::begin(kLossy), std::end(kLossy), picture.compression) == std::end(kLossy);
  ReadResolution(*directory, layout->order, &header.metadata);
  ReadBlobs(bytes, *directory, &header.metadata, &header.losses);
  NameWhatIsLeft(*directory, &header.losses);
  // One strip or a row of tiles, compressed rows of it, and libvips' lines.
  const std::uint64_t block = std::min<std::uint64_t>(picture.block_rows, 1U << 30) *
                              std::max(picture.width, picture.block_width) * picture.samples *
                              (picture.bits + 7) / 8;
  header.decoder_bytes = static_cast<std::int64_t>(std::min<std::uint64_t>(
      block * (header.needs_conversion_to_srgb ? 4 : 2), std::uint64_t{1} << 60));
  return header;
}

}  // namespace gpen::codec
