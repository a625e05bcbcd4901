#include "codec/place.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "base/file.h"
#include "codec/byte_writer.h"
#include "codec/exif_view.h"
#include "codec/xmp_packet.h"
#include "codec/xmp_prefixes.h"
#include "codec/xmp_text.h"

namespace gpen::codec {
namespace {

// Begins the segment by which a JPEG says that a gain map follows (ISO 21496-1).
constexpr std::string_view kGainMapMark = "urn:iso:std:iso:ts:21496:-1";

void Overwrite(std::uint64_t offset, std::uint64_t length, std::vector<std::byte>* block) {
  const auto begin = block->begin() + static_cast<std::ptrdiff_t>(offset);
  std::fill(begin, begin + static_cast<std::ptrdiff_t>(length), std::byte{0});
}

// Takes `entry` out of the directory `of`, where it stands.
void RemoveEntry(const TiffDirectory& of, const TiffEntry& entry, const TiffLayout& layout,
                 std::vector<std::byte>* block) {
  const auto at = static_cast<std::uint64_t>(entry.field.data() - block->data());
  const std::uint64_t first = of.offset + layout.count_bytes();
  const std::uint64_t end = first + of.entries.size() * layout.entry_bytes();
  const auto begin = block->begin();
  // The offset of the next directory moves with the entries behind.
  const std::uint64_t behind = at + layout.entry_bytes();
  const std::uint64_t moved_end = end + layout.offset_bytes();
  if (moved_end > block->size()) return Overwrite(at, layout.entry_bytes(), block);
  std::copy(begin + static_cast<std::ptrdiff_t>(behind),
            begin + static_cast<std::ptrdiff_t>(moved_end),
            begin + static_cast<std::ptrdiff_t>(at));
  Overwrite(moved_end - layout.entry_bytes(), layout.entry_bytes(), block);
  PutUnsigned(of.entries.size() - 1, of.offset, static_cast<int>(layout.count_bytes()),
              layout.order, block);
}

bool RemoveFromExif(std::vector<std::byte>* exif) {
  const auto view = ExifView::Open(*exif);
  if (!view) return false;
  const TiffEntry* pointer = view->root.Find(kGpsDirectory);
  if (pointer == nullptr) return false;
  if (const auto gps = view->Child(view->root, kGpsDirectory)) {
    for (const TiffEntry& entry : gps->entries) {
      if (!entry.value.empty()) Overwrite(entry.value_offset, entry.value.size(), exif);
    }
    Overwrite(gps->offset,
              view->layout.count_bytes() + gps->entries.size() * view->layout.entry_bytes(), exif);
  }
  RemoveEntry(view->root, *pointer, view->layout, exif);
  return true;
}

bool RemoveProperty(std::string_view name, std::string* packet) {
  bool removed = false;
  while (RemoveAttribute(name, packet)) removed = true;
  while (RemoveElement(name, packet)) removed = true;
  return removed;
}

// "exif:GPSLatitude" and all that begin so.
bool RemoveGps(std::string* packet) {
  constexpr std::string_view kPrefix = "exif:GPS";
  bool removed = false;
  for (std::size_t at = packet->find(kPrefix); at != std::string::npos;) {
    std::size_t end = at + kPrefix.size();
    while (end < packet->size() && std::isalnum(static_cast<unsigned char>((*packet)[end])) != 0) {
      ++end;
    }
    const bool gone = RemoveProperty(packet->substr(at, end - at), packet);
    removed = removed || gone;
    at = packet->find(kPrefix, gone ? 0 : end);
  }
  return removed;
}

void NameLoss(std::string_view what, Photo* photo) {
  photo->losses.push_back(
      fmt::format("{} is left out: it may tell where the photo was taken", what));
}

bool RemoveFromXmp(Photo* photo) {
  auto* xmp = &photo->metadata.xmp;
  if (xmp->empty()) return false;
  std::string packet(AsText(*xmp));
  UseUsualPrefixes(&packet);
  // In UTF-16 it cannot be edited.
  if (packet.find("rdf:RDF") == std::string::npos) {
    xmp->clear();
    NameLoss("the XMP metadata", photo);
    return true;
  }
  bool removed = RemoveGps(&packet);
  for (const auto* name :
       {"Iptc4xmpExt:LocationCreated", "Iptc4xmpExt:LocationShown", "Iptc4xmpCore:Location",
        "Iptc4xmpCore:CountryCode", "photoshop:City", "photoshop:State", "photoshop:Country"}) {
    const bool gone = RemoveProperty(name, &packet);
    removed = removed || gone;
  }
  if (!removed) return false;
  const auto bytes = AsBytes(packet);
  xmp->assign(bytes.begin(), bytes.end());
  return true;
}

// A data set of IPTC's Information Interchange Model: its header, and how long it is in all.
struct DataSet {
  int record = 0;
  int number = 0;
  std::uint64_t size = 0;  ///< 0: there is none.
};

DataSet ReadDataSet(Bytes iptc, std::uint64_t at) {
  constexpr std::uint64_t kHeader = 5;
  if (ReadU8(iptc, at) != 0x1C || Slice(iptc, at, kHeader).empty()) return {};
  const std::uint64_t length = ReadU16(iptc, at + 3, ByteOrder::kBig);
  // Longer ones state their length elsewhere; no name of a place is so long.
  if (length > 0x7FFF || Slice(iptc, at, kHeader + length).empty()) return {};
  return {ReadU8(iptc, at + 1), ReadU8(iptc, at + 2), kHeader + length};
}

bool NamesPlace(const DataSet& set) {
  // Content location, city, sublocation, state, country.
  constexpr std::array kPlaces = {26, 27, 90, 92, 95, 100, 101};
  return set.record == 2 && std::ranges::find(kPlaces, set.number) != kPlaces.end();
}

bool RemoveFromIptc(std::vector<std::byte>* iptc) {
  std::vector<std::byte> kept;
  std::uint64_t at = 0;
  for (DataSet set = ReadDataSet(*iptc, at); set.size > 0; set = ReadDataSet(*iptc, at)) {
    if (!NamesPlace(set)) Append(Slice(*iptc, at, set.size), &kept);
    at += set.size;
  }
  Append(Bytes(*iptc).subspan(at), &kept);
  const bool removed = kept.size() < iptc->size();
  if (removed) *iptc = std::move(kept);
  return removed;
}

// The packet of each further picture and of a clip may tell the place too.
bool RemoveAppended(Photo* photo) {
  auto& metadata = photo->metadata;
  if (metadata.appended.empty()) return false;
  metadata.appended.clear();
  std::erase_if(metadata.parts, [](const FormatPart& part) {
    return part.type == "MPF" || HasTextAt(part.bytes, 0, kGainMapMark);
  });
  metadata.parts.push_back({"aux", {}, ""});  // XMP must not speak of them either.
  NameLoss("what follows the picture (the clip of a motion photo, further pictures)", photo);
  return true;
}

// So may the metadata of the further pictures of a HEIC or AVIF.
bool RemoveFromItems(Photo* photo) {
  const auto removed = std::erase_if(photo->metadata.items, [](const HeifItemCopy& item) {
    return item.type == "Exif" || item.type == "mime";
  });
  if (removed > 0) NameLoss("the metadata of further pictures", photo);
  return removed > 0;
}

bool RemoveExtendedXmp(Photo* photo) {
  const auto removed = std::erase_if(photo->metadata.parts, [](const FormatPart& part) {
    return part.type == "APP1" && HasTextAt(part.bytes, 0, kExtendedXmpMark);
  });
  if (removed > 0) NameLoss("the extended XMP metadata", photo);
  return removed > 0;
}

}  // namespace

bool RemovePlace(Photo* photo) {
  auto& metadata = photo->metadata;
  const std::array removed = {RemoveFromExif(&metadata.exif), RemoveFromXmp(photo),
                              RemoveFromIptc(&metadata.iptc), RemoveExtendedXmp(photo),
                              RemoveAppended(photo),          RemoveFromItems(photo)};
  return std::ranges::find(removed, true) != removed.end();
}

}  // namespace gpen::codec
