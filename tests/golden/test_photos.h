// The photos that packages bring, and what a test does to them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "codec/photo.h"
#include "image/image.h"

namespace gpen {

/// The six group photos of the npm package @vladmandic/face-api.
std::vector<std::filesystem::path> GroupPhotos();

/// A picture of Debian's python3-skimage: "astronaut.png".
std::filesystem::path SkimagePicture(const std::string& name);

/// Decodes; a failure ends the test program with its message.
codec::Photo LoadPhoto(const std::filesystem::path& path);

/// PNG bytes of kU8 pixels.
std::vector<std::byte> PngOf(const Image& pixels);

/// Blurs, halves and enlarges again, adds noise and compresses as JPEG of quality 50: what an old
/// small photo looks like. Same size, RGB.
Image Degrade(const Image& pixels, double blur_sigma, double shrink, unsigned seed);

/// Peak signal-to-noise ratio of kU8 pictures inside `area`, in dB.
double Psnr(const Image& a, const Image& b, const Rect& area);

/// Sum of squared differences between neighbours of the first channel inside `area`.
double GradientEnergy(const Image& image, const Rect& area);

}  // namespace gpen
