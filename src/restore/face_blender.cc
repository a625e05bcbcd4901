#include "restore/face_blender.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "base/parallel.h"
#include "base/parallel_try.h"
#include "image/resample.h"
#include "image/warp.h"
#include "restore/grain.h"
#include "restore/texture.h"
#include "restore/tone_protection.h"

namespace gpen::restore {
namespace {

constexpr int kStripRows = 64;  // Bounds the memory of a large face.

// The part of the mask that is not 0, and what interpolation spreads it to.
Rect ReachOf(ImageView mask) {
  constexpr int kSpread = 3;
  Rect reach = {mask.width(), mask.height(), 0, 0};
  int right = -1;
  int bottom = -1;
  for (int y = 0; y < mask.height(); ++y) {
    const float* row = mask.Row<float>(y);
    for (int x = 0; x < mask.width(); ++x) {
      if (row[x] <= 0) continue;
      reach.left = std::min(reach.left, x);
      right = std::max(right, x);
      reach.top = std::min(reach.top, y);
      bottom = y;
    }
  }
  if (right < 0) return {};
  reach.width = right + 1 - reach.left;
  reach.height = bottom + 1 - reach.top;
  return Intersect({reach.left - kSpread, reach.top - kSpread, reach.width + 2 * kSpread,
                    reach.height + 2 * kSpread},
                   mask.bounds());
}

// Smallest rectangle of whole pixels, inside `bounds`, that holds `reach` of the patch.
Rect FootprintInPhoto(const FacePatch& patch, const Rect& reach, const Rect& bounds) {
  if (reach.empty()) return {};
  double left = 1e30;
  double top = 1e30;
  double right = -1e30;
  double bottom = -1e30;
  for (const int x : {reach.left, reach.right() - 1}) {
    for (const int y : {reach.top, reach.bottom() - 1}) {
      const Point p = patch.photo_from_crop({1.0 * x, 1.0 * y});
      left = std::min(left, p.x);
      right = std::max(right, p.x);
      top = std::min(top, p.y);
      bottom = std::max(bottom, p.y);
    }
  }
  const auto clamp = [](double value, int low, int high) {
    return static_cast<int>(std::clamp(value, static_cast<double>(low), static_cast<double>(high)));
  };
  const int l = clamp(std::floor(left), bounds.left, bounds.right());
  const int t = clamp(std::floor(top), bounds.top, bounds.bottom());
  return {l, t, clamp(std::ceil(right) + 1, l, bounds.right()) - l,
          clamp(std::ceil(bottom) + 1, t, bounds.bottom()) - t};
}

// Pixels of the crop per pixel that the photo had before it was enlarged. Below 1 the photo has
// detail that the network was not shown; what enlarging adds is none.
double PixelsPerPhotoPixel(const FacePatch& patch, const RestoreOptions& options) {
  return patch.scale() * options.scale();
}

// How much of the photo's own texture is kept.
double TextureOfPhoto(double pixels_per_photo_pixel, const RestoreOptions& options) {
  // What is finer than two pixels of a crop that was enlarged so much is not the photo's.
  constexpr double kNone = 3;
  const bool is_natural = options.mode == Mode::kNatural;
  // A large face must not lose detail at the network's resolution either.
  if (pixels_per_photo_pixel < 1) return is_natural ? 1.0 : 0.5;
  if (pixels_per_photo_pixel >= kNone || options.scale() > 1) return 0;
  return is_natural ? 0.5 : 0;
}

// The finished face, of which `area` is wanted: a little more is looked at, so that what is there
// hardly depends on where it ends.
Image FinishPart(const FacePatch& patch, const RestoreOptions& options, const Rect& area) {
  const int room = patch.output.width() / 16;
  const Rect seen =
      Intersect({area.left - room, area.top - room, area.width + 2 * room, area.height + 2 * room},
                patch.output.view().bounds());
  Image face = CopyOf(patch.output.view().Crop(seen));
  if (!patch.replaces) {
    const double texture = TextureOfPhoto(PixelsPerPhotoPixel(patch, options), options);
    if (texture > 0) KeepTexture(patch.input.view().Crop(seen), texture, face.mutable_view());
    if (options.protect_tone) {
      ProtectTone(patch.input.view(), patch.mask.view(), seen, face.mutable_view());
    }
  }
  if (seen == area) return face;
  return CopyOf(
      face.view().Crop({area.left - seen.left, area.top - seen.top, area.width, area.height}));
}

// Colours and mask of a patch side by side, at about the photo's resolution, so that one linear
// warp fetches both. The colours are the face itself, or its change where `is_change`.
struct Layer {
  Image pixels;   // kF32, colour channels then the mask.
  Image weights;  // The mask alone.
  Affine photo_from_pixels;
  bool is_change = false;
  float weight = 1;  // Of the mask's 1.
};

// Of the part `reach` of the patch.
Result<Layer> MakeLayer(const FacePatch& patch, const Rect& reach, const RestoreOptions& options,
                        const codec::ColorTransform& colors) {
  Layer layer;
  if (reach.empty()) return layer;
  layer.is_change = PixelsPerPhotoPixel(patch, options) < 1 && !patch.replaces;
  GPEN_ASSIGN_OR_RETURN(const Image face,
                        colors.FromSrgb(FinishPart(patch, options, reach).view()));
  Image original;
  if (layer.is_change) {
    GPEN_ASSIGN_OR_RETURN(original, colors.FromSrgb(patch.input.view().Crop(reach)));
  }
  const int channels = face.channels();
  Image joined(reach.width, reach.height, channels + 1, SampleType::kF32);
  layer.weight = static_cast<float>(options.strength / 100.0 * patch.weight);
  for (int y = 0; y < reach.height; ++y) {
    float* to = joined.Row<float>(y);
    const float* from = face.Row<float>(y);
    const float* before = layer.is_change ? original.Row<float>(y) : nullptr;
    const float* mask = patch.mask.Row<float>(reach.top + y) + reach.left;
    for (int x = 0; x < reach.width; ++x) {
      for (int c = 0; c < channels; ++c, ++from, ++to) {
        *to = before != nullptr ? *from - *before++ : *from;
      }
      *to++ = mask[x] * layer.weight;
    }
  }
  // Averaged where the photo is coarser; enlarged by a smooth curve where it is finer.
  const double photo_scale = patch.photo_from_crop.Scale();
  const auto target = [&](int size) {
    return photo_scale < 1 ? std::max(1, static_cast<int>(std::lround(size * photo_scale)))
                           : size * std::clamp(static_cast<int>(photo_scale), 1, 4);
  };
  const int width = target(reach.width);
  const int height = target(reach.height);
  const bool fits = width == reach.width && height == reach.height;
  layer.pixels = fits ? std::move(joined) : Resize(joined.view(), width, height);
  layer.photo_from_pixels = patch.photo_from_crop *
                            Translation({1.0 * reach.left, 1.0 * reach.top}) *
                            ResizeMap(1.0 * reach.width / width, 1.0 * reach.height / height);
  layer.weights = Image(width, height, 1, SampleType::kF32);
  const float* weight = layer.pixels.Row<float>(0) + channels;
  float* alone = layer.weights.Row<float>(0);
  for (int i = 0; i < width * height; ++i) alone[i] = weight[i * (channels + 1)];
  return layer;
}

// The layer's pixels, or its weights, over `area` of the photo.
Image WarpToPhoto(const Layer& layer, const Image& pixels, const Rect& area) {
  const Affine pixels_from_area =
      layer.photo_from_pixels.Inverse() * Translation({1.0 * area.left, 1.0 * area.top});
  return Warp(pixels.view(), pixels_from_area, area.width, area.height, Interpolation::kLinear,
              Outside::kZero);
}

// Adds the layer's weights over `area` to `taken` (kF32 x 1 of the area's size).
void AddWeights(const Layer& layer, const Rect& area, Image* taken) {
  const Image warped = WarpToPhoto(layer, layer.weights, area);
  for (int y = 0; y < area.height; ++y) {
    const float* weight = warped.Row<float>(y);
    float* sum = taken->Row<float>(y);
    for (int x = 0; x < area.width; ++x) sum[x] += weight[x];
  }
}

template <typename Sample>
Sample Round(float value) {
  constexpr float kMax = std::numeric_limits<Sample>::max();
  return static_cast<Sample>(std::clamp(value, 0.0F, kMax) + 0.5F);
}

// photo += weight * (face - original), or weight * change. `original` is the photo before any face
// was blended, `taken` the weight that earlier faces have used up; either may be null.
template <typename Sample>
void BlendArea(const Layer& layer, const Rect& area, const Image* taken, ImageView original,
               MutableImageView photo) {
  const Image warped = WarpToPhoto(layer, layer.pixels, area);
  constexpr float kUnit = std::numeric_limits<Sample>::max();
  const int colors = warped.channels() - 1;
  const int step = photo.channels();
  for (int y = 0; y < area.height; ++y) {
    const float* face = warped.Row<float>(y);
    const Sample* before = original.Row<Sample>(y);
    Sample* pixel = photo.Row<Sample>(y);
    const float* used = taken != nullptr ? taken->Row<float>(y) : nullptr;
    for (int x = 0; x < area.width; ++x, face += colors + 1, before += step, pixel += step) {
      float weight = face[colors];
      if (used != nullptr) weight = std::min(weight, 1.0F - std::min(used[x], 1.0F));
      if (weight <= 0) continue;
      for (int c = 0; c < colors; ++c) {
        const float change =
            layer.is_change ? face[c] * kUnit : face[c] * kUnit - static_cast<float>(before[c]);
        pixel[c] = Round<Sample>(static_cast<float>(pixel[c]) + weight * change);
      }
    }
  }
}

void BlendArea(const Layer& layer, const Rect& area, const Image* taken, ImageView original,
               MutableImageView photo) {
  if (photo.type() == SampleType::kU8) {
    BlendArea<std::uint8_t>(layer, area, taken, original, photo);
  } else {
    BlendArea<std::uint16_t>(layer, area, taken, original, photo);
  }
}

// Where a face may need grain, and what the photo has there.
struct GrainSpot {
  Rect area;
  Image mask;  // Of the face alone, over the area.
  Grain wanted;
};

// Nothing where the photo is clean there. A face that is a change of the photo keeps its noise, and
// one that replaces the whole picture has nothing around it that it could differ from.
std::optional<GrainSpot> FindGrain(const FacePatch& patch, const Layer& layer, const Rect& rect,
                                   ImageView photo) {
  if (layer.is_change || patch.replaces || layer.weight <= 0 || rect.empty()) return std::nullopt;
  const int margin = std::max(16, std::max(rect.width, rect.height) / 5);
  GrainSpot spot;
  spot.area = Intersect(
      {rect.left - margin, rect.top - margin, rect.width + 2 * margin, rect.height + 2 * margin},
      photo.bounds());
  spot.mask = WarpToPhoto(layer, layer.weights, spot.area);
  for (int i = 0; i < spot.area.width * spot.area.height; ++i) {
    spot.mask.Row<float>(0)[i] /= layer.weight;
  }
  const ImageView there = photo.Crop(spot.area);
  const auto around = MeasureGrain(there, spot.mask.view(), GrainPlace::kAroundFace);
  const auto in_face = MeasureGrain(there, spot.mask.view(), GrainPlace::kInFace);
  if (!around || !in_face) return std::nullopt;
  spot.wanted = WantedGrain(*around, *in_face);
  if (spot.wanted.luma.pixel <= 0 && spot.wanted.chroma.pixel <= 0) return std::nullopt;
  return spot;
}

void MatchGrain(const GrainSpot& spot, MutableImageView photo) {
  const MutableImageView there = photo.Crop(spot.area);
  const auto found = MeasureGrain(there, spot.mask.view(), GrainPlace::kInFace);
  if (!found) return;
  AddGrain(spot.wanted, *found, spot.mask.view(), spot.area.left, spot.area.top, there);
}

}  // namespace

Image FinishFace(const FacePatch& patch, const RestoreOptions& options) {
  return FinishPart(patch, options, patch.output.view().bounds());
}

Result<void> BlendFaces(const std::vector<FacePatch>& patches, const RestoreOptions& options,
                        const codec::ColorTransform& colors, int threads, MutableImageView photo) {
  if (options.strength <= 0) return {};
  std::vector<Rect> reaches;
  std::vector<Rect> rects;
  for (const auto& patch : patches) {
    reaches.push_back(ReachOf(patch.mask.view()));
    rects.push_back(FootprintInPhoto(patch, reaches.back(), photo.bounds()));
  }
  // The pixels that an overlapping face must still see as they were.
  std::vector<Image> originals(patches.size());
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const bool overlaps =
        std::any_of(rects.begin(), rects.begin() + static_cast<std::ptrdiff_t>(i),
                    [&](const Rect& r) { return !Intersect(r, rects[i]).empty(); });
    if (overlaps) originals[i] = CopyOf(photo.Crop(rects[i]));
  }
  std::vector<Layer> layers(patches.size());
  std::vector<std::optional<GrainSpot>> grains(patches.size());  // Before any face is clean.
  const auto prepare = [&](int index) -> Result<void> {
    const auto i = static_cast<std::size_t>(index);
    GPEN_ASSIGN_OR_RETURN(layers[i], MakeLayer(patches[i], reaches[i], options, colors));
    grains[i] = FindGrain(patches[i], layers[i], rects[i], photo);
    return {};
  };
  GPEN_TRY(ParallelTry(static_cast<int>(patches.size()), threads, prepare));
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const Rect& rect = rects[i];
    const auto blend_strip = [&](int number) {
      const int top = rect.top + number * kStripRows;
      const Rect strip = {rect.left, top, rect.width, std::min(kStripRows, rect.bottom() - top)};
      Image taken;
      if (!originals[i].empty()) {
        taken = Image(strip.width, strip.height, 1, SampleType::kF32);
        std::fill_n(taken.Row<float>(0), strip.width * strip.height, 0.0F);
        for (std::size_t j = 0; j < i; ++j) {
          if (!Intersect(rects[j], strip).empty()) AddWeights(layers[j], strip, &taken);
        }
      }
      const MutableImageView target = photo.Crop(strip);
      const ImageView original =
          originals[i].empty()
              ? ImageView(target)
              : originals[i].view().Crop({0, top - rect.top, strip.width, strip.height});
      BlendArea(layers[i], strip, taken.empty() ? nullptr : &taken, original, target);
    };
    ParallelFor((rect.height + kStripRows - 1) / kStripRows, threads, blend_strip);
  }
  for (const auto& spot : grains) {
    if (spot) MatchGrain(*spot, photo);
  }
  return {};
}

Result<void> MoveIntoEnlarged(int scale, ImageView photo, const codec::ColorTransform& colors,
                              std::vector<FacePatch>* patches) {
  const Affine enlarged_from_photo = ResizeMap(scale, scale);
  for (FacePatch& patch : *patches) {
    patch.photo_from_crop = enlarged_from_photo * patch.photo_from_crop;
    const int size = patch.input.width();
    const Image crop = ExtractCrop(photo, patch.photo_from_crop, size, size);
    GPEN_ASSIGN_OR_RETURN(patch.input, colors.ToSrgb(crop.view()));
  }
  return {};
}

}  // namespace gpen::restore
