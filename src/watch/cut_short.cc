#include "watch/cut_short.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace gpen::watch {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kHead = 16;
constexpr std::uint64_t kTail = 64 << 10;
constexpr int kMostBoxes = 64;
constexpr int kMostSegments = 2000;
constexpr int kMostPages = 64;
constexpr std::uint64_t kMostEntries = 4096;
constexpr std::uint64_t kMostStrips = 1 << 17;

std::uint64_t BigEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

std::uint64_t LittleEndian(std::string_view bytes) {
  return BigEndian(std::string(bytes.rbegin(), bytes.rend()));
}

// A file that somebody may shorten while it is read. A mapping of it, or whole bytes for the
// codec's parsers, would not do: it may be large, and is looked at again and again.
class GrowingFile {
 public:
  GrowingFile(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}

  std::uint64_t size() const { return size_; }

  // All of them, or none.
  std::string Bytes(std::uint64_t at, std::uint64_t length) const {
    if (at > size_ || length > size_ - at) return {};
    std::string bytes(length, '\0');
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
    return Bytes(size_ - length, length).find(mark) != std::string::npos;
  }

 private:
  int descriptor_;
  std::uint64_t size_;
};

// The end mark behind the headers, which may hold a whole small JPEG of their own.
bool JpegIsWhole(const GrowingFile& file) {
  std::uint64_t at = 2;
  for (int i = 0; i < kMostSegments; ++i) {
    const std::string header = file.Bytes(at, 4);
    if (header.empty()) return false;
    // Decoders look for the next marker: so does the end, whatever this is.
    if (header[0] != '\xFF') break;
    if (header[1] == '\xFF') {  // A filling byte.
      ++at;
      continue;
    }
    at += 2 + BigEndian(std::string_view(header).substr(2));
    if (header[1] == '\xDA') break;  // The pixels begin.
  }
  return file.HasNearItsEnd("\xFF\xD9"sv, at);
}

// The boxes of a HEIC or AVIF file follow each other up to its end.
bool BoxesReachTheEnd(const GrowingFile& file) {
  const std::uint64_t size = file.size();
  std::uint64_t at = 0;
  for (int i = 0; i < kMostBoxes && at < size; ++i) {
    const std::string header = file.Bytes(at, 8);
    if (header.empty()) return false;
    std::uint64_t length = BigEndian(std::string_view(header).substr(0, 4));
    if (length == 0) return true;  // Up to the end, wherever that is.
    if (length == 1) length = BigEndian(file.Bytes(at + 8, 8));
    if (length < 8 || length > size - at) return false;
    at += length;
  }
  return true;
}

// Whether all that the directories of a TIFF or BigTIFF name lies within the file: a directory may
// stand in front of its pixels.
class Tiff {
 public:
  Tiff(const GrowingFile& file, bool big_endian, bool big)
      : file_(file), big_endian_(big_endian), big_(big) {}

  bool IsWhole() const {
    const std::uint64_t width = big_ ? 8 : 4;  // Of offsets and counts.
    std::uint64_t at = Number(file_.Bytes(width, width));
    if (at == 0) return false;  // Writers put it there when all else is written.
    for (int page = 0; page < kMostPages; ++page) {
      const std::uint64_t count_width = big_ ? 8 : 2;
      const std::string count = file_.Bytes(at, count_width);
      if (count.empty() || Number(count) > kMostEntries) return false;
      const std::uint64_t length = EntrySize() * Number(count);
      const std::string entries = file_.Bytes(at + count_width, length + width);
      if (entries.empty()) return false;
      const auto directory = std::string_view(entries).substr(0, length);
      if (!AreThere(directory, 273, 279) || !AreThere(directory, 324, 325)) return false;
      const std::uint64_t next = Number(std::string_view(entries).substr(length));
      if (next <= at) return true;  // The last; or backwards, which could be a circle.
      at = next;
    }
    return true;
  }

 private:
  struct Numbers {
    std::string bytes;
    std::uint64_t width = 1;
    std::uint64_t count = 0;
  };

  std::uint64_t EntrySize() const { return big_ ? 20 : 12; }

  std::uint64_t Number(std::string_view bytes) const {
    return big_endian_ ? BigEndian(bytes) : LittleEndian(bytes);
  }

  std::uint64_t Nth(const Numbers& numbers, std::uint64_t i) const {
    return Number(std::string_view(numbers.bytes).substr(i * numbers.width, numbers.width));
  }

  // The values of the first entry `tag`, none where there is no such entry. False where they are
  // not in the file.
  bool Read(std::string_view entries, std::uint64_t tag, Numbers* numbers) const {
    while (!entries.empty() && Number(entries.substr(0, 2)) != tag) {
      entries.remove_prefix(EntrySize());
    }
    if (entries.empty()) return true;
    const std::uint64_t type = Number(entries.substr(2, 2));
    const std::uint64_t field_width = big_ ? 8 : 4;
    numbers->width = type == 3 ? 2 : type == 16 ? 8 : 4;  // SHORT, LONG8, LONG.
    numbers->count = std::min(Number(entries.substr(4, field_width)), kMostStrips);
    const std::uint64_t length = numbers->count * numbers->width;
    const auto field = entries.substr(4 + field_width, field_width);
    numbers->bytes = length <= field_width ? std::string(field.substr(0, length))
                                           : file_.Bytes(Number(field), length);
    return numbers->bytes.size() == length;
  }

  // The strips or tiles that the entry `starts_tag` says the places of, and `lengths_tag` the
  // lengths, which some writers leave out.
  bool AreThere(std::string_view entries, std::uint64_t starts_tag,
                std::uint64_t lengths_tag) const {
    Numbers starts;
    Numbers lengths;
    if (!Read(entries, starts_tag, &starts) || !Read(entries, lengths_tag, &lengths)) return false;
    for (std::uint64_t i = 0; i < starts.count; ++i) {
      const std::uint64_t start = Nth(starts, i);
      const std::uint64_t length = i < lengths.count ? Nth(lengths, i) : 0;
      if (start > file_.size() || length > file_.size() - start) return false;
    }
    return true;
  }

  const GrowingFile& file_;
  bool big_endian_;
  bool big_;
};

}  // namespace

bool LooksCutShort(int descriptor, std::int64_t size) {
  const GrowingFile file(descriptor, static_cast<std::uint64_t>(std::max<std::int64_t>(size, 0)));
  const std::string head = file.Bytes(0, std::min(file.size(), kHead));
  const std::string_view start = head;
  if (std::ranges::all_of(start, [](char c) { return c == '\0'; })) return true;  // Or empty.
  if (file.Bytes(file.size() - 1, 1).empty()) return true;                        // Shorter by now.
  if (start.starts_with("\xFF\xD8\xFF"sv)) return !JpegIsWhole(file);
  if (start.starts_with("\x89PNG"sv)) return !file.HasNearItsEnd("IEND"sv, 0);
  if (start.starts_with("RIFF"sv)) {
    return start.size() < 8 || LittleEndian(start.substr(4, 4)) + 8 > file.size();
  }
  const bool big = start.starts_with("II+\0"sv) || start.starts_with("MM\0+"sv);
  if (big || start.starts_with("II*\0"sv) || start.starts_with("MM\0*"sv)) {
    return !Tiff(file, start.starts_with('M'), big).IsWhole();
  }
  if (start.size() >= 8 && start.substr(4, 4) == "ftyp"sv) return !BoxesReachTheEnd(file);
  return start.size() < kHead;
}

}  // namespace gpen::watch
