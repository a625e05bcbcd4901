#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "codec/box_header.h"
#include "codec/heif_items.h"
#include "codec/whole_file.h"

namespace gpen::codec {
namespace {

constexpr int kMostBoxes = 4096;
constexpr std::uint64_t kMostMetaBytes = std::uint64_t{64} << 20;

struct TopLevel {
  std::vector<std::byte> meta;  // Content of the meta box; empty where there is none.
  bool is_cut = false;          // A box reaches over the file's end.
};

// Of the boxes that stand in a file beside its pictures and behind them. What is named otherwise
// and reaches over the end is no box, but what some program appended.
bool IsKnownBox(Bytes type) {
  constexpr std::array<std::string_view, 12> kNames = {"ftyp", "meta", "mdat", "free",
                                                       "skip", "moov", "idat", "uuid",
                                                       "wide", "mpvd", "moof", "sefd"};
  return std::ranges::any_of(kNames, [&](auto name) { return HasTextAt(type, 0, name); });
}

// The boxes that follow each other, up to the end or to what some cameras append that is no box.
TopLevel ReadTopLevel(ByteSource* file) {
  TopLevel top;
  std::uint64_t at = 0;
  for (int i = 0; i < kMostBoxes && at < file->size(); ++i) {
    const std::uint64_t left = file->size() - at;
    const Bytes bytes = file->Read(at, std::min<std::uint64_t>(left, 16));
    const BoxHeader box = ReadBoxHeader(bytes, 0);
    // Space that is still to be written to is a box of no size and no name.
    const bool is_space = ReadUnsigned(bytes, 0, 8, ByteOrder::kBig) == 0;
    if (bytes.size() < 8 || is_space) top.is_cut = true;
    if (top.is_cut || !box.is_sane()) break;
    const std::uint64_t size = box.size == 0 ? left : box.size;
    const bool is_meta = HasTextAt(bytes, 4, "meta");
    if (size > left) {
      top.is_cut = IsKnownBox(bytes.subspan(4, 4));
      break;
    }
    if (is_meta && top.meta.empty() && size <= kMostMetaBytes) {
      const Bytes content = file->Read(at + box.header_bytes, size - box.header_bytes);
      top.meta.assign(content.begin(), content.end());
    }
    at += size;
  }
  return top;
}

}  // namespace

std::optional<MissingPart> FindMissingInHeif(ByteSource* file) {
  const TopLevel top = ReadTopLevel(file);
  if (top.meta.empty()) return MissingPart{"the list of its parts is missing", true};
  for (const HeifItem& item : ReadHeifItems(top.meta).items) {
    if (!item.in_file) continue;
    for (const HeifExtent& extent : item.extents) {
      if (extent.offset > file->size() || extent.length > file->size() - extent.offset) {
        return MissingPart{fmt::format("a part of it ends at byte {}, the file has {}",
                                       extent.offset + extent.length, file->size()),
                           true};
      }
      const std::uint64_t length = extent.length > 0 ? extent.length : file->size() - extent.offset;
      if (item.is_coded_picture() && EndsInZeros(file, extent.offset, length)) {
        return MissingPart{"its last part is nothing but zeros", true};
      }
    }
  }
  if (top.is_cut) return MissingPart{"it ends within one of its parts", false};
  return std::nullopt;
}

}  // namespace gpen::codec
