#include "api/zip_stream.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>
#include <utility>

#include "api/archive_names.h"
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

// What one entry begins with.
struct ReadyFile {
  std::string name;
  Descriptor file;
  std::uint32_t crc = 0;
  std::uint32_t size = 0;
};

std::optional<ReadyFile> Prepare(const ZipEntry& entry) {
  ReadyFile ready;
  ready.name = entry.name;
  ready.file = entry.open();
  struct stat status = {};
  if (!ready.file.is_open() || ::fstat(ready.file.get(), &status) != 0) return std::nullopt;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size >= kMax32 || !ChecksumOf(ready.file.get(), size, &ready.crc)) return std::nullopt;
  ready.size = static_cast<std::uint32_t>(size);
  return ready;
}

}  // namespace

// What the background works on; it may outlive the stream.
struct ZipStream::Ahead {
  std::vector<ZipEntry> entries;
  std::size_t next = 0;

  std::mutex mutex;  // Guards all below. Entries and `next` are the background's while it is busy.
  bool busy = false;
  std::optional<ReadyFile> ready;
  bool done = false;  ///< No file is left.
  ZipStream* stream = nullptr;

  void Work() {
    std::optional<ReadyFile> file;
    while (next < entries.size() && !file) {
      {
        const std::lock_guard lock(mutex);
        if (stream == nullptr) return;  // The client has left.
      }
      file = Prepare(entries[next++]);
    }
    const std::lock_guard lock(mutex);
    busy = false;
    done = !file;
    ready = std::move(file);
    if (stream != nullptr) stream->Wake();
  }
};

ZipStream::ZipStream(std::vector<ZipEntry> entries, Background background)
    : background_(std::move(background)), ahead_(std::make_shared<Ahead>()) {
  DistinctNames names;
  for (auto& entry : entries) entry.name = names.Take(entry.name);
  ahead_->entries = std::move(entries);
  ahead_->stream = this;
}

ZipStream::~ZipStream() {
  {
    const std::lock_guard lock(ahead_->mutex);
    ahead_->stream = nullptr;
  }
  if (descriptor_ >= 0) ::close(descriptor_);
}

void ZipStream::PrepareNext() {
  {
    const std::lock_guard lock(ahead_->mutex);
    if (ahead_->busy || ahead_->ready || ahead_->done) return;
    ahead_->busy = true;
  }
  background_([ahead = ahead_] { ahead->Work(); });
}

std::optional<bool> ZipStream::OpenNext() {
  PrepareNext();
  ReadyFile file;
  {
    const std::lock_guard lock(ahead_->mutex);
    if (ahead_->done) return false;
    if (!ahead_->ready) return std::nullopt;
    file = *std::move(ahead_->ready);
    ahead_->ready.reset();
  }
  PrepareNext();
  descriptor_ = file.file.Release();
  left_ = file.size;
  pending_ = "PK\x03\x04";
  PutCommon(&pending_, file.crc, file.size, file.name.size(), 0);
  pending_ += file.name;
  written_.push_back({std::move(file.name), file.crc, file.size, offset_});
  return true;
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
  if (pending_.empty() && descriptor_ < 0) {
    if (directory_done_) return {Status::kEnd, 0};
    const auto opened = OpenNext();
    if (!opened) return {Status::kWait, 0};
    if (!*opened) AppendDirectory();
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
