#include "codec/sniff.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "codec/byte_reader.h"

namespace gpen::codec {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kHeicBrands = {"heic"sv, "heix"sv, "heim"sv, "heis"sv,
                                    "hevc"sv, "hevx"sv, "hevm"sv, "hevs"sv};
constexpr std::array kAvifBrands = {"avif"sv, "avis"sv};
constexpr std::array kGenericHeifBrands = {"mif1"sv, "mif2"sv, "msf1"sv, "miaf"sv};

struct Signature {
  std::string_view text;
  std::uint64_t offset;
  std::string_view looks_like;
};

// The first match counts, so longer and rarer signatures stand before shorter ones.
constexpr std::array kSignatures = {
    Signature{"GIF87a"sv, 0, "a GIF image"},
    Signature{"GIF89a"sv, 0, "a GIF image"},
    Signature{"8BPS"sv, 0, "a Photoshop document (PSD)"},
    Signature{"%PDF"sv, 0, "a PDF document"},
    Signature{"\xFF\x0A"sv, 0, "a JPEG XL image"},
    Signature{"\0\0\0\x0CJXL \r\n\x87\n"sv, 0, "a JPEG XL image"},
    Signature{"\0\0\0\x0CjP  \r\n\x87\n"sv, 0, "a JPEG 2000 image"},
    Signature{"\xFF\x4F\xFF\x51"sv, 0, "a JPEG 2000 image"},
    Signature{"II\xBC\x01"sv, 0, "a JPEG XR image"},
    Signature{"FUJIFILMCCD-RAW"sv, 0, "a Fujifilm RAW photo (RAF)"},
    Signature{"IIRO"sv, 0, "an Olympus RAW photo (ORF)"},
    Signature{"IIRS"sv, 0, "an Olympus RAW photo (ORF)"},
    Signature{"IIU\0"sv, 0, "a Panasonic RAW photo (RW2)"},
    Signature{"FOVb"sv, 0, "a Sigma RAW photo (X3F)"},
    Signature{"HEAPCCDR"sv, 6, "a Canon RAW photo (CRW)"},
    Signature{"\0MRM"sv, 0, "a Minolta RAW photo (MRW)"},
    Signature{"AVI LIST"sv, 8, "an AVI video"},
    Signature{"WAVE"sv, 8, "a WAV sound"},
    Signature{"\x1A\x45\xDF\xA3"sv, 0, "a Matroska or WebM video"},
    Signature{"moov"sv, 4, "a QuickTime video (MOV)"},
    Signature{"mdat"sv, 4, "a QuickTime video (MOV)"},
    Signature{"wide"sv, 4, "a QuickTime video (MOV)"},
    Signature{"PK\x03\x04"sv, 0, "a ZIP archive"},
    Signature{"\x1F\x8B"sv, 0, "a gzip archive"},
    Signature{"7z\xBC\xAF\x27\x1C"sv, 0, "a 7-Zip archive"},
    Signature{"Rar!"sv, 0, "a RAR archive"},
    Signature{"\x76\x2F\x31\x01"sv, 0, "an OpenEXR image"},
    Signature{"#?RADIANCE"sv, 0, "a Radiance HDR image"},
    Signature{"gimp xcf"sv, 0, "a GIMP document (XCF)"},
    Signature{"\0\0\x01\0"sv, 0, "a Windows icon"},
    Signature{"BPG\xFB"sv, 0, "a BPG image"},
    Signature{"\x7F"
              "ELF"sv,
              0, "a program"},
    Signature{"SQLite format 3"sv, 0, "a SQLite database"},
    Signature{"BM"sv, 0, "a BMP image"},
};

template <std::size_t kCount>
bool Contains(const std::array<std::string_view, kCount>& brands, std::string_view brand) {
  return std::find(brands.begin(), brands.end(), brand) != brands.end();
}

std::string_view TextAt(Bytes bytes, std::uint64_t offset, std::uint64_t length) {
  const Bytes found = Slice(bytes, offset, length);
  return {reinterpret_cast<const char*>(found.data()), found.size()};
}

bool HasFileTypeBox(Bytes bytes) { return HasTextAt(bytes, 4, "ftyp"); }

/// The major brand decides; a generic one ("mif1") leaves it to the list of compatible brands.
std::optional<Format> FormatFromBrands(Bytes bytes) {
  const std::uint64_t box_size = ReadU32(bytes, 0, ByteOrder::kBig);
  const std::string_view major = TextAt(bytes, 8, 4);
  if (Contains(kAvifBrands, major)) return Format::kAvif;
  if (Contains(kHeicBrands, major)) return Format::kHeic;
  if (!Contains(kGenericHeifBrands, major)) return std::nullopt;
  const std::uint64_t end = std::min<std::uint64_t>({box_size, bytes.size(), 1024});
  for (std::uint64_t offset = 16; offset + 4 <= end; offset += 4) {
    const std::string_view brand = TextAt(bytes, offset, 4);
    if (Contains(kAvifBrands, brand)) return Format::kAvif;
    if (Contains(kHeicBrands, brand)) return Format::kHeic;
  }
  return Format::kHeic;
}

std::string DescribeFileTypeBox(Bytes bytes) {
  const std::string_view brand = TextAt(bytes, 8, 4);
  if (brand == "crx ") return "a Canon RAW photo (CR3)";
  if (brand == "qt  ") return "a QuickTime video (MOV)";
  if (brand == "jxl ") return "a JPEG XL image";
  if (brand == "M4A ") return "an MPEG-4 sound";
  return "an MP4 video";
}

/// Cameras' RAW files are TIFF files too, and a TIFF loader would give their small preview.
std::optional<std::string_view> DescribeTiffBasedRaw(Bytes bytes) {
  if (HasTextAt(bytes, 8, "CR\x02")) return "a Canon RAW photo (CR2)";
  return std::nullopt;
}

bool IsTiff(Bytes bytes) {
  return HasTextAt(bytes, 0, "II*\0"sv) || HasTextAt(bytes, 0, "MM\0*"sv) ||
         HasTextAt(bytes, 0, "II+\0\x08\0\0\0"sv) || HasTextAt(bytes, 0, "MM\0+\0\x08\0\0"sv);
}

std::string DescribeText(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (lower.find("<svg") != std::string::npos) return "an SVG drawing";
  if (lower.find("<!doctype html") != std::string::npos || lower.find("<html") != std::string::npos)
    return "an HTML page";
  if (lower.starts_with("<?xml")) return "an XML document";
  return "text";
}

bool IsText(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return (code < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f') || code == 0x7F;
  });
}

std::string FirstBytes(Bytes bytes) {
  std::string text;
  for (const std::byte byte : bytes.first(std::min<std::size_t>(bytes.size(), 8))) {
    text += fmt::format("{}{:02X}", text.empty() ? "" : " ", std::to_integer<unsigned>(byte));
  }
  return text;
}

}  // namespace

Result<Format> SniffFormat(std::span<const std::byte> bytes) {
  if (HasTextAt(bytes, 0, "\xFF\xD8\xFF")) return Format::kJpeg;
  if (HasTextAt(bytes, 0, "\x89PNG\r\n\x1A\n")) return Format::kPng;
  if (HasTextAt(bytes, 0, "RIFF") && HasTextAt(bytes, 8, "WEBP")) return Format::kWebp;
  if (IsTiff(bytes) && !DescribeTiffBasedRaw(bytes)) return Format::kTiff;
  if (HasFileTypeBox(bytes)) {
    if (const auto format = FormatFromBrands(bytes)) return *format;
  }
  return Error(ErrorCode::kUnsupportedFormat,
               fmt::format("expected a JPEG, PNG, WebP, TIFF, HEIC or AVIF photo, but this is {}{}",
                           DescribeUnsupported(bytes),
                           bytes.empty() ? "" : "; convert it to one of these first"));
}

std::string DescribeUnsupported(std::span<const std::byte> bytes) {
  if (bytes.empty()) return "an empty file";
  if (const auto raw = DescribeTiffBasedRaw(bytes)) return std::string(*raw);
  for (const Signature& signature : kSignatures) {
    if (HasTextAt(bytes, signature.offset, signature.text)) {
      return std::string(signature.looks_like);
    }
  }
  if (HasFileTypeBox(bytes)) return DescribeFileTypeBox(bytes);
  if (std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; })) {
    return "a file of zero bytes only (a copy that was interrupted?)";
  }
  const std::string_view start = TextAt(bytes, 0, std::min<std::size_t>(bytes.size(), 1024));
  if (IsText(start)) return DescribeText(start);
  return fmt::format("of no kind that is known here (it begins with {})", FirstBytes(bytes));
}

}  // namespace gpen::codec
