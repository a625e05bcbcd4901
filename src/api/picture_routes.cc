#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <span>
#include <system_error>

#include "api/job_lookup.h"
#include "api/routes.h"
#include "base/descriptor.h"
#include "base/file.h"
#include "base/piecewise_read.h"
#include "codec/sniff.h"
#include "http/conditional.h"
#include "http/file_response.h"
#include "photos/adjustment.h"

namespace gpen::api {
namespace {

Result<http::Response> View(const http::Request& request, const photos::PlacedFile& placed,
                            const ApiContext& context) {
  GPEN_ASSIGN_OR_RETURN(const Descriptor file, photos::OpenPlaced(placed));
  std::array<std::byte, 64> head = {};  // Tells the kind.
  const ReadPiece read = ReadAt(file.get(), 0, head);
  if (read.error_number != 0) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("the photo cannot be read: {}",
                             std::generic_category().message(read.error_number)));
  }
  const auto format = codec::SniffFormat(std::span(head).first(read.bytes));
  if (!format) return Error(ErrorCode::kCorruptImage, "the file is no photo any more");
  http::Presentation presentation;
  if (*format != codec::Format::kHeic && *format != codec::Format::kTiff) {
    presentation.content_type = http::ContentTypeOf(codec::ExtensionOf(*format));
    return http::FileResponse(request, placed.path, presentation);
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
  GPEN_ASSIGN_OR_RETURN(const auto bytes, ReadOpenFile(file.get(), placed.path,
                                                       context.upload_rules.limits.max_file_bytes));
  GPEN_ASSIGN_OR_RETURN(const auto jpeg, context.work->ForBrowsers(bytes));
  return http::BytesResponse(request, AsText(jpeg), etag, presentation);
}

Result<photos::PlacedFile> FileOf(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const auto job, FindPhotoJob(context, request));
  if (request.PathParameter("side") == "before") return context.places->PlaceOriginal(job);
  if (request.PathParameter("side") != "after") {
    return Error(ErrorCode::kNotFound, "expected view/before or view/after");
  }
  GPEN_ASSIGN_OR_RETURN(const auto result, photos::CurrentResult(*context.folder, job));
  return context.places->PlaceResult(result);
}

}  // namespace

void AddPictureRoutes(const ApiContext* context, http::Router* router) {
  router->AddDeferred(
      http::Method::kGet, "/api/v1/jobs/{id}/view/{side}", 0,
      [context](const http::Request& request, std::string_view, const http::Responder& responder) {
        auto file = FileOf(*context, request);
        if (!file) return responder.Send(std::move(file).error());
        context->pictures->Add(
            request.remote_address, responder,
            [context, request, file = std::move(*file)] { return View(request, file, *context); });
      });
}

}  // namespace gpen::api
