#include "restore/cleaning.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "restore/blockiness.h"
#include "restore/grain.h"

namespace gpen::restore {
namespace {

// Found with ten photos that were made noisy or small as JPEG: the amounts whose results had the
// best PSNR. Sharp photos without flaws show a deviation of up to 2.5 levels.
constexpr double kNoNoise = 2.5 / 255;
constexpr double kMostNoise = 25.0 / 255;  // It, or more, needs all of the cleaning.
// A soft photo has nothing that as much cleaning more could take away, and grain in clumps of which
// the network would leave some as structure.
constexpr double kSoft = 0.05;  // Fineness up to which that is so,
constexpr double kFine = 0.15;  // and from which it is not.
constexpr double kMoreOfSoft = 2;
constexpr int kGoodQuality = 75;      // Of a JPEG: there is nothing to be taken away.
constexpr double kByQuality = 0.008;  // For each step below.
constexpr double kBlocksTellTo = 15;  // Of what the file states itself, less is believed.
constexpr double kLeast = 0.05;
constexpr double kUnknown = 0.4;  // Nothing in the photo can be measured.

// By the noise alone.
double Needed(const std::optional<Grain>& grain) {
  if (!grain) return kUnknown;
  const double noise = std::max(DeviationOf(grain->luma), DeviationOf(grain->chroma));
  const double softness = std::clamp((kFine - grain->fineness) / (kFine - kSoft), 0.0, 1.0);
  const double by_noise =
      std::lerp(1, kMoreOfSoft, softness) * (noise - kNoNoise) / (kMostNoise - kNoNoise);
  return std::clamp(by_noise, kLeast, 1.0);
}

}  // namespace

double NeededCleaning(ImageView face, ImageView mask) {
  const auto grain = MeasureGrain(face, mask, GrainPlace::kInFace);
  return grain ? Needed(grain) : 0;
}

double NeededCleaning(const codec::Photo& photo) {
  const double by_noise = Needed(MeasureGrain(photo.pixels.view()));
  // A strong JPEG may have been saved once more, better or as something else.
  double quality = photo.jpeg ? photo.jpeg->quality : 100;
  const double by_blocks = QualityByBlocks(photo.pixels.view()).value_or(100);
  if (by_blocks < quality - kBlocksTellTo) quality = by_blocks;
  return std::min(std::max(by_noise, kByQuality * (kGoodQuality - quality)), 1.0);
}

double CleaningAmount(int percent, double needed) {
  return std::clamp(percent / 50.0 * needed, 0.0, 1.0);
}

}  // namespace gpen::restore
