// PublicText: what clients may read of a message: where our folders lie on the disk is nobody's
// business but the owner's, who reads the log. Immutable.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace gpen::api {

class PublicText {
 public:
  struct Folder {
    std::filesystem::path path;  ///< Absolute.
    std::string name;            ///< "the data folder"
  };

  /// A folder within another is named by its own name.
  explicit PublicText(std::vector<Folder> folders);

  /// `text` with the folders' names in place of their paths; what lies in them is named by its
  /// place there.
  std::string Of(std::string text) const;

 private:
  std::vector<std::pair<std::string, std::string>> names_;  // By path, the longest first.
};

/// `message` as clients may read it; where `text` is null, all of it.
std::string PublicOf(const PublicText* text, std::string message);

}  // namespace gpen::api
