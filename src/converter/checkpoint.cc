#include "converter/checkpoint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/half.h"
#include "converter/checkpoint_file.h"
#include "converter/state_dict.h"
#include "converter/zip_directory.h"

namespace gpen::converter {
namespace {

Error Invalid(const ByteSource& source, std::string_view what) {
  return Error(ErrorCode::kModelInvalid, fmt::format("{}: {}", source.name(), what));
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
  GPEN_ASSIGN_OR_RETURN(const auto file, ReadCheckpointFile(*source));
  const Pickle& pickle = file.pickle;
  GPEN_ASSIGN_OR_RETURN(const auto state_dict, FindStateDict(source->name(), pickle));
  Checkpoint checkpoint;
  const auto& items = pickle.nodes[state_dict.node].items;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const PickleNode& key = pickle.nodes[items[i]];
    const PickleNode& value = pickle.nodes[items[i + 1]];
    if (key.kind != PickleKind::kText || value.kind != PickleKind::kTensor) continue;
    const std::string name(key.text.substr(0, 256));
    GPEN_ASSIGN_OR_RETURN(
        checkpoint.tensors_[name],
        Place(*source, pickle, pickle.tensors[static_cast<std::size_t>(value.integer)], file.places,
              name));
  }
  RemovePrefix(checkpoint.tensors_);
  checkpoint.nested_under_ = state_dict.nested_under;
  checkpoint.format_ = file.format;
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
