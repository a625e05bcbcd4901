#include "codec/carried_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "codec/jpeg_appended.h"
#include "codec/turned_pictures.h"

namespace gpen::codec {
namespace {

constexpr std::string_view kPictures = "further pictures (HDR gain map, depth map, preview)";
constexpr std::string_view kClip = "the clip of a motion photo or what else follows the picture";

// Begins the segment by which a JPEG says that it has a gain map (ISO 21496-1).
constexpr std::string_view kGainMapMark = "urn:iso:std:iso:ts:21496:-1";

/// Names each thing once: a part may have several segments.
class Warnings {
 public:
  explicit Warnings(std::vector<std::string>* warnings) : warnings_(warnings) {}
  void Add(std::string warning) {
    if (std::ranges::find(*warnings_, warning) == warnings_->end()) {
      warnings_->push_back(std::move(warning));
    }
  }

 private:
  std::vector<std::string>* warnings_;
};

/// Photoshop's resources have the same form in three formats, HEIC and AVIF have the same boxes;
/// every other part has one format.
bool HasPlace(const FormatPart& part, Format from, Format to) {
  const auto is_heif = [](Format format) {
    return format == Format::kHeic || format == Format::kAvif;
  };
  const auto holds_resources = [](Format format) {
    return format == Format::kJpeg || format == Format::kTiff || format == Format::kPng;
  };
  // A further picture of a HEIC or AVIF, by name: its coded form is among the items, or is not
  // kept.
  if (part.type == "aux") return false;
  if (part.type == "item") return from == to;
  return from == to || (is_heif(from) && is_heif(to)) ||
         (part.type == "8BIM" && holds_resources(to));
}

void CarryParts(const Photo& photo, Format format, CarriedParts* carried, Warnings* warnings) {
  const Format own = photo.info.format;
  const bool is_turned = photo.info.orientation > 1;
  for (const FormatPart& part : photo.metadata.parts) {
    const bool has_place = HasPlace(part, own, format);
    if (has_place && is_turned && part.lies_in_picture) {
      warnings->Add(fmt::format(
          "left out, for it does not fit the picture, which was turned upright: {}", part.name));
    } else if (has_place) {
      carried->parts.push_back(part);
    } else if (!part.name.empty() && !(own != format && IsText(part)) && part.type != "MPF") {
      warnings->Add(LeftOut(part.name, format));
    }
  }
  if (own == format) return;
  ConvertedTexts texts = ConvertTexts(photo.metadata.parts, format);
  for (FormatPart& part : texts.parts) carried->parts.push_back(std::move(part));
  carried->texts = std::move(texts.in_xmp);
  for (const std::string& keyword : texts.lost) {
    warnings->Add(LeftOut(fmt::format("the text \"{}\"", keyword), format));
  }
}

/// False where they are damaged or another list of theirs is; nothing is carried then.
bool CarryTurned(const Photo& photo, const AppendedParts& appended, CarriedParts* carried) {
  auto turned = TurnPictures(appended, photo.info.orientation,
                             std::int64_t{photo.info.width} * photo.info.height);
  if (!turned) return false;
  for (FormatPart& part : carried->parts) {
    if (part.type == "MPF" && !MovePictures(appended.list, turned->list, &part.bytes)) return false;
  }
  for (std::size_t i = 0; i < appended.list.size(); ++i) {
    carried->sizes.push_back({appended.list[i].size, turned->list[i].size});
  }
  carried->turned = std::move(turned->bytes);
  carried->appended.emplace_back(carried->turned);
  return true;
}

void CarryAppendedInJpeg(const Photo& photo, CarriedParts* carried, Warnings* warnings) {
  const AppendedParts appended = TakeApart(photo.metadata.appended);
  const bool is_turned = photo.info.orientation > 1;
  if (is_turned && !appended.pictures.empty()) {
    if (!CarryTurned(photo, appended, carried)) {
      std::erase_if(carried->parts, [](const FormatPart& part) {
        return part.type == "MPF" || HasTextAt(part.bytes, 0, kGainMapMark);
      });
      carried->xmp.pictures = true;
      warnings->Add(fmt::format(
          "{} were left out: they could not be turned upright with the picture", kPictures));
    }
  } else if (!appended.pictures.empty()) {
    carried->appended.push_back(appended.pictures);
  }
  if (!appended.rest.empty()) carried->appended.push_back(appended.rest);
}

void NameAppended(const Photo& photo, Format format, Warnings* warnings) {
  const AppendedParts appended = photo.info.format == Format::kJpeg
                                     ? TakeApart(photo.metadata.appended)
                                     : AppendedParts{{}, {}, photo.metadata.appended};
  const auto leave_out = [&](Bytes bytes, std::string_view name) {
    if (bytes.empty()) return;
    warnings->Add(LeftOut(name, format));
  };
  leave_out(appended.pictures, kPictures);
  leave_out(appended.rest, kClip);
}

}  // namespace

std::string LeftOut(std::string_view name, Format format) {
  return fmt::format("not kept, for {} files of ours have no place for it: {}", NameOf(format),
                     name);
}

CarriedParts CarriedPartsOf(const Photo& photo, Format format, std::vector<std::string>* warnings) {
  CarriedParts carried;
  Warnings named(warnings);
  CarryParts(photo, format, &carried, &named);
  if (format != photo.info.format) {
    NameAppended(photo, format, &named);
    carried.xmp = {.extension = true, .pictures = true, .clip = true};
    return carried;
  }
  if (format == Format::kJpeg) {
    CarryAppendedInJpeg(photo, &carried, &named);
  } else if (!photo.metadata.appended.empty()) {
    carried.appended.emplace_back(photo.metadata.appended);
  }
  const auto has = [](const std::vector<FormatPart>& parts, std::string_view type) {
    return std::ranges::any_of(parts, [type](const FormatPart& part) { return part.type == type; });
  };
  if (has(photo.metadata.parts, "aux")) carried.xmp.pictures = true;
  carried.xmp.extension = std::ranges::none_of(carried.parts, [](const FormatPart& part) {
    return HasTextAt(part.bytes, 0, kExtendedXmpMark);
  });
  carried.xmp.clip = carried.appended.empty();
  return carried;
}

}  // namespace gpen::codec
