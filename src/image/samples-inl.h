// Samples of every type as vectors of floats. Included once for each set of vector instructions
// (Highway).
#if defined(GPEN_IMAGE_SAMPLES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GPEN_IMAGE_SAMPLES_INL_H
#undef GPEN_IMAGE_SAMPLES_INL_H
#else
#define GPEN_IMAGE_SAMPLES_INL_H
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace gpen::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE hn::Vec<D> LoadSamples(D d, const float* from) {
  return hn::LoadU(d, from);
}

template <class D, typename Sample>
HWY_INLINE hn::Vec<D> LoadSamples(D d, const Sample* from) {
  const hn::Rebind<std::int32_t, D> wide;
  return hn::ConvertTo(d, hn::PromoteTo(wide, hn::LoadU(hn::Rebind<Sample, D>(), from)));
}

template <class D>
HWY_INLINE void StoreSamples(D d, hn::Vec<D> values, float* to) {
  hn::StoreU(values, d, to);
}

// Clipped and rounded to nearest; 0 for what is not a number.
template <class D, typename Sample>
HWY_INLINE void StoreSamples(D d, hn::Vec<D> values, Sample* to) {
  const auto most = hn::Set(d, static_cast<float>(std::numeric_limits<Sample>::max()));
  const auto clipped = hn::Min(hn::Max(values, hn::Zero(d)), most);
  const hn::Rebind<Sample, D> narrow;
  hn::StoreU(hn::DemoteTo(narrow, hn::NearestInt(clipped)), narrow, to);
}

// work(tag, at) for vectors of floats from `begin` on, and for one float at a time what is left.
template <class Work>
HWY_INLINE void ForEachVector(std::size_t begin, std::size_t end, const Work& work) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 1> one;
  std::size_t at = begin;
  for (; at + hn::Lanes(d) <= end; at += hn::Lanes(d)) work(d, at);
  for (; at < end; ++at) work(one, at);
}

}  // namespace gpen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
