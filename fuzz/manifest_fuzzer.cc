// Model manifests come from anywhere: parse any bytes, and what was accepted must round-trip.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "nn/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto manifest = gpen::nn::ParseManifest(text);
  if (!manifest) return 0;
  const auto again = gpen::nn::ParseManifest(gpen::nn::FormatManifest(*manifest));
  if (!again || again->name != manifest->name || again->sha256 != manifest->sha256) std::abort();
  return 0;
}
