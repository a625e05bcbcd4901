#include "codec/heif_references.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "codec/box_writer.h"
#include "codec/heif_items.h"
#include "codec/tiff_directory.h"

namespace gpen::codec {
namespace {

// An overlay of grids of tiles with alpha; cameras use two levels.
constexpr int kMaxDepth = 4;
constexpr std::size_t kMaxReferences = 100'000;

/// From a picture to those that are decoded for it.
using References = std::multimap<std::uint32_t, std::uint32_t>;

void ReadReferenceBox(Bytes content, int id_bytes, bool from_is_part, References* references) {
  const auto step = static_cast<unsigned>(id_bytes);
  const auto from = ReadUnsigned(content, 0, id_bytes, ByteOrder::kBig);
  const int count = ReadU16(content, step, ByteOrder::kBig);
  for (unsigned i = 0; i < static_cast<unsigned>(count); ++i) {
    const std::uint64_t at = step + 2 + std::uint64_t{i} * step;
    if (at + step > content.size() || references->size() >= kMaxReferences) return;
    const auto to = ReadUnsigned(content, at, id_bytes, ByteOrder::kBig);
    const auto whole = static_cast<std::uint32_t>(from_is_part ? to : from);
    const auto part = static_cast<std::uint32_t>(from_is_part ? from : to);
    references->emplace(whole, part);
  }
}

References ReadReferences(Bytes heif) {
  References references;
  ForEachBox(heif, 0, [&](std::uint64_t meta_at, Bytes meta) {
    if (!HasTextAt(heif, meta_at + 4, "meta")) return;
    ForEachBox(meta, 4, [&](std::uint64_t iref_at, Bytes iref) {
      if (!HasTextAt(meta, iref_at + 4, "iref")) return;
      const int id_bytes = ReadU8(iref, 0) == 0 ? 2 : 4;
      ForEachBox(iref, 4, [&](std::uint64_t at, Bytes content) {
        // dimg: from a derived picture to its parts. auxl: from alpha to the picture it is for.
        const bool auxiliary = HasTextAt(iref, at + 4, "auxl");
        if (!auxiliary && !HasTextAt(iref, at + 4, "dimg")) return;
        ReadReferenceBox(content, id_bytes, auxiliary, &references);
      });
    });
  });
  return references;
}

/// The longest chain of references that begins at `item`; more than kMaxDepth for a circle.
int DepthFrom(std::uint32_t item, const References& references, int level,
              std::map<std::uint32_t, int>* known) {
  if (const auto found = known->find(item); found != known->end()) return found->second;
  if (level > kMaxDepth) return kMaxDepth + 1;
  int depth = 0;
  const auto [begin, end] = references.equal_range(item);
  for (auto reference = begin; reference != end && depth <= kMaxDepth; ++reference) {
    depth = std::max(depth, 1 + DepthFrom(reference->second, references, level + 1, known));
  }
  known->emplace(item, depth);
  return depth;
}

// Adds without an overflow: the largest number stands for all that are larger.
std::uint64_t AddUpTo(std::uint64_t first, std::uint64_t second) {
  return first > UINT64_MAX - second ? UINT64_MAX : first + second;
}

// Of an item and all that it is made of.
std::uint64_t PixelsFrom(std::uint32_t item, const References& references,
                         const HeifProperties& properties,
                         std::map<std::uint32_t, std::uint64_t>* known) {
  if (const auto found = known->find(item); found != known->end()) return found->second;
  std::uint64_t sum = PixelsOf(properties.Of(item));
  const auto [begin, end] = references.equal_range(item);
  for (auto reference = begin; reference != end; ++reference) {
    sum = AddUpTo(sum, PixelsFrom(reference->second, references, properties, known));
  }
  known->emplace(item, sum);
  return sum;
}

// The reference box `content` with one target: the photo where it is among them, else the first.
// Empty where it has one anyway.
std::vector<std::byte> WithOneTarget(Bytes content, int id_bytes, std::uint32_t primary) {
  const auto step = static_cast<unsigned>(id_bytes);
  const unsigned count = ReadU16(content, step, ByteOrder::kBig);
  if (count < 2 || content.size() < step + 2 + std::uint64_t{count} * step) return {};
  std::uint64_t target = ReadUnsigned(content, step + 2, id_bytes, ByteOrder::kBig);
  for (unsigned i = 1; i < count; ++i) {
    const auto other =
        ReadUnsigned(content, step + 2 + std::uint64_t{i} * step, id_bytes, ByteOrder::kBig);
    if (other == primary) target = other;
  }
  std::vector<std::byte> one;
  Append(content.first(step), &one);
  AppendUnsigned(1, 2, ByteOrder::kBig, &one);
  AppendUnsigned(target, id_bytes, ByteOrder::kBig, &one);
  return one;
}

// From one item about one other: what libheif before 1.18 takes for damage where there are several.
bool IsOneToOne(Bytes iref, std::uint64_t at) {
  return HasTextAt(iref, at + 4, "auxl") || HasTextAt(iref, at + 4, "cdsc") ||
         HasTextAt(iref, at + 4, "thmb");
}

std::vector<std::byte> WithSingleReferencesInMeta(Bytes meta, bool* changed) {
  const std::uint32_t primary = ReadHeifItems(meta).primary;
  std::vector<std::byte> result;
  Append(meta.first(std::min<std::size_t>(4, meta.size())), &result);
  ForEachBox(meta, 4, [&](std::uint64_t at, Bytes box) {
    if (!HasTextAt(meta, at + 4, "iref")) {
      AppendBox(TypeOfBox(meta, at), box, &result);
      return;
    }
    const int id_bytes = ReadU8(box, 0) == 0 ? 2 : 4;
    std::vector<std::byte> references;
    Append(box.first(std::min<std::size_t>(4, box.size())), &references);
    ForEachBox(box, 4, [&](std::uint64_t reference_at, Bytes content) {
      const auto one = IsOneToOne(box, reference_at) ? WithOneTarget(content, id_bytes, primary)
                                                     : std::vector<std::byte>();
      *changed |= !one.empty();
      AppendBox(TypeOfBox(box, reference_at), one.empty() ? content : Bytes(one), &references);
    });
    AppendBox("iref", references, &result);
  });
  return result;
}

// Items lie at places of the file, so nothing may move: the old meta box becomes free space, and
// the new one follows the file's end. Empty where the last box has no end to follow.
std::vector<std::byte> WithMetaAtEnd(Bytes heif, std::uint64_t old_at, Bytes meta) {
  std::uint64_t end = 0;
  std::uint64_t last = 0;
  ForEachBox(heif, 0, [&](std::uint64_t at, Bytes content) {
    last = at;
    end = at + ReadBoxHeader(heif, at).header_bytes + content.size();
  });
  std::vector<std::byte> file;
  file.reserve(heif.size() + meta.size() + 16);
  Append(heif, &file);
  PutUnsigned(0x66726565, old_at + 4, 4, ByteOrder::kBig, &file);  // "free".
  // Up to the file's end, by a size of 0 or cut: it ends where it did.
  if (end - last > 0xFFFFFFFFU) return {};
  if (ReadU32(heif, last, ByteOrder::kBig) != 1) {
    PutUnsigned(end - last, last, 4, ByteOrder::kBig, &file);
  }
  file.resize(end);
  AppendBox("meta", meta, &file);
  return file;
}

}  // namespace

std::vector<std::byte> WithSingleReferences(Bytes heif) {
  std::vector<std::byte> mended;
  ForEachBox(heif, 0, [&](std::uint64_t at, Bytes meta) {
    if (!mended.empty() || !HasTextAt(heif, at + 4, "meta")) return;
    bool changed = false;
    const auto new_meta = WithSingleReferencesInMeta(meta, &changed);
    if (changed) mended = WithMetaAtEnd(heif, at, new_meta);
  });
  return mended;
}

bool HasSaneReferences(Bytes heif) {
  const References references = ReadReferences(heif);
  std::map<std::uint32_t, int> known;
  for (const auto& [item, part] : references) {
    if (DepthFrom(item, references, 0, &known) > kMaxDepth) return false;
  }
  return true;
}

std::uint64_t PixelsToDecode(Bytes heif) {
  std::map<std::uint32_t, std::uint64_t> known;
  return PixelsFrom(ItemsOfHeif(heif).primary, ReadReferences(heif),
                    HeifProperties(MetaOfHeif(heif)), &known);
}

}  // namespace gpen::codec
