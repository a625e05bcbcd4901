#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "api/routes.h"
#include "base/descriptor.h"
#include "base/file.h"
#include "codec/decode.h"
#include "codec/preview.h"
#include "codec/sniff.h"
#include "http/conditional.h"
#include "http/file_response.h"
#include "photos/adjustment.h"
#include "photos/photo_job.h"
#include "watching/watch_keeper.h"

namespace gpen::api {
namespace {

constexpr int kViewQuality = 92;

// Watched photos lie where other people write: a link in the photo's place is not followed.
Result<Descriptor> Open(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (file.is_open()) return file;
  return Error(ErrorCode::kNotFound, "the photo is no longer there");
}

Result<http::Response> View(const http::Request& request, const std::filesystem::path& path,
                            const codec::Limits& limits) {
  GPEN_ASSIGN_OR_RETURN(const Descriptor file, Open(path));
  std::array<std::byte, 64> head = {};  // Tells the kind.
  if (::pread(file.get(), head.data(), head.size(), 0) < 0) {
    return Error(ErrorCode::kUnavailable, "the photo cannot be read");
  }
  const auto format = codec::SniffFormat(head);
  if (!format) return Error(ErrorCode::kCorruptImage, "the file is no photo any more");
  http::Presentation presentation;
  if (*format != codec::Format::kHeic && *format != codec::Format::kTiff) {
    presentation.content_type = http::ContentTypeOf(codec::ExtensionOf(*format));
    return http::FileResponse(request, path, presentation);
  }
  struct stat status = {};
  ::fstat(file.get(), &status);
  const auto etag =
      fmt::format("view-{:x}-{:x}-{:x}", status.st_ino, status.st_size, status.st_mtim.tv_sec);
  presentation.content_type = "image/jpeg";
  // A copy that the browser has is answered for without the work.
  if (http::Select(request, {fmt::format("\"{}\"", etag), 0, 0}).status == 304) {
    return http::BytesResponse(request, "", etag, presentation);
  }
  GPEN_ASSIGN_OR_RETURN(const auto bytes, ReadOpenFile(file.get(), path, limits.max_file_bytes));
  GPEN_ASSIGN_OR_RETURN(auto photo, codec::Decode(bytes, limits));
  GPEN_ASSIGN_OR_RETURN(const auto jpeg, codec::EncodeForBrowsers(std::move(photo), kViewQuality));
  return http::BytesResponse(request, AsText(jpeg), etag, presentation);
}

Result<photos::PlacedFile> FileOf(const ApiContext& context, const http::Request& request) {
  const auto id = ParseWhole("job id", request.PathParameter("id"), 1, std::int64_t{1} << 62);
  if (!id) return Error(ErrorCode::kNotFound, "no such job");
  GPEN_ASSIGN_OR_RETURN(const auto job, context.store->Find(*id));
  if (request.PathParameter("side") == "before") return OriginalOf(context, job);
  if (request.PathParameter("side") != "after") {
    return Error(ErrorCode::kNotFound, "expected view/before or view/after");
  }
  if (job.state != jobs::JobState::kDone) {
    return Error(ErrorCode::kConflict,
                 fmt::format("job {} has no result: it is {}", job.id, jobs::NameOf(job.state)));
  }
  GPEN_ASSIGN_OR_RETURN(const auto result, photos::CurrentResult(*context.folder, job));
  if (result.watched_file != 0) return context.watch->PlaceResult(result);
  return photos::PlacedFile{{}, context.folder->Output(result.output)};
}

}  // namespace

Result<photos::PlacedFile> OriginalOf(const ApiContext& context, const jobs::Job& job) {
  if (job.input_deleted) return Error(ErrorCode::kNotFound, "the original is no longer kept");
  GPEN_ASSIGN_OR_RETURN(const auto task, photos::ParseTask(job.payload));
  if (task.watched_file != 0) return context.watch->PlacePhoto(task);
  return photos::PlacedFile{{}, context.folder->Upload(task.upload)};
}

Result<std::vector<std::byte>> ReadOriginal(const ApiContext& context, const jobs::Job& job) {
  GPEN_ASSIGN_OR_RETURN(const auto placed, OriginalOf(context, job));
  GPEN_ASSIGN_OR_RETURN(const Descriptor file, Open(placed.path));
  return ReadOpenFile(file.get(), placed.path, context.upload_rules.limits.max_file_bytes);
}

void AddPictureRoutes(const ApiContext* context, http::Router* router) {
  router->AddDeferred(
      http::Method::kGet, "/api/v1/jobs/{id}/view/{side}", 0,
      [context](const http::Request& request, std::string_view, const http::Responder& responder) {
        auto file = FileOf(*context, request);
        if (!file) return responder.Send(http::ErrorResponse(file.error()));
        context->pictures->Add(responder, [context, request, file = std::move(*file)] {
          return View(request, file.path, context->upload_rules.limits);
        });
      });
}

}  // namespace gpen::api
