// What commands that look through photos have in common: the photos, the models, the threads.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "gpen/photo_list.h"

namespace gpen::app {

struct PhotoInputs {
  std::vector<std::string> names;  ///< Photos, and folders of photos.
  bool recursive = false;
  std::string models;  ///< Empty: where nn::FindModelsFolder looks.
  int threads = 1;
};

/// Adds the arguments and flags; the threads are by default as many as there are CPUs. `inputs`
/// must live as long as the command.
void AddPhotoInputs(CLI::App* command, PhotoInputs* inputs);

/// The photos that are named, results of ours too: nothing is written beside them. Errors: those of
/// ListPhotos.
Result<std::vector<PhotoTask>> ListInputs(const PhotoInputs& inputs);

}  // namespace gpen::app
