// Sums of products, the core of every convolution here: a tile of pixels times a block of output
// channels is kept in registers while the input channels pass by. Included once for each set of
// vector instructions (Highway).
#if defined(GPEN_KERNELS_PRODUCTS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GPEN_KERNELS_PRODUCTS_INL_H
#undef GPEN_KERNELS_PRODUCTS_INL_H
#else
#define GPEN_KERNELS_PRODUCTS_INL_H
#endif

#include <hwy/highway.h>

#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace gpen::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Registers for sums: 32 leave room for 24, 16 for 12.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
inline constexpr int kSums = 24;
#else
inline constexpr int kSums = 12;
#endif

// One tap of a kernel: where the first pixel's input channels begin, and the weights of the block,
// input channels x block.
struct Tap {
  const float* input;
  const float* weight;
};

// A row of pixels times a block of weights.
struct Products {
  const Tap* taps;
  int tap_count;
  int depth;                  // Input channels.
  std::ptrdiff_t input_step;  // From pixel to pixel.
  int block;                  // Output channels.
};

// `store(d, pixel, channel, sum)` for a tile of pixels x (vectors * Lanes(d)) channels.
template <int kPixels, int kVectors, class D, class Store>
HWY_INLINE void MultiplyTile(D d, const Products& products, int pixel, int channel,
                             const Store& store) {
  const int lanes = static_cast<int>(hn::Lanes(d));
  hn::Vec<D> sums[kPixels][kVectors];
  for (int p = 0; p < kPixels; ++p) {
    for (int v = 0; v < kVectors; ++v) sums[p][v] = hn::Zero(d);
  }
  const std::ptrdiff_t step = products.input_step;
  const std::ptrdiff_t three_steps = 3 * step;
  for (int t = 0; t < products.tap_count; ++t) {
    const float* HWY_RESTRICT input = products.taps[t].input + pixel * step;
    const float* HWY_RESTRICT weight = products.taps[t].weight + channel;
    for (int c = 0; c < products.depth; ++c, ++input, weight += products.block) {
      hn::Vec<D> weights[kVectors];
      for (int v = 0; v < kVectors; ++v) weights[v] = hn::LoadU(d, weight + v * lanes);
      // Groups of four pixels: few address registers.
      for (int p = 0; p < kPixels; ++p) {
        const float* group = input + p / 4 * 4 * step;
        const auto value = hn::Set(d, group[p % 4 == 3 ? three_steps : p % 4 * step]);
        for (int v = 0; v < kVectors; ++v) sums[p][v] = hn::MulAdd(value, weights[v], sums[p][v]);
      }
    }
  }
  const Store own = store;  // What it holds stays in registers between the stores.
  for (int p = 0; p < kPixels; ++p) {
    for (int v = 0; v < kVectors; ++v) own(d, pixel + p, channel + v * lanes, sums[p][v]);
  }
}

template <int kVectors, class D, class Store>
HWY_INLINE void MultiplyChannels(D d, const Products& products, int pixels, int channel,
                                 const Store& store) {
  // Loops of more than 16 rounds the compiler leaves loops, with all sums in memory.
  constexpr int kTilePixels = kSums / kVectors > 16 ? 16 : kSums / kVectors;
  // Even tiles rather than a small one at the end: each reads all weights.
  constexpr int kEven = kTilePixels > 8 ? 8 : 4;
  int p = 0;
  while (p < pixels) {
    const int left = pixels - p;
    if (left >= kTilePixels && (left >= 2 * kEven + 4 || left < kTilePixels + 4)) {
      MultiplyTile<kTilePixels, kVectors>(d, products, p, channel, store);
      p += kTilePixels;
    } else if (left >= kEven) {
      MultiplyTile<kEven, kVectors>(d, products, p, channel, store);
      p += kEven;
    } else if (left >= 4) {
      MultiplyTile<4, kVectors>(d, products, p, channel, store);
      p += 4;
    } else {
      MultiplyTile<1, kVectors>(d, products, p, channel, store);
      p += 1;
    }
  }
}

// Calls `store` for every pixel in [0, pixels) and every channel of the block, in vectors of the
// widest kind that still fits.
template <class Store>
void Multiply(const Products& products, int pixels, const Store& store) {
  int channel = 0;
  const hn::ScalableTag<float> wide;
  const int lanes = static_cast<int>(hn::Lanes(wide));
  // Three at once are better than two and one.
  const auto is_three = [&] { return (products.block - channel) / lanes == 3; };
  for (; channel + 2 * lanes <= products.block && !is_three(); channel += 2 * lanes) {
    MultiplyChannels<2>(wide, products, pixels, channel, store);
  }
  for (; channel + 3 * lanes <= products.block; channel += 3 * lanes) {
    MultiplyChannels<3>(wide, products, pixels, channel, store);
  }
  for (; channel + lanes <= products.block; channel += lanes) {
    MultiplyChannels<1>(wide, products, pixels, channel, store);
  }
  const hn::CappedTag<float, 8> half;
  const int half_lanes = static_cast<int>(hn::Lanes(half));
  for (; channel + half_lanes <= products.block; channel += half_lanes) {
    MultiplyChannels<1>(half, products, pixels, channel, store);
  }
  const hn::CappedTag<float, 4> narrow;
  for (; channel + 4 <= products.block; channel += 4) {
    MultiplyChannels<1>(narrow, products, pixels, channel, store);
  }
  const hn::CappedTag<float, 1> single;
  for (; channel < products.block; ++channel) {
    MultiplyChannels<1>(single, products, pixels, channel, store);
  }
}

}  // namespace gpen::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
