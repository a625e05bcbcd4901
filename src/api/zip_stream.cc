#include "api/zip_stream.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>
#include <set>

#include "base/piecewise_read.h"

namespace gpen::api {
namespace {

constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint16_t kVersion = 45;  // With ZIP64.
constexpr std::uint16_t kUtf8Names = 1 << 11;
constexpr std::uint16_t kDate =
    (46 << 9) | (1 << 5) | 1;  // 2026-01-01: the time is of no use here.

void Put(std::string* text, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) *text += static_cast<char>(value >> (8 * i) & 0xFFU);
}

// The part that a local header and a directory entry have in common.
void PutCommon(std::string* text, std::uint32_t crc, std::uint32_t size, std::size_t name_size,
               std::size_t extra_size) {
  Put(text, kVersion, 2);
  Put(text, kUtf8Names, 2);
  Put(text, 0, 2);  // Stored.
  Put(text, 0, 2);
  Put(text, kDate, 2);
  Put(text, crc, 4);
  Put(text, size, 4);
  Put(text, size, 4);
  Put(text, name_size, 2);
  Put(text, extra_size, 2);
}

// CRC of the first `size` bytes of an open file. False where it cannot be read so far.
bool ChecksumOf(int descriptor, std::uint64_t size, std::uint32_t* checksum) {
  auto crc = ::crc32(0, nullptr, 0);
  const ReadPiece all = ReadInBlocks(descriptor, size, [&](std::span<const std::byte> block) {
    crc = ::crc32(crc, reinterpret_cast<const unsigned char*>(block.data()),
                  static_cast<unsigned>(block.size()));
  });
  *checksum = static_cast<std::uint32_t>(crc);
  return all.bytes == size;
}

void MakeNamesDistinct(std::vector<ZipEntry>* entries) {
  std::set<std::string> taken;
  for (auto& entry : *entries) {
    const std::filesystem::path original = entry.name;
    for (int copy = 2; !taken.insert(entry.name).second; ++copy) {
      entry.name =
          fmt::format("{} ({}){}", original.stem().string(), copy, original.extension().string());
    }
  }
}

}  // namespace

ZipStream::ZipStream(std::vector<ZipEntry> entries) : entries_(std::move(entries)) {
  MakeNamesDistinct(&entries_);
}

ZipStream::~ZipStream() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool ZipStream::OpenNext() {
  while (next_ < entries_.size()) {
    const ZipEntry& entry = entries_[next_++];
    const int descriptor = entry.open().Release();
    if (descriptor < 0) continue;
    struct stat status = {};
    std::uint32_t crc = 0;
    if (::fstat(descriptor, &status) != 0 || static_cast<std::uint64_t>(status.st_size) >= kMax32 ||
        !ChecksumOf(descriptor, static_cast<std::uint64_t>(status.st_size), &crc)) {
      ::close(descriptor);
      continue;
    }
    descriptor_ = descriptor;
    left_ = static_cast<std::uint64_t>(status.st_size);
    written_.push_back({entry.name, crc, static_cast<std::uint32_t>(left_), offset_});
    pending_ = "PK\x03\x04";
    PutCommon(&pending_, crc, static_cast<std::uint32_t>(left_), entry.name.size(), 0);
    pending_ += entry.name;
    return true;
  }
  return false;
}

void ZipStream::AppendDirectory() {
  directory_done_ = true;
  const std::uint64_t start = offset_;
  std::string directory;
  for (const auto& entry : written_) {
    const bool far = entry.offset >= kMax32;
    directory += "PK\x01\x02";
    Put(&directory, kVersion | 3U << 8U, 2);  // Made on Unix.
    PutCommon(&directory, entry.crc, entry.size, entry.name.size(), far ? 12 : 0);
    Put(&directory, 0, 2);  // No comment,
    Put(&directory, 0, 2);  // one disk,
    Put(&directory, 0, 2);  // binary,
    Put(&directory, 0100644ULL << 16U, 4);
    Put(&directory, far ? kMax32 : entry.offset, 4);
    directory += entry.name;
    if (far) {
      Put(&directory, 1, 2);
      Put(&directory, 8, 2);
      Put(&directory, entry.offset, 8);
    }
  }
  const std::uint64_t size = directory.size();
  if (start + size >= kMax32 || written_.size() >= 0xFFFF) {
    const std::uint64_t end = start + size;
    directory += "PK\x06\x06";
    Put(&directory, 44, 8);
    Put(&directory, kVersion, 2);
    Put(&directory, kVersion, 2);
    Put(&directory, 0, 8);
    Put(&directory, written_.size(), 8);
    Put(&directory, written_.size(), 8);
    Put(&directory, size, 8);
    Put(&directory, start, 8);
    directory += "PK\x06\x07";
    Put(&directory, 0, 4);
    Put(&directory, end, 8);
    Put(&directory, 1, 4);
  }
  directory += "PK\x05\x06";
  Put(&directory, 0, 4);
  Put(&directory, std::min<std::uint64_t>(written_.size(), 0xFFFF), 2);
  Put(&directory, std::min<std::uint64_t>(written_.size(), 0xFFFF), 2);
  Put(&directory, std::min(size, kMax32), 4);
  Put(&directory, std::min(start, kMax32), 4);
  Put(&directory, 0, 2);
  pending_ = std::move(directory);
}

http::BodySource::Piece ZipStream::Read(std::span<std::byte> buffer) {
  if (pending_.empty() && descriptor_ < 0 && !OpenNext()) {
    if (directory_done_) return {Status::kEnd, 0};
    AppendDirectory();
  }
  std::size_t bytes = 0;
  if (!pending_.empty()) {
    bytes = std::min(buffer.size(), pending_.size());
    std::memcpy(buffer.data(), pending_.data(), bytes);
    pending_.erase(0, bytes);
  } else if (left_ > 0) {
    const auto wanted = buffer.first(std::min<std::uint64_t>(buffer.size(), left_));
    bytes =
        ReadAt(descriptor_, written_.back().size - static_cast<std::int64_t>(left_), wanted).bytes;
    if (bytes < wanted.size()) return {Status::kFailed, 0};  // Its size is promised already.
    left_ -= bytes;
  }
  offset_ += bytes;
  if (descriptor_ >= 0 && pending_.empty() && left_ == 0) {
    ::close(descriptor_);
    descriptor_ = -1;
  }
  return {Status::kData, bytes};
}

}  // namespace gpen::api
