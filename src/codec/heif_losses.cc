#include "codec/heif_losses.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "codec/box_header.h"
#include "codec/header.h"
#include "codec/heif_items.h"

namespace gpen::codec {
namespace {

constexpr std::string_view kCredentialsId =
    "\xD8\xFE\xC3\xD6\x1B\x0E\x48\x3C\x92\x97\x58\x28\x87\x7E\xC4\x81";

struct Named {
  std::string_view type;
  std::string_view name;
};

// Properties whose meaning a result does not have.
constexpr std::array<Named, 5> kProperties = {
    {{"cclv", "the range of its colours (cclv)"},
     {"amve", "the light that it is to be seen in (amve)"},
     {"pasp", "the shape of its pixels (pasp)"},
     {"udes", "the description by its owner (udes)"},
     {"altt", "the description in words (altt)"}}};

void Add(std::string loss, std::vector<std::string>* losses) {
  if (std::ranges::find(*losses, loss) == losses->end()) losses->push_back(std::move(loss));
}

std::string LeftOut(std::string_view name) {
  return fmt::format("left out, for a result has no place for it: {}", name);
}

// Pictures are counted and auxiliary ones named elsewhere; EXIF and XMP are kept.
bool IsKnown(const HeifItem& item) {
  constexpr std::array<std::string_view, 8> kKnown = {"grid", "iden", "iovl", "Exif",
                                                      "mime", "tmap", "unci", ""};
  return item.is_coded_picture() || std::ranges::find(kKnown, item.type) != kKnown.end();
}

void NameProperties(Bytes heif, std::vector<std::string>* losses) {
  for (const HeifProperty& property : PropertiesOfPrimary(heif)) {
    const auto* named = std::ranges::find(kProperties, property.type, &Named::type);
    if (named != kProperties.end()) Add(LeftOut(named->name), losses);
  }
}

void NameBoxes(Bytes heif, std::vector<std::string>* losses) {
  ForEachBox(heif, 0, [&](std::uint64_t at, Bytes content) {
    if (!HasTextAt(heif, at + 4, "uuid")) return;
    const bool is_credentials = HasTextAt(content, 0, kCredentialsId);
    Add(is_credentials ? std::string(kCredentialsLoss)
                       : LeftOut("the data of other programs (uuid)"),
        losses);
  });
}

}  // namespace

std::vector<std::string> LossesOfHeif(Bytes heif) {
  std::vector<std::string> losses;
  for (const HeifItem& item : ItemsOfHeif(heif).items) {
    if (IsKnown(item)) continue;
    Add(LeftOut(item.type == "rgan" ? std::string("regions of the picture (rgan)")
                                    : fmt::format("the data of other programs ({})", item.type)),
        &losses);
  }
  NameProperties(heif, &losses);
  NameBoxes(heif, &losses);
  return losses;
}

std::optional<std::uint32_t> ToneMapOf(Bytes heif) {
  const auto items = ItemsOfHeif(heif).items;
  const auto found = std::ranges::find(items, "tmap", &HeifItem::type);
  return found == items.end() ? std::nullopt : std::optional(found->id);
}

}  // namespace gpen::codec
