#include "codec/heif_references.h"

#include <algorithm>
#include <map>
#include <vector>

#include "codec/box_header.h"

namespace gpen::codec {
namespace {

// An overlay of grids of tiles with alpha; cameras use two levels.
constexpr int kMaxDepth = 4;
constexpr std::size_t kMaxReferences = 100'000;

/// From a picture to those that are decoded for it.
using References = std::multimap<std::uint32_t, std::uint32_t>;

struct Box {
  Bytes content;
  std::uint64_t end = 0;  // Offset after the box.
};

/// The box at `offset` of `bytes`, cut to what is there.
Box ReadBox(Bytes bytes, std::uint64_t offset) {
  const BoxHeader box = ReadBoxHeader(bytes, offset);
  const std::uint64_t left = bytes.size() - offset;
  const std::uint64_t size = box.size == 0 || box.size > left ? left : box.size;
  if (size < box.header_bytes) return {{}, bytes.size()};
  return {bytes.subspan(offset + box.header_bytes, size - box.header_bytes), offset + size};
}

/// Calls `visit(offset of the box, its content)` for the boxes of `bytes` from `offset` on.
template <typename Visit>
void ForEachBox(Bytes bytes, std::uint64_t offset, Visit visit) {
  while (offset + 8 <= bytes.size()) {
    const Box box = ReadBox(bytes, offset);
    visit(offset, box.content);
    offset = box.end;
  }
}

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

}  // namespace

bool HasSaneReferences(Bytes heif) {
  const References references = ReadReferences(heif);
  std::map<std::uint32_t, int> known;
  for (const auto& [item, part] : references) {
    if (DepthFrom(item, references, 0, &known) > kMaxDepth) return false;
  }
  return true;
}

}  // namespace gpen::codec
