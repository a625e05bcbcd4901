#include "restore/local_photo_work.h"

#include <utility>

#include "base/guarded.h"
#include "codec/decode.h"
#include "codec/preview.h"
#include "codec/threads.h"
#include "nn/manifest.h"
#include "restore/kept_faces.h"
#include "restore/photo_blender.h"

namespace gpen::restore {
namespace {

constexpr int kBrowserQuality = 92;

}  // namespace

LocalPhotoWork::LocalPhotoWork(const RestorerOptions& options)
    : options_(options), whole_photo_(options.models_folder, options.threads) {}

Result<std::unique_ptr<LocalPhotoWork>> LocalPhotoWork::Create(const RestorerOptions& options) {
  std::unique_ptr<LocalPhotoWork> work(new LocalPhotoWork(options));
  GPEN_ASSIGN_OR_RETURN(work->restorer_, PhotoRestorer::Create(options));
  return work;
}

Result<std::unique_ptr<LocalPhotoWork>> LocalPhotoWork::CreateWithoutNetworks(
    const RestorerOptions& options) {
  GPEN_TRY(codec::Start());
  codec::SetThreads(options.threads);
  return std::unique_ptr<LocalPhotoWork>(new LocalPhotoWork(options));
}

WorkNetworks LocalPhotoWork::networks() const {
  if (!restorer_) return {};
  const auto& networks = restorer_->networks();
  return {networks.Names(), WithParser(networks.Fingerprint(), options_.models_folder),
          PhotoModelsFingerprint(options_.models_folder)};
}

Result<RestoredFiles> LocalPhotoWork::Restore(const RestoreWork& work, std::stop_token stop,
                                              const Progress& progress) {
  if (!restorer_) return Error(ErrorCode::kInternal, "no networks were loaded");
  auto request = RequestFor(work.options);
  request.name = work.name;
  request.file = work.file;
  // A colour that was guessed is no face to blend again.
  GPEN_ASSIGN_OR_RETURN(const auto networks, restorer_->NetworksFor(work.options.model));
  request.keep_faces = networks.task() == nn::Task::kRestoration;
  request.previews = true;
  GPEN_ASSIGN_OR_RETURN(auto restored, restorer_->Restore(request, std::move(stop), progress));
  RestoredFiles files;
  files.file = std::move(restored.file);
  files.format = restored.format;
  files.report = FormatJson(restored.report);
  files.figures = FiguresOf(restored.report);
  if (!restored.faces.empty()) files.faces = SerializeFaces(restored.faces, work.options.aligned);
  files.before_preview = std::move(restored.before_preview);
  files.after_preview = std::move(restored.after_preview);
  files.mask_preview = std::move(restored.mask_preview);
  return files;
}

Result<BlendedPhoto> LocalPhotoWork::Blend(const BlendWork& work) {
  return Guarded("this photo", [&]() -> Result<BlendedPhoto> {
    KeptFaces kept;
    if (!work.faces.empty()) {
      GPEN_ASSIGN_OR_RETURN(kept, ParseFaces(work.faces));
    }
    BlendRequest request;
    request.original = work.original;
    request.kept = &kept;
    request.strengths = work.strengths;
    request.mode = work.options.restore.mode;
    request.protect_tone = work.options.restore.protect_tone;
    request.remove_place = work.options.remove_place;
    request.encode = EncodeOptionsOf(work.options);
    request.encode.model = work.model;
    request.limits = options_.limits;
    request.whole = work.options.restore;
    request.whole_photo = &whole_photo_;
    return BlendAgain(request);
  });
}

Result<std::vector<std::byte>> LocalPhotoWork::Preview(std::span<const std::byte> file) {
  return Guarded("this photo", [&]() -> Result<std::vector<std::byte>> {
    GPEN_ASSIGN_OR_RETURN(const auto photo,
                          codec::Decode(file, options_.limits, codec::IfDamaged::kTake));
    return codec::EncodePreview(photo);
  });
}

Result<std::vector<std::byte>> LocalPhotoWork::ForBrowsers(std::span<const std::byte> file) {
  return Guarded("this photo", [&]() -> Result<std::vector<std::byte>> {
    GPEN_ASSIGN_OR_RETURN(auto photo,
                          codec::Decode(file, options_.limits, codec::IfDamaged::kTake));
    return codec::EncodeForBrowsers(std::move(photo), kBrowserQuality);
  });
}

}  // namespace gpen::restore
