// Options as JSON: what is accepted must survive its canonical form.
#include <cstdint>
#include <cstdlib>

#include "photos/photo_job.h"
#include "photos/photo_options.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  gpen::photos::PhotoOptions options;
  if (gpen::photos::SetOptionsFromJson(text, &options)) {
    const auto canonical = gpen::photos::CanonicalJson(options);
    gpen::photos::PhotoOptions again;
    if (!gpen::photos::SetOptionsFromJson(canonical, &again)) std::abort();
    if (gpen::photos::CanonicalJson(again) != canonical) std::abort();
  }
  (void)gpen::photos::ParseTask(text).has_value();
  (void)gpen::photos::ParseResult(text).has_value();
  return 0;
}
