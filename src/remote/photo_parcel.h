// PhotoParcel: all that a machine made of a photo for another one, as one file: the result, the
// report, the faces for blending again, the small pictures for the page. What is read may come from
// anybody who can write where parcels are put.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "restore/photo_work.h"

namespace gpen::remote {

/// `files`, whose figures follow from the report.
std::vector<std::byte> FormatParcel(const restore::RestoredFiles& files);

/// Errors: kInternal (no parcel, or not whole).
Result<restore::RestoredFiles> ParseParcel(std::span<const std::byte> bytes);

}  // namespace gpen::remote
