#include "codec/png_chunks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "codec/byte_writer.h"
#include "codec/header.h"

namespace gpen::codec {
namespace {

constexpr int kPalette = 3;

template <std::size_t kCount>
bool IsAmong(std::string_view type, const std::array<std::string_view, kCount>& types) {
  return std::ranges::find(types, type) != types.end();
}

// Pixels, how they are stored, and what is read into fields of Metadata.
bool IsReadElsewhere(std::string_view type) {
  constexpr std::array<std::string_view, 16> kTypes = {
      "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "hIST", "iDOT", "iCCP",
      "gAMA", "cHRM", "pHYs", "eXIf", "fcTL", "fdAT", "acTL", "sBIT"};
  return IsAmong(type, kTypes);
}

bool IsText(std::string_view type) { return type == "tEXt" || type == "zTXt" || type == "iTXt"; }

bool IsAboutLight(std::string_view type) {
  constexpr std::array<std::string_view, 5> kTypes = {"cICP", "mDCV", "cLLI", "mDCv", "cLLi"};
  return IsAmong(type, kTypes);
}

// Of the standard and its extensions: they say nothing of single pixels.
bool IsKept(std::string_view type) {
  constexpr std::array<std::string_view, 7> kTypes = {"tIME", "sPLT", "pCAL", "sCAL",
                                                      "sTER", "oFFs", "sRGB"};
  return IsAmong(type, kTypes) || IsText(type) || IsAboutLight(type);
}

bool LiesInPicture(std::string_view type) {
  constexpr std::array<std::string_view, 5> kTypes = {"sCAL", "sTER", "oFFs", "vpAg", "caNv"};
  return IsAmong(type, kTypes);
}

// A chunk whose author says that it depends on no pixel.
bool IsSafeToCopy(std::string_view type) { return type[3] >= 'a' && type[3] <= 'z'; }
bool IsCritical(std::string_view type) { return type[0] >= 'A' && type[0] <= 'Z'; }

std::string NameOf(std::string_view type) {
  if (type == "sRGB") return "";  // What a file without colours is taken for.
  if (IsText(type)) return "the PNG's texts";
  if (IsAboutLight(type)) return "the description of its light";
  if (type == "tIME") return "the time of its last change";
  if (type == "bKGD") return "the colour that belongs behind it";
  return fmt::format("the chunk {}", type);
}

// Red, green and blue in 16 bits each, in the depth that a result has.
std::vector<std::byte> BackgroundInRgb(Bytes chunk, const PngStorage& storage) {
  std::vector<std::byte> rgb;
  const auto add = [&](unsigned value) { AppendUnsigned(value, 2, ByteOrder::kBig, &rgb); };
  if (storage.color_type == kPalette) {
    const std::uint64_t at = std::uint64_t{3} * ReadU8(chunk, 0);
    for (std::uint64_t i = 0; i < 3; ++i) add(ReadU8(storage.palette, at + i));
  } else if (chunk.size() >= 6) {
    Append(chunk.first(6), &rgb);
  } else {
    const unsigned most = (1U << storage.bits) - 1;
    const unsigned gray = ReadU16(chunk, 0, ByteOrder::kBig);
    for (int i = 0; i < 3; ++i) add(storage.bits < 8 ? gray * 255 / most : gray);
  }
  return rgb;
}

}  // namespace

void KeepPngChunk(std::string_view type, Bytes chunk, const PngStorage& storage, Metadata* metadata,
                  std::vector<std::string>* losses) {
  const auto keep = [&](std::vector<std::byte> bytes) {
    metadata->parts.push_back(
        {std::string(type), std::move(bytes), NameOf(type), LiesInPicture(type)});
  };
  if (type == "bKGD") {
    keep(BackgroundInRgb(chunk, storage));
  } else if (type == "pHYs") {
    const bool is_uneven = ReadU32(chunk, 0, ByteOrder::kBig) != ReadU32(chunk, 4, ByteOrder::kBig);
    if (ReadU8(chunk, 8) != 0 || !is_uneven) return;
    metadata->parts.push_back(
        {"pHYs", Copy(chunk), "the shape of its pixels, which are no squares", true});
  } else if (type == "caBX") {
    losses->emplace_back(kCredentialsLoss);
  } else if (type == "dSIG") {
    losses->emplace_back("the digital signature is left out: it would no longer be true");
  } else if (IsKept(type) || (!IsReadElsewhere(type) && !IsCritical(type) && IsSafeToCopy(type))) {
    keep(Copy(chunk));
  } else if (!IsReadElsewhere(type)) {
    losses->push_back(fmt::format("the chunk {} is left out: it may depend on the pixels", type));
  }
}

std::vector<std::byte> PngChunkOf(const FormatPart& part, int color_type) {
  constexpr int kHasColors = 2;
  const bool is_gray = (color_type & kHasColors) == 0;
  if (part.type == "bKGD" && is_gray) return Copy(Slice(part.bytes, 0, 2));
  return part.bytes;
}

}  // namespace gpen::codec
