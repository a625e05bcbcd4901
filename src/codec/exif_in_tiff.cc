#include "codec/exif_in_tiff.h"

#include <algorithm>
#include <array>

#include "codec/exif_view.h"

namespace gpen::codec {
namespace {

// A MakerNote further inside the file is moved: the gap before it would be wasted.
constexpr std::uint64_t kMaxMakerNoteEnd = 48 << 10;

/// Tags of a TIFF's first directory that say how its pixels are stored, or hold what Metadata has
/// in blobs of its own (XMP, IPTC, Photoshop, ICC) or a second copy of the picture. Sorted.
constexpr auto kStorageTags = std::to_array<std::uint16_t>(
    {0x00FE, 0x00FF, 0x0100, 0x0101, 0x0102, 0x0103, 0x0106, 0x0107, 0x0108,      0x0109,
     0x010A, 0x0111, 0x0115, 0x0116, 0x0117, 0x0118, 0x0119, 0x011C, 0x0120,      0x0121,
     0x0122, 0x0123, 0x0124, 0x0125, 0x012D, 0x013D, 0x0140, 0x0141, 0x0142,      0x0143,
     0x0144, 0x0145, 0x0146, 0x0147, 0x0148, 0x014A, 0x014C, 0x014D, 0x014E,      0x0150,
     0x0151, 0x0152, 0x0153, 0x0154, 0x0155, 0x0156, 0x015B, 0x0200, 0x0201,      0x0202,
     0x0203, 0x0205, 0x0206, 0x0207, 0x0208, 0x0209, 0x0211, 0x0212, 0x0213,      0x0214,
     0x02BC, 0x83BB, 0x8649, 0x8769, 0x8773, 0x8825, 0x935C, 0xA005, kCredentials});

// Entries may share bytes, so a small crafted file could ask for copies without end.
constexpr std::size_t kMaxCopiedBytes = std::size_t{8} << 20;

bool IsStorageTag(std::uint16_t tag) {
  return std::binary_search(kStorageTags.begin(), kStorageTags.end(), tag);
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

/// Which of a source's MakerNotes a copy keeps, and where.
struct MakerNotePolicy {
  bool keep = true;
  /// Offset in the target that already holds it; 0: it is appended with the other values.
  std::uint32_t placed_at = 0;
};

std::vector<NewTiffEntry> ExifEntries(const TiffDirectory& exif, ByteOrder from, ByteOrder to,
                                      const MakerNotePolicy& maker_note) {
  const bool append_note = maker_note.keep && maker_note.placed_at == 0;
  auto entries = ConvertedEntries(exif, from, to, [append_note](std::uint16_t tag) {
    return tag != kInteroperabilityDirectory && (append_note || tag != kMakerNote);
  });
  const TiffEntry* note = exif.Find(kMakerNote);
  if (note != nullptr && maker_note.placed_at != 0) {
    NewTiffEntry pointer = NewLongEntry(kMakerNote, maker_note.placed_at, to);
    pointer.type = note->type;
    pointer.count = static_cast<std::uint32_t>(note->count);
    pointer.as_stored = true;
    entries.push_back(std::move(pointer));
  }
  return entries;
}

/// Copies the EXIF and GPS directories of `source` behind `file` and adds their pointers to
/// `entries`.
void CopyChildren(const ExifView& source, ByteOrder order, const MakerNotePolicy& maker_note,
                  std::vector<NewTiffEntry>* entries, std::vector<std::byte>* file) {
  const ByteOrder from = source.layout.order;
  const auto all = [](std::uint16_t) { return true; };
  if (const auto exif = source.Child(source.root, kExifDirectory)) {
    auto exif_entries = ExifEntries(*exif, from, order, maker_note);
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

/// Puts the MakerNote of `source` at its old offset into `block`, which is still empty, so that
/// offsets inside it stay right. Returns the offset, or 0 where that is not possible.
std::uint32_t PlaceMakerNote(const ExifView& source, std::vector<std::byte>* block) {
  const auto exif = source.Child(source.root, kExifDirectory);
  const TiffEntry* note = exif ? exif->Find(kMakerNote) : nullptr;
  if (note == nullptr || note->value.size() <= 4 || note->value_offset < block->size() ||
      note->value_offset + note->value.size() > kMaxMakerNoteEnd)
    return 0;
  block->resize(note->value_offset);
  block->insert(block->end(), note->value.begin(), note->value.end());
  return static_cast<std::uint32_t>(note->value_offset);
}

/// The entries of `target`'s first directory for a copy of the file in which everything after the
/// header lies `shift` bytes later.
std::vector<NewTiffEntry> ShiftedEntries(const ExifView& target, std::uint32_t shift) {
  const ByteOrder order = target.layout.order;
  std::vector<NewTiffEntry> entries;
  for (const TiffEntry& entry : target.root.entries) {
    if (entry.tag == kStripOffsets || entry.tag == kTileOffsets) {
      NewTiffEntry offsets{entry.tag, kTiffLong, static_cast<std::uint32_t>(entry.count), {}};
      offsets.value.resize(entry.count * 4);
      for (std::uint64_t i = 0; i < entry.count; ++i) {
        PutUnsigned(entry.Unsigned(i, order) + shift, i * 4, 4, order, &offsets.value);
      }
      entries.push_back(std::move(offsets));
    } else if (auto copy = Converted(entry, order, order)) {
      entries.push_back(*std::move(copy));
    }
  }
  return entries;
}

/// The EXIF block keeps its offsets: it goes right behind the header, before the pixels.
std::vector<std::byte> PrependExif(const ExifView& source, const ExifView& target,
                                   std::vector<NewTiffEntry>* entries) {
  std::vector<std::byte> file(target.bytes.begin(), target.bytes.begin() + 8);
  file.insert(file.end(), source.bytes.begin() + 8, source.bytes.end());
  file.resize(file.size() + file.size() % 2);
  const auto shift = static_cast<std::uint32_t>(file.size() - 8);
  file.insert(file.end(), target.bytes.begin() + 8, target.bytes.end());
  *entries = ShiftedEntries(target, shift);
  for (const TiffEntry& entry : source.root.entries) {
    const bool pointer = entry.tag == kExifDirectory || entry.tag == kGpsDirectory;
    if (pointer || !IsStorageTag(entry.tag)) Replace(entries, AsStored(entry));
  }
  return file;
}

/// For a block in the other byte order: values are converted and appended.
std::vector<std::byte> AppendExif(const ExifView& source, const ExifView& target,
                                  std::vector<NewTiffEntry>* entries) {
  std::vector<std::byte> file(target.bytes.begin(), target.bytes.end());
  const ByteOrder order = target.layout.order;
  *entries = ShiftedEntries(target, 0);
  for (NewTiffEntry& entry :
       ConvertedEntries(source.root, source.layout.order, order,
                        [](std::uint16_t tag) { return !IsStorageTag(tag); })) {
    Replace(entries, std::move(entry));
  }
  CopyChildren(source, order, MakerNotePolicy(), entries, &file);
  return file;
}

}  // namespace

std::vector<std::byte> WithoutMakerNote(Bytes exif) {
  const auto view = ExifView::Open(exif);
  if (!view) return {};
  const ByteOrder order = view->layout.order;
  std::vector<std::byte> block = EmptyExifBlock(order);
  auto entries = ConvertedEntries(view->root, order, order, [](std::uint16_t tag) {
    return tag != kExifDirectory && tag != kGpsDirectory;
  });
  CopyChildren(*view, order, {.keep = false}, &entries, &block);
  FinishExifBlock(std::move(entries), order, &block);
  return block;
}

std::vector<std::byte> ExifFromTiff(Bytes tiff) {
  const auto view = ExifView::Open(tiff);
  if (!view) return {};
  const ByteOrder order = view->layout.order;
  std::vector<std::byte> block = EmptyExifBlock(order);
  const MakerNotePolicy maker_note{.placed_at = PlaceMakerNote(*view, &block)};
  auto entries = ConvertedEntries(view->root, order, order,
                                  [](std::uint16_t tag) { return !IsStorageTag(tag); });
  CopyChildren(*view, order, maker_note, &entries, &block);
  if (entries.empty()) return {};
  FinishExifBlock(std::move(entries), order, &block);
  return block;
}

std::vector<std::byte> TiffWithEntries(Bytes tiff, Bytes exif, std::vector<NewTiffEntry> more) {
  const auto target = ExifView::Open(tiff);
  if (!target || target->layout.big) return {tiff.begin(), tiff.end()};
  const ByteOrder order = target->layout.order;
  const auto source = ExifView::Open(exif);
  std::vector<NewTiffEntry> entries;
  std::vector<std::byte> file;
  if (source && source->layout.order == order && !source->layout.big) {
    file = PrependExif(*source, *target, &entries);
  } else if (source) {
    file = AppendExif(*source, *target, &entries);
  } else {
    file.assign(tiff.begin(), tiff.end());
    entries = ShiftedEntries(*target, 0);
  }
  for (NewTiffEntry& entry : more) Replace(&entries, std::move(entry));
  FinishExifBlock(std::move(entries), order, &file);
  return file;
}

}  // namespace gpen::codec
