#include "api/upload.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/query.h"
#include "api/random_id.h"
#include "codec/decode.h"
#include "http/media_type.h"

namespace gpen::api {
namespace {

constexpr std::size_t kMaxFieldBytes = 16 << 10;
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

// Whether a body that is not multipart can be a photo. Programs that name no type send one.
Result<void> CheckRawBody(const http::Request& request, const std::optional<http::MediaType>& type,
                          const codec::Limits& limits) {
  const std::int64_t length = request.content_length.value_or(0);
  if (length > limits.max_file_bytes) {
    return Error(ErrorCode::kImageTooLarge,
                 fmt::format("expected a photo of at most {} bytes, found {}",
                             limits.max_file_bytes, length));
  }
  const auto text = request.Header("content-type");
  if (text.empty()) return {};
  if (type && (type->HasType("image") || type->Is("application/octet-stream"))) return {};
  return Error(ErrorCode::kUnsupportedFormat,
               fmt::format("expected multipart/form-data, or a photo as image/*, found "
                           "Content-Type \"{}\"",
                           text));
}

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

void DeletePhotos(const std::vector<ReceivedPhoto>& photos, const photos::DataFolder& folder) {
  for (const auto& photo : photos) {
    std::error_code ignored;  // What is left is found by nobody; retention is not affected.
    std::filesystem::remove(folder.Upload(photo.file), ignored);
  }
}

UploadReader::UploadReader(const UploadRules& rules, Done done)
    : rules_(rules), done_(std::move(done)) {}

UploadReader::~UploadReader() {
  DeletePhotos(upload_.photos, *rules_.folder);
  --*rules_.running;
}

Result<std::unique_ptr<http::BodyReader>> UploadReader::Begin(const http::Request& request,
                                                              const UploadRules& rules, Done done) {
  if (++*rules.running > rules.max_uploads) {
    --*rules.running;
    return Error(ErrorCode::kQueueFull,
                 fmt::format("more than {} uploads at the same time: try again in a few seconds",
                             rules.max_uploads));
  }
  std::unique_ptr<UploadReader> reader(new UploadReader(rules, std::move(done)));
  const auto content_type = request.Header("content-type");
  const auto type = http::MediaType::Parse(content_type);
  const bool multipart = type && type->HasType("multipart");
  if (!multipart) GPEN_TRY(CheckRawBody(request, type, rules.limits));
  GPEN_TRY(rules.folder->CheckSpace(request.content_length.value_or(0)));
  for (const auto& [name, value] : request.target.query) {
    if (name != "name") GPEN_TRY(reader->SetField(name, value));
  }
  if (multipart) {
    http::PartReader* parts = reader.get();
    GPEN_ASSIGN_OR_RETURN(reader->parser_, http::MultipartParser::Create(content_type, parts));
  } else {
    GPEN_TRY(reader->BeginPhoto(request.target.Query("name").value_or("")));
  }
  return std::unique_ptr<http::BodyReader>(std::move(reader));
}

Result<void> UploadReader::Write(std::span<const std::byte> bytes) {
  return parser_ ? parser_->Write(bytes) : PartData(bytes);
}

Result<void> UploadReader::BeginPhoto(std::string_view name) {
  if (static_cast<int>(upload_.photos.size()) >= rules_.max_photos) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("expected at most {} photos in one request", rules_.max_photos));
  }
  photo_ = {RandomId(), DisplayName(name), "", 0};
  GPEN_ASSIGN_OR_RETURN(auto file, AtomicFile::Create(rules_.folder->Upload(photo_.file)));
  file_.emplace(std::move(file));
  GPEN_TRY(file_->SetMode(0600));
  digest_.emplace();
  return {};
}

Result<void> UploadReader::EndPhoto() {
  GPEN_TRY(file_->Commit());
  file_.reset();
  photo_.sha256 = digest_->Finish();
  // From here on the destructor deletes the file unless `done_` takes it over.
  upload_.photos.push_back(photo_);
  const MappedFile mapped(rules_.folder->Upload(photo_.file));
  auto info = codec::Probe(mapped.bytes(), rules_.limits);
  if (!info) return std::move(info).error().WithContext(photo_.name);
  return {};
}

Result<void> UploadReader::SetField(std::string_view name, std::string_view value) {
  constexpr auto kSetter = restore::OptionSetter::kApi;
  if (name == "options") return restore::SetOptionsFromJson(value, kSetter, &upload_.options);
  if (name == "batch") {
    upload_.batch = DisplayName(value);
    return {};
  }
  if (name == "batch_id") {
    GPEN_ASSIGN_OR_RETURN(upload_.batch_id, ParseWhole(name, value, 1, kMostId));
    return {};
  }
  if (name == "priority") {
    if (value != "interactive" && value != "batch") {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("priority: expected interactive or batch, found \"{}\"", value));
    }
    upload_.priority = value;
    return {};
  }
  return restore::SetOption(name, value, kSetter, &upload_.options);
}

Result<void> UploadReader::BeginPart(const http::PartHeader& header) {
  field_name_ = header.name;
  field_value_.clear();
  if (header.name != "image") return {};
  return BeginPhoto(header.file_name.value_or(""));
}

Result<void> UploadReader::PartData(std::span<const std::byte> bytes) {
  if (!file_) {
    if (field_value_.size() + bytes.size() > kMaxFieldBytes) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("field {}: expected at most {} bytes (photos go into fields named "
                               "\"image\")",
                               field_name_, kMaxFieldBytes));
    }
    field_value_ += AsText(bytes);
    return {};
  }
  photo_.bytes += static_cast<std::int64_t>(bytes.size());
  if (photo_.bytes > rules_.limits.max_file_bytes) {
    return Error(ErrorCode::kImageTooLarge, fmt::format("{}: expected at most {} bytes",
                                                        photo_.name, rules_.limits.max_file_bytes));
  }
  GPEN_TRY(rules_.folder->CheckSpace(static_cast<std::int64_t>(bytes.size())));
  digest_->Write(bytes);
  return file_->Write(bytes);
}

Result<void> UploadReader::EndPart() {
  return file_ ? EndPhoto() : SetField(field_name_, field_value_);
}

Result<void> UploadReader::FinishReading() {
  if (parser_) {
    GPEN_TRY(parser_->Finish());
  } else {
    GPEN_TRY(EndPhoto());
  }
  if (upload_.photos.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 "expected a photo in a field named \"image\", found none");
  }
  return {};
}

void UploadReader::Finish(const http::Responder& responder) {
  if (auto read = FinishReading(); !read) return responder.Send(std::move(read).error());
  done_(std::exchange(upload_, {}), responder);
}

}  // namespace gpen::api
