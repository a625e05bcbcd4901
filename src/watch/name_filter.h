// NameFilter: which names in a watched folder are photos to look at, and which folders are entered.
//
// Left out: hidden and partial files (also the temporary names of Samba, rsync, Syncthing, browsers
// and office programs), the system folders of NAS makers, and photo programs' libraries. Names are
// bytes: any encoding.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gpen::watch {

class NameFilter {
 public:
  /// `skipped` are patterns of fnmatch(3) for names of files and folders, in either case.
  explicit NameFilter(std::vector<std::string> skipped = {}) : skipped_(std::move(skipped)) {}

  bool IsPhoto(std::string_view name) const;
  bool EntersFolder(std::string_view name) const;

 private:
  bool IsSkipped(std::string_view name) const;

  std::vector<std::string> skipped_;
};

}  // namespace gpen::watch
