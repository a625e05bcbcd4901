#include <algorithm>

#include "api/json.h"
#include "api/routes.h"
#include "base/file.h"
#include "photos/handed_out_files.h"

namespace gpen::api {
namespace {

using Files = photos::HandedOutFiles;

Result<Files*> FilesOf(const ApiContext& context) {
  if (context.handed_out_files != nullptr) return context.handed_out_files;
  return Error(ErrorCode::kNotFound, "this service hands no photos out under its addresses");
}

std::string_view SecretOf(const http::Request& request) {
  return request.target.Query("secret").value_or("");
}

Result<http::Response> SendPhoto(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const auto* files, FilesOf(context));
  GPEN_ASSIGN_OR_RETURN(const auto photo,
                        files->Photo(request.PathParameter("task"), SecretOf(request)));
  http::Response response;
  response.body = std::string(AsText(*photo));
  response.Set("Content-Type", "application/octet-stream").Set("Cache-Control", "no-store");
  return response;
}

class ParcelReader : public http::BodyReader {
 public:
  ParcelReader(Files* files, const http::Request& request, std::int64_t most_bytes)
      : files_(files),
        task_(request.PathParameter("task")),
        secret_(SecretOf(request)),
        most_bytes_(most_bytes) {}

  Result<void> Write(std::span<const std::byte> bytes) override {
    if (static_cast<std::int64_t>(bytes_.size() + bytes.size()) > most_bytes_) return TooLarge();
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return {};
  }
  void Finish(const http::Responder& responder) override {
    responder.Send([&]() -> Result<http::Response> {
      GPEN_TRY(files_->Put(task_, secret_, std::move(bytes_)));
      return SuccessResponse();
    }());
  }
  static Error TooLarge() {
    return {ErrorCode::kImageTooLarge, "the parcel is larger than any photo's may be"};
  }

 private:
  Files* files_;
  const std::string task_;
  const std::string secret_;
  const std::int64_t most_bytes_;
  Files::Bytes bytes_;
};

Result<std::unique_ptr<http::BodyReader>> ReceiveParcel(const ApiContext& context,
                                                        const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(auto* files, FilesOf(context));
  GPEN_ASSIGN_OR_RETURN(const auto most,
                        files->MostBytes(request.PathParameter("task"), SecretOf(request)));
  if (request.content_length.value_or(0) > most) return ParcelReader::TooLarge();
  return std::unique_ptr<http::BodyReader>(std::make_unique<ParcelReader>(files, request, most));
}

}  // namespace

void AddHandoutRoutes(const ApiContext* context, http::Router* router) {
  using http::Method;
  using http::Request;
  router->Add(Method::kGet, "/api/v1/handouts/{task}/photo",
              [context](const Request& request) { return SendPhoto(*context, request); });
  router->AddStream(Method::kPut, "/api/v1/handouts/{task}/parcel",
                    [context](const Request& request) { return ReceiveParcel(*context, request); });
}

}  // namespace gpen::api
