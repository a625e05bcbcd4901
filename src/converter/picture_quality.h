// How close two pictures are: PSNR and SSIM.
#pragma once

#include <span>

namespace gpen::converter {

/// Peak signal-to-noise ratio in dB for values whose range is `peak` wide; 200 where they are
/// equal.
double Psnr(std::span<const float> a, std::span<const float> b, double peak);

/// Mean structural similarity (Wang et al. 2004) over 8x8 windows with a step of 4, of `planes`
/// pictures of size x size one after another.
double Ssim(std::span<const float> a, std::span<const float> b, int size, int planes, double peak);

}  // namespace gpen::converter
