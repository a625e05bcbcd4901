#include "image/row_sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/row_sums.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "image/samples-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gpen::HWY_NAMESPACE {

// Of each row, so many vectors at a time: the sums stay in registers.
constexpr std::size_t kVectors = 4;

template <typename Sample>
void Sum(std::span<const Sample* const> rows, const float* weights, std::size_t samples,
         float* to) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + kVectors * lanes <= samples; i += kVectors * lanes) {
    auto first = hn::Zero(d);
    auto second = first;
    auto third = first;
    auto fourth = first;
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const auto weight = hn::Set(d, weights[k]);
      const Sample* from = rows[k] + i;
      first = hn::MulAdd(weight, LoadSamples(d, from), first);
      second = hn::MulAdd(weight, LoadSamples(d, from + lanes), second);
      third = hn::MulAdd(weight, LoadSamples(d, from + 2 * lanes), third);
      fourth = hn::MulAdd(weight, LoadSamples(d, from + 3 * lanes), fourth);
    }
    hn::StoreU(first, d, to + i);
    hn::StoreU(second, d, to + i + lanes);
    hn::StoreU(third, d, to + i + 2 * lanes);
    hn::StoreU(fourth, d, to + i + 3 * lanes);
  }
  ForEachVector(i, samples, [=](auto tag, std::size_t at) HWY_ATTR {
    auto sum = hn::Zero(tag);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      sum = hn::MulAdd(hn::Set(tag, weights[k]), LoadSamples(tag, rows[k] + at), sum);
    }
    hn::StoreU(sum, tag, to + at);
  });
}

template <typename From, typename To>
void Convert(const From* from, float factor, std::size_t samples, To* to) {
  ForEachVector(0, samples, [=](auto tag, std::size_t at) HWY_ATTR {
    StoreSamples(tag, hn::Mul(hn::Set(tag, factor), LoadSamples(tag, from + at)), to + at);
  });
}

void SumU8(std::span<const std::uint8_t* const> rows, const float* weights, std::size_t samples,
           float* to) {
  Sum(rows, weights, samples, to);
}
void SumU16(std::span<const std::uint16_t* const> rows, const float* weights, std::size_t samples,
            float* to) {
  Sum(rows, weights, samples, to);
}
void SumF32(std::span<const float* const> rows, const float* weights, std::size_t samples,
            float* to) {
  Sum(rows, weights, samples, to);
}
void F32OfU8(const std::uint8_t* from, float factor, std::size_t samples, float* to) {
  Convert(from, factor, samples, to);
}
void F32OfU16(const std::uint16_t* from, float factor, std::size_t samples, float* to) {
  Convert(from, factor, samples, to);
}
void F32OfF32(const float* from, float factor, std::size_t samples, float* to) {
  Convert(from, factor, samples, to);
}
void U8OfF32(const float* from, float factor, std::size_t samples, std::uint8_t* to) {
  Convert(from, factor, samples, to);
}
void U16OfF32(const float* from, float factor, std::size_t samples, std::uint16_t* to) {
  Convert(from, factor, samples, to);
}

}  // namespace gpen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gpen {

HWY_EXPORT(SumU8);
HWY_EXPORT(SumU16);
HWY_EXPORT(SumF32);
HWY_EXPORT(F32OfU8);
HWY_EXPORT(F32OfU16);
HWY_EXPORT(F32OfF32);
HWY_EXPORT(U8OfF32);
HWY_EXPORT(U16OfF32);

void SumRows(std::span<const std::uint8_t* const> rows, const float* weights, std::size_t samples,
             float* to) {
  HWY_DYNAMIC_DISPATCH(SumU8)(rows, weights, samples, to);
}
void SumRows(std::span<const std::uint16_t* const> rows, const float* weights, std::size_t samples,
             float* to) {
  HWY_DYNAMIC_DISPATCH(SumU16)(rows, weights, samples, to);
}
void SumRows(std::span<const float* const> rows, const float* weights, std::size_t samples,
             float* to) {
  HWY_DYNAMIC_DISPATCH(SumF32)(rows, weights, samples, to);
}

void ConvertRow(const std::uint8_t* from, float factor, std::size_t samples, float* to) {
  HWY_DYNAMIC_DISPATCH(F32OfU8)(from, factor, samples, to);
}
void ConvertRow(const std::uint16_t* from, float factor, std::size_t samples, float* to) {
  HWY_DYNAMIC_DISPATCH(F32OfU16)(from, factor, samples, to);
}
void ConvertRow(const float* from, float factor, std::size_t samples, float* to) {
  HWY_DYNAMIC_DISPATCH(F32OfF32)(from, factor, samples, to);
}
void ConvertRow(const float* from, float factor, std::size_t samples, std::uint8_t* to) {
  HWY_DYNAMIC_DISPATCH(U8OfF32)(from, factor, samples, to);
}
void ConvertRow(const float* from, float factor, std::size_t samples, std::uint16_t* to) {
  HWY_DYNAMIC_DISPATCH(U16OfF32)(from, factor, samples, to);
}

}  // namespace gpen
#endif
