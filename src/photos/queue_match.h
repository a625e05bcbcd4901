// Whether the queue's database and the data folder belong together.
//
// The queue says which files are whose. With a new database, or that of another folder, every file
// would look like a leftover and every result like a lost one, so nobody may begin to work then.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "photos/data_folder.h"

namespace gpen::photos {

struct QueueFile {
  std::filesystem::path file;  ///< For messages.
  std::string identity;
  bool is_empty = false;  ///< It never held a job.
};

/// Notes the queue in a folder that holds no photos or has noted none yet. Errors: kConflict where
/// the folder's photos belong to another queue: says what to do; those of reading and writing the
/// note.
Result<void> CheckQueueMatches(const DataFolder& folder, const QueueFile& queue);

/// From now on the folder belongs to this queue. Errors: those of writing the note.
Result<void> AdoptQueue(const DataFolder& folder, const QueueFile& queue);

}  // namespace gpen::photos
