// Checkpoint: the named tensors of a PyTorch file, read without executing it.
//
// Both formats of torch.save are understood: the zip archive, and the bare pickle stream before
// PyTorch 1.6. Opening reads the directory and the pickle and checks every tensor against its
// storage; values are read from the file tensor by tensor. Reading is thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "converter/onnx_names.h"
#include "converter/pickle_reader.h"

namespace gpen::converter {

/// Where a tensor's values are in the file. Strides are in elements.
struct CheckpointTensor {
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
  ElementType type = ElementType::kFloat32;
  std::uint64_t byte_offset = 0;   ///< Of the tensor's first value in the file.
  std::uint64_t window_bytes = 0;  ///< From the first to the last value.
  std::int64_t element_count = 0;
  bool has_checksum = false;  ///< The window is a whole zip entry, with its CRC-32.
  std::uint32_t crc32 = 0;
};

class Checkpoint {
 public:
  /// Errors: kModelMissing, kModelInvalid (not a checkpoint, damaged, cut short, or not allowed).
  static Result<Checkpoint> Open(const std::filesystem::path& path);
  static Result<Checkpoint> Open(std::unique_ptr<ByteSource> source);

  /// By name, in order of the alphabet. Of a nested checkpoint these are the tensors of the chosen
  /// part; names are as in the file, without a prefix such as "module.".
  const std::map<std::string, CheckpointTensor>& tensors() const { return tensors_; }

  /// "g_ema" where the weights were nested under that key, else "".
  const std::string& nested_under() const { return nested_under_; }
  /// "zip" or "pickle".
  const std::string& format() const { return format_; }
  const std::string& file_name() const { return source_->name(); }

  /// The values of tensor `name` in row-major order, as float.
  ///
  /// Errors: kNotFound, kModelInvalid (damaged values; a type that is no floating point; NaN or
  /// infinity), kUnavailable.
  Result<std::vector<float>> ReadFloats(const std::string& name) const;

 private:
  Checkpoint() = default;

  std::unique_ptr<ByteSource> source_;
  std::map<std::string, CheckpointTensor> tensors_;
  std::string nested_under_;
  std::string format_;
};

}  // namespace gpen::converter
