#include "converter/pickle_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace gpen::converter {

static_assert(std::endian::native == std::endian::little, "pickle fields are little-endian");

Error PickleBytes::Broken(std::string_view what) const {
  return Error(ErrorCode::kModelInvalid,
               fmt::format("damaged pickle at byte {}: {}", position_, what));
}

Result<std::string_view> PickleBytes::TakeText(std::uint64_t count) {
  if (!Has(count)) return Broken("a text ends after the pickle");
  const std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + position_,
                              static_cast<std::size_t>(count));
  position_ += text.size();
  return text;
}

Result<std::string_view> PickleBytes::TakeLine() {
  const auto rest = bytes_.subspan(position_);
  const auto end = std::find(rest.begin(), rest.end(), std::byte{'\n'});
  if (end == rest.end()) return Broken("a line has no end");
  GPEN_ASSIGN_OR_RETURN(const auto line, TakeText(static_cast<std::uint64_t>(end - rest.begin())));
  ++position_;
  return line;
}

std::int64_t SignedInteger(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  const std::size_t bits = 8 * bytes.size();
  if (bits > 0 && bits < 64 && ((value >> (bits - 1)) & 1U) != 0)
    value |= ~std::uint64_t{0} << bits;
  return static_cast<std::int64_t>(value);
}

}  // namespace gpen::converter
