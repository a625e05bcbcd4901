// What a person chose for one call of `gpen restore`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "restore/photo_options.h"
#include "restore/photo_restorer.h"

namespace gpen::app {

struct RestoreArguments {
  std::vector<std::string> inputs;
  std::string output_file;
  std::string output_folder;
  std::string models;
  std::string save_faces;
  std::int64_t max_megapixels = 120;
  bool recursive = false;
  bool compare = false;
  bool in_place = false;
  bool no_keep_date = false;
  bool force = false;
  bool dry_run = false;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  restore::RestorerOptions restorer;
  restore::PhotoOptions options;
};

}  // namespace gpen::app
