#include "codec/heif_further.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "codec/header.h"
#include "codec/heif_items.h"
#include "codec/tiff_directory.h"

namespace gpen::codec {
namespace {

// More than the tiles of any gain map.
constexpr std::size_t kMostItems = 500;

bool IsTransform(std::string_view type) {
  return type == "irot" || type == "imir" || type == "clap";
}

bool IsAlpha(const std::vector<HeifProperty>& properties) {
  constexpr std::array<std::string_view, 3> kKinds = {"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
                                                      "urn:mpeg:hevc:2015:auxid:1",
                                                      "urn:mpeg:avc:2015:auxid:1"};
  return std::ranges::any_of(properties, [&](const HeifProperty& property) {
    return property.type == "auxC" && std::ranges::any_of(kKinds, [&](std::string_view kind) {
             return HasTextAt(property.content, 4, kind);
           });
  });
}

bool HasTransform(const std::vector<HeifProperty>& properties) {
  return std::ranges::any_of(properties, [](const auto& each) { return IsTransform(each.type); });
}

// A turn by nothing, as phones write it into every photo.
bool IsNoTurn(const HeifProperty& property) {
  return property.type == "irot" && (ReadU8(property.content, 0) & 3) == 0;
}

// What turns, mirrors or cuts an item, in its order.
std::vector<HeifProperty> TransformsIn(std::vector<HeifProperty> properties) {
  std::erase_if(properties,
                [](const auto& each) { return !IsTransform(each.type) || IsNoTurn(each); });
  return properties;
}

bool AreSame(const std::vector<HeifProperty>& some, const std::vector<HeifProperty>& others) {
  return std::ranges::equal(some, others, [](const HeifProperty& a, const HeifProperty& b) {
    return a.type == b.type && std::ranges::equal(a.content, b.content);
  });
}

class Collector {
 public:
  explicit Collector(Bytes heif)
      : heif_(heif),
        meta_(MetaOfHeif(heif)),
        all_(ReadHeifItems(meta_)),
        references_(ReferencesOfHeif(meta_)),
        properties_(meta_),
        idat_(DataInMeta(meta_)),
        photo_properties_(properties_.Of(all_.primary)),
        room_(heif.size()) {}

  std::vector<HeifItemCopy> Collect() {
    // Where the photo is cut out of a larger picture, those beside it would have to be, too.
    if (std::ranges::find(photo_properties_, "clap", &HeifProperty::type) !=
        photo_properties_.end()) {
      return {};
    }
    for (const HeifReference& reference : references_) {
      if (reference.type != "auxl" || !Has(reference.to, all_.primary)) continue;
      if (!IsAlpha(properties_.Of(reference.from))) AddWhole(reference.from);
    }
    for (const HeifItem& item : all_.items) {
      if (item.type == "tmap" && LiesAsThePhoto(item.id)) AddWhole(item.id);
    }
    AddMetadata();
    return std::move(copies_);
  }

 private:
  static bool Has(const std::vector<std::uint32_t>& ids, std::uint32_t id) {
    return std::ranges::find(ids, id) != ids.end();
  }

  // A tone map is made of turned pictures. Phones say of it once more how they are turned.
  bool LiesAsThePhoto(std::uint32_t tone_map) const {
    const auto transforms = TransformsIn(properties_.Of(tone_map));
    return transforms.empty() || AreSame(transforms, TransformsIn(photo_properties_));
  }

  bool IsTaken(std::uint32_t id) const {
    return std::ranges::find(copies_, id, &HeifItemCopy::id) != copies_.end();
  }

  // An item and all that it is made of, or none of them.
  void AddWhole(std::uint32_t id) {
    const std::size_t before = copies_.size();
    if (!Add(id)) copies_.resize(before);
  }

  bool Add(std::uint32_t id) {
    if (id == all_.primary || IsTaken(id)) return true;
    const auto found = std::ranges::find(all_.items, id, &HeifItem::id);
    if (id == HeifItemCopy::kPhoto || found == all_.items.end() || copies_.size() >= kMostItems)
      return false;
    HeifItemCopy copy;
    copy.id = id;
    copy.type = found->type;
    copy.entry = Copy(found->entry);
    if (found->entry.empty() || !ReadBytes(*found, &copy.bytes)) return false;
    copy.properties = PropertiesFor(*found);
    for (const HeifReference& reference : references_) {
      if (reference.from != id) continue;
      if (reference.type == "auxl" && Has(reference.to, all_.primary)) {
        // One target alone: libheif before 1.18 takes several for damage.
        copy.references.push_back({"auxl", {HeifItemCopy::kPhoto}});
      } else if (reference.type == "dimg") {
        copy.references.push_back({"dimg", Renamed(reference.to)});
      }
    }
    const auto references = copy.references;
    copies_.push_back(std::move(copy));
    return std::ranges::all_of(references, [&](const HeifItemCopy::Reference& reference) {
      return reference.type != "dimg" || std::ranges::all_of(reference.to, [&](std::uint32_t part) {
               return part == HeifItemCopy::kPhoto || Add(part);
             });
    });
  }

  std::vector<std::uint32_t> Renamed(std::vector<std::uint32_t> ids) const {
    std::ranges::replace(ids, all_.primary, HeifItemCopy::kPhoto);
    return ids;
  }

  std::vector<HeifItemCopy::Property> PropertiesFor(const HeifItem& item) const {
    std::vector<HeifProperty> properties = properties_.Of(item.id);
    const bool is_of_photo = std::ranges::any_of(references_, [&](const HeifReference& each) {
      return each.type == "auxl" && each.from == item.id;
    });
    if (is_of_photo && !HasTransform(properties)) {
      std::ranges::copy_if(photo_properties_, std::back_inserter(properties),
                           [](const HeifProperty& each) { return IsTransform(each.type); });
    }
    // The photo that it is made of is upright in the result.
    const bool is_tone_map = item.type == "tmap";
    std::vector<HeifItemCopy::Property> copies;
    for (const HeifProperty& property : properties) {
      if (is_tone_map && IsTransform(property.type)) continue;
      copies.push_back({property.type, Copy(property.content), property.is_essential});
    }
    return copies;
  }

  // EXIF and XMP of the further pictures.
  void AddMetadata() {
    for (const HeifReference& reference : references_) {
      if (reference.type != "cdsc" || IsTaken(reference.from)) continue;
      const auto target = std::ranges::find_if(
          reference.to, [&](std::uint32_t id) { return id != all_.primary && IsTaken(id); });
      if (target == reference.to.end() || Has(reference.to, all_.primary)) continue;
      const std::size_t before = copies_.size();
      if (Add(reference.from) && copies_.size() > before) {
        copies_.back().references = {{"cdsc", {*target}}};
      } else {
        copies_.resize(before);
      }
    }
  }

  // Of extents that lie over each other a small file could have any number: all items together have
  // no more bytes than the file.
  bool ReadBytes(const HeifItem& item, std::vector<std::byte>* bytes) {
    const Bytes source = item.in_file ? heif_ : item.in_meta ? idat_ : Bytes{};
    for (const HeifExtent& extent : item.extents) {
      if (extent.offset > source.size()) return false;
      const std::uint64_t length =
          extent.length > 0 ? extent.length : source.size() - extent.offset;
      const Bytes piece = Slice(source, extent.offset, length);
      if (piece.size() != length || length > room_) return false;
      room_ -= length;
      bytes->insert(bytes->end(), piece.begin(), piece.end());
    }
    return !bytes->empty();
  }

  Bytes heif_;
  Bytes meta_;
  HeifItems all_;
  std::vector<HeifReference> references_;
  HeifProperties properties_;
  Bytes idat_;
  std::vector<HeifProperty> photo_properties_;
  std::uint64_t room_;
  std::vector<HeifItemCopy> copies_;
};

}  // namespace

std::vector<HeifItemCopy> FurtherItems(Bytes heif) { return Collector(heif).Collect(); }

void SetToneMapSize(int width, int height, std::vector<HeifItemCopy>* items) {
  constexpr std::uint64_t kWidth = 4;  // Behind the version.
  constexpr std::uint64_t kHeight = 8;
  constexpr std::size_t kEnd = 12;
  for (HeifItemCopy& item : *items) {
    if (item.type != "tmap") continue;
    for (HeifItemCopy::Property& property : item.properties) {
      if (property.type != "ispe" || property.content.size() != kEnd) continue;
      const auto put = [&](int side, std::uint64_t at) {
        PutUnsigned(static_cast<unsigned>(side), at, 4, ByteOrder::kBig, &property.content);
      };
      put(width, kWidth);
      put(height, kHeight);
    }
  }
}

}  // namespace gpen::codec
