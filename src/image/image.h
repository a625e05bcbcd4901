// Image: an owning block of interleaved samples, and views of it.
//
// Rows follow each other without padding in an Image; a view may have a larger stride. Channels
// are interleaved. The colour space is not known here: codec::Photo says it. Copying an Image
// copies its pixels, so it is explicit (Clone); views do not own and must not outlive the image.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace gpen {

/// Type of one sample. Integers use their whole range; floats are in the unit that the function
/// states (mostly 0..1).
enum class SampleType : std::uint8_t { kU8, kU16, kF32 };

constexpr std::size_t BytesPerSample(SampleType type) {
  return type == SampleType::kU8 ? 1 : type == SampleType::kU16 ? 2 : 4;
}

template <typename T>
constexpr SampleType kSampleTypeOf =
    std::is_same_v<std::remove_const_t<T>, std::uint8_t>    ? SampleType::kU8
    : std::is_same_v<std::remove_const_t<T>, std::uint16_t> ? SampleType::kU16
                                                            : SampleType::kF32;

/// Half-open rectangle of pixels: x in [left, left + width).
struct Rect {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;

  int right() const { return left + width; }
  int bottom() const { return top + height; }
  bool empty() const { return width <= 0 || height <= 0; }
  bool operator==(const Rect&) const = default;
};

/// The common part of two rectangles; empty (width or height 0) where there is none.
Rect Intersect(const Rect& a, const Rect& b);

/// Non-owning view. `Byte` is std::byte, or const std::byte for read-only views.
template <typename Byte>
class BasicImageView {
 public:
  BasicImageView() = default;
  BasicImageView(Byte* data, int width, int height, int channels, SampleType type,
                 std::size_t stride_bytes)
      : data_(data),
        width_(width),
        height_(height),
        channels_(channels),
        type_(type),
        stride_bytes_(stride_bytes) {}
  /// A read-only view of what can be written.
  template <typename Other>
  requires(std::is_const_v<Byte> && !std::is_const_v<Other>)
      BasicImageView(const BasicImageView<Other>& other)
      : BasicImageView(other.data(), other.width(), other.height(), other.channels(), other.type(),
                       other.stride_bytes()) {}

  Byte* data() const { return data_; }
  int width() const { return width_; }
  int height() const { return height_; }
  int channels() const { return channels_; }
  SampleType type() const { return type_; }
  std::size_t stride_bytes() const { return stride_bytes_; }
  Rect bounds() const { return {0, 0, width_, height_}; }

  /// First sample of row `y`. T must be the view's sample type.
  template <typename T>
  auto* Row(int y) const {
    assert(kSampleTypeOf<T> == type_ && y >= 0 && y < height_);
    using Sample = std::conditional_t<std::is_const_v<Byte>, const T, T>;
    return reinterpret_cast<Sample*>(data_ + static_cast<std::size_t>(y) * stride_bytes_);
  }

  /// The part inside `rect`, which must lie within bounds().
  BasicImageView Crop(const Rect& rect) const {
    assert(Intersect(rect, bounds()) == rect);
    return {data_ + static_cast<std::size_t>(rect.top) * stride_bytes_ +
                static_cast<std::size_t>(rect.left) * static_cast<std::size_t>(channels_) *
                    BytesPerSample(type_),
            rect.width,
            rect.height,
            channels_,
            type_,
            stride_bytes_};
  }

 private:
  Byte* data_ = nullptr;
  int width_ = 0;
  int height_ = 0;
  int channels_ = 0;
  SampleType type_ = SampleType::kU8;
  std::size_t stride_bytes_ = 0;
};

using ImageView = BasicImageView<const std::byte>;
using MutableImageView = BasicImageView<std::byte>;

/// Owning image. Pixels are uninitialised after construction. Memory exhaustion throws
/// std::bad_alloc, which the pipeline's edge turns into kOutOfMemory.
class Image {
 public:
  Image() = default;
  Image(int width, int height, int channels, SampleType type);
  Image(Image&&) noexcept = default;
  Image& operator=(Image&&) noexcept = default;

  Image Clone() const;

  int width() const { return width_; }
  int height() const { return height_; }
  int channels() const { return channels_; }
  SampleType type() const { return type_; }
  bool empty() const { return data_ == nullptr; }
  std::size_t stride_bytes() const {
    return static_cast<std::size_t>(width_) * static_cast<std::size_t>(channels_) *
           BytesPerSample(type_);
  }
  std::size_t size_bytes() const { return stride_bytes() * static_cast<std::size_t>(height_); }

  ImageView view() const {
    return {data_.get(), width_, height_, channels_, type_, stride_bytes()};
  }
  MutableImageView mutable_view() {
    return {data_.get(), width_, height_, channels_, type_, stride_bytes()};
  }

  template <typename T>
  const T* Row(int y) const {
    return view().Row<T>(y);
  }
  template <typename T>
  T* Row(int y) {
    return mutable_view().Row<T>(y);
  }

 private:
  int width_ = 0;
  int height_ = 0;
  int channels_ = 0;
  SampleType type_ = SampleType::kU8;
  std::unique_ptr<std::byte[]> data_;
};

/// A copy of the pixels of `view` without gaps.
Image CopyOf(ImageView view);

}  // namespace gpen
