#include "photos/placed_file.h"

#include <fcntl.h>

#include "base/file.h"

namespace gpen::photos {

Result<Descriptor> OpenPlaced(const PlacedFile& file) {
  Descriptor open(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (open.is_open()) return open;
  return Error(ErrorCode::kNotFound, "the photo is no longer there");
}

Result<std::vector<std::byte>> ReadPlaced(const PlacedFile& file, std::int64_t max_bytes) {
  GPEN_ASSIGN_OR_RETURN(const Descriptor open, OpenPlaced(file));
  return ReadOpenFile(open.get(), file.path, max_bytes);
}

}  // namespace gpen::photos
