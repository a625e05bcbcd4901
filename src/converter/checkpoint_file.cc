#include "converter/checkpoint_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/file.h"
#include "converter/state_dict.h"
#include "converter/zip_directory.h"

namespace gpen::converter {
namespace {

constexpr std::uint64_t kMaxPickleBytes = 16 << 20;
// 0x1950a86a20f9469cfc6c, little-endian: how torch.save began its files before the zip format.
constexpr std::string_view kOldMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t kOldProtocol = 1001;

Error Invalid(const ByteSource& source, std::string_view what) {
  return Error(ErrorCode::kModelInvalid, fmt::format("{}: {}", source.name(), what));
}

Error NotACheckpoint(const ByteSource& source, std::span<const std::byte> first) {
  const std::string_view text = AsText(first);
  std::string_view looks_like = "something else";
  if (text.empty()) {
    looks_like = "an empty file";
  } else if (text.starts_with("<") || text.starts_with("\n<")) {
    looks_like = "a web page: the download was redirected";
  } else if (text.starts_with("version https://git-lfs")) {
    looks_like = "a Git LFS pointer: fetch the file itself with 'git lfs pull'";
  } else if (text.size() > 10 && text.substr(8).starts_with("{\"")) {
    looks_like = "a safetensors file: load it in Python and save the dict with torch.save";
  } else if (text.starts_with("\x08") && text.find('\x12') != std::string_view::npos) {
    looks_like = "an ONNX model: it needs no conversion";
  } else if (text.starts_with("\x1f\x8b")) {
    looks_like = "a gzip archive: unpack it first";
  } else if (text.starts_with("\x80")) {
    looks_like = "a pickle that torch.save did not write";
  }
  return Invalid(source, fmt::format("expected a PyTorch checkpoint (.pth), found {}", looks_like));
}

// A storage's entry in the zip archive is PREFIX/data/KEY.
Result<StoragePlaces> PlacesInZip(const ByteSource& source, std::span<const ZipEntry> entries,
                                  const std::string& prefix) {
  StoragePlaces places;
  for (const auto& entry : entries) {
    if (entry.name == prefix + "byteorder") {
      GPEN_ASSIGN_OR_RETURN(
          const auto order,
          source.ReadBytes(entry.offset, std::min<std::uint64_t>(entry.size, 16)));
      if (AsText(order) != "little") {
        return Invalid(source,
                       "expected little-endian values, found big-endian ones: save the "
                       "checkpoint again on a little-endian machine");
      }
    }
    if (!entry.name.starts_with(prefix + "data/")) continue;
    places[entry.name.substr(prefix.size() + 5)] = {entry.offset, entry.size, entry.crc32};
  }
  return places;
}

// In the old format the list of keys follows, then for each its element count and its values.
Result<StoragePlaces> PlacesInStream(const ByteSource& source, const Pickle& object,
                                     const Pickle& keys, std::uint64_t offset) {
  std::unordered_map<std::string, ElementType> types;
  for (const auto& storage : object.storages) types[storage.key] = storage.type;
  StoragePlaces places;
  for (const auto index : keys.nodes[keys.root].items) {
    const std::string key(keys.nodes[index].text);
    const auto type = types.find(key);
    if (type == types.end()) return Invalid(source, "damaged: values that belong to no tensor");
    std::int64_t count = 0;
    GPEN_TRY(source.Read(offset, std::as_writable_bytes(std::span(&count, 1))));
    offset += sizeof count;
    std::uint64_t bytes = 0;
    if (count < 0 ||
        __builtin_mul_overflow(static_cast<std::uint64_t>(count), BytesPerElement(type->second),
                               &bytes) ||
        bytes > source.size() - offset) {
      return Invalid(source,
                     fmt::format("the file is cut short or damaged: storage '{}' says {} "
                                 "values, but the file ends at {}; download or copy it again",
                                 key.substr(0, 40), count, source.size()));
    }
    places[key] = {offset, bytes, std::nullopt};
    offset += bytes;
  }
  return places;
}

Result<CheckpointFile> ReadZip(const ByteSource& source) {
  GPEN_ASSIGN_OR_RETURN(const auto entries, ReadZipDirectory(source));
  const auto is_pickle = [](const ZipEntry& entry) {
    return entry.name == "data.pkl" || entry.name.ends_with("/data.pkl");
  };
  const auto found = std::find_if(entries.begin(), entries.end(), is_pickle);
  if (found == entries.end()) {
    return Invalid(source,
                   "a zip archive without 'data.pkl': expected a PyTorch checkpoint (.pth)");
  }
  const std::string prefix = found->name.substr(0, found->name.size() - 8);
  for (const auto& entry : entries) {
    if (entry.name == prefix + "constants.pkl") {
      return Invalid(source,
                     "a TorchScript program: expected weights saved by torch.save(state_dict)");
    }
  }
  if (found->size > kMaxPickleBytes) {
    return Invalid(source,
                   fmt::format("its pickle has {} bytes, and no state dict needs more than {}",
                               found->size, kMaxPickleBytes));
  }
  CheckpointFile file;
  file.format = "zip";
  GPEN_ASSIGN_OR_RETURN(file.bytes, source.ReadBytes(found->offset, found->size));
  if (const auto crc = Crc32(file.bytes); crc != found->crc32) {
    return Invalid(source, fmt::format("its 'data.pkl' is damaged: expected checksum {:08x}, found "
                                       "{:08x}; download or copy the file again",
                                       found->crc32, crc));
  }
  auto pickle = ReadPickle(file.bytes);
  if (!pickle) return std::move(pickle).error().WithContext(source.name());
  file.pickle = *std::move(pickle);
  GPEN_ASSIGN_OR_RETURN(file.places, PlacesInZip(source, entries, prefix));
  return file;
}

bool SaysBigEndian(const Pickle& system) {
  const auto little = LookUp(system, system.root, "little_endian");
  return little && system.nodes[*little].kind == PickleKind::kBool &&
         system.nodes[*little].integer == 0;
}

// Five pickles follow each other: magic number, protocol, system, object, storage keys.
Result<CheckpointFile> ReadStream(const ByteSource& source, std::span<const std::byte> first) {
  CheckpointFile file;
  file.format = "pickle";
  GPEN_ASSIGN_OR_RETURN(file.bytes, source.ReadBytes(0, std::min(source.size(), kMaxPickleBytes)));
  std::array<Pickle, 5> pickles;
  std::size_t offset = 0;
  for (std::size_t i = 0; i < pickles.size(); ++i) {
    auto pickle = ReadPickle(std::span(file.bytes).subspan(offset));
    if (!pickle) return std::move(pickle).error().WithContext(source.name());
    pickles[i] = *std::move(pickle);
    offset += pickles[i].byte_count;
    if (i == 0 && pickles[0].wide_integer != kOldMagic) return NotACheckpoint(source, first);
    if (i == 1 && pickles[1].nodes[pickles[1].root].integer != kOldProtocol) {
      return Invalid(source, fmt::format("expected checkpoint protocol {}, found {}", kOldProtocol,
                                         pickles[1].nodes[pickles[1].root].integer));
    }
    if (i == 2 && SaysBigEndian(pickles[2])) {
      return Invalid(source, "expected little-endian values, found big-endian ones");
    }
  }
  GPEN_ASSIGN_OR_RETURN(file.places, PlacesInStream(source, pickles[3], pickles[4], offset));
  file.pickle = std::move(pickles[3]);
  return file;
}

}  // namespace

Result<CheckpointFile> ReadCheckpointFile(const ByteSource& source) {
  GPEN_ASSIGN_OR_RETURN(const auto first,
                        source.ReadBytes(0, std::min<std::uint64_t>(source.size(), 64)));
  if (LooksLikeZip(first)) return ReadZip(source);
  if (first.empty() || first[0] != std::byte{0x80}) return NotACheckpoint(source, first);
  return ReadStream(source, first);
}

}  // namespace gpen::converter
