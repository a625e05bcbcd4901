#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "codec/box_writer.h"
#include "codec/byte_writer.h"
#include "codec/heif_further.h"
#include "codec/heif_items.h"

namespace gpen::codec {
namespace {

constexpr std::uint64_t kMostId = 0xFFFF;
constexpr std::uint64_t kMostProperties = 0x7FFF;

void Append16(std::uint64_t value, std::vector<std::byte>* target) {
  AppendUnsigned(value, 2, ByteOrder::kBig, target);
}
void Append32(std::uint64_t value, std::vector<std::byte>* target) {
  AppendUnsigned(value, 4, ByteOrder::kBig, target);
}

struct PropertyUse {
  std::uint64_t property = 0;
  bool is_essential = false;
};

// The meta box of a file with more items in it: each of its boxes that speaks of items is written
// anew, the others stay.
class MetaWithItems {
 public:
  MetaWithItems(Bytes meta, const std::vector<HeifItemCopy>& items)
      : meta_(meta), all_(ReadHeifItems(meta)), items_(items) {
    std::uint32_t most = 0;
    for (const HeifItem& item : all_.items) most = std::max(most, item.id);
    ids_[HeifItemCopy::kPhoto] = all_.primary;
    for (const HeifItemCopy& item : items) ids_[item.id] = ++most;
    is_possible_ = !all_.items.empty() && most <= kMostId;
  }

  // Whether the boxes are of the versions that libheif writes for few items.
  bool is_possible() const { return is_possible_; }
  bool has_tone_map() const { return ToneMap() != nullptr; }

  // What is in the file moves by `moved`, and what is new begins at `new_at`. The length does not
  // depend on them.
  std::vector<std::byte> Write(std::uint64_t moved, std::uint64_t new_at) {
    std::vector<std::byte> content;
    Append(meta_.first(std::min<std::size_t>(4, meta_.size())), &content);
    bool has_references = false;
    ForEachBox(meta_, 4, [&](std::uint64_t at, Bytes box) {
      const std::string_view type = TypeOfBox(meta_, at);
      if (type == "iinf") {
        AppendBox(type, Entries(box), &content);
      } else if (type == "iloc") {
        AppendBox(type, Places(moved, new_at), &content);
      } else if (type == "iprp") {
        AppendBox(type, Properties(box), &content);
      } else if (type == "iref") {
        has_references = true;
        AppendBox(type, References(box), &content);
      } else {
        AppendBox(type, box, &content);
      }
    });
    constexpr std::array<std::byte, 4> kNoReferences = {};
    if (!has_references) AppendBox("iref", References(kNoReferences), &content);
    if (has_tone_map()) AppendBox("grpl", Group(), &content);
    return content;
  }

 private:
  const HeifItemCopy* ToneMap() const {
    const auto found = std::ranges::find(items_, "tmap", &HeifItemCopy::type);
    return found == items_.end() ? nullptr : &*found;
  }

  std::vector<std::byte> Entries(Bytes box) {
    const int version = ReadU8(box, 0);
    const int count_bytes = version == 0 ? 2 : 4;
    std::vector<std::byte> content;
    Append(Slice(box, 0, 4), &content);
    AppendUnsigned(ReadUnsigned(box, 4, count_bytes, ByteOrder::kBig) + items_.size(), count_bytes,
                   ByteOrder::kBig, &content);
    Append(box.subspan(std::min<std::size_t>(4U + static_cast<unsigned>(count_bytes), box.size())),
           &content);
    for (const HeifItemCopy& item : items_) {
      // Of version 3 the number has 32 bits.
      const std::uint64_t type_at = ReadU8(item.entry, 0) == 2 ? 8 : 10;
      std::vector<std::byte> entry;
      Append32(0x02000000U | (ReadU32(item.entry, 0, ByteOrder::kBig) & 0xFFFFFFU), &entry);
      Append16(ids_.at(item.id), &entry);
      Append16(0, &entry);  // Not protected.
      Append(Bytes(item.entry).subspan(std::min<std::size_t>(type_at, item.entry.size())), &entry);
      AppendBox("infe", entry, &content);
    }
    return content;
  }

  std::vector<std::byte> Places(std::uint64_t moved, std::uint64_t new_at) {
    std::vector<std::byte> content;
    Append32(0x01000000U, &content);
    Append16(0x4400, &content);  // Offsets and lengths of 4 bytes, no base, no index.
    Append16(all_.items.size() + items_.size(), &content);
    const auto begin = [&](std::uint64_t id, bool in_meta, std::size_t extents) {
      Append16(id, &content);
      Append16(in_meta ? 1 : 0, &content);
      Append16(0, &content);
      Append16(extents, &content);
    };
    for (const HeifItem& item : all_.items) {
      begin(item.id, item.in_meta, item.extents.size());
      for (const HeifExtent& extent : item.extents) {
        Append32(extent.offset + (item.in_file ? moved : 0), &content);
        Append32(extent.length, &content);
      }
    }
    for (const HeifItemCopy& item : items_) {
      begin(ids_.at(item.id), false, 1);
      Append32(new_at, &content);
      Append32(item.bytes.size(), &content);
      new_at += item.bytes.size();
    }
    return content;
  }

  std::vector<std::byte> Properties(Bytes box) {
    std::vector<std::byte> all;
    std::map<std::uint32_t, std::vector<PropertyUse>> uses;
    std::uint64_t count = 0;
    ForEachBox(box, 0, [&](std::uint64_t at, Bytes content) {
      if (TypeOfBox(box, at) == "ipco") {
        Append(content, &all);
        ForEachBox(content, 0, [&](std::uint64_t, Bytes) { ++count; });
      } else if (TypeOfBox(box, at) == "ipma") {
        ForEachPropertyUse(content, [&](std::uint32_t id, unsigned property, bool is_essential) {
          uses[id].push_back({property, is_essential});
        });
      }
    });
    for (const HeifItemCopy& item : items_) {
      for (const HeifItemCopy::Property& property : item.properties) {
        AppendBox(property.type, property.content, &all);
        uses[ids_.at(item.id)].push_back({++count, property.is_essential});
      }
    }
    is_possible_ &= count <= kMostProperties;
    std::vector<std::byte> content;
    AppendBox("ipco", all, &content);
    AppendBox("ipma", Associations(uses, count > 0x7F), &content);
    return content;
  }

  static std::vector<std::byte> Associations(
      const std::map<std::uint32_t, std::vector<PropertyUse>>& uses, bool wide) {
    std::vector<std::byte> content;
    Append32(wide ? 1 : 0, &content);
    Append32(uses.size(), &content);
    for (const auto& [id, properties] : uses) {
      Append16(id, &content);
      AppendUnsigned(properties.size(), 1, ByteOrder::kBig, &content);
      for (const PropertyUse& use : properties) {
        const std::uint64_t essential = use.is_essential ? (wide ? 0x8000 : 0x80) : 0;
        AppendUnsigned(essential | use.property, wide ? 2 : 1, ByteOrder::kBig, &content);
      }
    }
    return content;
  }

  std::vector<std::byte> References(Bytes box) {
    is_possible_ &= ReadU8(box, 0) == 0;
    std::vector<std::byte> content;
    Append(box, &content);
    for (const HeifItemCopy& item : items_) {
      for (const HeifItemCopy::Reference& reference : item.references) {
        std::vector<std::byte> one;
        Append16(ids_.at(item.id), &one);
        Append16(reference.to.size(), &one);
        for (const std::uint32_t id : reference.to) Append16(ids_.at(id), &one);
        AppendBox(reference.type, one, &content);
      }
    }
    return content;
  }

  // Who knows tone maps takes it in place of the photo.
  std::vector<std::byte> Group() {
    std::vector<std::byte> group;
    Append32(0, &group);
    Append32(kMostId + 1, &group);  // Its number is none of an item.
    Append32(2, &group);
    Append32(ids_.at(ToneMap()->id), &group);
    Append32(all_.primary, &group);
    std::vector<std::byte> content;
    AppendBox("altr", group, &content);
    return content;
  }

  Bytes meta_;
  HeifItems all_;
  const std::vector<HeifItemCopy>& items_;
  std::map<std::uint32_t, std::uint32_t> ids_;  // From those of the copies.
  bool is_possible_ = false;
};

}  // namespace

std::optional<std::vector<std::byte>> WithFurtherItems(Bytes heif,
                                                       const std::vector<HeifItemCopy>& items) {
  MetaWithItems meta(MetaOfHeif(heif), items);
  if (!meta.is_possible()) return std::nullopt;
  const std::uint64_t brand = meta.has_tone_map() ? 4 : 0;
  const std::uint64_t moved = meta.Write(0, 0).size() - MetaOfHeif(heif).size() + brand;
  const std::uint64_t new_at = heif.size() + moved + 8;
  std::vector<std::byte> data;
  for (const HeifItemCopy& item : items) Append(item.bytes, &data);
  if (!meta.is_possible() || new_at + data.size() > 0xFFFFFFFFU) return std::nullopt;
  std::vector<std::byte> file;
  file.reserve(new_at + data.size());
  ForEachBox(heif, 0, [&](std::uint64_t at, Bytes content) {
    const std::string_view type = TypeOfBox(heif, at);
    if (type == "meta") {
      AppendBox(type, meta.Write(moved, new_at), &file);
    } else if (type == "ftyp" && brand > 0) {
      std::vector<std::byte> brands(content.begin(), content.end());
      Append(std::string_view("tmap"), &brands);
      AppendBox(type, brands, &file);
    } else {
      AppendBox(type, content, &file);
    }
  });
  AppendBox("mdat", data, &file);
  // A box with a longer header than ours would have moved what follows.
  if (file.size() != new_at + data.size()) return std::nullopt;
  return file;
}

}  // namespace gpen::codec
