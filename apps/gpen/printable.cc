#include "gpen/printable.h"

#include <cstddef>

namespace gpen::app {

std::string Printable(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F, as two bytes.
    const bool is_long = byte == 0xC2U && i + 1 < text.size() &&
                         (static_cast<unsigned char>(text[i + 1]) & 0xE0U) == 0x80U;
    const bool is_control = (byte < 0x20U && byte != '\n') || byte == 0x7FU || is_long;
    shown += is_control ? '?' : text[i];
    if (is_long) ++i;
  }
  return shown;
}

}  // namespace gpen::app
