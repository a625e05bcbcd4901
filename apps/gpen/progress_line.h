// What a person sees while photos are worked on: one line that renews itself on a terminal, nothing
// elsewhere (there every finished photo prints its own lines).
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace gpen::app {

class ProgressLine {
 public:
  /// `total` photos are to be done. Draws only where standard error is a terminal.
  explicit ProgressLine(std::size_t total);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Draws the line for `done` finished photos, now at `name`.
  void Show(std::size_t done, const std::string& name);

  /// Removes the line, so that other text can be printed.
  void Clear();

 private:
  std::size_t total_;
  bool enabled_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// "[#####.....]  50% 5/10, 0.8 photos/s, 0:06 left, NAME", cut to `columns` characters.
std::string ProgressText(std::size_t done, std::size_t total, double seconds,
                         const std::string& name, std::size_t columns);

}  // namespace gpen::app
