#include "codec/texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/inflate.h"
#include "codec/byte_writer.h"
#include "codec/xmp_text.h"

namespace gpen::codec {
namespace {

constexpr std::size_t kMostTextBytes = std::size_t{16} << 20;
constexpr std::size_t kMostCommentBytes = 65533;  // Of a JPEG's segment.

constexpr std::string_view kDublinCore = "dc=\"http://purl.org/dc/elements/1.1/\"";

// How XMP writes a property: as a text, or as a list of one.
enum class Form : std::uint8_t { kPlain, kLanguages, kSequence };

struct XmpPlace {
  std::string_view keyword;
  std::string_view property;
  std::string_view name_space;  // As the attribute that declares it has it.
  Form form;
};

constexpr std::array<XmpPlace, 6> kPlaces = {
    {{"Title", "dc:title", kDublinCore, Form::kLanguages},
     {"Description", "dc:description", kDublinCore, Form::kLanguages},
     {"Copyright", "dc:rights", kDublinCore, Form::kLanguages},
     {"Author", "dc:creator", kDublinCore, Form::kSequence},
     {"Source", "dc:source", kDublinCore, Form::kPlain},
     {"Comment", "exif:UserComment", "exif=\"http://ns.adobe.com/exif/1.0/\"", Form::kLanguages}}};

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool SameWord(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return Lower(x) == Lower(y); });
}

const XmpPlace* PlaceOf(std::string_view keyword) {
  const auto* place = std::ranges::find_if(
      kPlaces, [&](const XmpPlace& one) { return SameWord(one.keyword, keyword); });
  return place == kPlaces.end() ? nullptr : place;
}

// ImageMagick's second copies of EXIF and of the file's dates, and the program that wrote the file,
// which is ours now.
bool SaysNothingNew(std::string_view keyword) {
  constexpr std::array<std::string_view, 8> kCopies = {
      "date:", "exif:", "icc:", "xmp:", "png:", "jpeg:", "tiff:", "photoshop:"};
  return SameWord(keyword, "Software") ||
         std::ranges::any_of(kCopies, [&](auto prefix) { return keyword.starts_with(prefix); });
}

std::string FromLatin1(std::string_view text) {
  std::string utf8;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x80) {
      utf8 += c;
    } else {
      utf8 += static_cast<char>(0xC0 | code >> 6);
      utf8 += static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  return utf8;
}

bool IsUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t j = 1; j < length; ++j) {
      if ((static_cast<unsigned char>(text[i + j]) & 0xC0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

// A JPEG does not say how its comments are written.
std::string TextOfComment(Bytes bytes) {
  std::string text(AsText(bytes));
  while (!text.empty() && text.back() == '\0') text.pop_back();
  return IsUtf8(text) ? text : FromLatin1(text);
}

// Of the zero byte from `from` on.
std::size_t EndOfText(Bytes chunk, std::size_t from) {
  while (from < chunk.size() && chunk[from] != std::byte{0}) ++from;
  return from;
}

FormatPart PngPart(const PhotoText& text) {
  FormatPart part{"iTXt", {}, "the PNG's texts"};
  Append(text.keyword, &part.bytes);
  part.bytes.resize(part.bytes.size() + 5);  // Not compressed, no language, no other keyword.
  Append(text.text, &part.bytes);
  return part;
}

std::vector<PhotoText> TextsIn(const std::vector<FormatPart>& parts) {
  std::vector<PhotoText> texts;
  for (const FormatPart& part : parts) {
    if (part.type == "COM") {
      texts.push_back({"Comment", TextOfComment(part.bytes)});
    } else if (IsText(part)) {
      if (auto text = ReadPngText(part.type, part.bytes)) texts.push_back(*std::move(text));
    }
  }
  return texts;
}

void ConvertForJpeg(const PhotoText& text, ConvertedTexts* converted) {
  const bool is_comment = SameWord(text.keyword, "Comment");
  const std::string comment =
      is_comment ? text.text : fmt::format("{}: {}", text.keyword, text.text);
  if (comment.size() > kMostCommentBytes) {
    converted->lost.push_back(text.keyword);
    return;
  }
  FormatPart part{"COM", {}, "the comment"};
  Append(comment, &part.bytes);
  converted->parts.push_back(std::move(part));
}

std::string ElementOf(const XmpPlace& place, std::string_view text) {
  std::string value = EscapedForXml(text);
  switch (place.form) {
    case Form::kLanguages:
      return fmt::format("<rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt>", value);
    case Form::kSequence:
      return fmt::format("<rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq>", value);
    default:
      return value;
  }
}

}  // namespace

std::optional<PhotoText> ReadPngText(std::string_view type, Bytes chunk) {
  std::size_t at = EndOfText(chunk, 0);
  if (at >= chunk.size()) return std::nullopt;
  PhotoText text{std::string(AsText(chunk.first(at))), ""};
  if (!IsUtf8(text.keyword)) text.keyword = FromLatin1(text.keyword);
  ++at;
  bool is_packed = type == "zTXt";
  if (type == "iTXt") {
    is_packed = ReadU8(chunk, at) != 0;
    at = EndOfText(chunk, at + 2) + 1;  // The language.
    at = EndOfText(chunk, at) + 1;      // The keyword in that language.
  } else if (is_packed) {
    ++at;  // The way it is packed, which is always the same.
  }
  if (at > chunk.size()) return std::nullopt;
  const Bytes rest = chunk.subspan(at);
  if (!is_packed) {
    text.text = AsText(rest);
  } else if (const auto plain = Inflate(rest, kMostTextBytes)) {
    text.text = AsText(*plain);
  }
  if (type != "iTXt" || !IsUtf8(text.text)) text.text = FromLatin1(text.text);
  return text;
}

bool IsText(const FormatPart& part) {
  return part.type == "COM" || part.type == "tEXt" || part.type == "zTXt" || part.type == "iTXt";
}

ConvertedTexts ConvertTexts(const std::vector<FormatPart>& parts, Format format) {
  ConvertedTexts converted;
  for (PhotoText& text : TextsIn(parts)) {
    if (SaysNothingNew(text.keyword) || text.text.empty()) continue;
    const bool is_comment = SameWord(text.keyword, "Comment");
    const bool has_place = PlaceOf(text.keyword) != nullptr;
    if (format == Format::kPng) {
      converted.parts.push_back(PngPart(text));
    } else if (format == Format::kJpeg && (is_comment || !has_place)) {
      ConvertForJpeg(text, &converted);
    } else if (has_place) {
      converted.in_xmp.push_back(std::move(text));
    } else {
      converted.lost.push_back(text.keyword);
    }
  }
  return converted;
}

std::vector<std::string> AddTexts(const std::vector<PhotoText>& texts, std::string* packet) {
  std::vector<std::string> lost;
  for (const auto& [keyword, text] : texts) {
    const XmpPlace& place = *PlaceOf(keyword);
    const std::size_t end = packet->rfind("</rdf:RDF>");
    const bool is_taken = packet->find(place.property) != std::string::npos;
    if (end == std::string::npos || is_taken) {
      // What says the same already is no loss.
      if (packet->find(EscapedForXml(text)) == std::string::npos) lost.push_back(keyword);
      continue;
    }
    packet->insert(
        end,
        fmt::format("<rdf:Description rdf:about=\"{}\" xmlns:{}><{}>{}</{}></rdf:Description>\n",
                    ValueOf(*packet, "rdf:about"), place.name_space, place.property,
                    ElementOf(place, text), place.property));
  }
  return lost;
}

}  // namespace gpen::codec
