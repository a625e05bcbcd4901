// What a person may have meant who called `gpen` with something that is no command.
#pragma once

#include <string>
#include <vector>

namespace gpen::app {

/// The command whose name is at most two typing errors away; empty where none is.
std::string NearestCommand(const std::string& word, const std::vector<std::string>& commands);

/// Advice for a first argument that is no command: "gpen photo.jpg", "gpen restor photo.jpg". Empty
/// where it is one, or an option.
std::string AdviceFor(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& commands);

}  // namespace gpen::app
