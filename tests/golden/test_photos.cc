#include "test_photos.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "base/file.h"
#include "base/source_folder.h"
#include "codec/decode.h"
#include "codec/encode.h"
#include "image/resample.h"

namespace gpen {
namespace {

template <typename T>
T Must(Result<T> result, const std::string& what) {
  if (result) return *std::move(result);
  fmt::print(stderr, "{}: {}\nRun ./test.sh, which installs the test photos\n", what,
             result.error().message());
  std::exit(2);
}

}  // namespace

std::vector<std::filesystem::path> GroupPhotos() {
  std::vector<std::filesystem::path> paths;
  for (int i = 1; i <= 6; ++i) {
    paths.push_back(
        SourceFolder() /
        fmt::format("packaging/npm/node_modules/@vladmandic/face-api/demo/sample{}.jpg", i));
  }
  return paths;
}

std::filesystem::path SkimagePicture(const std::string& name) {
  return "/usr/lib/python3/dist-packages/skimage/data/" + name;
}

codec::Photo LoadPhoto(const std::filesystem::path& path) {
  const auto bytes = Must(ReadFile(path, 100 << 20), "test photo");
  return Must(codec::Decode(bytes, {}), path.string());
}

std::vector<std::byte> PngOf(const Image& pixels) {
  codec::Photo photo;
  photo.info.format = codec::Format::kPng;
  photo.pixels = pixels.Clone();
  std::vector<std::string> warnings;
  return Must(codec::Encode(photo, {}, &warnings), "PNG");
}

Image Degrade(const Image& pixels, double blur_sigma, double shrink, unsigned seed) {
  const Image blurred = GaussianBlur(ToFloat(pixels.view()).view(), blur_sigma);
  Image small = Resize(blurred.view(), static_cast<int>(pixels.width() / shrink),
                       static_cast<int>(pixels.height() / shrink));
  std::mt19937 random(seed);
  std::normal_distribution<float> noise(0, 6.0F / 255);
  for (int y = 0; y < small.height(); ++y) {
    for (int i = 0; i < small.width() * small.channels(); ++i)
      small.Row<float>(y)[i] += noise(random);
  }
  codec::Photo photo;
  photo.info.format = codec::Format::kJpeg;
  photo.pixels = ToBytes(small.view());
  codec::EncodeOptions options;
  options.quality = 50;
  std::vector<std::string> warnings;
  const auto jpeg = Must(codec::Encode(photo, options, &warnings), "JPEG");
  const auto decoded = Must(codec::Decode(jpeg, {}), "JPEG");
  return Resize(decoded.pixels.view(), pixels.width(), pixels.height());
}

double Psnr(const Image& a, const Image& b, const Rect& area) {
  double sum = 0;
  const int channels = std::min(a.channels(), b.channels());
  for (int y = area.top; y < area.bottom(); ++y) {
    for (int x = area.left; x < area.right(); ++x) {
      for (int c = 0; c < channels; ++c) {
        const double difference = a.Row<std::uint8_t>(y)[x * a.channels() + c] -
                                  b.Row<std::uint8_t>(y)[x * b.channels() + c];
        sum += difference * difference;
      }
    }
  }
  return 10 * std::log10(255.0 * 255.0 * area.width * area.height * channels / std::max(sum, 1e-9));
}

double GradientEnergy(const Image& image, const Rect& area) {
  double sum = 0;
  const int step = image.channels();
  for (int y = area.top; y < area.bottom() - 1; ++y) {
    const auto* row = image.Row<std::uint8_t>(y);
    const auto* next = image.Row<std::uint8_t>(y + 1);
    for (int x = area.left; x < area.right() - 1; ++x) {
      const double dx = row[(x + 1) * step] - row[x * step];
      const double dy = next[x * step] - row[x * step];
      sum += dx * dx + dy * dy;
    }
  }
  return sum;
}

}  // namespace gpen
