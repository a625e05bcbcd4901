#include "restore/comparison.h"

#include <cstring>
#include <string>

#include "codec/encode.h"
#include "image/resample.h"

namespace gpen::restore {

Result<std::vector<std::byte>> EncodeComparison(const codec::Photo& after, Image before) {
  const Image& right = after.pixels;
  if (before.width() != right.width() || before.height() != right.height()) {
    before = Resize(before.view(), right.width(), right.height());
  }
  codec::Photo pair;
  pair.info = after.info;
  pair.metadata.icc = after.metadata.icc;
  pair.metadata.coded = after.metadata.coded;
  pair.jpeg = after.jpeg;
  pair.pixels = Image(2 * right.width(), right.height(), right.channels(), right.type());
  for (int y = 0; y < right.height(); ++y) {
    const auto row = static_cast<std::size_t>(y);
    std::byte* target = pair.pixels.mutable_view().data() + row * pair.pixels.stride_bytes();
    std::memcpy(target, before.view().data() + row * before.stride_bytes(), before.stride_bytes());
    std::memcpy(target + before.stride_bytes(), right.view().data() + row * right.stride_bytes(),
                right.stride_bytes());
  }
  std::vector<std::string> ignored;  // The same warnings as for the result itself.
  codec::EncodeOptions options;
  options.format = codec::Format::kJpeg;
  return codec::Encode(pair, options, &ignored);
}

}  // namespace gpen::restore
