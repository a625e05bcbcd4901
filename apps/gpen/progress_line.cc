#include "gpen/progress_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace gpen::app {
namespace {

std::size_t TerminalColumns() {
  winsize size = {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

// The first `length` bytes of `text`, without half a UTF-8 character at the end.
std::string Cut(const std::string& text, std::size_t length) {
  if (text.size() <= length) return text;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
  return text.substr(0, length);
}

}  // namespace

std::string ProgressText(std::size_t done, std::size_t total, double seconds,
                         const std::string& name, std::size_t columns) {
  constexpr std::size_t kBar = 20;
  const double part = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 1;
  const auto filled = static_cast<std::size_t>(part * kBar);
  std::string text = fmt::format("[{}{}] {:3.0f}% {}/{}", std::string(filled, '#'),
                                 std::string(kBar - filled, '.'), part * 100, done, total);
  if (done > 0 && seconds > 0) {
    const double rate = static_cast<double>(done) / seconds;
    const auto left = static_cast<long>(static_cast<double>(total - done) / rate + 0.5);
    text += fmt::format(", {:.2g} photos/s, {}:{:02} left", rate, left / 60, left % 60);
  }
  return Cut(text + ", " + name, columns > 0 ? columns - 1 : 0);
}

ProgressLine::ProgressLine(std::size_t total)
    : total_(total), enabled_(total > 1 && ::isatty(STDERR_FILENO) != 0) {}

ProgressLine::~ProgressLine() { Clear(); }

void ProgressLine::Show(std::size_t done, const std::string& name) {
  if (!enabled_) return;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
  fmt::print(stderr, "\r\033[K{}",
             ProgressText(done, total_, seconds.count(), name, TerminalColumns()));
  std::fflush(stderr);
}

void ProgressLine::Clear() {
  if (enabled_) fmt::print(stderr, "\r\033[K");
}

}  // namespace gpen::app
