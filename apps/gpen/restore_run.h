// Restores the photos of a list one after the other, and says what became of each.
#pragma once

#include "base/error_table.h"
#include "gpen/photo_list.h"
#include "gpen/restore_arguments.h"

namespace gpen::app {

/// Reports go to standard output (with `json` one object for each input), what went wrong to
/// standard error.
ExitCode RunRestoreTasks(const RestoreArguments& arguments, const PhotoList& list);

/// An error that has no photo, or that of the photo `input`, in the form that was asked for.
/// One JSON object for each of `inputs`, which all have this error.
void PrintFailures(const Error& error, const std::vector<std::string>& inputs);

void ComplainAbout(const Error& error, const std::string& input, bool json);

}  // namespace gpen::app
