#include "restore/face_extractor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

#include "codec/decode.h"
#include "image/image_threads.h"
#include "image/resample.h"
#include "restore/align_face.h"
#include "restore/yuv.h"

namespace gpen::restore {
namespace {

constexpr double kMaxOutside = 0.10;      // Of the crop: the rest is the photo's repeated edge.
constexpr double kMaxFaceOutside = 0.01;  // Of the face itself.
constexpr double kSameFace = 0.985;       // Correlation of two fingerprints.

// Whether too much of the crop, or any part of the face, lies outside of the photo.
bool IsCutOff(ImageView mask, const Affine& photo_from_crop, const Rect& photo) {
  double outside = 0;
  double face = 0;
  double face_outside = 0;
  for (int y = 0; y < mask.height(); ++y) {
    const float* row = mask.Row<float>(y);
    for (int x = 0; x < mask.width(); ++x) {
      const Point p = photo_from_crop({1.0 * x, 1.0 * y});
      const bool out =
          p.x < -0.5 || p.y < -0.5 || p.x > photo.width - 0.5 || p.y > photo.height - 0.5;
      face += row[x];
      if (!out) continue;
      outside += 1;
      face_outside += row[x];
    }
  }
  return outside > kMaxOutside * mask.width() * mask.height() ||
         face_outside > kMaxFaceOutside * face;
}

}  // namespace

std::string_view NameOf(Verdict verdict) {
  constexpr std::array<std::string_view, kVerdicts> kNames = {"kept", "tiny", "cut off", "soft",
                                                              "duplicate"};
  return kNames[static_cast<std::size_t>(verdict)];
}

double Sharpness(ImageView face, ImageView mask) {
  const Image luma = LumaOf(face);
  const Image once = GaussianBlur(luma.view(), 1.0);
  const Image twice = GaussianBlur(luma.view(), 2.0);
  double fine = 0;
  double coarse = 1e-6;
  for (int y = 0; y < face.height(); ++y) {
    for (int x = 0; x < face.width(); ++x) {
      const double weight = mask.Row<float>(y)[x];
      fine += weight * std::abs(luma.Row<float>(y)[x] - once.Row<float>(y)[x]);
      coarse += weight * std::abs(once.Row<float>(y)[x] - twice.Row<float>(y)[x]);
    }
  }
  return fine / coarse;
}

Result<FaceExtractor> FaceExtractor::Create(const ExtractOptions& options) {
  SetImageThreads(options.threads);
  GPEN_ASSIGN_OR_RETURN(auto finder,
                        face::FaceFinder::Create(options.models_folder, options.threads));
  return FaceExtractor(options, std::move(finder));
}

Result<std::vector<ExtractedFace>> FaceExtractor::Extract(std::span<const std::byte> file,
                                                          std::stop_token stop) {
  try {
    return ExtractSteps(file, stop);
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::kOutOfMemory, "not enough memory for this photo");
  }
}

Result<std::vector<ExtractedFace>> FaceExtractor::ExtractSteps(std::span<const std::byte> file,
                                                               std::stop_token stop) {
  GPEN_ASSIGN_OR_RETURN(const codec::Photo photo, codec::Decode(file, options_.limits));
  GPEN_ASSIGN_OR_RETURN(const auto colors, codec::ColorTransform::Create(photo, nullptr));
  ImagePyramid pyramid(photo.pixels.view());
  face::FindOptions find;
  find.max_faces = 1000;
  GPEN_ASSIGN_OR_RETURN(const auto found, finder_.Find(&pyramid, find, stop));
  std::vector<ExtractedFace> extracted;
  for (const auto& detected : found.faces) {
    GPEN_ASSIGN_OR_RETURN(
        FacePatch patch,
        AlignFace(pyramid, detected.landmarks, options_.face_template, options_.size, colors));
    ExtractedFace face;
    face.box = detected.box;
    face.crop = std::move(patch.input);
    const bool cut_off =
        IsCutOff(patch.mask.view(), patch.photo_from_crop, pyramid.full().bounds());
    Judge(patch.mask.view(), cut_off, patch.scale(), &face);
    extracted.push_back(std::move(face));
  }
  for (const auto& small : found.too_small) {
    extracted.push_back({small.box,
                         Verdict::kTiny,
                         fmt::format("the face has {:.0f} pixels, the finder's least is {:.0f}",
                                     small.size(), find.min_face),
                         {}});
  }
  return extracted;
}

// Sets the verdict; a face that is kept is remembered, the crop of another is dropped.
void FaceExtractor::Judge(ImageView mask, bool cut_off, double enlargement, ExtractedFace* face) {
  const auto leave_out = [face](Verdict verdict, std::string reason) {
    face->verdict = verdict;
    face->reason = std::move(reason);
    face->crop = {};
  };
  if (enlargement > options_.max_enlargement) {
    return leave_out(Verdict::kTiny, fmt::format("enlarged {:.2f} times, at most {:.2f} is useful",
                                                 enlargement, options_.max_enlargement));
  }
  if (cut_off) return leave_out(Verdict::kCutOff, "reaches beyond the photo's edge");
  const double sharpness = Sharpness(face->crop.view(), mask);
  if (sharpness < options_.least_sharpness) {
    return leave_out(Verdict::kSoft, fmt::format("sharpness {:.2f}, expected at least {:.2f}",
                                                 sharpness, options_.least_sharpness));
  }
  // The inner half of the crop is mostly face.
  const int half = options_.size / 2;
  const Image small =
      Resize(LumaOf(face->crop.view().Crop({half / 2, half / 2, half, half})).view(), 16, 16);
  Fingerprint fingerprint;
  std::copy_n(small.Row<float>(0), fingerprint.size(), fingerprint.begin());
  float mean = 0;
  for (const float value : fingerprint) mean += value / static_cast<float>(fingerprint.size());
  float square = 1e-12F;
  for (float& value : fingerprint) {
    value -= mean;
    square += value * value;
  }
  for (float& value : fingerprint) value /= std::sqrt(square);
  for (const auto& other : kept_) {
    float correlation = 0;
    for (std::size_t i = 0; i < other.size(); ++i) correlation += other[i] * fingerprint[i];
    if (correlation < kSameFace) continue;
    return leave_out(
        Verdict::kDuplicate,
        fmt::format("the same picture as an earlier face (correlation {:.3f})", correlation));
  }
  kept_.push_back(fingerprint);
}

}  // namespace gpen::restore
