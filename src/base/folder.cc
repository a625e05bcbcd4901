#include "base/folder.h"

namespace gpen {

namespace fs = std::filesystem;

std::vector<fs::directory_entry> EntriesOf(const fs::path& folder, std::error_code& error) {
  std::vector<fs::directory_entry> entries;
  fs::directory_iterator entry(folder, error);
  while (!error && entry != fs::directory_iterator()) {
    entries.push_back(*entry);
    entry.increment(error);
  }
  return entries;
}

std::vector<fs::directory_entry> EntriesOf(const fs::path& folder) {
  std::error_code ignored;
  return EntriesOf(folder, ignored);
}

}  // namespace gpen
