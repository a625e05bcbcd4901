#include "gpen/face_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "base/file.h"
#include "base/folder.h"
#include "codec/decode.h"
#include "image/image.h"
#include "image/resample.h"

namespace gpen::app {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMaxFileBytes = 64 << 20;

Result<std::vector<float>> FromRaw(std::span<const std::byte> bytes, std::size_t count) {
  if (bytes.size() != count * sizeof(float)) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("expected {} bytes, found {}", count * sizeof(float), bytes.size()));
  }
  std::vector<float> values(count);
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

Result<std::vector<float>> FromPhoto(std::span<const std::byte> bytes,
                                     const nn::Manifest& manifest) {
  GPEN_ASSIGN_OR_RETURN(const auto photo, codec::Decode(bytes, codec::Limits{}));
  const int side = std::min(photo.width(), photo.height());
  const ImageView square = photo.pixels.view().Crop(
      {(photo.width() - side) / 2, (photo.height() - side) / 2, side, side});
  const Image face = Resize(ToFloat(square).view(), manifest.input_size, manifest.input_size);
  const auto size = static_cast<std::size_t>(manifest.input_size);
  const auto channels = static_cast<std::size_t>(face.channels());
  const float low = manifest.value_range[0];
  const float high = manifest.value_range[1];
  std::vector<float> values(3 * size * size);
  for (std::size_t c = 0; c < 3; ++c) {
    const std::size_t color = manifest.color_order == nn::ColorOrder::kBgr ? 2 - c : c;
    for (std::size_t y = 0; y < size; ++y) {
      const float* row = face.Row<float>(static_cast<int>(y));
      for (std::size_t x = 0; x < size; ++x) {
        const float sample = row[x * channels + (channels < 3 ? 0 : color)];
        values[(c * size + y) * size + x] = low + (high - low) * sample;
      }
    }
  }
  return values;
}

}  // namespace

Result<std::vector<std::vector<float>>> LoadFaceFolder(const fs::path& folder,
                                                       const nn::Manifest& manifest,
                                                       std::size_t limit) {
  std::vector<fs::path> paths;
  for (const auto& entry : EntriesOf(folder)) {
    std::error_code ignored;  // What cannot be looked at is no picture.
    if (entry.is_regular_file(ignored)) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  const std::size_t step = std::max<std::size_t>(1, paths.size() / std::max<std::size_t>(1, limit));
  const auto size = static_cast<std::size_t>(manifest.input_size);
  std::vector<std::vector<float>> faces;
  for (std::size_t i = 0; i < paths.size() && faces.size() < limit; i += step) {
    const auto bytes = ReadFile(paths[i], kMaxFileBytes);
    if (!bytes) continue;
    auto face = paths[i].extension() == ".bin" ? FromRaw(*bytes, 3 * size * size)
                                               : FromPhoto(*bytes, manifest);
    if (face) faces.push_back(*std::move(face));
  }
  if (faces.empty()) {
    return Error(
        ErrorCode::kNotFound,
        fmt::format("no picture of a face in {}: expected photos of aligned faces, or raw float32 "
                    ".bin files",
                    folder.string()));
  }
  return faces;
}

}  // namespace gpen::app
