#include "api/photo_receiver.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random_id.h"
#include "codec/decode.h"

namespace gpen::api {
namespace {

constexpr std::size_t kMaxNameBytes = 200;

// The bytes of a file without a copy in memory.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status = {};
    if (descriptor >= 0 && ::fstat(descriptor, &status) == 0 && status.st_size > 0) {
      size_ = static_cast<std::size_t>(status.st_size);
      data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
    }
    if (descriptor >= 0) ::close(descriptor);
  }
  MappedFile(const MappedFile&) = delete;
  ~MappedFile() {
    if (data_ != MAP_FAILED) ::munmap(data_, size_);
  }
  std::span<const std::byte> bytes() const {
    return data_ == MAP_FAILED ? std::span<const std::byte>()
                               : std::span(static_cast<const std::byte*>(data_), size_);
  }

 private:
  void* data_ = MAP_FAILED;
  std::size_t size_ = 0;
};

}  // namespace

std::string DisplayName(std::string_view client_name) {
  const auto slash = client_name.find_last_of("/\\");
  if (slash != std::string_view::npos) client_name.remove_prefix(slash + 1);
  std::string name;
  for (const char c : client_name) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) name += c;
  }
  if (name.size() > kMaxNameBytes) {
    std::size_t end = kMaxNameBytes;  // Not in the middle of a UTF-8 sequence.
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
    name.resize(end);
  }
  return name.empty() || name == "." || name == ".." ? "photo" : name;
}

Result<PhotoReceiver> PhotoReceiver::Begin(const UploadRules& rules, std::string_view client_name) {
  ReceivedPhoto photo{RandomId(), DisplayName(client_name), "", 0};
  GPEN_ASSIGN_OR_RETURN(auto file, AtomicFile::Create(rules.folder->Upload(photo.file)));
  GPEN_TRY(file.SetMode(0600));
  return PhotoReceiver(rules, std::move(file), std::move(photo));
}

Result<void> PhotoReceiver::Write(std::span<const std::byte> bytes) {
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (photo_.bytes + size > limits_.max_file_bytes) {
    return Error(ErrorCode::kImageTooLarge,
                 fmt::format("{}: expected at most {} bytes", photo_.name, limits_.max_file_bytes));
  }
  GPEN_TRY(folder_->CheckSpace(size));
  GPEN_TRY(file_.Write(bytes));
  digest_->Write(bytes);
  photo_.bytes += size;
  return {};
}

Result<ReceivedPhoto> PhotoReceiver::Finish() {
  GPEN_TRY(file_.Commit());
  photo_.sha256 = digest_->Finish();
  const auto path = folder_->Upload(photo_.file);
  const MappedFile mapped(path);
  auto info = codec::Probe(mapped.bytes(), limits_);
  if (!info) {
    std::error_code ignored;  // The sweep at the next start sets aside what no job names.
    std::filesystem::remove(path, ignored);
    return std::move(info).error().WithContext(photo_.name);
  }
  photo_.pixels = std::int64_t{info->width} * info->height;
  return std::move(photo_);
}

}  // namespace gpen::api
