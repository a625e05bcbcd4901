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

UprightTarget::UprightTarget(int orientation, Image* target)
    : stored_width_(orientation >= 5 ? target->height() : target->width()),
      pixel_bytes_(static_cast<std::size_t>(target->channels()) * BytesPerSample(target->type())) {
  const auto across = static_cast<std::ptrdiff_t>(pixel_bytes_);
  const auto down = static_cast<std::ptrdiff_t>(target->stride_bytes());
  const std::ptrdiff_t right = across * (target->width() - 1);
  const std::ptrdiff_t bottom = down * (target->height() - 1);
  std::byte* data = target->mutable_view().data();
  switch (orientation) {
    case 2:  // Mirrored left to right.
      origin_ = data + right, step_x_ = -across, step_y_ = down;
      break;
    case 3:  // Upside down.
      origin_ = data + right + bottom, step_x_ = -across, step_y_ = -down;
      break;
    case 4:  // Mirrored top to bottom.
      origin_ = data + bottom, step_x_ = across, step_y_ = -down;
      break;
    case 5:  // Transposed.
      origin_ = data, step_x_ = down, step_y_ = across;
      break;
    case 6:  // To be turned clockwise.
      origin_ = data + right, step_x_ = down, step_y_ = -across;
      break;
    case 7:  // Transposed along the other diagonal.
      origin_ = data + right + bottom, step_x_ = -down, step_y_ = -across;
      break;
    case 8:  // To be turned counter-clockwise.
      origin_ = data + bottom, step_x_ = -down, step_y_ = across;
      break;
    default:
      origin_ = data, step_x_ = across, step_y_ = down;
  }
}

void UprightTarget::PutRows(const std::byte* rows, int first, int count, std::size_t stride) {
  for (int y = first; y < first + count; ++y, rows += stride) {
    std::byte* target = origin_ + step_y_ * y;
    if (step_x_ == static_cast<std::ptrdiff_t>(pixel_bytes_)) {
      std::memcpy(target, rows, static_cast<std::size_t>(stored_width_) * pixel_bytes_);
      continue;
    }
    switch (pixel_bytes_) {
      case 1:
        Scatter<1>(rows, stored_width_, target, step_x_);
        break;
      case 2:
        Scatter<2>(rows, stored_width_, target, step_x_);
        break;
      case 3:
        Scatter<3>(rows, stored_width_, target, step_x_);
        break;
      case 4:
        Scatter<4>(rows, stored_width_, target, step_x_);
        break;
      case 6:
        Scatter<6>(rows, stored_width_, target, step_x_);
        break;
      default:
        Scatter<8>(rows, stored_width_, target, step_x_);
        break;
    }
  }
}

}  // namespace gpen::codec
