// FolderView: what people are shown of one watched folder.
#pragma once

#include <string>

#include "watch/ledger.h"

namespace gpen::watch {

struct FolderView {
  std::string name;
  std::string path;
  std::string output;
  std::string state;    ///< A FolderState's name, or "held": nothing is handed to the queue now.
  std::string message;  ///< What a person should know; empty if all is well.
  FolderCounts counts;
};

}  // namespace gpen::watch
