#include "converter/checkpoint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/file.h"
#include "base/half.h"
#include "converter/zip_directory.h"

namespace gpen::converter {
namespace {

constexpr std::uint64_t kMaxPickleBytes = 16 << 20;
// 0x1950a86a20f9469cfc6c, little-endian: how torch.save began its files before the zip format.
constexpr std::string_view kOldMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t kOldProtocol = 1001;
// Where training programs put the weights, the smoothed ones first.
constexpr std::array<std::string_view, 8> kNestings = {
    "g_ema", "params_ema", "ema", "g", "params", "state_dict", "model", "generator"};

struct StoragePlace {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::optional<std::uint32_t> crc32;
};
using StoragePlaces = std::unordered_map<std::string, StoragePlace>;

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
  } else if (text.starts_with("\x08") && text.find("\x12") != std::string_view::npos) {
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

Result<CheckpointTensor> Place(const ByteSource& source, const Pickle& pickle,
                               const TensorRecord& record, const StoragePlaces& places,
                               const std::string& name) {
  const StorageReference& storage = pickle.storages[record.storage];
  const auto place = places.find(storage.key);
  if (place == places.end()) {
    return Invalid(source, fmt::format("tensor '{}': its values are not in the file", name));
  }
  CheckpointTensor tensor;
  tensor.shape = record.shape;
  tensor.strides = record.strides;
  tensor.type = storage.type;
  tensor.element_count = 1;
  std::int64_t first = 0;
  bool overflow = __builtin_add_overflow(record.element_offset, storage.element_offset, &first);
  std::int64_t last = 0;  // Index of the last value, from the first.
  for (std::size_t i = 0; i < record.shape.size(); ++i) {
    overflow |=
        __builtin_mul_overflow(tensor.element_count, record.shape[i], &tensor.element_count);
    if (record.shape[i] == 0) continue;
    std::int64_t step = 0;
    overflow |= __builtin_mul_overflow(record.shape[i] - 1, record.strides[i], &step);
    overflow |= __builtin_add_overflow(last, step, &last);
  }
  const std::size_t element_bytes = BytesPerElement(storage.type);
  const auto stored = static_cast<std::int64_t>(place->second.bytes / element_bytes);
  const std::int64_t available = stored - std::min(first, stored);
  // A tensor may skip values of its storage, but not be larger: that would grow in memory.
  if (overflow || tensor.element_count > available ||
      (tensor.element_count > 0 && last >= available)) {
    return Invalid(source, fmt::format("tensor '{}' of shape [{}]: expected its values within its "
                                       "storage of {}; the file is damaged or cut short",
                                       name, fmt::join(record.shape, ", "), stored));
  }
  const auto width = static_cast<std::uint64_t>(element_bytes);
  tensor.byte_offset = place->second.offset + static_cast<std::uint64_t>(first) * width;
  tensor.window_bytes =
      tensor.element_count == 0 ? 0 : (static_cast<std::uint64_t>(last) + 1) * width;
  tensor.has_checksum =
      place->second.crc32 && first == 0 && tensor.window_bytes == place->second.bytes;
  tensor.crc32 = place->second.crc32.value_or(0);
  return tensor;
}

// The dict that holds the weights, and the key it stands under.
struct StateDict {
  std::uint32_t node = 0;
  std::string nested_under;
};

bool HoldsTensors(const Pickle& pickle, std::uint32_t node) {
  const auto& items = pickle.nodes[node].items;
  for (std::size_t i = 1; i < items.size(); i += 2) {
    if (pickle.nodes[items[i]].kind == PickleKind::kTensor) return true;
  }
  return false;
}

std::optional<std::uint32_t> Lookup(const Pickle& pickle, std::uint32_t dict,
                                    std::string_view key) {
  const auto& items = pickle.nodes[dict].items;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const PickleNode& node = pickle.nodes[items[i]];
    if (node.kind == PickleKind::kText && node.text == key) return items[i + 1];
  }
  return std::nullopt;
}

// What a file holds that has no weights where they are looked for, and what to do.
std::string WithoutWeights(const Pickle& pickle) {
  constexpr std::size_t kNamed = 8;
  if (pickle.nodes[pickle.root].kind != PickleKind::kDict) {
    return "no dict: save the weights with torch.save(network.state_dict())";
  }
  if (Lookup(pickle, pickle.root, "d")) {
    return "only the discriminator ('d'), which is needed for training alone: convert the "
           "generator";
  }
  const auto& items = pickle.nodes[pickle.root].items;
  std::vector<std::string> keys;
  for (std::size_t i = 0; i + 1 < items.size() && keys.size() < kNamed; i += 2) {
    const PickleNode& key = pickle.nodes[items[i]];
    if (key.kind == PickleKind::kText) keys.push_back(fmt::format("'{}'", key.text.substr(0, 40)));
  }
  if (keys.empty()) return "an empty dict: the weights were not saved";
  return fmt::format("a dict of {}{}: load it in Python and save the generator's state dict alone",
                     fmt::join(keys, ", "), items.size() / 2 > keys.size() ? ", ..." : "");
}

Result<StateDict> FindStateDict(const ByteSource& source, const Pickle& pickle) {
  StateDict found{pickle.root, ""};
  for (int depth = 0; depth < 3; ++depth) {
    if (pickle.nodes[found.node].kind != PickleKind::kDict) break;
    if (HoldsTensors(pickle, found.node)) return found;
    bool deeper = false;
    for (const auto nesting : kNestings) {
      const auto inner = Lookup(pickle, found.node, nesting);
      if (!inner || pickle.nodes[*inner].kind != PickleKind::kDict) continue;
      found = {*inner,
               found.nested_under + (found.nested_under.empty() ? "" : ".") + std::string(nesting)};
      deeper = true;
      break;
    }
    if (!deeper) break;
  }
  return Invalid(source, fmt::format("expected a dict of weights, or one under {}; found {}",
                                     fmt::join(kNestings, ", "), WithoutWeights(pickle)));
}

// "module.ecd0.0.0.weight" -> "module.": a wrapper's prefix, known by the names behind it.
std::string PrefixOf(const std::map<std::string, CheckpointTensor>& tensors) {
  for (const std::string_view anchor : {"ecd0.0.0.weight", "final_linear.0.weight"}) {
    for (const auto& [name, tensor] : tensors) {
      if (name.ends_with(anchor) &&
          (name.size() == anchor.size() || name[name.size() - anchor.size() - 1] == '.')) {
        return name.substr(0, name.size() - anchor.size());
      }
    }
  }
  const bool all_wrapped = std::all_of(tensors.begin(), tensors.end(), [](const auto& entry) {
    return entry.first.starts_with("module.");
  });
  return all_wrapped ? "module." : "";
}

void RemovePrefix(std::map<std::string, CheckpointTensor>& tensors) {
  const std::string prefix = PrefixOf(tensors);
  if (prefix.empty()) return;
  std::map<std::string, CheckpointTensor> renamed;
  for (auto& [name, tensor] : tensors) {
    renamed.emplace(name.starts_with(prefix) ? name.substr(prefix.size()) : name,
                    std::move(tensor));
  }
  tensors = std::move(renamed);
}

struct Contents {
  std::vector<std::byte> bytes;  // What the pickle's texts point into.
  Pickle pickle;
  StoragePlaces places;
  std::string format;
};

Result<Contents> ReadZip(const ByteSource& source) {
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
  Contents contents;
  contents.format = "zip";
  GPEN_ASSIGN_OR_RETURN(contents.bytes, source.ReadBytes(found->offset, found->size));
  if (const auto crc = Crc32(contents.bytes); crc != found->crc32) {
    return Invalid(source, fmt::format("its 'data.pkl' is damaged: expected checksum {:08x}, found "
                                       "{:08x}; download or copy the file again",
                                       found->crc32, crc));
  }
  auto pickle = ReadPickle(contents.bytes);
  if (!pickle) return std::move(pickle).error().WithContext(source.name());
  contents.pickle = *std::move(pickle);
  GPEN_ASSIGN_OR_RETURN(contents.places, PlacesInZip(source, entries, prefix));
  return contents;
}

bool SaysBigEndian(const Pickle& system) {
  const auto little = Lookup(system, system.root, "little_endian");
  return little && system.nodes[*little].kind == PickleKind::kBool &&
         system.nodes[*little].integer == 0;
}

// Five pickles follow each other: magic number, protocol, system, object, storage keys.
Result<Contents> ReadStream(const ByteSource& source, std::span<const std::byte> first) {
  Contents contents;
  contents.format = "pickle";
  GPEN_ASSIGN_OR_RETURN(contents.bytes,
                        source.ReadBytes(0, std::min(source.size(), kMaxPickleBytes)));
  std::array<Pickle, 5> pickles;
  std::size_t offset = 0;
  for (std::size_t i = 0; i < pickles.size(); ++i) {
    auto pickle = ReadPickle(std::span(contents.bytes).subspan(offset));
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
  GPEN_ASSIGN_OR_RETURN(contents.places, PlacesInStream(source, pickles[3], pickles[4], offset));
  contents.pickle = std::move(pickles[3]);
  return contents;
}

float ToFloat(const std::byte* from, ElementType type) {
  switch (type) {
    case ElementType::kFloat32: {
      float value;
      std::memcpy(&value, from, sizeof value);
      return value;
    }
    case ElementType::kFloat64: {
      double value;
      std::memcpy(&value, from, sizeof value);
      return static_cast<float>(value);
    }
    default: {
      std::uint16_t bits;
      std::memcpy(&bits, from, sizeof bits);
      return type == ElementType::kFloat16 ? HalfToFloat(bits)
                                           : std::bit_cast<float>(std::uint32_t{bits} << 16);
    }
  }
}

}  // namespace

Result<Checkpoint> Checkpoint::Open(const std::filesystem::path& path) {
  GPEN_ASSIGN_OR_RETURN(auto source, OpenFile(path));
  return Open(std::move(source));
}

Result<Checkpoint> Checkpoint::Open(std::unique_ptr<ByteSource> source) {
  GPEN_ASSIGN_OR_RETURN(const auto first,
                        source->ReadBytes(0, std::min<std::uint64_t>(source->size(), 64)));
  if (!LooksLikeZip(first) && (first.empty() || first[0] != std::byte{0x80})) {
    return NotACheckpoint(*source, first);
  }
  GPEN_ASSIGN_OR_RETURN(const auto contents,
                        LooksLikeZip(first) ? ReadZip(*source) : ReadStream(*source, first));
  const Pickle& pickle = contents.pickle;
  GPEN_ASSIGN_OR_RETURN(const auto state_dict, FindStateDict(*source, pickle));
  Checkpoint checkpoint;
  const auto& items = pickle.nodes[state_dict.node].items;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const PickleNode& key = pickle.nodes[items[i]];
    const PickleNode& value = pickle.nodes[items[i + 1]];
    if (key.kind != PickleKind::kText || value.kind != PickleKind::kTensor) continue;
    const std::string name(key.text.substr(0, 256));
    GPEN_ASSIGN_OR_RETURN(
        checkpoint.tensors_[name],
        Place(*source, pickle, pickle.tensors[static_cast<std::size_t>(value.integer)],
              contents.places, name));
  }
  RemovePrefix(checkpoint.tensors_);
  checkpoint.nested_under_ = state_dict.nested_under;
  checkpoint.format_ = contents.format;
  checkpoint.source_ = std::move(source);
  return checkpoint;
}

Result<std::vector<float>> Checkpoint::ReadFloats(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    return Error(ErrorCode::kNotFound, fmt::format("{}: no tensor '{}'", source_->name(), name));
  }
  const CheckpointTensor& tensor = found->second;
  if (tensor.type > ElementType::kFloat64) {
    return Invalid(*source_, fmt::format("tensor '{}': expected floating point, found {}", name,
                                         NameOf(tensor.type)));
  }
  GPEN_ASSIGN_OR_RETURN(const auto bytes,
                        source_->ReadBytes(tensor.byte_offset, tensor.window_bytes));
  if (tensor.has_checksum) {
    if (const auto crc = Crc32(bytes); crc != tensor.crc32) {
      return Invalid(*source_,
                     fmt::format("tensor '{}' is damaged: expected checksum {:08x}, found "
                                 "{:08x}; download or copy the file again",
                                 name, tensor.crc32, crc));
    }
  }
  const std::size_t width = BytesPerElement(tensor.type);
  std::vector<float> values(static_cast<std::size_t>(tensor.element_count));
  std::vector<std::int64_t> index(tensor.shape.size(), 0);
  std::int64_t position = 0;  // In elements, from the window's start.
  for (float& value : values) {
    value = ToFloat(bytes.data() + static_cast<std::size_t>(position) * width, tensor.type);
    if (!std::isfinite(value)) {
      return Invalid(*source_,
                     fmt::format("tensor '{}' has a value that is not a number or infinite: "
                                 "the training had failed",
                                 name));
    }
    for (std::size_t i = index.size(); i-- > 0;) {
      position += tensor.strides[i];
      if (++index[i] < tensor.shape[i]) break;
      position -= tensor.strides[i] * tensor.shape[i];
      index[i] = 0;
    }
  }
  return values;
}

}  // namespace gpen::converter
