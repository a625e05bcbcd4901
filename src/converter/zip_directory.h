// The directory of a zip archive whose entries are stored, not compressed: what PyTorch writes.
//
// Every offset and size is checked against the file before it is used. Nothing is decompressed, so
// nothing can grow. Zip64 fields are read, because PyTorch writes them always.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "converter/onnx_names.h"

namespace gpen::converter {

struct ZipEntry {
  std::string name;
  std::uint64_t offset = 0;  ///< Of its first byte in the file.
  std::uint64_t size = 0;    ///< Bytes; offset + size lies within the file.
  std::uint32_t crc32 = 0;   ///< What the archive says; compare with Crc32().
};

/// Whether the bytes begin like a zip archive (with an entry, or empty).
bool LooksLikeZip(std::span<const std::byte> first_bytes);

/// Errors: kModelInvalid (cut short, damaged, compressed, encrypted, an entry twice).
Result<std::vector<ZipEntry>> ReadZipDirectory(const ByteSource& source);

/// CRC-32 as in zip (polynomial 0xEDB88320).
std::uint32_t Crc32(std::span<const std::byte> bytes);

}  // namespace gpen::converter
