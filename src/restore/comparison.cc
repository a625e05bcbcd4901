#include "restore/comparison.h"

#include <cstring>
#include <string>

#include "codec/encode.h"
#include "image/resample.h"
#include "restore/repair_mask.h"

namespace gpen::restore {

Result<std::vector<std::byte>> EncodeComparison(const codec::Photo& after, Image before,
                                                ImageView mask) {
  const Image& right = after.pixels;
  Image marked;
  if (mask.data() != nullptr) {
    marked = before.Clone();
    PaintMask(mask, marked.mutable_view());
  }
  std::vector<const Image*> pictures;
  for (Image* picture : {&before, &marked}) {
    if (picture->empty()) continue;
    if (picture->width() != right.width() || picture->height() != right.height()) {
      *picture = Resize(picture->view(), right.width(), right.height());
    }
    pictures.push_back(picture);
  }
  pictures.push_back(&right);
  codec::Photo pair;
  pair.info = after.info;
  pair.metadata.icc = after.metadata.icc;
  pair.metadata.coded = after.metadata.coded;
  pair.jpeg = after.jpeg;
  pair.pixels = Image(static_cast<int>(pictures.size()) * right.width(), right.height(),
                      right.channels(), right.type());
  for (int y = 0; y < right.height(); ++y) {
    const auto row = static_cast<std::size_t>(y);
    std::byte* target = pair.pixels.mutable_view().data() + row * pair.pixels.stride_bytes();
    for (const Image* picture : pictures) {
      const std::size_t bytes = picture->stride_bytes();
      std::memcpy(target, picture->view().data() + row * bytes, bytes);
      target += bytes;
    }
  }
  std::vector<std::string> ignored;  // The same warnings as for the result itself.
  codec::EncodeOptions options;
  options.format = codec::Format::kJpeg;
  return codec::Encode(pair, options, &ignored);
}

}  // namespace gpen::restore
