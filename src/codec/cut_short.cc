#include "codec/cut_short.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "codec/box_header.h"
#include "codec/sniff.h"
#include "codec/tiff_directory.h"

namespace gpen::codec {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kHead = 16;
constexpr std::uint64_t kTail = 64 << 10;
constexpr int kMostBoxes = 64;
constexpr int kMostSegments = 2000;
constexpr int kMostPages = 64;
constexpr std::uint64_t kMostStrips = 1 << 17;

// A file that somebody may shorten while it is read. A mapping of it, or whole bytes for the other
// readers of this module, would not do: it may be large, and is looked at again and again.
class GrowingFile {
 public:
  GrowingFile(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}

  std::uint64_t size() const { return size_; }

  // All of them, or none.
  std::vector<std::byte> Read(std::uint64_t at, std::uint64_t length) const {
    if (at > size_ || length > size_ - at) return {};
    std::vector<std::byte> bytes(length);
    for (std::uint64_t done = 0; done < length;) {
      const ssize_t n =
          ::pread(descriptor_, bytes.data() + done, length - done, static_cast<off_t>(at + done));
      if (n <= 0) return {};
      done += static_cast<std::uint64_t>(n);
    }
    return bytes;
  }

  // Whether `mark` stands near the end, not before `from`.
  bool HasNearItsEnd(std::string_view mark, std::uint64_t from) const {
    if (from > size_) return false;
    const std::uint64_t length = std::min(size_ - from, kTail);
    return AsText(Read(size_ - length, length)).find(mark) != std::string_view::npos;
  }

 private:
  int descriptor_;
  std::uint64_t size_;
};

// The end mark behind the headers, which may hold a whole small JPEG of their own.
bool JpegIsWhole(const GrowingFile& file) {
  std::uint64_t at = 2;
  for (int i = 0; i < kMostSegments; ++i) {
    const auto header = file.Read(at, 4);
    if (header.empty()) return false;
    // Decoders look for the next marker: so does the end, whatever this is.
    if (ReadU8(header, 0) != 0xFF) break;
    if (ReadU8(header, 1) == 0xFF) {  // A filling byte.
      ++at;
      continue;
    }
    at += 2 + ReadUnsigned(header, 2, 2, ByteOrder::kBig);
    if (ReadU8(header, 1) == 0xDA) break;  // The pixels begin.
  }
  return file.HasNearItsEnd("\xFF\xD9"sv, at);
}

bool WebpIsWhole(const GrowingFile& file, Bytes head) {
  return std::uint64_t{ReadU32(head, 4, ByteOrder::kLittle)} + 8 <= file.size();
}

// The boxes of a HEIC or AVIF file follow each other up to its end.
bool BoxesReachTheEnd(const GrowingFile& file) {
  std::uint64_t at = 0;
  for (int i = 0; i < kMostBoxes && at < file.size(); ++i) {
    const std::uint64_t left = file.size() - at;
    const auto bytes = file.Read(at, std::min<std::uint64_t>(left, 16));
    if (bytes.size() < 8) return false;
    const BoxHeader box = ReadBoxHeader(bytes, 0);
    if (!box.is_sane() || box.size > left) return false;
    if (box.size == 0) return true;
    at += box.size;
  }
  return true;
}

// Whether all that the directories of a TIFF or BigTIFF name lies within the file: a directory may
// stand in front of its pixels.
class TiffCheck {
 public:
  TiffCheck(const GrowingFile& file, const TiffLayout& layout) : file_(file), layout_(layout) {}

  bool IsWhole() const {
    std::uint64_t at = layout_.first_directory;
    if (at == 0) return false;  // Writers put it there when all else is written.
    for (int page = 0; page < kMostPages; ++page) {
      const auto count = ReadTiffEntryCount(file_.Read(at, layout_.count_bytes()), layout_);
      if (!count) return false;
      const std::uint64_t length = *count * layout_.entry_bytes();
      const auto directory =
          file_.Read(at + layout_.count_bytes(), length + layout_.offset_bytes());
      if (directory.empty()) return false;
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
      numbers.bytes = file_.Read(place, length);
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
      if (start > file_.size() || length > file_.size() - start) return false;
    }
    return true;
  }

  const GrowingFile& file_;
  const TiffLayout& layout_;
};

bool IsWhole(const GrowingFile& file, Bytes head, Format format) {
  switch (format) {
    case Format::kJpeg:
      return JpegIsWhole(file);
    case Format::kPng:
      return file.HasNearItsEnd("IEND"sv, 0);
    case Format::kWebp:
      return WebpIsWhole(file, head);
    case Format::kTiff: {
      const auto layout = ReadTiffLayout(head);
      return layout && TiffCheck(file, *layout).IsWhole();
    }
    case Format::kHeic:
    case Format::kAvif:
      return BoxesReachTheEnd(file);
  }
  return true;
}

}  // namespace

bool LooksCutShort(int descriptor, std::int64_t size) {
  const GrowingFile file(descriptor, static_cast<std::uint64_t>(std::max<std::int64_t>(size, 0)));
  const auto head = file.Read(0, std::min(file.size(), kHead));
  if (std::ranges::all_of(head, [](std::byte b) { return b == std::byte{0}; })) return true;
  if (file.Read(file.size() - 1, 1).empty()) return true;  // Shorter by now.
  const auto format = SniffFormat(head);
  return format ? !IsWhole(file, head, *format) : head.size() < kHead;
}

}  // namespace gpen::codec
