// Parcels of other machines: whatever comes is refused, or is the same after it was sent again.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "remote/photo_parcel.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = gpen::remote::ParseParcel(std::as_bytes(std::span(data, size)));
  if (!read) return 0;
  const auto again = gpen::remote::ParseParcel(gpen::remote::FormatParcel(*read));
  if (!again || again->file != read->file || again->faces != read->faces ||
      again->report.size() < read->report.size()) {
    std::abort();
  }
  return 0;
}
