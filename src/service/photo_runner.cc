#include "service/photo_runner.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/version.h"
#include "codec/decode.h"
#include "codec/encode.h"
#include "image/resample.h"
#include "service/photo_job.h"

namespace gpen::service {
namespace {

constexpr int kThumbnailSide = 512;

// Progress of a photo as text and fraction; the network takes nearly all of the time.
void Report(jobs::JobContext& context, restore::Step step, int face, int faces) {
  switch (step) {
    case restore::Step::kDecode:
      return context.Progress("decode", 0.0);
    case restore::Step::kDetect:
      return context.Progress("detect", 0.05);
    case restore::Step::kFace:
      return context.Progress(fmt::format("face {} of {}", face, faces),
                              0.15 + 0.7 * (face - 1) / std::max(faces, 1));
    case restore::Step::kBlend:
      return context.Progress("blend", 0.85);
    case restore::Step::kEncode:
      return context.Progress("encode", 0.9);
  }
}

Result<void> WritePrivately(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  GPEN_ASSIGN_OR_RETURN(auto file, AtomicFile::Create(path));
  GPEN_TRY(file.SetMode(0600));
  GPEN_TRY(file.Write(bytes));
  return file.Commit();
}

}  // namespace

Result<void> PhotoRunner::WriteThumbnail(std::span<const std::byte> file,
                                         const std::string& name) const {
  GPEN_ASSIGN_OR_RETURN(auto photo, codec::Decode(file, limits_));
  const double scale =
      std::min(1.0, 1.0 * kThumbnailSide / std::max(photo.width(), photo.height()));
  const auto shrink = [scale](int side) {
    return std::max(1, static_cast<int>(side * scale + 0.5));
  };
  photo.pixels = Resize(photo.pixels.view(), shrink(photo.width()), shrink(photo.height()));
  photo.info.width = photo.pixels.width();
  photo.info.height = photo.pixels.height();
  // A thumbnail needs its colours right, but not the place where the photo was taken.
  photo.metadata.exif.clear();
  photo.metadata.xmp.clear();
  photo.metadata.iptc.clear();
  codec::EncodeOptions options;
  options.format = codec::Format::kJpeg;
  options.quality = 85;
  std::vector<std::string> ignored;  // Conversions to JPEG; the result itself keeps its kind.
  GPEN_ASSIGN_OR_RETURN(const auto bytes, codec::Encode(photo, options, &ignored));
  return WritePrivately(folder_->Thumbnail(name), bytes);
}

Result<jobs::JobResult> PhotoRunner::Run(const jobs::Job& job, jobs::JobContext& context) const {
  GPEN_ASSIGN_OR_RETURN(const auto task, ParseTask(job.payload));
  GPEN_ASSIGN_OR_RETURN(const auto bytes,
                        ReadFile(folder_->Upload(task.upload), limits_.max_file_bytes));
  restore::RestoreRequest request;
  request.name = job.name;
  request.file = bytes;
  request.options = task.options.restore;
  request.aligned = task.options.aligned;
  request.encode.format = task.options.format;
  request.encode.quality = task.options.quality;
  request.encode.software = kSoftwareName;
  GPEN_ASSIGN_OR_RETURN(auto restored,
                        restorer_->Restore(request, context.stop_token(),
                                           [&](restore::Step step, int face, int faces) {
                                             Report(context, step, face, faces);
                                           }));
  GPEN_TRY(folder_->CheckSpace(static_cast<std::int64_t>(restored.file.size())));

  const std::string base = ResultBase(job);
  PhotoResult result;
  result.output = base + std::string(codec::ExtensionOf(restored.format));
  result.before = base + ".before.jpg";
  result.after = base + ".after.jpg";
  result.seconds = restored.report.times.total_ms() / 1000;
  restored.report.output = "/outputs/" + result.output;
  result.report = restore::FormatJson(restored.report);
  GPEN_TRY(WriteThumbnail(bytes, result.before));
  GPEN_TRY(WriteThumbnail(restored.file, result.after));
  GPEN_TRY(WritePrivately(folder_->Output(result.output), restored.file));
  return jobs::JobResult{FormatResult(result), static_cast<std::int64_t>(restored.file.size())};
}

}  // namespace gpen::service
