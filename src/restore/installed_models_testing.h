// Models that are installed for a test: each gives its input back.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "base/sha256.h"
#include "nn/manifest.h"

namespace gpen::restore {

// Fields of a protocol buffer.
inline std::string Varint(std::uint64_t value) {
  std::string bytes;
  for (; value > 127; value >>= 7U) bytes += static_cast<char>((value & 127U) | 128U);
  return bytes + static_cast<char>(value);
}
inline std::string Number(unsigned field, std::uint64_t value) {
  return Varint(field << 3U) + Varint(value);
}
inline std::string Text(unsigned field, const std::string& bytes) {
  return Varint((field << 3U) | 2U) + Varint(bytes.size()) + bytes;
}

inline std::string Picture(const std::string& name, int size) {
  std::string shape;
  for (const int side : {1, 3, size, size}) shape += Text(1, Number(1, side));
  return Text(1, name) + Text(2, Text(1, Number(1, 1) + Text(2, shape)));
}

// An ONNX model that gives its input back.
inline std::string IdentityModel(int size) {
  const std::string node = Text(1, "x") + Text(2, "y") + Text(4, "Identity");
  const std::string graph = Text(1, node) + Text(2, "graph") + Text(11, Picture("x", size)) +
                            Text(12, Picture("y", size));
  return Number(1, 8) + Text(7, graph) + Text(8, Text(1, "") + Number(2, 13));
}

/// Puts the model `name` into `folder`; other sizes, other checksums.
inline nn::Manifest InstallModel(const std::filesystem::path& folder, const std::string& name,
                                 int size, nn::Task task = nn::Task::kRestoration) {
  const std::string model = IdentityModel(size);
  nn::Manifest manifest;
  manifest.name = name;
  manifest.version = "7";
  manifest.file = name + ".onnx";
  manifest.sha256 = Sha256(AsBytes(model));
  manifest.input_size = size;
  manifest.task = task;
  manifest.license = "none";
  manifest.provenance = "a test";
  std::filesystem::create_directories(folder);
  EXPECT_TRUE(WriteFileAtomically(folder / manifest.file, AsBytes(model)));
  EXPECT_TRUE(
      WriteFileAtomically(folder / (name + ".json"), AsBytes(nn::FormatManifest(manifest))));
  return manifest;
}

}  // namespace gpen::restore
