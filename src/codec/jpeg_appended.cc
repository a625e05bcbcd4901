#include "codec/jpeg_appended.h"

#include <algorithm>

#include "codec/tiff_directory.h"
#include "codec/whole_file.h"

namespace gpen::codec {
namespace {

constexpr std::uint16_t kPictureEntries = 0xB002;
constexpr std::uint64_t kEntryBytes = 16;  // Attributes, size, place, and two numbers of others.
constexpr std::uint64_t kPrefixBytes = 4;  // "MPF\0": places count from behind it.

// The list of pictures in the content of an MPF segment: where it begins in it, and its byte order.
struct PictureList {
  std::uint64_t at = 0;
  std::uint64_t entries = 0;
  ByteOrder order = ByteOrder::kBig;
};

PictureList FindList(Bytes mpf) {
  const Bytes tiff = mpf.subspan(std::min<std::uint64_t>(kPrefixBytes, mpf.size()));
  const auto layout = ReadTiffLayout(tiff);
  if (!layout) return {};
  const auto directory = ReadTiffDirectory(tiff, *layout, layout->first_directory);
  const TiffEntry* entry = directory ? directory->Find(kPictureEntries) : nullptr;
  if (entry == nullptr || entry->value.empty()) return {};
  return {kPrefixBytes + entry->value_offset, entry->value.size() / kEntryBytes, layout->order};
}

// Adds `difference` to the places of all pictures but the first, whose place is 0.
void MovePlaces(const PictureList& list, std::uint64_t mpf_at, std::uint32_t difference,
                std::vector<std::byte>* file) {
  for (std::uint64_t i = 1; i < list.entries; ++i) {
    const std::uint64_t at = mpf_at + list.at + i * kEntryBytes + 8;
    PutUnsigned(ReadU32(*file, at, list.order) + difference, at, 4, list.order, file);
  }
}

}  // namespace

AppendedParts TakeApart(Bytes appended) {
  std::uint64_t at = 0;
  while (HasTextAt(appended, at, "\xFF\xD8\xFF")) {
    MemorySource picture(appended.subspan(at));
    const auto end = EndOfJpegPicture(&picture);
    if (!end) break;
    at += *end;
  }
  return {appended.first(at), appended.subspan(at)};
}

std::vector<std::byte> PlacesFromPictureEnd(Bytes mpf, std::uint64_t segment_at,
                                            std::uint64_t picture_end) {
  std::vector<std::byte> moved(mpf.begin(), mpf.end());
  const std::uint64_t origin = segment_at + kPrefixBytes;
  MovePlaces(FindList(mpf), 0, static_cast<std::uint32_t>(origin - picture_end), &moved);
  return moved;
}

void SetPlacesInFile(std::uint64_t segment_at, std::uint64_t length, std::vector<std::byte>* file) {
  const PictureList list = FindList(Slice(*file, segment_at, length));
  const std::uint64_t origin = segment_at + kPrefixBytes;
  MovePlaces(list, segment_at, static_cast<std::uint32_t>(file->size() - origin), file);
  if (list.entries > 0) PutUnsigned(file->size(), segment_at + list.at + 4, 4, list.order, file);
}

}  // namespace gpen::codec
