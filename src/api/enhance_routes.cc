#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <optional>

#include "api/routes.h"
#include "http/file_response.h"
#include "photos/photo_job.h"

namespace gpen::api {
namespace {

void Enhance(const ApiContext& context, Upload upload, const http::Responder& responder) {
  if (upload.photos.size() != 1) {
    DeletePhotos(upload.photos, *context.folder);
    return responder.Send(http::ErrorResponse(
        Error(ErrorCode::kInvalidArgument,
              fmt::format("expected one photo, found {}: /api/v1/jobs takes many",
                          upload.photos.size()))));
  }
  const auto submitted =
      SubmitPhotos(context, upload, jobs::JobPriority::kInteractive, jobs::BatchId{0});
  if (!submitted) return responder.Send(http::ErrorResponse(submitted.error()));
  const auto id = submitted->front().job.id;
  context.waiters->Add(id, responder);
  // It may have finished before anybody waited for it.
  const auto job = context.store->Find(id);
  if (job && jobs::IsFinished(job->state)) context.waiters->Answer(*job);
}

}  // namespace

Result<std::int64_t> ParseWhole(std::string_view what, std::string_view text, std::int64_t least,
                                std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{}: expected a whole number from {} to {}, found \"{}\"", what, least,
                             most, text));
  }
  return value;
}

std::string ResultName(std::string_view name, std::string_view output) {
  const std::filesystem::path original{std::string(name)};
  const std::filesystem::path result{std::string(output)};
  return original.stem().string() + ".restored" + result.extension().string();
}

Result<std::vector<jobs::Submitted>> SubmitPhotos(const ApiContext& context, const Upload& upload,
                                                  jobs::JobPriority priority, jobs::BatchId batch) {
  std::vector<jobs::Submitted> submitted;
  for (const auto& photo : upload.photos) {
    jobs::NewJob job;
    job.priority = priority;
    job.key = photos::KeyOf(photo.sha256, upload.options, context.model_sha256);
    job.name = photo.name;
    job.payload = photos::FormatTask({photo.file, upload.options});
    job.input_bytes = photo.bytes;
    job.batch = batch;
    job.max_attempts = 5;  // A power cut takes one too.
    auto one = context.store->Submit(job);
    if (!one) {
      const std::vector<ReceivedPhoto> rest(
          upload.photos.begin() + static_cast<std::ptrdiff_t>(submitted.size()),
          upload.photos.end());
      DeletePhotos(rest, *context.folder);
      for (const auto& earlier : submitted) {
        // One that runs already cannot be deleted: it is asked to stop, and retention takes it.
        if (!context.store->Cancel(earlier.job.id)) continue;
        if (!context.store->Delete(earlier.job.id)) continue;
      }
      return std::move(one).error();
    }
    submitted.push_back(std::move(*one));
  }
  return submitted;
}

http::Response OutputResponse(const ApiContext& context, const http::Request& request,
                              const std::string& file, const std::string& download_name) {
  if (!photos::IsPlainFileName(file)) {
    return http::ErrorResponse(Error(ErrorCode::kNotFound, "no such result"));
  }
  if (context.behind_nginx) {
    http::Response response;
    response.body = std::string();
    response.Set("X-Accel-Redirect", "/internal-outputs/" + file);
    response.Set("Content-Type", http::ContentTypeOf(file));
    response.Set("Cache-Control", "private, no-cache");
    if (!download_name.empty()) {
      response.Set("Content-Disposition", http::Attachment(download_name));
    }
    return response;
  }
  http::Presentation presentation;
  presentation.download_name = download_name;
  auto response = http::FileResponse(request, context.folder->Output(file), presentation);
  return response ? std::move(*response) : http::ErrorResponse(response.error());
}

void AddEnhanceRoutes(const ApiContext* context, http::Router* router) {
  router->AddStream(http::Method::kPost, "/enhance", [context](const http::Request& request) {
    return UploadReader::Begin(request, context->upload_rules,
                               [context](Upload upload, const http::Responder& responder) {
                                 Enhance(*context, std::move(upload), responder);
                               });
  });
  router->Add(http::Method::kGet, "/outputs/{file}", [context](const http::Request& request) {
    return OutputResponse(*context, request, std::string(request.PathParameter("file")), "");
  });
}

}  // namespace gpen::api
