// Any bytes as an ONNX file: reading it and every weight, and writing it again, must end in a
// value or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "onnx/onnx_reader.h"
#include "onnx/onnx_writer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gpen::onnx;
  const auto model = ReadModel(FromMemory(std::as_bytes(std::span(data, size)), "fuzz"));
  if (!model) return 0;
  for (const auto& [name, initializer] : model->initializers) {
    const auto values = initializer.read();
    // No tensor may be larger than the file that holds it.
    if (values && values->size() > size) std::abort();
  }
  (void)ModelBytes(*model);
  return 0;
}
