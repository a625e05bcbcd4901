// Any bytes as a PyTorch checkpoint: opening, describing and reading every tensor must end in a
// value or an error. The bytes are also read as a bare pickle, which in an archive stands behind
// checksums.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "converter/checkpoint.h"
#include "converter/gpen_description.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gpen::converter;
  const auto bytes = std::as_bytes(std::span(data, size));
  if (const auto pickle = ReadPickle(bytes)) {
    for (const auto& node : pickle->nodes) {
      for (const auto item : node.items) {
        if (item >= pickle->nodes.size()) std::abort();
      }
    }
  }
  if (const auto checkpoint = Checkpoint::Open(FromMemory(bytes, "fuzz"))) {
    (void)DescribeGpen(*checkpoint);
    for (const auto& [name, tensor] : checkpoint->tensors()) {
      const auto values = checkpoint->ReadFloats(name);
      // No tensor may be larger than the file that holds it.
      if (values && values->size() > size) std::abort();
    }
  }
  return 0;
}
