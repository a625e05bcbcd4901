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
  AppendedParts parts;
  std::uint64_t at = 0;
  for (;;) {
    std::uint64_t begin = at;
    while (begin < appended.size() && appended[begin] == std::byte{0}) ++begin;
    if (!HasTextAt(appended, begin, "\xFF\xD8\xFF")) break;
    MemorySource picture(appended.subspan(begin));
    const auto end = EndOfJpegPicture(&picture);
    if (!end) break;
    parts.list.push_back({begin, *end});
    at = begin + *end;
  }
  parts.pictures = appended.first(at);
  parts.rest = appended.subspan(at);
  return parts;
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

bool MovePictures(const std::vector<AppendedPicture>& before,
                  const std::vector<AppendedPicture>& after, std::vector<std::byte>* mpf) {
  const PictureList list = FindList(*mpf);
  for (std::uint64_t i = 1; i < list.entries; ++i) {
    const std::uint64_t at = list.at + i * kEntryBytes;
    const std::uint32_t place = ReadU32(*mpf, at + 8, list.order);
    const auto found = std::ranges::find(before, place, &AppendedPicture::offset);
    if (found == before.end()) return false;
    const AppendedPicture& moved = after[static_cast<std::size_t>(found - before.begin())];
    PutUnsigned(moved.size, at + 4, 4, list.order, mpf);
    PutUnsigned(moved.offset, at + 8, 4, list.order, mpf);
  }
  return true;
}

}  // namespace gpen::codec
