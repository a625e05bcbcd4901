#include "restore/whole_photo.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <utility>

#include "base/file.h"
#include "base/sha256.h"
#include "image/resample.h"
#include "restore/blur.h"
#include "restore/cleaning.h"
#include "restore/face_networks.h"
#include "restore/mottle.h"
#include "restore/sharpening.h"
#include "restore/stopwatch.h"

namespace gpen::restore {
namespace {

namespace fs = std::filesystem;

constexpr PhotoModel kModels[] = {PhotoModel::kClean, PhotoModel::kSharpen, PhotoModel::kX2,
                                  PhotoModel::kX4};

constexpr int ScaleOf(PhotoModel model) {
  return model == PhotoModel::kX4 ? 4 : model == PhotoModel::kX2 ? 2 : 1;
}

// A photo that is enlarged is cleaned first from this amount on, by the network that does nothing
// else and sees farther: 0.2 dB better (ten held-out photos at 0.6 and 1), equal at 0.3, and
// without the noise that the enlarging one draws out. What is left is for that one.
constexpr double kCleanedFirst = 0.25;
constexpr double kAfterCleaning = 0.2;
constexpr double kLeastOfFace = 0.1;  // What needs less stays in a restored face.

// Of a blur in pixels: what is less is as sharp as photos are.
constexpr double kLeastBlur = 0.6;

// Of cleaning, from so much on all that it leaves of grain is evened out. A photo that needs less
// may have a texture that looks like grain.
constexpr double kAllMottle = 0.3;

// A network's pass over the photo.
struct PhotoRun {
  PhotoModel model;
  double amount = 0;  // Of cleaning.
};

// One after another, as `options` ask; `amount` suits the photo.
std::vector<PhotoRun> RunsFor(const RestoreOptions& options, double amount) {
  const int scale = options.scale();
  const bool cleans_first = options.clean > 0 && (scale == 1 || amount >= kCleanedFirst);
  std::vector<PhotoRun> runs;
  if (cleans_first) runs.push_back({PhotoModel::kClean, amount});
  if (options.sharpen > 0) runs.push_back({PhotoModel::kSharpen});
  if (scale > 1) {
    runs.push_back(
        {scale == 2 ? PhotoModel::kX2 : PhotoModel::kX4, cleans_first ? kAfterCleaning : amount});
  }
  return runs;
}

// Pixels; 0 of a sharp photo.
double BlurToTake(int percent, ImageView photo) {
  const double blur = MeasureBlur(photo).value_or(0);
  return blur < kLeastBlur ? 0 : percent / 100.0 * blur;
}

// About how long a run takes, as a part of the others (bench/README.md).
double CostOf(PhotoModel model) {
  switch (model) {
    case PhotoModel::kClean:
      return 1.5;
    case PhotoModel::kSharpen:
      return 1.0;
    case PhotoModel::kX2:
      return 1.3;
    case PhotoModel::kX4:
      break;
  }
  return 1.8;
}

double Mega(std::int64_t value) { return static_cast<double>(value) / 1e6; }

// The photo as it was, as it becomes, and what encoding holds beside it.
std::int64_t BytesPerEnlargedPixel(const codec::PhotoInfo& info, int scale) {
  const int channels = (info.stored_channels == 1 ? 1 : 3) + (info.has_alpha ? 1 : 0);
  const std::int64_t bytes = std::int64_t{channels} * (info.bits_per_sample > 8 ? 2 : 1);
  return 2 * bytes + (bytes + scale * scale - 1) / (scale * scale);
}

std::string WhatWouldFit(const codec::PhotoInfo& info, int scale, std::int64_t most_pixels,
                         int most_side) {
  const std::int64_t twice = std::int64_t{4} * info.width * info.height;
  if (scale > 2 && twice <= most_pixels && 2 * std::max(info.width, info.height) <= most_side) {
    return "enlarged 2 times it would fit";
  }
  return fmt::format(
      "a photo of up to {:.1f} megapixels and {} pixels a side can be enlarged {} times",
      Mega(most_pixels / (scale * scale)), most_side / scale, scale);
}

}  // namespace

std::string_view NameOf(PhotoModel model) {
  constexpr std::string_view kModelNames[] = {"photo-clean", "photo-sharpen", "photo-x2",
                                              "photo-x4"};
  return kModelNames[static_cast<std::size_t>(model)];
}

std::string PhotoModelsFingerprint(const fs::path& models_folder) {
  std::string all;
  for (const auto model : kModels) {
    const auto manifest = nn::LoadManifest(models_folder / (std::string(NameOf(model)) + ".json"));
    all += (manifest ? manifest->sha256 : "none") + "\n";
  }
  const auto repairing =
      nn::LoadManifest(models_folder / (std::string(kRepairModelName) + ".json"));
  all += (repairing ? repairing->sha256 : "none") + "\n";
  return Sha256(AsBytes(all));
}

Result<void> CheckEnlarged(const codec::PhotoInfo& info, const RestoreOptions& options,
                           codec::Format format, const codec::Limits& limits) {
  const int scale = options.scale();
  if (scale == 1) return {};
  const std::int64_t pixels = std::int64_t{info.width} * info.height * scale * scale;
  std::int64_t most_pixels = limits.max_pixels;
  if (limits.max_memory_bytes > 0) {
    most_pixels =
        std::min(most_pixels, limits.max_memory_bytes / BytesPerEnlargedPixel(info, scale));
  }
  const int side = std::max(info.width, info.height) * scale;
  const int most_side = codec::MostSide(format);
  if (pixels <= most_pixels && side <= most_side) return {};
  return Error(
      ErrorCode::kImageTooLarge,
      fmt::format("{}x{} pixels enlarged {} times are {}x{}, {:.1f} megapixels: expected at "
                  "most {:.1f} megapixels and {} pixels a side in a {}; {}",
                  info.width, info.height, scale, info.width * scale, info.height * scale,
                  Mega(pixels), Mega(most_pixels), most_side, codec::NameOf(format),
                  WhatWouldFit(info, scale, most_pixels, most_side)));
}

struct WholePhoto::State {
  fs::path models_folder;
  int threads;
  std::mutex mutex;  // Guards `networks`.
  PhotoRepair repair;
  std::map<PhotoModel, PhotoNetwork> networks = {};
};

WholePhoto::WholePhoto(const fs::path& models_folder, int threads)
    : state_(new State{models_folder, threads, {}, PhotoRepair(models_folder, threads)}) {}
WholePhoto::WholePhoto(WholePhoto&&) noexcept = default;
WholePhoto& WholePhoto::operator=(WholePhoto&&) noexcept = default;
WholePhoto::~WholePhoto() = default;

// A failure is not kept: what failed for lack of memory may succeed for the next photo.
Result<const PhotoNetwork*> WholePhoto::Network(PhotoModel model) const {
  const std::scoped_lock lock(state_->mutex);
  auto found = state_->networks.find(model);
  if (found == state_->networks.end()) {
    const auto& folder = state_->models_folder;
    GPEN_ASSIGN_OR_RETURN(const auto manifest,
                          nn::LoadManifest(folder / (std::string(NameOf(model)) + ".json")));
    GPEN_ASSIGN_OR_RETURN(auto network, PhotoNetwork::Load(folder, manifest));
    if (network.scale() != ScaleOf(model)) {
      return Error(ErrorCode::kModelInvalid,
                   fmt::format("{}: expected a network that enlarges {} times, found one for {}",
                               manifest.file, ScaleOf(model), network.scale()));
    }
    found = state_->networks.emplace(model, std::move(network)).first;
  }
  return &found->second;
}

Result<WholePhotoChange> WholePhoto::Change(const RestoreOptions& options, std::stop_token stop,
                                            const PhotoNetwork::Progress& progress,
                                            const codec::Photo& photo) const {
  // What only is enlarged needs no look at its noise.
  const double amount =
      options.clean > 0 ? CleaningAmount(options.clean, NeededCleaning(photo)) : 0;
  const auto runs = RunsFor(options, amount);
  WholePhotoChange change = {.amount = amount};
  double all = 0;
  for (const auto& run : runs) all += CostOf(run.model);
  double done = 0;
  for (const auto& run : runs) {
    const ImageView pixels = change.pixels.empty() ? photo.pixels.view() : change.pixels.view();
    const double share = CostOf(run.model) / all;
    const auto show = [&](double of_this) {
      if (progress) progress(done + share * of_this);
    };
    Stopwatch watch;
    const bool sharpens = run.model == PhotoModel::kSharpen;
    if (sharpens) change.blur = BlurToTake(options.sharpen, pixels);
    if (!sharpens || change.blur > 0) {
      GPEN_ASSIGN_OR_RETURN(const auto* network, Network(run.model));
      GPEN_ASSIGN_OR_RETURN(
          change.pixels,
          sharpens ? SharpenPhoto(*network, pixels, change.blur, state_->threads, stop, show)
                   : network->Run(pixels, run.amount, state_->threads, stop, show));
      if (run.model == PhotoModel::kClean) {
        const double mottle = MeasureMottle(photo.pixels.view());
        RemoveMottle(std::min(1.0, amount / kAllMottle) * mottle, state_->threads,
                     change.pixels.mutable_view());
      }
      if (!change.networks.empty()) change.networks += ", ";
      change.networks += NameAndVersion(network->manifest());
    }
    if (sharpens) watch.AddTo(&change.sharpen_ms);
    done += share;
  }
  return change;
}

Result<void> WholePhoto::CleanFace(int percent, std::stop_token stop, FacePatch* patch) const {
  if (percent == 0) return {};
  Image* face = &patch->output;
  constexpr float kUnit = std::numeric_limits<std::uint16_t>::max();
  const int values = face->width() * face->channels();
  Image pixels(face->width(), face->height(), face->channels(), SampleType::kU16);
  for (int y = 0; y < face->height(); ++y) {
    std::transform(
        face->Row<float>(y), face->Row<float>(y) + values, pixels.Row<std::uint16_t>(y),
        [](float value) {
          return static_cast<std::uint16_t>(std::clamp(value, 0.0F, 1.0F) * kUnit + 0.5F);
        });
  }
  const double needed = NeededCleaning(pixels.view(), patch->mask.view());
  if (needed < kLeastOfFace) return {};
  GPEN_ASSIGN_OR_RETURN(const auto* network, Network(PhotoModel::kClean));
  GPEN_ASSIGN_OR_RETURN(pixels, network->Run(pixels.view(), CleaningAmount(percent, needed),
                                             state_->threads, std::move(stop), {}));
  *face = ToFloat(pixels.view());
  patch->was_cleaned = true;
  return {};
}

Result<Image> WholePhoto::Repair(const RestoreOptions& options, std::stop_token stop,
                                 const PhotoProgress& progress, codec::Photo* photo) const {
  GPEN_ASSIGN_OR_RETURN(auto repaired, state_->repair.Repair(photo->pixels.view(), options,
                                                             std::move(stop), progress));
  photo->pixels = std::move(repaired.photo);
  return std::move(repaired.mask);
}

Result<const RepairNetwork*> WholePhoto::RepairingNetwork() const {
  return state_->repair.Network();
}

}  // namespace gpen::restore
