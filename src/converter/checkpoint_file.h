// CheckpointFile: what torch.save put into a file: a pickle, and where the values lie that it tells
// of.
//
// Knows both formats, the zip archive and the bare stream of before PyTorch 1.6; not what the
// pickle means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "converter/onnx_names.h"
#include "converter/pickle_reader.h"

namespace gpen::converter {

/// Where the values of a storage lie in the file.
struct StoragePlace {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::optional<std::uint32_t> crc32;  ///< Of all of them, where the file states it.
};
/// By the storage's key.
using StoragePlaces = std::unordered_map<std::string, StoragePlace>;

struct CheckpointFile {
  std::vector<std::byte> bytes;  ///< What the pickle's texts point into.
  Pickle pickle;
  StoragePlaces places;
  std::string format;  ///< "zip" or "pickle".
};

/// Errors: kModelInvalid (not a checkpoint, damaged, cut short, or not allowed), kUnavailable.
Result<CheckpointFile> ReadCheckpointFile(const ByteSource& source);

}  // namespace gpen::converter
