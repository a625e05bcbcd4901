#include "photos/queue_match.h"

#include <fmt/format.h>

#include "base/file.h"
#include "photos/stored_file.h"

namespace gpen::photos {
namespace {

constexpr std::int64_t kMostBytes = 256;

constexpr std::string_view kWayOut =
    "Nothing was changed. Either put the right database there (data.database says where it is "
    "looked "
    "for), or take a copy of it ('gpen data list' shows which there are, 'gpen data restore' takes "
    "one), or let 'gpen data repair' hand the uploads in again and set aside what else is unknown";

// Empty where none was noted.
Result<std::string> ReadNote(const DataFolder& folder) {
  const auto bytes = ReadFile(folder.queue_identity(), kMostBytes);
  if (!bytes && bytes.error().code() == ErrorCode::kNotFound) return std::string();
  if (!bytes) return bytes.error();
  const auto text = AsText(*bytes);
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

Result<void> CheckQueueMatches(const DataFolder& folder, const QueueFile& queue) {
  GPEN_ASSIGN_OR_RETURN(const auto noted, ReadNote(folder));
  if (noted == queue.identity) return {};
  const auto photos = folder.CountPhotos();
  // A folder of a version that noted none belongs to the queue that has its jobs.
  const bool is_its_own = noted.empty() && !queue.is_empty;
  if (photos == 0 || is_its_own) return AdoptQueue(folder, queue);
  return Error(
      ErrorCode::kConflict,
      fmt::format(
          "the data folder {} holds {} files of photos, but the database {} {}. {}",
          folder.root().string(), photos, queue.file.string(),
          queue.is_empty ? "is new and knows nothing of them" : "belongs to another data folder",
          kWayOut));
}

Result<void> AdoptQueue(const DataFolder& folder, const QueueFile& queue) {
  return WritePrivately(folder.queue_identity(), AsBytes(queue.identity + "\n"));
}

}  // namespace gpen::photos
