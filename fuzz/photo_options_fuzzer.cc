// Options as JSON: what is accepted must survive its canonical form.
#include <cstdint>
#include <cstdlib>

#include "service/photo_job.h"
#include "service/photo_options.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  gpen::service::PhotoOptions options;
  if (gpen::service::SetOptionsFromJson(text, &options)) {
    const auto canonical = gpen::service::CanonicalJson(options);
    gpen::service::PhotoOptions again;
    if (!gpen::service::SetOptionsFromJson(canonical, &again)) std::abort();
    if (gpen::service::CanonicalJson(again) != canonical) std::abort();
  }
  (void)gpen::service::ParseTask(text).has_value();
  (void)gpen::service::ParseResult(text).has_value();
  return 0;
}
