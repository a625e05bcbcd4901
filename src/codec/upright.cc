#include "codec/upright.h"

#include <cstring>

namespace gpen::codec {
namespace {

/// `kBytes` known at compile time makes the copy of a pixel one or two moves.
template <std::size_t kBytes>
void Scatter(const std::byte* row, int width, std::byte* target, std::ptrdiff_t step) {
  for (int x = 0; x < width; ++x, row += kBytes, target += step) std::memcpy(target, row, kBytes);
}

}  // namespace

StoredPlaces StoredPlaces::In(ImageView upright, int orientation) {
  const auto across = static_cast<std::ptrdiff_t>(static_cast<std::size_t>(upright.channels()) *
                                                  BytesPerSample(upright.type()));
  const auto down = static_cast<std::ptrdiff_t>(upright.stride_bytes());
  const std::ptrdiff_t right = across * (upright.width() - 1);
  const std::ptrdiff_t bottom = down * (upright.height() - 1);
  switch (orientation) {
    case 2:  // Mirrored left to right.
      return {right, -across, down};
    case 3:  // Upside down.
      return {right + bottom, -across, -down};
    case 4:  // Mirrored top to bottom.
      return {bottom, across, -down};
    case 5:  // Transposed.
      return {0, down, across};
    case 6:  // To be turned clockwise.
      return {right, down, -across};
    case 7:  // Transposed along the other diagonal.
      return {right + bottom, -down, -across};
    case 8:  // To be turned counter-clockwise.
      return {bottom, -down, across};
    default:
      return {0, across, down};
  }
}

UprightTarget::UprightTarget(int orientation, Image* target)
    : stored_width_(orientation >= 5 ? target->height() : target->width()),
      pixel_bytes_(static_cast<std::size_t>(target->channels()) * BytesPerSample(target->type())),
      data_(target->mutable_view().data()),
      places_(StoredPlaces::In(target->view(), orientation)) {}

void UprightTarget::PutRows(const std::byte* rows, int first, int count, std::size_t stride) {
  for (int y = first; y < first + count; ++y, rows += stride) {
    std::byte* target = data_ + places_.origin + places_.step_y * y;
    if (places_.step_x == static_cast<std::ptrdiff_t>(pixel_bytes_)) {
      std::memcpy(target, rows, static_cast<std::size_t>(stored_width_) * pixel_bytes_);
      continue;
    }
    switch (pixel_bytes_) {
      case 1:
        Scatter<1>(rows, stored_width_, target, places_.step_x);
        break;
      case 2:
        Scatter<2>(rows, stored_width_, target, places_.step_x);
        break;
      case 3:
        Scatter<3>(rows, stored_width_, target, places_.step_x);
        break;
      case 4:
        Scatter<4>(rows, stored_width_, target, places_.step_x);
        break;
      case 6:
        Scatter<6>(rows, stored_width_, target, places_.step_x);
        break;
      default:
        Scatter<8>(rows, stored_width_, target, places_.step_x);
        break;
    }
  }
}

}  // namespace gpen::codec
