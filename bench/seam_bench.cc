// How much of a seam the edge of a restored face's mask leaves, by the outline of the landmarks and
// by the parsing network, and how far the noise in the face is from that around it.
//
//   seam_bench [--strength N] [--mode natural|strong] PHOTO...
//
// See bench/README.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/cpu.h"
#include "base/file.h"
#include "base/source_folder.h"
#include "codec/color_transform.h"
#include "codec/decode.h"
#include "face/face_mask.h"
#include "image/resample.h"
#include "restore/face_blender.h"
#include "restore/grain.h"
#include "restore/photo_restorer.h"
#include "restore/yuv.h"

namespace {

using gpen::Image;
using gpen::restore::FacePatch;

// Sums over the pixels where a mask rises, of gradients across its edge: the photo's, the result's,
// and the mask's own, times how far the face differs from the photo there but for noise.
struct Seam {
  double photo = 0;
  double result = 0;
  double mask = 0;

  void Add(const Seam& other) {
    photo += other.photo;
    result += other.result;
    mask += other.mask;
  }
  std::string Text() const { return fmt::format("{:.2f} | {:.2f}", result / photo, mask / photo); }
};

float LumaAt(const Image& crop, int x, int y) {
  const float* pixel = crop.Row<float>(y) + crop.channels() * x;
  return crop.channels() < 3 ? pixel[0] : gpen::restore::Luma(pixel);
}

// What the restoration has made lighter or darker, in luma.
Image ChangeOf(const Image& photo, const Image& result) {
  constexpr double kNoise = 3;  // Sigma in pixels of the crop.
  Image change(photo.width(), photo.height(), 1, gpen::SampleType::kF32);
  for (int y = 0; y < photo.height(); ++y) {
    for (int x = 0; x < photo.width(); ++x) {
      change.Row<float>(y)[x] = LumaAt(result, x, y) - LumaAt(photo, x, y);
    }
  }
  return gpen::GaussianBlur(change.view(), kNoise);
}

Seam SeamOf(const Image& photo, const Image& result, const Image& mask) {
  const Image change = ChangeOf(photo, result);
  Seam seam;
  for (int y = 1; y + 1 < mask.height(); ++y) {
    for (int x = 1; x + 1 < mask.width(); ++x) {
      const float value = mask.Row<float>(y)[x];
      if (value < 0.1F || value > 0.9F) continue;
      const double right = mask.Row<float>(y)[x + 1] - mask.Row<float>(y)[x - 1];
      const double down = mask.Row<float>(y + 1)[x] - mask.Row<float>(y - 1)[x];
      const double steepness = std::hypot(right, down);
      if (steepness < 1e-3) continue;
      const auto across = [&](const Image& crop) {
        return ((LumaAt(crop, x + 1, y) - LumaAt(crop, x - 1, y)) * right +
                (LumaAt(crop, x, y + 1) - LumaAt(crop, x, y - 1)) * down) /
               steepness;
      };
      seam.photo += std::abs(across(photo));
      seam.result += std::abs(across(result));
      seam.mask += steepness * std::abs(change.Row<float>(y)[x]) / value;
    }
  }
  return seam;
}

// The noise in the face as a part of that around it.
std::optional<double> NoiseOf(const Image& crop, const Image& mask) {
  const Image bytes = gpen::ToBytes(crop.view());
  using gpen::restore::GrainPlace;
  const auto in_face = gpen::restore::MeasureGrain(bytes.view(), mask.view(), GrainPlace::kInFace);
  const auto around =
      gpen::restore::MeasureGrain(bytes.view(), mask.view(), GrainPlace::kAroundFace);
  if (!in_face || !around || around->luma.pixel < 1.0F / 255) return std::nullopt;
  return in_face->luma.pixel / around->luma.pixel;
}

// One way of making masks, over all faces.
struct Way {
  Seam seam;
  double noise = 0;
  int noisy_faces = 0;

  void Add(const Image& photo, const Image& result, const Image& mask) {
    seam.Add(SeamOf(photo, result, mask));
    const auto measured = NoiseOf(result, mask);
    if (!measured) return;
    noise += *measured;
    ++noisy_faces;
  }
  std::string Text() const {
    const auto part = noisy_faces == 0 ? "-" : fmt::format("{:.2f}", noise / noisy_faces);
    return fmt::format("{} | {}", seam.Text(), part);
  }
};

gpen::Result<Way> Measure(const std::vector<FacePatch>& patches,
                          const gpen::restore::RestoreOptions& options,
                          const gpen::codec::Photo& photo) {
  std::vector<std::string> warnings;
  GPEN_ASSIGN_OR_RETURN(const auto colors, gpen::codec::ColorTransform::Create(photo, &warnings));
  Image blended = photo.pixels.Clone();
  GPEN_TRY(gpen::restore::BlendFaces(patches, options, colors, 1, blended.mutable_view()));
  Way way;
  for (const FacePatch& patch : patches) {
    const int size = patch.mask.width();
    const auto crop = [&](const Image& pixels) {
      return gpen::ExtractCrop(pixels.view(), patch.photo_from_crop, size, size);
    };
    way.Add(crop(photo.pixels), crop(blended), patch.mask);
  }
  return way;
}

gpen::Result<std::string> Row(const gpen::restore::PhotoRestorer& restorer,
                              const gpen::restore::RestoreOptions& options,
                              const std::string& path) {
  GPEN_ASSIGN_OR_RETURN(const auto file, gpen::ReadFile(path, std::int64_t{1} << 30));
  GPEN_ASSIGN_OR_RETURN(const auto photo, gpen::codec::Decode(file, {}));
  gpen::restore::RestoreRequest request;
  request.name = path;
  request.file = file;
  request.options = options;
  request.keep_faces = true;
  GPEN_ASSIGN_OR_RETURN(auto restored, restorer.Restore(request));
  auto& patches = restored.faces;
  GPEN_ASSIGN_OR_RETURN(const Way parsed, Measure(patches, options, photo));
  for (FacePatch& patch : patches) {
    patch.mask = gpen::face::FaceMask(patch.landmarks, patch.mask.width());
  }
  GPEN_ASSIGN_OR_RETURN(const Way outline, Measure(patches, options, photo));
  return fmt::format("| {} | {} | {} | {} |", path, patches.size(), outline.Text(), parsed.Text());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Seams of restored faces");
  std::vector<std::string> paths;
  std::string mode = "natural";
  gpen::restore::RestoreOptions options;
  app.add_option("photo", paths)->required();
  app.add_option("--strength", options.strength)->check(CLI::Range(1, 100))->capture_default_str();
  app.add_option("--mode", mode)
      ->check(CLI::IsMember({"natural", "strong"}))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  options.mode = *gpen::restore::FromName<gpen::restore::Mode>(mode);
  gpen::restore::RestorerOptions restorer_options;
  restorer_options.models_folder = gpen::SourceFolder() / "models";
  restorer_options.threads = gpen::AvailableCpus();
  const auto restorer = gpen::restore::PhotoRestorer::Create(restorer_options);
  if (!restorer) {
    fmt::print(stderr, "{}\n", restorer.error().message());
    return 1;
  }
  fmt::print(
      "| photo | faces | outline: gradient | seam | noise | parsed: gradient | seam | noise |\n"
      "|---|---:|---:|---:|---:|---:|---:|---:|\n");
  for (const auto& path : paths) {
    const auto row = Row(**restorer, options, path);
    fmt::print("{}\n", row ? *row : row.error().message());
  }
  return 0;
}
