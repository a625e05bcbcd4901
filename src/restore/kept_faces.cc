#include "restore/kept_faces.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/sha256.h"

namespace gpen::restore {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are kept in little endian");

constexpr std::string_view kMagic = "GPENFC01";
constexpr std::size_t kDigestBytes = 64;  // Hexadecimal SHA-256 of all before it.
constexpr std::uint32_t kMostFaces = 10'000;
constexpr std::uint32_t kMostSide = 4096;
constexpr float kUnit = 65535.0F;

struct FileHeader {
  std::array<char, 8> magic;
  std::uint32_t aligned;
  std::uint32_t count;
};

struct FaceHeader {
  Affine photo_from_crop;
  double weight;
  std::uint32_t side;
  std::uint32_t has_mask;  // 0 or 1: a byte for each pixel follows the picture.
  face::Landmarks landmarks;
};

// Writes at the front of `rest` and moves it on.
template <typename Plain>
void Put(const Plain& value, std::span<std::byte>* rest) {
  std::memcpy(rest->data(), &value, sizeof(value));
  *rest = rest->subspan(sizeof(value));
}

std::size_t SampleCount(int side) {
  return 3 * static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
}

// Takes a value off the front; false where too little is left.
template <typename Plain>
bool Take(std::span<const std::byte>* bytes, Plain* value) {
  if (bytes->size() < sizeof(Plain)) return false;
  std::memcpy(value, bytes->data(), sizeof(Plain));
  *bytes = bytes->subspan(sizeof(Plain));
  return true;
}

bool TakePicture(std::span<const std::byte>* bytes, int side, Image* picture) {
  const std::size_t samples = SampleCount(side);
  if (bytes->size() < samples * sizeof(std::uint16_t)) return false;
  *picture = Image(side, side, 3, SampleType::kF32);
  float* to = picture->Row<float>(0);
  for (std::size_t i = 0; i < samples; ++i) {
    std::uint16_t value = 0;
    std::memcpy(&value, bytes->data() + i * sizeof(value), sizeof(value));
    to[i] = static_cast<float>(value) / kUnit;
  }
  *bytes = bytes->subspan(samples * sizeof(std::uint16_t));
  return true;
}

std::size_t MaskBytes(int side) {
  return static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
}

bool TakeMask(std::span<const std::byte>* bytes, int side, Image* mask) {
  const std::size_t pixels = MaskBytes(side);
  if (bytes->size() < pixels) return false;
  *mask = Image(side, side, 1, SampleType::kF32);
  std::ranges::transform(bytes->first(pixels), mask->Row<float>(0), [](std::byte value) {
    return static_cast<float>(std::to_integer<int>(value)) / 255;
  });
  *bytes = bytes->subspan(pixels);
  return true;
}

std::uint8_t MaskByte(float value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 1.0F) * 255 + 0.5F);
}

bool KeepsMask(const FacePatch& patch, bool aligned) { return !aligned && !patch.mask.empty(); }

// Numbers that blending can work with: no part of a map may vanish or be endless.
bool IsSound(const FaceHeader& face) {
  const Affine& map = face.photo_from_crop;
  const auto is_finite = [](double value) { return std::isfinite(value); };
  const double scale = map.Scale();
  return std::ranges::all_of(std::array{map.xx, map.xy, map.x0, map.yx, map.yy, map.y0},
                             is_finite) &&
         scale > 1e-6 && scale < 1e6 && face.weight >= 0 && face.weight <= 1 &&
         std::ranges::all_of(face.landmarks, [&](const Point& point) {
           return is_finite(point.x) && is_finite(point.y);
         });
}

Error Damaged(std::string_view what) {
  return Error(ErrorCode::kInternal,
               "the kept faces cannot be used: " + std::string(what) + "; restore the photo again");
}

}  // namespace

void RoundMask(Image* mask) {
  for (int y = 0; y < mask->height(); ++y) {
    float* row = mask->Row<float>(y);
    for (int x = 0; x < mask->width(); ++x) row[x] = static_cast<float>(MaskByte(row[x])) / 255;
  }
}

std::vector<std::byte> SerializeFaces(std::span<const FacePatch> patches, bool aligned) {
  std::size_t size = sizeof(FileHeader);
  for (const auto& patch : patches) {
    size += sizeof(FaceHeader) + SampleCount(patch.output.width()) * sizeof(std::uint16_t);
    if (KeepsMask(patch, aligned)) size += MaskBytes(patch.mask.width());
  }
  std::vector<std::byte> bytes(size + kDigestBytes);
  std::span<std::byte> rest = bytes;
  FileHeader header = {{}, aligned ? 1U : 0U, static_cast<std::uint32_t>(patches.size())};
  std::ranges::copy(kMagic, header.magic.begin());
  Put(header, &rest);
  for (const auto& patch : patches) {
    const int side = patch.output.width();
    Put(FaceHeader{patch.photo_from_crop, patch.weight, static_cast<std::uint32_t>(side),
                   KeepsMask(patch, aligned) ? 1U : 0U, patch.landmarks},
        &rest);
    for (int y = 0; y < side; ++y) {
      const float* row = patch.output.Row<float>(y);
      for (int i = 0; i < 3 * side; ++i) {
        const float value = std::clamp(row[i], 0.0F, 1.0F) * kUnit + 0.5F;
        Put(static_cast<std::uint16_t>(value), &rest);
      }
    }
    if (!KeepsMask(patch, aligned)) continue;
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) Put(MaskByte(patch.mask.Row<float>(y)[x]), &rest);
    }
  }
  const std::string digest = Sha256(std::span(bytes).first(size));
  std::memcpy(rest.data(), digest.data(), kDigestBytes);
  return bytes;
}

Result<KeptFaces> ParseFaces(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(FileHeader) + kDigestBytes) return Damaged("they are cut short");
  const auto digest = AsText(bytes.last(kDigestBytes));
  bytes = bytes.first(bytes.size() - kDigestBytes);
  if (Sha256(bytes) != digest) return Damaged("their checksum is wrong");
  FileHeader header = {};
  Take(&bytes, &header);
  if (std::string_view(header.magic.data(), header.magic.size()) != kMagic) {
    return Damaged("they come from another version");
  }
  if (header.count > kMostFaces) return Damaged("there are too many");
  KeptFaces kept;
  kept.aligned = header.aligned != 0;
  for (std::uint32_t i = 0; i < header.count; ++i) {
    FaceHeader face = {};
    FacePatch patch;
    if (!Take(&bytes, &face) || face.side == 0 || face.side > kMostSide ||
        !TakePicture(&bytes, static_cast<int>(face.side), &patch.output)) {
      return Damaged("a face is cut short");
    }
    if (face.has_mask > 1) return Damaged("they come from another version");
    if (face.has_mask == 1 && !TakeMask(&bytes, static_cast<int>(face.side), &patch.mask)) {
      return Damaged("a mask is cut short");
    }
    if (!IsSound(face)) return Damaged("a face lies nowhere");
    patch.photo_from_crop = face.photo_from_crop;
    patch.weight = face.weight;
    patch.landmarks = face.landmarks;
    kept.patches.push_back(std::move(patch));
  }
  if (!bytes.empty()) return Damaged("something follows them");
  return kept;
}

}  // namespace gpen::restore
