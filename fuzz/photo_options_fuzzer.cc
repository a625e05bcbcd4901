// Options as JSON: what is accepted must survive its canonical form.
#include <cstdint>
#include <cstdlib>

#include "photos/photo_texts.h"
#include "restore/photo_options.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  namespace restore = gpen::restore;
  restore::PhotoOptions options;
  if (restore::SetOptionsFromJson(text, restore::OptionSetter::kApi, &options)) {
    const auto canonical = restore::CanonicalJson(options);
    const auto again = restore::ParseCanonicalJson(canonical);
    if (!again || restore::CanonicalJson(*again) != canonical) std::abort();
  }
  (void)gpen::photos::ParseTask(text).has_value();
  (void)gpen::photos::ParseResult(text).has_value();
  return 0;
}
