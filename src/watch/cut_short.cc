#include "watch/cut_short.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace gpen::watch {
namespace {

using namespace std::string_view_literals;

constexpr std::int64_t kHead = 16;
constexpr std::int64_t kTail = 64 << 10;
constexpr int kMostBoxes = 64;
constexpr int kMostPages = 64;
constexpr std::uint64_t kMostStrips = 1 << 20;

std::string ReadAt(int descriptor, std::int64_t at, std::int64_t size) {
  std::string bytes(static_cast<std::size_t>(std::max<std::int64_t>(size, 0)), '\0');
  const ssize_t n = ::pread(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(at));
  bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return bytes;
}

std::uint64_t BigEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

std::uint64_t LittleEndian(std::string_view bytes) {
  return BigEndian(std::string(bytes.rbegin(), bytes.rend()));
}

bool HasNearItsEnd(int descriptor, std::int64_t size, std::string_view mark) {
  const std::int64_t length = std::min(size, kTail);
  return ReadAt(descriptor, size - length, length).find(mark) != std::string::npos;
}

// The boxes of a HEIC or AVIF file follow each other up to its end.
bool BoxesReachTheEnd(int descriptor, std::uint64_t size) {
  std::uint64_t at = 0;
  for (int i = 0; i < kMostBoxes && at < size; ++i) {
    const std::string header = ReadAt(descriptor, static_cast<std::int64_t>(at), kHead);
    if (header.size() < 8) return false;
    std::uint64_t length = BigEndian(std::string_view(header).substr(0, 4));
    if (length == 0) return true;  // Up to the end, wherever that is.
    if (length == 1) {
      if (header.size() < 16) return false;
      length = BigEndian(std::string_view(header).substr(8, 8));
    }
    if (length < 8 || length > size - at) return false;
    at += length;
  }
  return true;
}

// Whether all that the directories of a TIFF name lies within the file: a directory may stand in
// front of its pixels.
class Tiff {
 public:
  Tiff(int descriptor, std::uint64_t size, bool big_endian)
      : descriptor_(descriptor), size_(size), big_endian_(big_endian) {}

  bool IsWhole() const {
    std::uint64_t at = Number(Bytes(4, 4));
    for (int page = 0; page < kMostPages && at != 0; ++page) {
      const std::string count = Bytes(at, 2);
      if (count.empty()) return false;
      const std::uint64_t length = 12 * Number(count);
      const std::string entries = Bytes(at + 2, length + 4);
      if (entries.empty() || !PixelsAreThere(std::string_view(entries).substr(0, length))) {
        return false;
      }
      at = Number(std::string_view(entries).substr(length));
    }
    return true;
  }

 private:
  // Empty where they are not all in the file.
  std::string Bytes(std::uint64_t at, std::uint64_t length) const {
    if (at > size_ || length > size_ - at) return {};
    return ReadAt(descriptor_, static_cast<std::int64_t>(at), static_cast<std::int64_t>(length));
  }

  std::uint64_t Number(std::string_view bytes) const {
    return big_endian_ ? BigEndian(bytes) : LittleEndian(bytes);
  }

  // Strips and tiles: tags 273 and 324 say where, 279 and 325 how long, as SHORT (3) or LONG (4).
  bool PixelsAreThere(std::string_view entries) const {
    std::vector<std::uint64_t> starts;
    std::vector<std::uint64_t> lengths;
    for (; !entries.empty(); entries.remove_prefix(12)) {
      const std::uint64_t tag = Number(entries.substr(0, 2));
      const bool are_starts = tag == 273 || tag == 324;
      if (!are_starts && tag != 279 && tag != 325) continue;
      const std::uint64_t width = Number(entries.substr(2, 2)) == 3 ? 2 : 4;
      const std::uint64_t count = std::min(Number(entries.substr(4, 4)), kMostStrips);
      std::string values(entries.substr(8, 4));
      if (count * width > values.size()) values = Bytes(Number(values), count * width);
      if (values.size() < count * width) return false;
      auto& numbers = are_starts ? starts : lengths;
      for (std::uint64_t i = 0; i < count; ++i) {
        numbers.push_back(Number(std::string_view(values).substr(i * width, width)));
      }
    }
    lengths.resize(starts.size());  // Some writers leave them out.
    for (std::size_t i = 0; i < starts.size(); ++i) {
      if (starts[i] + lengths[i] > size_) return false;
    }
    return true;
  }

  int descriptor_;
  std::uint64_t size_;
  bool big_endian_;
};

}  // namespace

bool LooksCutShort(int descriptor, std::int64_t size) {
  const std::string head = ReadAt(descriptor, 0, kHead);
  const std::string_view start = head;
  const auto length = static_cast<std::uint64_t>(size);
  if (std::ranges::all_of(start, [](char c) { return c == '\0'; })) return true;  // Or empty.
  if (start.starts_with("\xFF\xD8\xFF"sv)) return !HasNearItsEnd(descriptor, size, "\xFF\xD9"sv);
  if (start.starts_with("\x89PNG"sv)) return !HasNearItsEnd(descriptor, size, "IEND"sv);
  if (start.starts_with("RIFF"sv)) {
    return start.size() < 8 || LittleEndian(start.substr(4, 4)) + 8 > length;
  }
  if (start.starts_with("II*\0"sv) || start.starts_with("MM\0*"sv)) {
    return start.size() < 8 || !Tiff(descriptor, length, start.starts_with('M')).IsWhole();
  }
  if (start.size() >= 8 && start.substr(4, 4) == "ftyp"sv) {
    return !BoxesReachTheEnd(descriptor, length);
  }
  return start.size() < static_cast<std::size_t>(kHead);
}

}  // namespace gpen::watch
