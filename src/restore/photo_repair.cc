#include "restore/photo_repair.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "image/resample.h"
#include "nn/manifest.h"

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

// JPEG's rounding may tint a gray pixel by so many 255ths.
template <typename Sample>
bool IsWithoutColor(ImageView photo) {
  constexpr int kMost = 3 * (std::numeric_limits<Sample>::max() / 255);
  const int step = photo.channels();
  for (int y = 0; y < photo.height(); ++y) {
    const Sample* pixel = photo.Row<Sample>(y);
    for (int x = 0; x < photo.width(); ++x, pixel += step) {
      if (std::abs(pixel[0] - pixel[1]) > kMost || std::abs(pixel[1] - pixel[2]) > kMost) {
        return false;
      }
    }
  }
  return true;
}

bool IsGray(ImageView photo) {
  if (photo.channels() <= 2) return true;
  return photo.type() == SampleType::kU8 ? IsWithoutColor<std::uint8_t>(photo)
                                         : IsWithoutColor<std::uint16_t>(photo);
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

// What was repaired in the smaller picture replaces its place in the larger one.
template <typename Sample>
void Merge(const Repaired& small, Repaired* large) {
  const Image& from = small.photo;
  const int step = from.channels();
  const int colors = step <= 2 ? 1 : 3;
  const int width = large->photo.width();
  const int height = large->photo.height();
  for (int y = 0; y < height; ++y) {
    const Between rows = PlaceOf(y, height, from.height());
    const std::uint8_t* mask_rows[] = {small.mask.Row<std::uint8_t>(rows.first),
                                       small.mask.Row<std::uint8_t>(rows.second)};
    const Sample* photo_rows[] = {from.Row<Sample>(rows.first), from.Row<Sample>(rows.second)};
    auto* mask = large->mask.Row<std::uint8_t>(y);
    Sample* to = large->photo.Row<Sample>(y);
    for (int x = 0; x < width; ++x, to += step) {
      const Between columns = PlaceOf(x, width, from.width());
      const auto sample = [&](const auto* const* two, int pixel_step, int channel) {
        const int one = columns.first * pixel_step + channel;
        const int other = columns.second * pixel_step + channel;
        return rows.Mix(columns.Mix(two[0][one], two[0][other]),
                        columns.Mix(two[1][one], two[1][other]));
      };
      const float cover = sample(mask_rows, 1, 0) / 255.0F;
      if (cover <= 0) continue;
      for (int c = 0; c < colors; ++c) {
        const auto is = static_cast<float>(to[c]);
        to[c] = static_cast<Sample>(is + cover * (sample(photo_rows, step, c) - is) + 0.5F);
      }
      mask[x] = std::max({mask[x], std::uint8_t{1}, ToSample<std::uint8_t>(cover)});
    }
  }
}

// Between the photo and what was made of it.
template <typename Sample>
void Weaken(ImageView photo, float strength, Repaired* repaired) {
  const int step = photo.channels();
  for (int y = 0; y < photo.height(); ++y) {
    const auto* mask = repaired->mask.Row<std::uint8_t>(y);
    const Sample* from = photo.Row<Sample>(y);
    Sample* to = repaired->photo.Row<Sample>(y);
    for (int x = 0; x < photo.width(); ++x, from += step, to += step) {
      if (mask[x] == 0) continue;
      for (int c = 0; c < step; ++c) {
        const auto was = static_cast<float>(from[c]);
        to[c] = static_cast<Sample>(was + strength * (static_cast<float>(to[c]) - was) + 0.5F);
      }
    }
  }
}

// Calls `function` with a sample of the photo's type.
template <typename Function>
void ByType(SampleType type, const Function& function) {
  type == SampleType::kU8 ? function(std::uint8_t{}) : function(std::uint16_t{});
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

Result<Repaired> PhotoRepair::Repair(ImageView photo, double strength, std::stop_token stop,
                                     const PhotoProgress& progress) const {
  GPEN_ASSIGN_OR_RETURN(const auto* network, Network());
  const bool is_gray = IsGray(photo);
  const int levels = LevelsFor(photo);
  const double all = (1 - std::pow(0.25, levels)) / 0.75;
  double done = 0;
  const auto run = [&](ImageView picture, double share) {
    auto repaired = network->Run(picture, is_gray, state_->threads, stop, [&](double part) {
      if (progress) progress((done + part * share) / all);
    });
    done += share;
    return repaired;
  };
  GPEN_ASSIGN_OR_RETURN(Repaired repaired, run(photo, 1));
  for (int level = 1; level < levels; ++level) {
    const Image reduced =
        Resize(repaired.photo.view(), photo.width() >> level, photo.height() >> level);
    GPEN_ASSIGN_OR_RETURN(const Repaired small, run(reduced.view(), std::pow(0.25, level)));
    ByType(photo.type(), [&](auto sample) { Merge<decltype(sample)>(small, &repaired); });
  }
  if (strength < 1) {
    ByType(photo.type(), [&](auto sample) {
      Weaken<decltype(sample)>(photo, static_cast<float>(strength), &repaired);
    });
  }
  return repaired;
}

}  // namespace gpen::restore
