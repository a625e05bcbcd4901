#include <algorithm>
#include <vector>

#include "codec/tiff_directory.h"
#include "codec/whole_file.h"

namespace gpen::codec {
namespace {

constexpr std::uint64_t kHead = 16;
constexpr int kMostPages = 64;
constexpr std::uint64_t kMostStrips = 1 << 17;

// Whether all that the directories of a TIFF or BigTIFF name lies within the file: a directory may
// stand in front of its pixels.
class TiffCheck {
 public:
  TiffCheck(ByteSource* file, const TiffLayout& layout) : file_(file), layout_(layout) {}

  bool IsWhole() const {
    std::uint64_t at = layout_.first_directory;
    if (at == 0) return false;  // Writers put it there when all else is written.
    for (int page = 0; page < kMostPages; ++page) {
      const auto count = ReadTiffEntryCount(file_->Read(at, layout_.count_bytes()), layout_);
      if (!count) return false;
      const std::uint64_t length = *count * layout_.entry_bytes();
      const auto read = file_->Read(at + layout_.count_bytes(), length + layout_.offset_bytes());
      if (read.empty()) return false;
      const std::vector directory(read.begin(), read.end());  // Values are read meanwhile.
      const Bytes entries = Bytes(directory).first(length);
      if (!AreThere(entries, 273, 279) || !AreThere(entries, 324, 325)) return false;
      const std::uint64_t next =
          ReadUnsigned(directory, length, static_cast<int>(layout_.offset_bytes()), layout_.order);
      if (next <= at) return true;  // The last; or backwards, which could be a circle.
      at = next;
    }
    return true;
  }

 private:
  struct Numbers {
    TiffEntry entry;  // Its value is `bytes`.
    std::vector<std::byte> bytes;
  };

  // The values of the first entry `tag`, none where there is no such entry. Nothing where they are
  // not in the file.
  std::optional<Numbers> Find(Bytes entries, std::uint16_t tag) const {
    Numbers numbers;
    while (!entries.empty() && ReadU16(entries, 0, layout_.order) != tag) {
      entries = entries.subspan(layout_.entry_bytes());
    }
    if (entries.empty()) return numbers;
    numbers.entry = ReadTiffEntry(entries.first(layout_.entry_bytes()), layout_);
    numbers.entry.count = std::min(numbers.entry.count, kMostStrips);
    const auto length =
        numbers.entry.count * static_cast<std::uint64_t>(TiffTypeSize(numbers.entry.type));
    const Bytes field = entries.subspan(layout_.entry_bytes() - layout_.offset_bytes());
    if (length <= layout_.offset_bytes()) {
      const Bytes inside = field.first(length);
      numbers.bytes.assign(inside.begin(), inside.end());
    } else {
      const auto place =
          ReadUnsigned(field, 0, static_cast<int>(layout_.offset_bytes()), layout_.order);
      const Bytes read = file_->Read(place, length);
      numbers.bytes.assign(read.begin(), read.end());
    }
    if (numbers.bytes.size() != length) return std::nullopt;
    numbers.entry.value = numbers.bytes;  // Stays where it is when the vector is moved.
    return numbers;
  }

  // The strips or tiles that the entry `starts_tag` says the places of, and `lengths_tag` the
  // lengths, which some writers leave out.
  bool AreThere(Bytes entries, std::uint16_t starts_tag, std::uint16_t lengths_tag) const {
    const auto starts = Find(entries, starts_tag);
    const auto lengths = Find(entries, lengths_tag);
    if (!starts || !lengths) return false;
    for (std::uint64_t i = 0; i < starts->entry.count; ++i) {
      const std::uint64_t start = starts->entry.Unsigned(i, layout_.order);
      const std::uint64_t length = lengths->entry.Unsigned(i, layout_.order);
      if (start > file_->size() || length > file_->size() - start) return false;
    }
    return true;
  }

  ByteSource* file_;
  const TiffLayout& layout_;
};

}  // namespace

std::optional<MissingPart> FindMissingInTiff(ByteSource* file) {
  // Some writers are wrong about lengths, so only decoding tells whether pixels are missing.
  const MissingPart missing{"a part that its directory names is not there", false};
  const auto layout = ReadTiffLayout(file->Read(0, std::min(file->size(), kHead)));
  if (!layout || !TiffCheck(file, *layout).IsWhole()) return missing;
  return std::nullopt;
}

}  // namespace gpen::codec
