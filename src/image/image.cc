#include "image/image.h"

#include <algorithm>
#include <cstring>

namespace gpen {

Rect Intersect(const Rect& a, const Rect& b) {
  const int left = std::max(a.left, b.left);
  const int top = std::max(a.top, b.top);
  return {left, top, std::max(0, std::min(a.right(), b.right()) - left),
          std::max(0, std::min(a.bottom(), b.bottom()) - top)};
}

Image::Image(int width, int height, int channels, SampleType type)
    : width_(width),
      height_(height),
      channels_(channels),
      type_(type),
      data_(std::make_unique_for_overwrite<std::byte[]>(size_bytes())) {}

Image Image::Clone() const { return CopyOf(view()); }

Image CopyOf(ImageView view) {
  Image copy(view.width(), view.height(), view.channels(), view.type());
  const std::size_t row_bytes = copy.stride_bytes();
  std::byte* target = copy.mutable_view().data();
  for (int y = 0; y < view.height(); ++y) {
    std::memcpy(target + static_cast<std::size_t>(y) * row_bytes,
                view.data() + static_cast<std::size_t>(y) * view.stride_bytes(), row_bytes);
  }
  return copy;
}

}  // namespace gpen
