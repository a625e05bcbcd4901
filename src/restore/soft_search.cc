#include "restore/soft_search.h"

#include <cstdint>

#include "image/image_pyramid.h"
#include "restore/blur.h"
#include "restore/sharpening.h"

namespace gpen::restore {
namespace {

constexpr std::int64_t kMostPixels = 2'000'000;
constexpr double kSoft = 1.2;  // Pixels of blur from which faces are missed.
// Of the blur: found as many faces as all of it, and none that is none.
constexpr double kSharpen = 0.8;

}  // namespace

Result<void> FindMoreInSoft(const face::FaceFinder& finder, const WholePhoto& whole_photo,
                            ImageView photo, const face::FindOptions& options, int threads,
                            std::stop_token stop, face::FoundFaces* found) {
  if (std::int64_t{photo.width()} * photo.height() > kMostPixels) return {};
  const double blur = MeasureBlur(photo).value_or(0);
  if (blur < kSoft) return {};
  const auto network = whole_photo.Network(PhotoModel::kSharpen);
  if (!network && network.error().code() == ErrorCode::kModelMissing) return {};
  GPEN_TRY(network);
  GPEN_ASSIGN_OR_RETURN(const Image sharp,
                        SharpenPhoto(**network, photo, kSharpen * blur, threads, stop, {}));
  ImagePyramid pyramid(sharp.view());
  return finder.FindMore(&pyramid, 1, options, stop, found);
}

}  // namespace gpen::restore
