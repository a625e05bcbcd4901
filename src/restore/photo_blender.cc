#include "restore/photo_blender.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "codec/color_transform.h"
#include "codec/decode.h"
#include "codec/place.h"
#include "codec/preview.h"
#include "face/face_mask.h"
#include "image/resample.h"
#include "restore/face_blender.h"
#include "restore/patterns.h"
#include "restore/photo_options.h"
#include "restore/photo_tones.h"
#include "restore/red_eyes.h"
#include "restore/repair_mask.h"

namespace gpen::restore {
namespace {

Result<void> CheckStrengths(const BlendRequest& request) {
  if (request.strengths.size() != request.kept->patches.size()) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("expected {} strengths, one for each restored face, found {}",
                             request.kept->patches.size(), request.strengths.size()));
  }
  PhotoOptions options;
  for (const int strength : request.strengths) {
    GPEN_TRY(SetOption("strength", fmt::format("{}", strength), OptionSetter::kApi, &options));
  }
  return {};
}

// The patch with its crop of the untouched photo and its mask, as on the day it was restored.
Result<FacePatch> Complete(const FacePatch& kept, bool aligned, ImageView photo,
                           const codec::ColorTransform& colors) {
  FacePatch patch;
  patch.photo_from_crop = kept.photo_from_crop;
  patch.landmarks = kept.landmarks;
  patch.output = kept.output.Clone();
  // They were restored as they were by older versions, and where the strength was 0.
  if (!aligned) CorrectRedEyes(patch.landmarks, Affine(), patch.output.mutable_view());
  const int size = patch.output.width();
  const Image crop = ExtractCrop(photo, patch.photo_from_crop, size, size);
  GPEN_ASSIGN_OR_RETURN(patch.input, colors.ToSrgb(crop.view()));
  patch.mask = aligned             ? face::FullMask(size)
               : kept.mask.empty() ? face::FaceMask(patch.landmarks, size)
                                   : kept.mask.Clone();
  return patch;
}

// The red eyes of faces that are restored are dark again, in the photo before it was enlarged.
void CorrectRedEyesAgain(const BlendRequest& request, MutableImageView photo) {
  if (request.kept->aligned) return;
  const double scale = request.whole.scale();
  const Affine photo_from_enlarged = ResizeMap(1 / scale, 1 / scale);
  for (std::size_t i = 0; i < request.strengths.size(); ++i) {
    if (request.strengths[i] == 0) continue;
    const FacePatch& patch = request.kept->patches[i];
    CorrectRedEyes(patch.landmarks, photo_from_enlarged * patch.photo_from_crop, photo);
  }
}

// Whether anything but faces was changed; it is so once more.
Result<bool> ChangeWhole(const BlendRequest& request, codec::Photo* photo) {
  const RestoreOptions& whole = request.whole;
  const bool needs_networks = whole.repairs() || whole.changes_whole_photo();
  if (needs_networks && request.whole_photo == nullptr) {
    return Error(ErrorCode::kInternal, "the networks for whole photos are not at hand");
  }
  bool is_changed = RemovePatterns(whole, 1, {}, photo).any();
  if (whole.repairs()) {
    GPEN_ASSIGN_OR_RETURN(const auto mask, request.whole_photo->Repair(whole, {}, {}, photo));
    is_changed = is_changed || CountPlaces(mask.view()).count > 0;
  }
  GPEN_ASSIGN_OR_RETURN(const auto tones, ChangeTones(whole, 1, {}, photo));
  is_changed = is_changed || tones.changed();
  CorrectRedEyesAgain(request, photo->pixels.mutable_view());
  if (whole.changes_whole_photo()) {
    GPEN_ASSIGN_OR_RETURN(auto change, request.whole_photo->Change(whole, {}, {}, *photo));
    is_changed = is_changed || !change.pixels.empty();
    if (!change.pixels.empty()) photo->pixels = std::move(change.pixels);
  }
  return is_changed;
}

}  // namespace

Result<BlendedPhoto> BlendAgain(const BlendRequest& request) {
  GPEN_TRY(CheckStrengths(request));
  // It was good enough to be restored.
  GPEN_ASSIGN_OR_RETURN(auto photo,
                        codec::Decode(request.original, request.limits, codec::IfDamaged::kTake));
  BlendedPhoto blended;
  blended.warnings = photo.warnings;
  GPEN_ASSIGN_OR_RETURN(const auto colors, codec::ColorTransform::Create(photo, &blended.warnings));
  const bool loses_place = request.remove_place && codec::RemovePlace(&photo);
  GPEN_ASSIGN_OR_RETURN(const bool changes_whole, ChangeWhole(request, &photo));
  // All crops come first: they must show the photo as it was.
  std::vector<FacePatch> patches;
  for (std::size_t i = 0; i < request.strengths.size(); ++i) {
    if (request.strengths[i] == 0) continue;
    GPEN_ASSIGN_OR_RETURN(auto patch, Complete(request.kept->patches[i], request.kept->aligned,
                                               photo.pixels.view(), colors));
    patch.weight = request.strengths[i] / 100.0;
    patches.push_back(std::move(patch));
  }
  RestoreOptions options;
  options.strength = 100;  // Each patch has its own.
  options.mode = request.mode;
  options.enlarge = request.whole.enlarge;
  options.protect_tone = request.protect_tone;
  GPEN_TRY(BlendFaces(patches, options, colors, 1, photo.pixels.mutable_view()));
  blended.format = request.encode.format.value_or(photo.info.format);
  if (patches.empty() && !changes_whole && !loses_place && blended.format == photo.info.format) {
    blended.file.assign(request.original.begin(), request.original.end());
  } else {
    GPEN_ASSIGN_OR_RETURN(blended.file, codec::Encode(photo, request.encode, &blended.warnings));
  }
  GPEN_ASSIGN_OR_RETURN(blended.preview, codec::EncodePreview(photo));
  return blended;
}

}  // namespace gpen::restore
