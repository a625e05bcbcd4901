#include "restore/photo_repair.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "image/resample.h"
#include "nn/manifest.h"
#include "restore/damage_marks.h"
#include "restore/masked_fill.h"
#include "restore/repair_mask.h"

namespace gpen::restore {
namespace {

namespace fs = std::filesystem;

// Reduced only while the smaller side keeps so many pixels: fine damage is no more there below.
constexpr int kLeastSide = 600;
constexpr int kMostLevels = 3;

int LevelsFor(ImageView photo) {
  int levels = 1;
  while (levels < kMostLevels &&
         (std::min(photo.width(), photo.height()) >> levels) >= kLeastSide) {
    ++levels;
  }
  return levels;
}

// Where a pixel of the larger picture lies between two of the smaller one.
struct Between {
  int first;
  int second;
  float part;  // Of the second.

  float Mix(float one, float other) const { return one + part * (other - one); }
};

Between PlaceOf(int at, int larger, int smaller) {
  const double place = (at + 0.5) * smaller / larger - 0.5;
  const int first = static_cast<int>(std::floor(place));
  const int last = smaller - 1;
  return {std::clamp(first, 0, last), std::clamp(first + 1, 0, last),
          static_cast<float>(place - first)};
}

void AddMask(ImageView mask, Image* to) {
  for (int y = 0; y < mask.height(); ++y) {
    const auto* row = mask.Row<std::uint8_t>(y);
    auto* sum = to->Row<std::uint8_t>(y);
    std::transform(row, row + mask.width(), sum, sum,
                   [](std::uint8_t one, std::uint8_t other) { return std::max(one, other); });
  }
}

// What is marked in the smaller mask is so in the larger one too. Returns whether anything is.
bool MergeMask(const Image& small, Image* large) {
  bool any = false;
  for (int y = 0; y < large->height(); ++y) {
    const Between rows = PlaceOf(y, large->height(), small.height());
    const auto* above = small.Row<std::uint8_t>(rows.first);
    const auto* below = small.Row<std::uint8_t>(rows.second);
    auto* to = large->Row<std::uint8_t>(y);
    for (int x = 0; x < large->width(); ++x) {
      const Between columns = PlaceOf(x, large->width(), small.width());
      const float cover = rows.Mix(columns.Mix(above[columns.first], above[columns.second]),
                                   columns.Mix(below[columns.first], below[columns.second]));
      const auto marked = static_cast<std::uint8_t>(cover + 0.5F);
      any = any || marked > 0;
      to[x] = std::max(to[x], marked);
    }
  }
  return any;
}

}  // namespace

struct PhotoRepair::State {
  fs::path models_folder;
  int threads;
  std::mutex mutex;  // Guards `network`.
  std::optional<RepairNetwork> network = {};
};

PhotoRepair::PhotoRepair(fs::path models_folder, int threads)
    : state_(new State{std::move(models_folder), threads, {}}) {}
PhotoRepair::PhotoRepair(PhotoRepair&&) noexcept = default;
PhotoRepair& PhotoRepair::operator=(PhotoRepair&&) noexcept = default;
PhotoRepair::~PhotoRepair() = default;

// A failure is not kept: what failed for lack of memory may succeed for the next photo.
Result<const RepairNetwork*> PhotoRepair::Network() const {
  const std::scoped_lock lock(state_->mutex);
  if (!state_->network) {
    const auto& folder = state_->models_folder;
    GPEN_ASSIGN_OR_RETURN(const auto manifest,
                          nn::LoadManifest(folder / (std::string(kRepairModelName) + ".json")));
    GPEN_ASSIGN_OR_RETURN(auto network, RepairNetwork::Load(folder, manifest));
    state_->network.emplace(std::move(network));
  }
  return &*state_->network;
}

// What a person has drawn comes first: beside it, and across it, more is found and filled better.
Result<Repaired> PhotoRepair::Repair(ImageView photo, const RestoreOptions& options,
                                     std::stop_token stop, const PhotoProgress& progress) const {
  if (options.damage.empty()) return RepairFound(photo, options, std::move(stop), progress);
  Repaired drawn{CopyOf(photo), EmptyMask(photo.width(), photo.height())};
  DrawStrokes(options.damage, 255, &drawn.mask);
  DrawStrokes(options.undamaged, 0, &drawn.mask);
  GPEN_TRY(FillMasked(photo, drawn.mask.view(), {.threads = state_->threads, .stop = stop},
                      drawn.photo.mutable_view()));
  if (options.repair == 0) return drawn;
  GPEN_ASSIGN_OR_RETURN(auto repaired,
                        RepairFound(drawn.photo.view(), options, std::move(stop), progress));
  AddMask(drawn.mask.view(), &repaired.mask);
  return repaired;
}

Result<Repaired> PhotoRepair::RepairFound(ImageView photo, const RestoreOptions& options,
                                          std::stop_token stop,
                                          const PhotoProgress& progress) const {
  GPEN_ASSIGN_OR_RETURN(const auto* network, Network());
  const int levels = LevelsFor(photo);
  const double all = (1 - std::pow(0.25, levels)) / 0.75;
  double done = 0;
  const auto find = [&](ImageView picture, double share) {
    auto sure = network->FindDamage(picture, state_->threads, stop, [&](double part) {
      if (progress) progress((done + part * share) / all);
    });
    done += share;
    return sure;
  };
  Repaired repaired;
  GPEN_ASSIGN_OR_RETURN(repaired.mask, find(photo, 1));
  const int least = LeastSurenessIn(repaired.mask.view(), options.repair);
  repaired.mask = MarkDamage(repaired.mask.view(), least);
  DrawStrokes(options.undamaged, 0, &repaired.mask);
  repaired.photo = CopyOf(photo);
  GPEN_TRY(FillMasked(photo, repaired.mask.view(), {.threads = state_->threads, .stop = stop},
                      repaired.photo.mutable_view()));
  for (int level = 1; level < levels; ++level) {
    const Image reduced =
        Resize(repaired.photo.view(), photo.width() >> level, photo.height() >> level);
    GPEN_ASSIGN_OR_RETURN(const Image sure, find(reduced.view(), std::pow(0.25, level)));
    const Image mask = MarkDamage(sure.view(), least);
    const Image before = CopyOf(repaired.mask.view());
    const ImageView filled = before.view();
    if (!MergeMask(mask, &repaired.mask)) continue;
    DrawStrokes(options.undamaged, 0, &repaired.mask);
    GPEN_TRY(FillMasked(photo, repaired.mask.view(),
                        {.threads = state_->threads, .stop = stop, .filled = &filled},
                        repaired.photo.mutable_view()));
  }
  return repaired;
}

}  // namespace gpen::restore
