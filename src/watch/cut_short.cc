#include "watch/cut_short.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace gpen::watch {
namespace {

using namespace std::string_view_literals;

constexpr std::int64_t kHead = 16;
constexpr std::int64_t kTail = 64 << 10;
constexpr int kMostBoxes = 64;

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
  if (start.starts_with("II*\0"sv)) {
    return start.size() < 8 || LittleEndian(start.substr(4, 4)) >= length;
  }
  if (start.starts_with("MM\0*"sv)) {
    return start.size() < 8 || BigEndian(start.substr(4, 4)) >= length;
  }
  if (start.size() >= 8 && start.substr(4, 4) == "ftyp"sv) {
    return !BoxesReachTheEnd(descriptor, length);
  }
  return start.size() < static_cast<std::size_t>(kHead);
}

}  // namespace gpen::watch
