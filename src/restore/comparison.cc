#include "restore/comparison.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>

#include "codec/encode.h"
#include "image/resample.h"
#include "restore/repair_mask.h"

namespace gpen::restore {

Result<std::vector<std::byte>> EncodeComparison(const codec::Photo& after, Image before,
                                                ImageView mask) {
  Image marked;
  if (mask.data() != nullptr) {
    marked = before.Clone();
    PaintMask(mask, marked.mutable_view());
  }
  std::vector<ImageView> pictures = {before.view()};
  if (!marked.empty()) pictures.push_back(marked.view());
  pictures.push_back(after.pixels.view());
  const auto count = static_cast<int>(pictures.size());
  const int most = codec::MostSide(codec::Format::kJpeg);
  const double factor =
      std::min({1.0, 1.0 * most / count / after.width(), 1.0 * most / after.height()});
  const int width = std::max(1, static_cast<int>(factor * after.width()));
  const int height = std::max(1, static_cast<int>(factor * after.height()));
  std::vector<Image> resized;
  resized.reserve(pictures.size());
  for (ImageView& picture : pictures) {
    if (picture.width() == width && picture.height() == height) continue;
    picture = resized.emplace_back(Resize(picture, width, height)).view();
  }
  codec::Photo pair;
  pair.info = after.info;
  pair.metadata.icc = after.metadata.icc;
  pair.metadata.coded = after.metadata.coded;
  pair.jpeg = after.jpeg;
  pair.pixels = Image(count * width, height, after.pixels.channels(), after.pixels.type());
  const std::size_t bytes = pair.pixels.stride_bytes() / pictures.size();
  std::byte* target = pair.pixels.mutable_view().data();
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y) {
    for (const ImageView& picture : pictures) {
      std::memcpy(target, picture.data() + y * picture.stride_bytes(), bytes);
      target += bytes;
    }
  }
  std::vector<std::string> ignored;  // The same warnings as for the result itself.
  codec::EncodeOptions options;
  options.format = codec::Format::kJpeg;
  return codec::Encode(pair, options, &ignored);
}

}  // namespace gpen::restore
