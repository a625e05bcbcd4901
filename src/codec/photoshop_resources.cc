#include "codec/photoshop_resources.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "codec/byte_writer.h"

namespace gpen::codec {
namespace {

using std::string_view_literals::operator""sv;

constexpr int kIptc = 0x0404;
constexpr std::array<int, 2> kThumbnails = {0x0409, 0x040C};

// Photoshop's own, and those of programs that store theirs beside them.
bool IsSignature(Bytes resources, std::uint64_t at) {
  constexpr std::array<std::string_view, 6> kSignatures = {"8BIM", "AgHg", "DCSR",
                                                           "PHUT", "MeSa", "8B64"};
  return std::ranges::any_of(kSignatures,
                             [&](std::string_view name) { return HasTextAt(resources, at, name); });
}

// Guides, slices and paths are places in the picture.
bool LiesInPicture(int id) { return id == 0x0408 || id == 0x041A || (id >= 2000 && id <= 2998); }

void KeepResource(int id, Bytes resource, Metadata* metadata) {
  const bool lies = LiesInPicture(id);
  FormatPart part{"8BIM", {resource.begin(), resource.end()}, "Photoshop's settings", lies};
  if (lies) part.name = "Photoshop's paths and guides";
  if (part.bytes.size() % 2 != 0) part.bytes.push_back(std::byte{0});
  metadata->parts.push_back(std::move(part));
}

}  // namespace

void ReadPhotoshopResources(Bytes resources, Metadata* metadata, std::vector<std::string>* losses) {
  std::uint64_t offset = 0;
  while (IsSignature(resources, offset)) {
    const int id = ReadU16(resources, offset + 4, ByteOrder::kBig);
    const std::uint64_t name_bytes = (ReadU8(resources, offset + 6) + 2U) & ~1U;
    const std::uint64_t size = ReadU32(resources, offset + 6 + name_bytes, ByteOrder::kBig);
    const std::uint64_t data = offset + 10 + name_bytes;
    if (data > resources.size() || size > resources.size() - data) break;
    const bool is_own = HasTextAt(resources, offset, "8BIM");
    if (is_own && id == kIptc) {
      const Bytes iptc = Slice(resources, data, size);
      if (metadata->iptc.empty()) metadata->iptc.assign(iptc.begin(), iptc.end());
    } else if (!is_own || std::ranges::find(kThumbnails, id) == kThumbnails.end()) {
      KeepResource(id, Slice(resources, offset, data + size - offset), metadata);
    }
    offset = data + size + size % 2;
  }
  // A last byte fills up to an even number.
  const bool is_read =
      std::ranges::all_of(resources.subspan(std::min<std::uint64_t>(offset, resources.size())),
                          [](std::byte b) { return b == std::byte{0}; });
  if (!is_read) losses->emplace_back("a part of Photoshop's settings is damaged and left out");
}

std::vector<std::byte> ResourcesIn(const std::vector<FormatPart>& parts) {
  std::vector<std::byte> resources;
  for (const FormatPart& part : parts) {
    if (part.type == "8BIM") Append(part.bytes, &resources);
  }
  return resources;
}

std::vector<std::byte> ResourceOfIptc(Bytes iptc) {
  std::vector<std::byte> resource;
  if (iptc.empty()) return resource;
  Append("8BIM\x04\x04\0\0"sv, &resource);
  AppendUnsigned(iptc.size(), 4, ByteOrder::kBig, &resource);
  Append(iptc, &resource);
  if (iptc.size() % 2 != 0) resource.push_back(std::byte{0});
  return resource;
}

}  // namespace gpen::codec
