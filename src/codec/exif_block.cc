#include "codec/exif_block.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "codec/exif_view.h"
#include "codec/turned_coordinates.h"

namespace gpen::codec {
namespace {

using std::string_view_literals::operator""sv;

/// Sets the integer of `entry` in `file`, in which `entry` was found.
void OverwriteInteger(const TiffEntry* entry, std::uint64_t value, ByteOrder order,
                      std::vector<std::byte>* file) {
  if (entry == nullptr || entry->count != 1 || entry->value.empty()) return;
  if (entry->type != kTiffShort && entry->type != kTiffLong) return;
  PutUnsigned(value, entry->value_offset, TiffTypeSize(entry->type), order, file);
}

/// Turns and enlarges a place in pixels (x, y), with a diameter or with width and height, where it
/// stands.
void TurnPlace(const TiffEntry* entry, const ExifEdit& edit, ByteOrder order,
               std::vector<std::byte>* file) {
  if (entry == nullptr || entry->value.empty() || entry->count < 2 || entry->count > 4) return;
  if (entry->type != kTiffShort && entry->type != kTiffLong) return;
  const bool swaps = SwapsSides(edit.orientation);
  const double stored_width = (swaps ? edit.height : edit.width) / edit.enlargement;
  const double stored_height = (swaps ? edit.width : edit.height) / edit.enlargement;
  std::array<double, 4> numbers = {};
  for (std::uint64_t i = 0; i < entry->count; ++i) {
    numbers[i] = static_cast<double>(entry->Unsigned(i, order));
  }
  const PicturePoint middle =
      Turned(PicturePoint{numbers[0] / stored_width, numbers[1] / stored_height}, edit.orientation);
  numbers[0] = std::clamp(middle.x, 0.0, 1.0) * edit.width;
  numbers[1] = std::clamp(middle.y, 0.0, 1.0) * edit.height;
  if (entry->count == 4 && swaps) std::swap(numbers[2], numbers[3]);
  for (const std::size_t length : {2u, 3u}) numbers[length] *= edit.enlargement;
  const int size = TiffTypeSize(entry->type);
  const double most = entry->type == kTiffShort ? 65535.0 : 4294967295.0;
  for (std::uint64_t i = 0; i < entry->count; ++i) {
    PutUnsigned(static_cast<std::uint64_t>(std::llround(std::min(numbers[i], most))),
                entry->value_offset + i * static_cast<std::uint64_t>(size), size, order, file);
  }
}

/// Of a picture whose sides change places: so do the values of a pair of tags about them.
void ExchangeValues(const TiffDirectory& directory, std::uint16_t x, std::uint16_t y,
                    std::vector<std::byte>* block) {
  const TiffEntry* across = directory.Find(x);
  const TiffEntry* down = directory.Find(y);
  if (across == nullptr || down == nullptr || across->type != kTiffRational ||
      down->type != kTiffRational || across->value.size() != 8 || down->value.size() != 8)
    return;
  for (std::uint64_t i = 0; i < 8; ++i) {
    std::swap((*block)[across->value_offset + i], (*block)[down->value_offset + i]);
  }
}

// One that was counted by the metre or the centimetre is a whole number all the same.
NewTiffEntry ResolutionEntry(std::uint16_t tag, double dpi, ByteOrder order) {
  constexpr double kSmall = 0.01;
  constexpr std::uint32_t kDivisor = 1000;
  constexpr double kMost = 1'000'000;
  const double whole = std::round(std::min(dpi, kMost));
  if (std::abs(dpi - whole) < kSmall) {
    return NewRationalEntry(tag, static_cast<std::uint32_t>(whole), 1, order);
  }
  const double parts = std::round(std::min(dpi, kMost) * kDivisor);
  return NewRationalEntry(tag, static_cast<std::uint32_t>(parts), kDivisor, order);
}

void StateResolution(const Resolution& resolution, ByteOrder order,
                     std::vector<NewTiffEntry>* entries) {
  constexpr std::uint16_t kNoUnit = 1;
  constexpr std::uint16_t kInch = 2;
  const bool known = resolution.horizontal > 0 && resolution.vertical > 0;
  const auto [across, down] = known ? resolution : Resolution{1, 1};
  Replace(entries, ResolutionEntry(kXResolution, across, order));
  Replace(entries, ResolutionEntry(kYResolution, down, order));
  Replace(entries, NewShortEntry(kResolutionUnit, known ? kInch : kNoUnit, order));
}

/// Overwrites the thumbnail's bytes, or cuts them off where they are the last.
void EraseThumbnail(const ExifView& exif, std::vector<std::byte>* block) {
  const auto second = ReadTiffDirectory(exif.bytes, exif.layout, exif.root.next);
  if (!second) return;
  const TiffEntry* offset_entry = second->Find(kThumbnailOffset);
  const TiffEntry* length_entry = second->Find(kThumbnailLength);
  if (offset_entry == nullptr || length_entry == nullptr) return;
  const std::uint64_t offset = offset_entry->Unsigned(0, exif.layout.order);
  const std::uint64_t length = length_entry->Unsigned(0, exif.layout.order);
  // Only what looks like the JPEG that it should be: a crafted offset could name other data.
  if (length < 4 || offset > block->size() || block->size() - offset < length ||
      !HasTextAt(*block, offset, "\xFF\xD8"))
    return;
  const auto begin = block->begin() + static_cast<std::ptrdiff_t>(offset);
  if (offset + length == block->size()) {
    block->erase(begin, block->end());
  } else {
    std::fill(begin, begin + static_cast<std::ptrdiff_t>(length), std::byte{0});
  }
}

}  // namespace

Bytes WithoutExifPrefix(Bytes exif) {
  return HasTextAt(exif, 0, "Exif\0\0"sv) ? exif.subspan(6) : exif;
}

bool IsReadableExif(Bytes exif) { return ExifView::Open(exif).has_value(); }

int ExifOrientation(Bytes exif) {
  const auto view = ExifView::Open(exif);
  if (!view) return 1;
  const TiffEntry* entry = view->root.Find(kOrientation);
  const std::uint64_t value = entry == nullptr ? 1 : entry->Unsigned(0, view->layout.order);
  return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
}

std::vector<std::byte> WithOrientationOne(std::vector<std::byte> exif) {
  const auto view = ExifView::Open(exif);
  if (view) OverwriteInteger(view->root.Find(kOrientation), 1, view->layout.order, &exif);
  return exif;
}

std::vector<std::byte> EditExif(Bytes exif, const ExifEdit& edit) {
  const auto view = ExifView::Open(exif);
  const ByteOrder order = view ? view->layout.order : ByteOrder::kLittle;
  std::vector<std::byte> block =
      view ? std::vector(exif.begin(), exif.end()) : EmptyExifBlock(order);
  std::vector<NewTiffEntry> entries;
  if (view && !view->layout.big) {
    for (const TiffEntry& entry : view->root.entries) entries.push_back(AsStored(entry));
    const auto set_size = [&](const TiffDirectory& directory, std::uint16_t x, std::uint16_t y) {
      OverwriteInteger(directory.Find(x), static_cast<unsigned>(edit.width), order, &block);
      OverwriteInteger(directory.Find(y), static_cast<unsigned>(edit.height), order, &block);
    };
    if (const auto child = view->Child(view->root, kExifDirectory)) {
      set_size(*child, kPixelXDimension, kPixelYDimension);
      if (edit.orientation > 1 || edit.enlargement != 1) {
        TurnPlace(child->Find(kSubjectArea), edit, order, &block);
        TurnPlace(child->Find(kSubjectLocation), edit, order, &block);
      }
      if (SwapsSides(edit.orientation)) {
        ExchangeValues(*child, kFocalPlaneXResolution, kFocalPlaneYResolution, &block);
      }
    }
    if (SwapsSides(edit.orientation))
      ExchangeValues(view->root, kXResolution, kYResolution, &block);
    const auto resize = [&](std::uint16_t tag, int size) {
      if (view->root.Find(tag) == nullptr) return;
      Replace(&entries, NewLongEntry(tag, static_cast<std::uint32_t>(size), order));
    };
    resize(kImageWidth, edit.width);
    resize(kImageLength, edit.height);
    EraseThumbnail(*view, &block);  // Last: it may shorten the block.
  }
  const bool states_resolution = view && view->root.Find(kXResolution) != nullptr;
  if (edit.resolution && !states_resolution) StateResolution(*edit.resolution, order, &entries);
  Replace(&entries, NewShortEntry(kOrientation, 1, order));
  Replace(&entries, NewAsciiEntry(kSoftware, edit.software));
  FinishExifBlock(std::move(entries), order, &block);
  return block;
}

}  // namespace gpen::codec
