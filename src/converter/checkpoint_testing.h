// Writes checkpoints as torch.save does, for tests, fuzzing and benchmarks: both formats, any
// nesting, float32, float16 or bfloat16, and networks of random weights.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/half.h"
#include "converter/gpen_description.h"
#include "converter/zip_directory.h"

namespace gpen::converter {

struct TestTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};
using TestTensors = std::map<std::string, TestTensor>;

struct TestCheckpointOptions {
  bool old_format = false;
  ElementType type = ElementType::kFloat32;
  std::vector<std::string> nesting = {};  ///< Keys of the dicts around the state dict.
  std::string prefix = "";                ///< Before every name.
};

template <typename T>
void AppendInteger(std::string& bytes, T value) {
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof raw);
  bytes.append(raw, sizeof raw);
}

/// The opcodes of a pickle, protocol 2.
class PickleWriter {
 public:
  PickleWriter() { bytes_ = "\x80\x02"; }

  PickleWriter& Raw(std::string_view opcodes) {
    bytes_ += opcodes;
    return *this;
  }
  PickleWriter& Text(std::string_view text) {
    bytes_ += 'X';
    AppendInteger(bytes_, static_cast<std::uint32_t>(text.size()));
    return Raw(text);
  }
  PickleWriter& Integer(std::int64_t value) {
    bytes_ += "\x8a\x08";
    AppendInteger(bytes_, value);
    return *this;
  }
  PickleWriter& Name(std::string_view module, std::string_view name) {
    return Raw("c").Raw(module).Raw("\n").Raw(name).Raw("\n");
  }
  PickleWriter& Sizes(const std::vector<std::int64_t>& sizes) {
    Raw("(");
    for (const auto size : sizes) Integer(size);
    return Raw("t");
  }
  /// torch._utils._rebuild_tensor_v2 of a storage; `count` values in it.
  PickleWriter& Tensor(const std::string& key, std::string_view storage_type, std::int64_t count,
                       std::int64_t offset, const std::vector<std::int64_t>& shape,
                       const std::vector<std::int64_t>& strides, bool old_format) {
    Name("torch._utils", "_rebuild_tensor_v2").Raw("((");
    Text("storage").Name("torch", storage_type).Text(key).Text("cpu").Integer(count);
    if (old_format) Raw("N");
    Raw("tQ").Integer(offset).Sizes(shape).Sizes(strides);
    return Raw("\x89").Name("collections", "OrderedDict").Raw(")RtR");
  }
  std::string Stop() { return bytes_ + "."; }

 private:
  std::string bytes_;
};

/// A zip archive of stored entries.
inline std::string ZipOf(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string bytes;
  std::string directory;
  for (const auto& [name, content] : files) {
    std::string common;  // Version, flags, method, time, date, CRC, sizes, lengths.
    for (const std::uint16_t field : std::initializer_list<std::uint16_t>{20, 0, 0, 0, 0})
      AppendInteger(common, field);
    AppendInteger(common, Crc32(std::as_bytes(std::span(content))));
    AppendInteger(common, static_cast<std::uint32_t>(content.size()));
    AppendInteger(common, static_cast<std::uint32_t>(content.size()));
    AppendInteger(common, static_cast<std::uint16_t>(name.size()));
    AppendInteger(common, std::uint16_t{0});
    directory += std::string("PK\x01\x02\x14\x00", 6) + common + std::string(10, '\0');
    AppendInteger(directory, static_cast<std::uint32_t>(bytes.size()));
    directory += name;
    bytes += "PK\x03\x04" + common + name + content;
  }
  const auto offset = static_cast<std::uint32_t>(bytes.size());
  const auto count = static_cast<std::uint16_t>(files.size());
  std::string end("PK\x05\x06\0\0\0\0", 8);
  AppendInteger(end, count);
  AppendInteger(end, count);
  AppendInteger(end, static_cast<std::uint32_t>(directory.size()));
  AppendInteger(end, offset);
  return bytes + directory + end + std::string(2, '\0');
}

inline std::string EncodedValues(const std::vector<float>& values, ElementType type) {
  std::string bytes;
  for (const float value : values) {
    if (type == ElementType::kFloat32) AppendInteger(bytes, value);
    if (type == ElementType::kFloat16) AppendInteger(bytes, FloatToHalf(value));
    if (type == ElementType::kBFloat16) {
      AppendInteger(bytes, static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16));
    }
  }
  return bytes;
}

/// What follows the object in the old format: the keys, then each storage's count and values.
inline std::string OldFormat(const std::string& object,
                             const std::vector<std::pair<std::string, std::string>>& storages,
                             std::size_t bytes_per_element) {
  std::string bytes("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
  bytes += PickleWriter().Integer(1001).Stop();
  bytes += PickleWriter().Raw("}").Text("little_endian").Raw("\x88s").Stop();
  bytes += object;
  PickleWriter keys;
  keys.Raw("](");
  for (const auto& [key, values] : storages) keys.Text(key);
  bytes += keys.Raw("e").Stop();
  for (const auto& [key, values] : storages) {
    AppendInteger(bytes, static_cast<std::int64_t>(values.size() / bytes_per_element));
    bytes += values;
  }
  return bytes;
}

/// The bytes of a .pth file.
inline std::string CheckpointBytes(const TestTensors& tensors,
                                   const TestCheckpointOptions& options = {}) {
  const std::string_view storage_type = options.type == ElementType::kFloat32   ? "FloatStorage"
                                        : options.type == ElementType::kFloat16 ? "HalfStorage"
                                                                                : "BFloat16Storage";
  PickleWriter pickle;
  for (const auto& key : options.nesting) pickle.Raw("}(").Text(key);
  pickle.Name("collections", "OrderedDict").Raw(")R(");
  std::vector<std::pair<std::string, std::string>> storages;
  for (const auto& [name, tensor] : tensors) {
    const std::string key = std::to_string(storages.size());
    std::vector<std::int64_t> strides(tensor.shape.size(), 1);
    for (std::size_t i = strides.size(); i-- > 1;) strides[i - 1] = strides[i] * tensor.shape[i];
    pickle.Text(options.prefix + name)
        .Tensor(key, storage_type, static_cast<std::int64_t>(tensor.values.size()), 0, tensor.shape,
                strides, options.old_format);
    storages.emplace_back(key, EncodedValues(tensor.values, options.type));
  }
  pickle.Raw("u");
  for (std::size_t i = 0; i < options.nesting.size(); ++i) pickle.Raw("u");
  if (options.old_format) return OldFormat(pickle.Stop(), storages, BytesPerElement(options.type));
  std::vector<std::pair<std::string, std::string>> files = {{"archive/data.pkl", pickle.Stop()},
                                                            {"archive/byteorder", "little"}};
  for (auto& [key, values] : storages) files.emplace_back("archive/data/" + key, std::move(values));
  files.emplace_back("archive/version", "3\n");
  return ZipOf(files);
}

/// A GPEN network of this shape; `narrow` and `multiplier` as in the formula of the paper's code.
inline GpenDescription TestNetwork(int size, double narrow, double multiplier, int unshuffle = 1,
                                   int style_size = 512) {
  GpenDescription description;
  description.image_size = size;
  description.unshuffle = unshuffle;
  description.trunk_size = size / unshuffle;
  description.color_channels = 3 * unshuffle * unshuffle;
  description.style_size = style_size;
  description.mapping_layers = 8;
  for (int r = 4; r <= description.trunk_size; r *= 2) {
    description.channels[r] = r <= 32 ? static_cast<int>(512 * narrow)
                                      : static_cast<int>(16384.0 / r * multiplier * narrow);
  }
  return description;
}

/// Random weights for every tensor of `description`, of the size that training starts from.
inline TestTensors RandomWeights(const GpenDescription& description, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  TestTensors tensors;
  for (const auto& [name, shape] : ExpectedTensors(description)) {
    TestTensor& tensor = tensors[name];
    tensor.shape = shape;
    std::int64_t count = 1;
    for (const auto dimension : shape) count *= dimension;
    tensor.values.resize(static_cast<std::size_t>(count));
    const bool kernel = name.ends_with("kernel");
    const bool up = name.ends_with("blur.kernel") || name.ends_with("upsample.kernel");
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      constexpr float kTaps[] = {1, 3, 3, 1};
      float value = normal(generator);
      if (name.ends_with("bias")) value *= 0.1F;
      if (name.ends_with("modulation.bias")) value += 1;
      if (name.starts_with("generator.style.") && name.ends_with("weight")) value *= 100;
      tensor.values[i] = kernel ? kTaps[i / 4] * kTaps[i % 4] / (up ? 16.0F : 64.0F) : value;
    }
  }
  return tensors;
}

}  // namespace gpen::converter
