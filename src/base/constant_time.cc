#include "base/constant_time.h"

#include "base/file.h"
#include "base/sha256.h"

namespace gpen {

bool EqualInConstantTime(std::string_view a, std::string_view b) {
  // Digests have one length, and equal prefixes of them say nothing about the texts.
  const auto first = Sha256(AsBytes(a));
  const auto second = Sha256(AsBytes(b));
  unsigned difference = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    difference |= static_cast<unsigned>(first[i] ^ second[i]);
  }
  return difference == 0;
}

}  // namespace gpen
