#include "onnx/byte_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/piecewise_read.h"

namespace gpen::onnx {
namespace {

Error EndsBefore(const std::string& name, std::uint64_t offset, std::uint64_t count,
                 std::uint64_t size) {
  return Error(ErrorCode::kModelInvalid,
               fmt::format("{}: the file is cut short: expected {} bytes at offset {}, but it ends "
                           "at {}; download or copy it again",
                           name, count, offset, size));
}

class FileSource final : public ByteSource {
 public:
  FileSource(int descriptor, std::uint64_t size, std::string name)
      : descriptor_(descriptor), size_(size), name_(std::move(name)) {}
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  ~FileSource() override { ::close(descriptor_); }

  std::uint64_t size() const override { return size_; }
  const std::string& name() const override { return name_; }

  Result<void> Read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset > size_ || out.size() > size_ - offset) {
      return EndsBefore(name_, offset, out.size(), size_);
    }
    const ReadPiece piece = ReadAt(descriptor_, static_cast<std::int64_t>(offset), out);
    if (piece.error_number != 0) {
      return Error(ErrorCode::kUnavailable,
                   fmt::format("cannot read {}: {}", name_, std::strerror(piece.error_number)));
    }
    if (piece.bytes < out.size()) {  // Shrunk since opened.
      return EndsBefore(name_, offset, out.size(), offset + piece.bytes);
    }
    return {};
  }

 private:
  int descriptor_;
  std::uint64_t size_;
  std::string name_;
};

class MemorySource final : public ByteSource {
 public:
  MemorySource(std::span<const std::byte> bytes, std::string name)
      : bytes_(bytes), name_(std::move(name)) {}

  std::uint64_t size() const override { return bytes_.size(); }
  const std::string& name() const override { return name_; }

  Result<void> Read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset) {
      return EndsBefore(name_, offset, out.size(), bytes_.size());
    }
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
    return {};
  }

 private:
  std::span<const std::byte> bytes_;
  std::string name_;
};

}  // namespace

Result<std::vector<std::byte>> ByteSource::ReadBytes(std::uint64_t offset,
                                                     std::uint64_t count) const {
  if (offset > size() || count > size() - offset) return EndsBefore(name(), offset, count, size());
  std::vector<std::byte> bytes(static_cast<std::size_t>(count));
  GPEN_TRY(Read(offset, bytes));
  return bytes;
}

Result<std::unique_ptr<ByteSource>> OpenFile(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a FIFO must not hang before fstat can refuse it.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return Error(errno == ENOENT ? ErrorCode::kModelMissing : ErrorCode::kUnavailable,
                 fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
  }
  struct stat status = {};
  const bool known = ::fstat(descriptor, &status) == 0;
  auto source = std::make_unique<FileSource>(
      descriptor, known ? static_cast<std::uint64_t>(status.st_size) : 0, path.string());
  if (!known || !S_ISREG(status.st_mode)) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("cannot read {}: expected a file, found {}", path.string(),
                             S_ISDIR(status.st_mode) ? "a folder" : "a device or pipe"));
  }
  return std::unique_ptr<ByteSource>(std::move(source));
}

std::unique_ptr<ByteSource> FromMemory(std::span<const std::byte> bytes, std::string name) {
  return std::make_unique<MemorySource>(bytes, std::move(name));
}

}  // namespace gpen::onnx
