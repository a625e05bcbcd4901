#include "codec/exif_block.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace gpen::codec {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::uint16_t kImageWidth = 0x0100;
constexpr std::uint16_t kImageLength = 0x0101;
constexpr std::uint16_t kOrientation = 0x0112;
constexpr std::uint16_t kSoftware = 0x0131;
constexpr std::uint16_t kThumbnailOffset = 0x0201;
constexpr std::uint16_t kThumbnailLength = 0x0202;
constexpr std::uint16_t kExifDirectory = 0x8769;
constexpr std::uint16_t kGpsDirectory = 0x8825;
constexpr std::uint16_t kInteroperabilityDirectory = 0xA005;
constexpr std::uint16_t kMakerNote = 0x927C;
constexpr std::uint16_t kPixelXDimension = 0xA002;
constexpr std::uint16_t kPixelYDimension = 0xA003;

/// Tags of a TIFF's first directory that say how its pixels are stored, or hold what Metadata has
/// in blobs of its own (XMP, IPTC, Photoshop, ICC) or a second copy of the picture. Sorted.
constexpr auto kStorageTags = std::to_array<std::uint16_t>(
    {0x00FE, 0x00FF, 0x0100, 0x0101, 0x0102, 0x0103, 0x0106, 0x0107, 0x0108, 0x0109, 0x010A, 0x0111,
     0x0115, 0x0116, 0x0117, 0x0118, 0x0119, 0x011C, 0x0120, 0x0121, 0x0122, 0x0123, 0x0124, 0x0125,
     0x012D, 0x013D, 0x0140, 0x0141, 0x0142, 0x0143, 0x0144, 0x0145, 0x0146, 0x0147, 0x0148, 0x014A,
     0x014C, 0x014D, 0x014E, 0x0150, 0x0151, 0x0152, 0x0153, 0x0154, 0x0155, 0x0156, 0x015B, 0x0200,
     0x0201, 0x0202, 0x0203, 0x0205, 0x0206, 0x0207, 0x0208, 0x0209, 0x0211, 0x0212, 0x0213, 0x0214,
     0x02BC, 0x83BB, 0x8649, 0x8769, 0x8773, 0x8825, 0x935C, 0xA005});

// Entries may share bytes, so a small crafted file could ask for copies without end.
constexpr std::size_t kMaxCopiedBytes = std::size_t{8} << 20;

bool IsStorageTag(std::uint16_t tag) {
  return std::binary_search(kStorageTags.begin(), kStorageTags.end(), tag);
}

struct ExifView {
  Bytes bytes;
  TiffLayout layout;
  TiffDirectory root;

  std::optional<TiffDirectory> Child(const TiffDirectory& parent, std::uint16_t tag) const {
    const TiffEntry* pointer = parent.Find(tag);
    if (pointer == nullptr) return std::nullopt;
    return ReadTiffDirectory(bytes, layout, pointer->Unsigned(0, layout.order));
  }
};

std::optional<ExifView> Open(Bytes bytes) {
  const auto layout = ReadTiffLayout(bytes);
  if (!layout) return std::nullopt;
  auto root = ReadTiffDirectory(bytes, *layout, layout->first_directory);
  if (!root) return std::nullopt;
  return ExifView{bytes, *layout, *std::move(root)};
}

std::vector<std::byte> EmptyBlock(ByteOrder order) {
  std::vector<std::byte> block(8);
  block[0] = block[1] = order == ByteOrder::kBig ? std::byte{'M'} : std::byte{'I'};
  PutUnsigned(42, 2, 2, order, &block);
  return block;
}

/// Sets the integer of `entry` in `file`, in which `entry` was found.
void OverwriteInteger(const TiffEntry* entry, std::uint64_t value, ByteOrder order,
                      std::vector<std::byte>* file) {
  if (entry == nullptr || entry->count != 1 || entry->value.empty()) return;
  if (entry->type != kTiffShort && entry->type != kTiffLong) return;
  PutUnsigned(value, entry->value_offset, TiffTypeSize(entry->type), order, file);
}

void Replace(std::vector<NewTiffEntry>* entries, NewTiffEntry entry) {
  std::erase_if(*entries, [&](const NewTiffEntry& other) { return other.tag == entry.tag; });
  entries->push_back(std::move(entry));
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

/// The entries of `source` that `keep(tag)` wants, in the byte order `to`.
template <typename Keep>
std::vector<NewTiffEntry> ConvertedEntries(const TiffDirectory& source, ByteOrder from,
                                           ByteOrder to, Keep keep) {
  std::vector<NewTiffEntry> entries;
  std::size_t copied = 0;
  for (const TiffEntry& entry : source.entries) {
    copied += entry.value.size();
    if (!keep(entry.tag) || copied > kMaxCopiedBytes) continue;
    if (auto converted = Converted(entry, from, to)) Replace(&entries, *std::move(converted));
  }
  return entries;
}

/// Copies the EXIF and GPS directories of `source` behind `file` and adds their pointers to
/// `entries`. A MakerNote is moved as it is: offsets inside it are its maker's own affair.
void CopyChildren(const ExifView& source, ByteOrder order, bool with_maker_note,
                  std::vector<NewTiffEntry>* entries, std::vector<std::byte>* file) {
  const ByteOrder from = source.layout.order;
  const auto all = [](std::uint16_t) { return true; };
  if (const auto exif = source.Child(source.root, kExifDirectory)) {
    auto exif_entries = ConvertedEntries(*exif, from, order, [&](std::uint16_t tag) {
      return tag != kInteroperabilityDirectory && (with_maker_note || tag != kMakerNote);
    });
    if (const auto more = source.Child(*exif, kInteroperabilityDirectory)) {
      const auto offset =
          AppendTiffDirectory(ConvertedEntries(*more, from, order, all), 0, order, file);
      exif_entries.push_back(NewLongEntry(kInteroperabilityDirectory, offset, order));
    }
    const auto offset = AppendTiffDirectory(std::move(exif_entries), 0, order, file);
    Replace(entries, NewLongEntry(kExifDirectory, offset, order));
  }
  if (const auto gps = source.Child(source.root, kGpsDirectory)) {
    const auto offset =
        AppendTiffDirectory(ConvertedEntries(*gps, from, order, all), 0, order, file);
    Replace(entries, NewLongEntry(kGpsDirectory, offset, order));
  }
}

}  // namespace

Bytes WithoutExifPrefix(Bytes exif) {
  return HasTextAt(exif, 0, "Exif\0\0"sv) ? exif.subspan(6) : exif;
}

bool IsReadableExif(Bytes exif) { return Open(exif).has_value(); }

int ExifOrientation(Bytes exif) {
  const auto view = Open(exif);
  if (!view) return 1;
  const TiffEntry* entry = view->root.Find(kOrientation);
  const std::uint64_t value = entry == nullptr ? 1 : entry->Unsigned(0, view->layout.order);
  return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
}

std::vector<std::byte> EditExif(Bytes exif, const ExifEdit& edit) {
  const auto view = Open(exif);
  const ByteOrder order = view ? view->layout.order : ByteOrder::kLittle;
  std::vector<std::byte> block = view ? std::vector(exif.begin(), exif.end()) : EmptyBlock(order);
  std::vector<NewTiffEntry> entries;
  if (view && !view->layout.big) {
    EraseThumbnail(*view, &block);
    for (const TiffEntry& entry : view->root.entries) entries.push_back(AsStored(entry));
    const auto set_size = [&](const TiffDirectory& directory, std::uint16_t x, std::uint16_t y) {
      OverwriteInteger(directory.Find(x), static_cast<unsigned>(edit.width), order, &block);
      OverwriteInteger(directory.Find(y), static_cast<unsigned>(edit.height), order, &block);
    };
    if (const auto child = view->Child(view->root, kExifDirectory)) {
      set_size(*child, kPixelXDimension, kPixelYDimension);
    }
    const auto resize = [&](std::uint16_t tag, int size) {
      if (view->root.Find(tag) == nullptr) return;
      Replace(&entries, NewLongEntry(tag, static_cast<std::uint32_t>(size), order));
    };
    resize(kImageWidth, edit.width);
    resize(kImageLength, edit.height);
  }
  Replace(&entries, NewShortEntry(kOrientation, 1, order));
  Replace(&entries, NewAsciiEntry(kSoftware, edit.software));
  const std::uint32_t offset = AppendTiffDirectory(std::move(entries), 0, order, &block);
  PutUnsigned(offset, 4, 4, order, &block);
  return block;
}

std::vector<std::byte> WithoutMakerNote(Bytes exif) {
  const auto view = Open(exif);
  if (!view) return {};
  const ByteOrder order = view->layout.order;
  std::vector<std::byte> block = EmptyBlock(order);
  auto entries = ConvertedEntries(view->root, order, order, [](std::uint16_t tag) {
    return tag != kExifDirectory && tag != kGpsDirectory;
  });
  CopyChildren(*view, order, /*with_maker_note=*/false, &entries, &block);
  const std::uint32_t offset = AppendTiffDirectory(std::move(entries), 0, order, &block);
  PutUnsigned(offset, 4, 4, order, &block);
  return block;
}

std::vector<std::byte> ExifFromTiff(Bytes tiff) {
  const auto view = Open(tiff);
  if (!view) return {};
  const ByteOrder order = view->layout.order;
  std::vector<std::byte> block = EmptyBlock(order);
  auto entries = ConvertedEntries(view->root, order, order,
                                  [](std::uint16_t tag) { return !IsStorageTag(tag); });
  CopyChildren(*view, order, /*with_maker_note=*/true, &entries, &block);
  if (entries.empty()) return {};
  const std::uint32_t offset = AppendTiffDirectory(std::move(entries), 0, order, &block);
  PutUnsigned(offset, 4, 4, order, &block);
  return block;
}

bool PutExifIntoTiff(Bytes exif, std::vector<NewTiffEntry> more, std::vector<std::byte>* tiff) {
  const auto target = Open(*tiff);
  if (!target || target->layout.big) return false;
  const ByteOrder order = target->layout.order;
  std::vector<NewTiffEntry> entries;
  for (const TiffEntry& entry : target->root.entries) entries.push_back(AsStored(entry));
  const std::uint32_t next = static_cast<std::uint32_t>(target->root.next);
  if (const auto source = Open(exif)) {
    for (NewTiffEntry& entry :
         ConvertedEntries(source->root, source->layout.order, order,
                          [](std::uint16_t tag) { return !IsStorageTag(tag); })) {
      Replace(&entries, std::move(entry));
    }
    CopyChildren(*source, order, /*with_maker_note=*/true, &entries, tiff);
  }
  for (NewTiffEntry& entry : more) Replace(&entries, std::move(entry));
  const std::uint32_t offset = AppendTiffDirectory(std::move(entries), next, order, tiff);
  PutUnsigned(offset, 4, 4, order, tiff);
  return true;
}

}  // namespace gpen::codec
