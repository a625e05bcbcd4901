#include "api/upload.h"

#include <fmt/format.h>

#include "api/access_control.h"
#include "api/query.h"
#include "http/media_type.h"
#include "restore/photo_options.h"

namespace gpen::api {
namespace {

constexpr std::size_t kMaxFieldBytes = restore::kMostOptionBytes;

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

bool IsAboutPhoto(const Error& error) {
  return error.code() == ErrorCode::kUnsupportedFormat ||
         error.code() == ErrorCode::kCorruptImage || error.code() == ErrorCode::kImageTooLarge;
}

void DeletePhotos(const std::vector<ReceivedPhoto>& photos, const photos::DataFolder& folder) {
  for (const auto& photo : photos) {
    std::error_code ignored;  // What is left is found by nobody; retention is not affected.
    std::filesystem::remove(folder.Upload(photo.file), ignored);
  }
}

Result<void> SetUploadField(std::string_view name, std::string_view value, Upload* upload) {
  constexpr auto kSetter = restore::OptionSetter::kApi;
  if (name == "options") return restore::SetOptionsFromJson(value, kSetter, &upload->options);
  if (name == "batch") {
    upload->batch = DisplayName(value);
    return {};
  }
  if (name == "batch_id") {
    GPEN_ASSIGN_OR_RETURN(upload->batch_id, ParseWhole(name, value, 1, kMostId));
    return {};
  }
  if (name == "priority") {
    if (value != "interactive" && value != "batch") {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("priority: expected interactive or batch, found \"{}\"", value));
    }
    upload->priority = value;
    return {};
  }
  return restore::SetOption(name, value, kSetter, &upload->options);
}

UploadReader::UploadReader(const UploadRules& rules, http::FairShares::Place place, Done done)
    : rules_(rules), place_(std::move(place)), arriving_(rules.places), done_(std::move(done)) {}

UploadReader::~UploadReader() { DeletePhotos(upload_.photos, *rules_.folder); }

Result<std::unique_ptr<http::BodyReader>> UploadReader::Begin(const http::Request& request,
                                                              const UploadRules& rules, Done done) {
  GPEN_ASSIGN_OR_RETURN(auto place, rules.places->Take(request.remote_address));
  std::unique_ptr<UploadReader> reader(new UploadReader(rules, std::move(place), std::move(done)));
  reader->upload_.added_by = AdderOf(request);
  const auto content_type = request.Header("content-type");
  const auto type = http::MediaType::Parse(content_type);
  const bool multipart = type && type->HasType("multipart");
  if (!multipart) GPEN_TRY(CheckRawBody(request, type, rules.limits));
  GPEN_TRY(rules.places->CheckRoom(request.content_length.value_or(0)));
  GPEN_TRY(rules.folder->CheckSpace(request.content_length.value_or(0)));
  for (const auto& [name, value] : request.target.query) {
    if (name != "name") GPEN_TRY(SetUploadField(name, value, &reader->upload_));
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
  GPEN_ASSIGN_OR_RETURN(auto photo, PhotoReceiver::Begin(rules_, name));
  photo_.emplace(std::move(photo));
  return {};
}

Result<void> UploadReader::EndPhoto() {
  GPEN_ASSIGN_OR_RETURN(auto received, photo_->Finish());
  photo_.reset();
  // From here on the destructor deletes the file unless `done_` takes it over.
  upload_.photos.push_back(std::move(received));
  return {};
}

Result<void> UploadReader::BeginPart(const http::PartHeader& header) {
  field_name_ = header.name;
  field_value_.clear();
  if (header.name != "image") return {};
  return BeginPhoto(header.file_name.value_or(""));
}

Result<void> UploadReader::PartData(std::span<const std::byte> bytes) {
  if (!photo_) {
    if (field_value_.size() + bytes.size() > kMaxFieldBytes) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("field {}: expected at most {} bytes (photos go into fields named "
                               "\"image\")",
                               field_name_, kMaxFieldBytes));
    }
    field_value_ += AsText(bytes);
    return {};
  }
  GPEN_TRY(arriving_.Add(static_cast<std::int64_t>(bytes.size())));
  return photo_->Write(bytes);
}

Result<void> UploadReader::EndPart() {
  return photo_ ? EndPhoto() : SetUploadField(field_name_, field_value_, &upload_);
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
