#include "photos/photo_result.h"

namespace gpen::photos {

std::string AddressOf(const PhotoResult& result) {
  if (const auto* stored = std::get_if<StoredResult>(&result.place)) {
    return "/outputs/" + stored->file;
  }
  return std::get<ExternalResult>(result.place).path;
}

}  // namespace gpen::photos
