#include "restore/photo_restorer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <new>
#include <optional>
#include <utility>

#include "base/cpu.h"
#include "base/parallel.h"
#include "codec/decode.h"
#include "codec/place.h"
#include "codec/preview.h"
#include "codec/threads.h"
#include "face/alignment.h"
#include "face/face_mask.h"
#include "face/face_models.h"
#include "face/parsed_mask.h"
#include "image/image_threads.h"
#include "image/resample.h"
#include "restore/align_face.h"
#include "restore/colorize.h"
#include "restore/comparison.h"
#include "restore/face_blender.h"
#include "restore/kept_faces.h"
#include "restore/likeness.h"
#include "restore/mask_sharing.h"
#include "restore/patterns.h"
#include "restore/photo_change.h"
#include "restore/photo_search.h"
#include "restore/photo_tones.h"
#include "restore/repair_mask.h"
#include "restore/stopwatch.h"

namespace gpen::restore {
namespace {

void Report(const Progress& progress, Step step, int part = 0, int parts = 0) {
  if (progress) progress(step, part, parts);
}

// That the photo, enlarged, will not be too large. Its header tells.
Result<void> CheckSize(const RestoreRequest& request, const codec::Limits& limits) {
  if (!request.options.changes_whole_photo()) return {};
  GPEN_ASSIGN_OR_RETURN(const auto info, codec::Probe(request.file, limits));
  return CheckEnlarged(info, request.options, request.encode.format.value_or(info.format), limits);
}

}  // namespace

RestoreRequest RequestFor(const PhotoOptions& options) {
  RestoreRequest request;
  request.options = options.restore;
  request.model = options.model;
  request.aligned = options.aligned;
  request.remove_place = options.remove_place;
  request.encode = EncodeOptionsOf(options);
  if (options.take_damaged) request.if_damaged = codec::IfDamaged::kTake;
  return request;
}

PhotoRestorer::PhotoRestorer(const RestorerOptions& options, std::shared_ptr<LoadedNetworks> loaded,
                             FaceNetworks networks, face::FaceFinder finder,
                             face::IdentityNet identity, std::optional<face::FaceParser> parser)
    : options_(options),
      loaded_(std::move(loaded)),
      networks_(std::move(networks)),
      finder_(std::move(finder)),
      identity_(std::move(identity)),
      parser_(std::move(parser)),
      whole_photo_(options.models_folder, options.threads) {}

Result<std::unique_ptr<PhotoRestorer>> PhotoRestorer::Create(const RestorerOptions& options) {
  GPEN_TRY(codec::Start());  // Before there are other threads.
  SetImageThreads(options.threads);
  codec::SetThreads(options.threads);
  // Most of a cold start is the runtime's work on the graphs: two at a time.
  auto loaded = std::make_shared<LoadedNetworks>(options.models_folder, options.threads);
  auto networks_loading = std::async(std::launch::async, [&options, &loaded] {
    return FaceNetworks::Load(loaded, options.model, options.precision_record);
  });
  auto finder = face::FaceFinder::Create(options.models_folder, options.threads);
  auto identity_network = face::LoadFaceModel(options.models_folder, face::kIdentity);
  auto parser = face::LoadFaceParser(options.models_folder);
  auto networks = networks_loading.get();
  if (!networks) return std::move(networks).error();
  if (!finder) return std::move(finder).error();
  if (!identity_network) return std::move(identity_network).error();
  if (!parser) return std::move(parser).error();
  GPEN_ASSIGN_OR_RETURN(auto identity, face::IdentityNet::Create(std::move(*identity_network)));
  return std::unique_ptr<PhotoRestorer>(new PhotoRestorer(options, std::move(loaded),
                                                          std::move(*networks), std::move(*finder),
                                                          std::move(identity), std::move(*parser)));
}

Result<FaceNetworks> PhotoRestorer::NetworksFor(const std::optional<std::string>& model) const {
  if (!model || *model == options_.model) return networks_;
  return FaceNetworks::Find(loaded_, *model, options_.precision_record);
}

Result<RestoredPhoto> PhotoRestorer::Restore(const RestoreRequest& request, std::stop_token stop,
                                             const Progress& progress) const {
  try {
    return RestoreSteps(request, stop, progress);
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::kOutOfMemory,
                 fmt::format("{}: not enough memory for this photo", request.name));
  }
}

Result<RestoredPhoto> PhotoRestorer::RestoreSteps(const RestoreRequest& request,
                                                  std::stop_token stop,
                                                  const Progress& progress) const {
  RestoredPhoto result;
  PhotoReport& report = result.report;
  report.input = request.name;
  GPEN_ASSIGN_OR_RETURN(const auto networks, NetworksFor(request.model));
  report.model = networks.Names();
  report.strength = request.options.strength;
  report.enlarged = request.options.scale();
  report.cleaned = request.options.clean;
  report.sharpened = request.options.sharpen;
  report.repaired = request.options.repair;
  Stopwatch watch;

  Report(progress, Step::kDecode);
  GPEN_TRY(CheckSize(request, options_.limits));
  GPEN_ASSIGN_OR_RETURN(codec::Photo photo,
                        codec::Decode(request.file, options_.limits, request.if_damaged));
  report.width = photo.width();
  report.height = photo.height();
  report.format = codec::NameOf(photo.info.format);
  report.warnings.insert(report.warnings.end(), photo.warnings.begin(), photo.warnings.end());
  if (request.remove_place) report.place_removed = codec::RemovePlace(&photo);
  if (networks.task() == nn::Task::kColorization) {
    GPEN_TRY(MakeRoomForColors(&photo, &report.warnings));
  }
  watch.AddTo(&report.times.decode_ms);

  // From here on the image is upright and in the photo's own colour space.
  Image before;
  if (request.compare) before = photo.pixels.Clone();
  if (request.previews) {
    GPEN_ASSIGN_OR_RETURN(result.before_preview, codec::EncodePreview(photo));
  }
  watch = {};
  report.patterns = RemovePatterns(request.options, options_.threads, stop, &photo);
  watch.AddTo(&report.times.photo_ms);
  GPEN_ASSIGN_OR_RETURN(const Image mask, Repair(request, stop, progress, &photo, &result));
  GPEN_TRY(ChangeLight(request, stop, &photo, &report));
  if (report.strength == 0) {
    const bool changes_more = report.changed_whole_photo() || request.options.changes_tones() ||
                              request.options.changes_whole_photo();
    report.warnings.emplace_back(changes_more ? "the strength is 0: no face is changed"
                                              : "the strength is 0: nothing is changed");
  }
  if (request.aligned || networks.task() == nn::Task::kColorization) {
    GPEN_TRY(RestoreWhole(request, networks, stop, progress, &photo, &result));
  } else if (networks.task() == nn::Task::kInpainting) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("the model {} is made for inpainting one aligned face: use --aligned",
                             networks.Names()));
  } else {
    GPEN_TRY(RestoreFaces(request, networks, stop, progress, &photo, &result));
  }
  if (stop.stop_requested()) return Error(ErrorCode::kCancelled, "stopped on request");
  GPEN_TRY(NoteRepairModel(whole_photo_, &report));

  watch = {};
  Report(progress, Step::kEncode);
  codec::EncodeOptions encode = request.encode;
  encode.model = report.model;
  result.format = encode.format.value_or(photo.info.format);
  const bool copies = !report.restored_anything() && result.format == photo.info.format;
  const auto encode_result = [&]() -> Result<std::vector<std::byte>> {
    if (copies) return std::vector(request.file.begin(), request.file.end());
    return codec::Encode(photo, encode, &report.warnings);
  };
  // The preview beside the result itself.
  Result<std::vector<std::byte>> pictures[2];
  ParallelFor(request.previews ? 2 : 1, options_.threads,
              [&](int i) { pictures[i] = i == 0 ? encode_result() : codec::EncodePreview(photo); });
  for (const auto& picture : pictures) GPEN_TRY(picture);
  result.file = *std::move(pictures[0]);
  result.after_preview = *std::move(pictures[1]);
  if (request.compare) {
    GPEN_ASSIGN_OR_RETURN(result.compare_file,
                          EncodeComparison(photo, std::move(before), mask.view()));
  }
  watch.AddTo(&report.times.encode_ms);
  report.peak_memory_bytes = PeakResidentBytes();
  return result;
}

// Damage is filled before anything else: a face is found and restored better without a scratch
// across it, and cleaning and enlarging would blur or sharpen a scratch until it is none that the
// network knows. An empty mask where nothing was done.
Result<Image> PhotoRestorer::Repair(const RestoreRequest& request, std::stop_token stop,
                                    const Progress& progress, codec::Photo* photo,
                                    RestoredPhoto* result) const {
  if (!request.options.repairs()) return Image();
  PhotoReport& report = result->report;
  Stopwatch watch;
  Report(progress, Step::kRepair, 0, 100);
  GPEN_ASSIGN_OR_RETURN(
      Image mask,
      whole_photo_.Repair(
          request.options, stop,
          [&](double done) { Report(progress, Step::kRepair, static_cast<int>(done * 100), 100); },
          photo));
  report.repaired_places = CountPlaces(mask.view());
  if (report.repaired_places.count == 0 && !request.options.damage.empty() &&
      request.options.undamaged.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("the damage that is drawn lies outside of the photo, which has {}x{} "
                             "pixels: expected strokes that touch it",
                             photo->width(), photo->height()));
  }
  if (report.repaired_places.count == 0) {
    mask = Image();
  } else if (request.previews) {
    GPEN_ASSIGN_OR_RETURN(result->mask_preview, EncodeMask(mask.view()));
  }
  // What is drawn alone takes next to nothing, and tells nothing of how long looking takes.
  if (request.options.repair > 0) watch.AddTo(&report.times.repair_ms);
  return mask;
}

// Light and colours come before the faces: those are found, restored and compared in the photo as
// it looks then, and their networks know photos that are not faded.
Result<void> PhotoRestorer::ChangeLight(const RestoreRequest& request, std::stop_token stop,
                                        codec::Photo* photo, PhotoReport* report) const {
  if (!request.options.changes_tones()) return {};
  Stopwatch watch;
  GPEN_ASSIGN_OR_RETURN(report->tones, ChangeTones(request.options, options_.threads, stop, photo));
  watch.AddTo(&report->times.fading_ms);
  return {};
}

// The whole picture goes through the network: no detection, no mask, no alignment. A photo to be
// coloured need not be square; the network sees its edges repeated then.
Result<void> PhotoRestorer::RestoreWhole(const RestoreRequest& request,
                                         const FaceNetworks& networks, std::stop_token stop,
                                         const Progress& progress, codec::Photo* photo,
                                         RestoredPhoto* result) const {
  PhotoReport& report = result->report;
  report.whole = true;
  const bool colorizes = networks.task() == nn::Task::kColorization;
  if (photo->width() != photo->height() && !colorizes) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("--aligned expects a square picture of one face, found {}x{}",
                             photo->width(), photo->height()));
  }
  Stopwatch watch;
  GPEN_ASSIGN_OR_RETURN(const auto colors, codec::ColorTransform::Create(*photo, &report.warnings));
  const int side = std::max(photo->width(), photo->height());
  GPEN_ASSIGN_OR_RETURN(const auto network,
                        networks.For(WantedSide(side, request.options.scale())));
  report.model = NameAndVersion(network->manifest());
  FacePatch patch;
  const int size = network->size();
  const double factor = 1.0 * side / size;
  patch.photo_from_crop =
      Translation({(photo->width() - factor * size) / 2, (photo->height() - factor * size) / 2}) *
      ResizeMap(factor, factor);
  const Image crop = ExtractCrop(photo->pixels.view(), patch.photo_from_crop, size, size);
  GPEN_ASSIGN_OR_RETURN(patch.input, colors.ToSrgb(crop.view()));
  if (colorizes) RemoveColors(patch.input.mutable_view());
  watch.AddTo(&report.times.align_ms);
  GPEN_ASSIGN_OR_RETURN(patch.output, network->Run(patch.input.view(), stop));
  watch.AddTo(&report.times.network_ms);
  patch.replaces = networks.task() == nn::Task::kInpainting;  // What shows a hole must not be kept.
  patch.mask = face::FullMask(size);
  if (networks.task() == nn::Task::kRestoration) {
    GPEN_TRY(whole_photo_.CleanFace(request.options.clean, stop, &patch));
  }
  std::vector<FacePatch> patches;
  patches.push_back(std::move(patch));
  const int scale = request.options.scale();
  GPEN_ASSIGN_OR_RETURN(auto change, ChangeWholePhoto(whole_photo_, request.options, stop, progress,
                                                      *photo, &report));
  GPEN_TRY(NoteChange(whole_photo_, change, patches, &report));
  GPEN_TRY(TakeChange(scale, colors, &change, photo, &patches));
  watch = {};
  RestoreOptions options = request.options;
  if (colorizes) {
    // Detail and light are the photo's own: only the change of colour is added.
    if (report.changed_whole_photo()) RemoveColors(patches[0].input.mutable_view());
    KeepLuma(patches[0].input.view(), patches[0].output.mutable_view());
    options.protect_tone = false;
    options.mode = Mode::kStrong;
    options.enlarge = Enlargement::k1;  // What enlarging has drawn stays.
  }
  GPEN_TRY(BlendFaces(patches, options, colors, options_.threads, photo->pixels.mutable_view()));
  watch.AddTo(&report.times.blend_ms);
  if (request.keep_faces) result->faces = std::move(patches);
  return {};
}

Result<void> PhotoRestorer::RestoreFaces(const RestoreRequest& request,
                                         const FaceNetworks& networks, std::stop_token stop,
                                         const Progress& progress, codec::Photo* photo,
                                         RestoredPhoto* result) const {
  PhotoReport& report = result->report;
  Report(progress, Step::kDetect);
  ImagePyramid pyramid(photo->pixels.view());
  GPEN_ASSIGN_OR_RETURN(auto search,
                        SearchPhoto(finder_, whole_photo_, request.options, options_.threads, stop,
                                    progress, photo, &pyramid, &report));
  auto& [found, change] = search;
  const int scale = request.options.scale();
  Stopwatch watch;
  GPEN_ASSIGN_OR_RETURN(const auto colors, codec::ColorTransform::Create(*photo, &report.warnings));
  ReportFound(found, request.options.find, &report);
  const auto to_restore = std::span(report.faces).first(found.faces.size());
  GPEN_ASSIGN_OR_RETURN(auto patches,
                        AlignFaces(pyramid, networks, colors, scale, options_.threads, to_restore));
  if (change.blur >= kSharpened) GPEN_TRY(TakeChange(scale, colors, &change, photo, &patches));
  watch.AddTo(&report.times.align_ms);
  const int count = static_cast<int>(patches.size());
  for (int i = 0; i < count; ++i) {
    Report(progress, Step::kFace, i + 1, count);
    const auto face = static_cast<std::size_t>(i);
    GPEN_TRY(RestoreFace(networks, request.options.clean, stop, &patches[face], &to_restore[face],
                         &report));
  }
  ShareMasks(&patches);
  for (FacePatch& patch : patches) RoundMask(&patch.mask);
  NoteModels(&report);
  GPEN_TRY(NoteChange(whole_photo_, change, patches, &report));
  GPEN_TRY(TakeChange(scale, colors, &change, photo, &patches));

  watch = {};
  Report(progress, Step::kBlend);
  GPEN_TRY(
      BlendFaces(patches, request.options, colors, options_.threads, photo->pixels.mutable_view()));
  watch.AddTo(&report.times.blend_ms);
  if (request.keep_faces) result->faces = std::move(patches);
  return {};
}

Result<void> PhotoRestorer::RestoreFace(const FaceNetworks& networks, int clean,
                                        std::stop_token stop, FacePatch* patch, FaceReport* face,
                                        PhotoReport* report) const {
  Stopwatch watch;
  GPEN_ASSIGN_OR_RETURN(const auto network, networks.For(patch->input.width()));
  GPEN_ASSIGN_OR_RETURN(patch->output, network->Run(patch->input.view(), stop));
  GPEN_TRY(whole_photo_.CleanFace(clean, stop, patch));
  watch.AddTo(&report->times.network_ms);

  // Before and after, and the face's parts, side by side: each network run has one thread.
  const auto points = face::AlignmentPoints(patch->landmarks);
  const ImageView pictures[] = {patch->input.view(), patch->output.view()};
  std::optional<Result<face::IdentityFeature>> features[2];
  std::optional<Result<Image>> parts;
  ParallelFor(parser_ ? 3 : 2, options_.threads, [&](int i) {
    if (i == 2) {
      parts = parser_->Parse(patch->input.view(), stop);
    } else {
      features[i] = identity_.Describe(pictures[i], points, stop);
    }
  });
  GPEN_TRY(*features[0]);
  GPEN_TRY(*features[1]);
  if (parts) {
    GPEN_ASSIGN_OR_RETURN(const Image shown, *std::move(parts));
    patch->mask = face::ParsedMask(shown, patch->landmarks, network->size());
  }
  face->identity_similarity = face::Similarity(**features[0], **features[1]);
  watch.AddTo(&report->times.identity_ms);
  if (*face->identity_similarity < kEnoughSimilarity) {
    GPEN_ASSIGN_OR_RETURN(const double steadiness,
                          Steadiness(identity_, patch->input.view(), points, **features[0], stop));
    watch.AddTo(&report->times.identity_ms);
    JudgeLikeness(steadiness, face, patch, report);
  }
  face->weight = patch->weight;
  return {};
}

}  // namespace gpen::restore
