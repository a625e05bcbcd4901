#include "codec/carried_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/jpeg_appended.h"

namespace gpen::codec {
namespace {

constexpr std::string_view kPictures = "further pictures (HDR gain map, depth map, preview)";
constexpr std::string_view kClip = "the clip of a motion photo or what else follows the picture";

std::string LeftOut(std::string_view name, Format format) {
  return fmt::format("not kept, for {} files of ours have no place for it: {}", NameOf(format),
                     name);
}

/// A part of several segments is named once.
void NameParts(const Photo& photo, Format format, std::vector<std::string>* warnings) {
  std::vector<std::string> named;
  for (const FormatPart& part : photo.metadata.parts) {
    if (part.type == "MPF" || std::ranges::find(named, part.name) != named.end()) continue;
    named.push_back(part.name);
    warnings->push_back(LeftOut(part.name, format));
  }
}

void KeepParts(const Photo& photo, CarriedParts* carried) {
  for (const FormatPart& part : photo.metadata.parts) carried->parts.push_back(part);
}

void CarryInJpeg(const Photo& photo, CarriedParts* carried, std::vector<std::string>* warnings) {
  KeepParts(photo, carried);
  const AppendedParts appended = TakeApart(photo.metadata.appended);
  const bool is_turned = photo.info.orientation > 1;
  if (is_turned && !appended.pictures.empty()) {
    std::erase_if(carried->parts, [](const FormatPart& part) { return part.type == "MPF"; });
    carried->xmp.pictures = true;
    warnings->push_back(
        fmt::format("{} were left out: they do not fit the picture, which was "
                    "turned upright",
                    kPictures));
  } else if (!appended.pictures.empty()) {
    carried->appended.push_back(appended.pictures);
  }
  if (!appended.rest.empty()) carried->appended.push_back(appended.rest);
}

void NameAppended(const Photo& photo, Format format, std::vector<std::string>* warnings) {
  const AppendedParts appended = photo.info.format == Format::kJpeg
                                     ? TakeApart(photo.metadata.appended)
                                     : AppendedParts{{}, photo.metadata.appended};
  const auto leave_out = [&](Bytes bytes, std::string_view name) {
    if (bytes.empty()) return;
    warnings->push_back(LeftOut(name, format));
  };
  leave_out(appended.pictures, kPictures);
  leave_out(appended.rest, kClip);
}

/// Auxiliary pictures have no bytes here: no format of ours is written with them.
bool HasAuxiliaryPictures(const Photo& photo) {
  return std::ranges::any_of(photo.metadata.parts,
                             [](const FormatPart& part) { return part.type == "aux"; });
}

}  // namespace

CarriedParts CarriedPartsOf(const Photo& photo, Format format, std::vector<std::string>* warnings) {
  CarriedParts carried;
  if (format != photo.info.format) {
    NameParts(photo, format, warnings);
    NameAppended(photo, format, warnings);
    carried.xmp = {.extension = true, .pictures = true, .clip = true};
    return carried;
  }
  if (HasAuxiliaryPictures(photo)) {
    NameParts(photo, format, warnings);
    carried.xmp.pictures = true;
  } else if (format != Format::kJpeg) {
    KeepParts(photo, &carried);
  }
  if (format == Format::kJpeg) {
    CarryInJpeg(photo, &carried, warnings);
  } else if (!photo.metadata.appended.empty()) {
    carried.appended.emplace_back(photo.metadata.appended);
  }
  const bool has_extension = std::ranges::any_of(
      carried.parts, [](const FormatPart& part) { return part.type == "APP1"; });
  carried.xmp.extension = !has_extension;
  carried.xmp.clip = carried.appended.empty();
  return carried;
}

}  // namespace gpen::codec
