#include "codec/heif_items.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "base/file.h"
#include "codec/box_header.h"
#include "codec/turned_coordinates.h"

namespace gpen::codec {
namespace {

constexpr std::size_t kMostItems = 100'000;
constexpr std::size_t kMostExtents = 1'000'000;
constexpr std::size_t kMostUses = 1'000'000;  // Of properties.

// Reads numbers of the sizes that a box states one after the other.
class Cursor {
 public:
  explicit Cursor(Bytes bytes) : bytes_(bytes) {}
  std::uint64_t Take(int size) {
    const auto length = static_cast<std::uint64_t>(size);
    if (length == 0) return 0;
    if (length > bytes_.size() - at_) {
      at_ = bytes_.size();
      ended_ = true;
      return 0;
    }
    const std::uint64_t value = ReadUnsigned(bytes_, at_, size, ByteOrder::kBig);
    at_ += length;
    return value;
  }
  bool ended() const { return ended_; }

 private:
  Bytes bytes_;
  std::uint64_t at_ = 0;
  bool ended_ = false;
};

void ReadLocations(Bytes box, HeifItems* all) {
  const int version = ReadU8(box, 0);
  Cursor cursor(box.subspan(std::min<std::size_t>(4, box.size())));
  const auto sizes = static_cast<int>(cursor.Take(2));
  const int offset_size = sizes >> 12;
  const int length_size = sizes >> 8 & 15;
  const int base_size = sizes >> 4 & 15;
  const int index_size = version == 0 ? 0 : sizes & 15;
  for (const int size : {offset_size, length_size, base_size, index_size}) {
    if (size > 8) return;
  }
  const std::uint64_t count = cursor.Take(version < 2 ? 2 : 4);
  std::size_t extents_so_far = 0;
  for (std::uint64_t i = 0; i < count && !cursor.ended() && all->items.size() < kMostItems; ++i) {
    HeifItem item;
    item.id = static_cast<std::uint32_t>(cursor.Take(version < 2 ? 2 : 4));
    const std::uint64_t method = version > 0 ? cursor.Take(2) & 15 : 0;
    const bool is_here = cursor.Take(2) == 0;  // Else its bytes are another file's.
    item.in_file = is_here && method == 0;
    item.in_meta = is_here && method == 1;
    const std::uint64_t base = cursor.Take(base_size);
    const std::uint64_t extents = cursor.Take(2);
    for (std::uint64_t j = 0; j < extents && !cursor.ended(); ++j) {
      if (++extents_so_far > kMostExtents) return;
      cursor.Take(index_size);
      const std::uint64_t offset = base + cursor.Take(offset_size);
      item.extents.push_back({offset, cursor.Take(length_size)});
    }
    if (!cursor.ended()) all->items.push_back(std::move(item));
  }
}

struct ItemEntry {
  std::string type;
  Bytes content;
};

std::map<std::uint32_t, ItemEntry> ReadEntries(Bytes box) {
  std::map<std::uint32_t, ItemEntry> entries;
  ForEachBox(box, ReadU8(box, 0) == 0 ? 6 : 8, [&](std::uint64_t at, Bytes entry) {
    const int version = ReadU8(entry, 0);
    if (!HasTextAt(box, at + 4, "infe") || version < 2 || entries.size() > kMostItems) return;
    const int id_bytes = version == 2 ? 2 : 4;
    const auto id = ReadUnsigned(entry, 4, id_bytes, ByteOrder::kBig);
    const Bytes type = Slice(entry, 6U + static_cast<unsigned>(id_bytes), 4);
    entries[static_cast<std::uint32_t>(id)] = {std::string(AsText(type)), entry};
  });
  return entries;
}

// The content of the first box called `name`, from `offset` of `bytes` on; empty where there is
// none.
Bytes FindBox(Bytes bytes, std::uint64_t offset, std::string_view name) {
  Bytes found;
  ForEachBox(bytes, offset, [&](std::uint64_t at, Bytes content) {
    if (found.empty() && HasTextAt(bytes, at + 4, name)) found = content;
  });
  return found;
}

// The orientation whose turn is that of `first` and then that of `second`.
int Joined(int first, int second) {
  constexpr PicturePoint kPoint = {0.125, 0.25};
  const PicturePoint there = Turned(Turned(kPoint, first), second);
  for (int joined = 1; joined <= 8; ++joined) {
    const PicturePoint point = Turned(kPoint, joined);
    if (point.x == there.x && point.y == there.y) return joined;
  }
  return 1;
}

// Of one property: a rotation by quarters against the clock, or a mirror.
int OrientationOf(const HeifProperty& property) {
  constexpr std::array<int, 4> kRotations = {1, 8, 3, 6};
  if (property.type == "irot") return kRotations[ReadU8(property.content, 0) & 3U];
  if (property.type == "imir") return (ReadU8(property.content, 0) & 1) == 0 ? 4 : 2;
  return 1;
}

}  // namespace

Bytes MetaOfHeif(Bytes heif) { return FindBox(heif, 0, "meta"); }

Bytes DataInMeta(Bytes meta) { return FindBox(meta, 4, "idat"); }

HeifItems ItemsOfHeif(Bytes heif) { return ReadHeifItems(MetaOfHeif(heif)); }

void ForEachPropertyUse(
    Bytes associations,
    const std::function<void(std::uint32_t item, unsigned property, bool is_essential)>& visit) {
  Cursor cursor(associations);
  const auto version_and_flags = static_cast<unsigned>(cursor.Take(4));
  const bool wide = (version_and_flags & 1) != 0;
  const int id_bytes = version_and_flags >> 24 == 0 ? 2 : 4;
  const unsigned essential = wide ? 0x8000 : 0x80;
  const std::uint64_t count = cursor.Take(4);
  for (std::uint64_t i = 0; i < count && !cursor.ended(); ++i) {
    const auto id = static_cast<std::uint32_t>(cursor.Take(id_bytes));
    const std::uint64_t here = cursor.Take(1);
    for (std::uint64_t j = 0; j < here && !cursor.ended(); ++j) {
      const auto property = static_cast<unsigned>(cursor.Take(wide ? 2 : 1));
      visit(id, property & (essential - 1), (property & essential) != 0);
    }
  }
}

HeifProperties::HeifProperties(Bytes meta) {
  const Bytes box = FindBox(meta, 4, "iprp");
  const Bytes properties = FindBox(box, 0, "ipco");
  ForEachBox(properties, 0, [&](std::uint64_t at, Bytes content) {
    if (all_.size() > kMostItems) return;
    all_.push_back({std::string(AsText(Slice(properties, at + 4, 4))), content});
  });
  std::size_t uses = 0;
  ForEachPropertyUse(FindBox(box, 0, "ipma"),
                     [&](std::uint32_t item, unsigned property, bool is_essential) {
                       if (property < 1 || property > all_.size() || ++uses > kMostUses) return;
                       uses_[item].emplace_back(property - 1, is_essential);
                     });
}

std::vector<HeifProperty> HeifProperties::Of(std::uint32_t item) const {
  std::vector<HeifProperty> properties;
  const auto found = uses_.find(item);
  if (found == uses_.end()) return properties;
  for (const auto& [property, is_essential] : found->second) {
    properties.push_back(all_[property]);
    properties.back().is_essential = is_essential;
  }
  return properties;
}

std::uint64_t PixelsOf(const std::vector<HeifProperty>& properties) {
  for (const HeifProperty& property : properties) {
    if (property.type != "ispe") continue;
    return std::uint64_t{ReadU32(property.content, 4, ByteOrder::kBig)} *
           ReadU32(property.content, 8, ByteOrder::kBig);
  }
  return 0;
}

std::vector<HeifProperty> PropertiesOfPrimary(Bytes heif) {
  const Bytes meta = MetaOfHeif(heif);
  return HeifProperties(meta).Of(ReadHeifItems(meta).primary);
}

std::vector<HeifReference> ReferencesOfHeif(Bytes meta) {
  std::vector<HeifReference> references;
  const Bytes box = FindBox(meta, 4, "iref");
  const int id_bytes = ReadU8(box, 0) == 0 ? 2 : 4;
  std::size_t targets = 0;
  ForEachBox(box, 4, [&](std::uint64_t at, Bytes content) {
    Cursor cursor(content);
    HeifReference reference;
    reference.type = AsText(Slice(box, at + 4, 4));
    reference.from = static_cast<std::uint32_t>(cursor.Take(id_bytes));
    const std::uint64_t count = cursor.Take(2);
    for (std::uint64_t i = 0; i < count && targets < kMostItems; ++i, ++targets) {
      const auto to = static_cast<std::uint32_t>(cursor.Take(id_bytes));
      if (cursor.ended()) return;
      reference.to.push_back(to);
    }
    if (references.size() < kMostItems) references.push_back(std::move(reference));
  });
  return references;
}

int OrientationOfPrimary(Bytes heif) {
  int orientation = 1;
  for (const HeifProperty& property : PropertiesOfPrimary(heif)) {
    orientation = Joined(orientation, OrientationOf(property));
  }
  return orientation;
}

Bytes AppendedToHeif(Bytes heif) {
  constexpr std::array<std::string_view, 9> kOfPicture = {"ftyp", "meta", "mdat", "free", "skip",
                                                          "moov", "idat", "uuid", "wide"};
  std::uint64_t end = 0;
  ForEachBox(heif, 0, [&](std::uint64_t at, Bytes content) {
    const bool of_picture = std::ranges::any_of(
        kOfPicture, [&](std::string_view name) { return HasTextAt(heif, at + 4, name); });
    if (of_picture) end = at + ReadBoxHeader(heif, at).header_bytes + content.size();
  });
  return heif.subspan(std::min<std::uint64_t>(end, heif.size()));
}

int FramesOfSequence(Bytes heif) {
  std::uint32_t frames = 0;
  const Bytes movie = FindBox(heif, 0, "moov");
  ForEachBox(movie, 0, [&](std::uint64_t at, Bytes track) {
    if (!HasTextAt(movie, at + 4, "trak")) return;
    const Bytes media = FindBox(track, 0, "mdia");
    if (!HasTextAt(FindBox(media, 0, "hdlr"), 8, "pict")) return;  // Sound, or an alpha channel.
    const Bytes table = FindBox(FindBox(media, 0, "minf"), 0, "stbl");
    frames = std::max(frames, ReadU32(FindBox(table, 0, "stsz"), 8, ByteOrder::kBig));
  });
  return static_cast<int>(std::min<std::uint32_t>(frames, 1'000'000));
}

bool HeifItem::is_coded_picture() const {
  constexpr std::array<std::string_view, 6> kCoded = {"hvc1", "av01", "avc1",
                                                      "jpeg", "vvc1", "j2k1"};
  return std::ranges::find(kCoded, type) != kCoded.end();
}

HeifItems ReadHeifItems(Bytes meta) {
  HeifItems all;
  std::map<std::uint32_t, ItemEntry> entries;
  ForEachBox(meta, 4, [&](std::uint64_t at, Bytes box) {
    if (HasTextAt(meta, at + 4, "iloc")) ReadLocations(box, &all);
    if (HasTextAt(meta, at + 4, "iinf")) entries = ReadEntries(box);
    if (HasTextAt(meta, at + 4, "pitm")) {
      all.primary = static_cast<std::uint32_t>(
          ReadUnsigned(box, 4, ReadU8(box, 0) == 0 ? 2 : 4, ByteOrder::kBig));
    }
  });
  for (HeifItem& item : all.items) {
    const auto found = entries.find(item.id);
    if (found == entries.end()) continue;
    item.type = found->second.type;
    item.entry = found->second.content;
  }
  return all;
}

}  // namespace gpen::codec
