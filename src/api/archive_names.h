// Names of files in an archive that everybody's program unpacks: within the folder where it is
// unpacked, readable, and no two alike, also for systems that do not tell capitals apart.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gpen::api {

/// The last part of `name` as UTF-8: bytes that are none are written "%E4", characters that some
/// systems refuse become "_". Never empty, "." or "..".
std::string ArchiveName(std::string_view name);

/// Tells equal names apart by " (2)". Takes time in proportion to the names, however equal they
/// are.
class DistinctNames {
 public:
  std::string Take(const std::string& name);

 private:
  std::set<std::string> taken_;                     // In lower case.
  std::unordered_map<std::string, int> next_copy_;  // By name in lower case.
};

}  // namespace gpen::api
