#include "gpen/model_timing.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <span>
#include <vector>

#include "converter/model_check.h"
#include "nn/installed_model.h"
#include "nn/session.h"

namespace gpen::app {
namespace {

namespace fs = std::filesystem;

// What the child tells its parent through the pipe.
struct Report {
  bool good = false;
  double median_ms = 0;
  double best_ms = 0;
  ErrorCode code = ErrorCode::kModelInvalid;
  std::array<char, 1500> message = {};
};

Result<std::vector<double>> TimeRuns(const nn::Manifest& manifest, const fs::path& path,
                                     int threads, bool arena, int runs) {
  GPEN_ASSIGN_OR_RETURN(const auto session,
                        nn::LoadInstalled(manifest, path, {.threads = threads, .arena = arena}));
  const auto input = converter::TestPicture(manifest.input_size, manifest.value_range);
  std::vector<float> output(session->outputs()[0].size());
  const std::span<const float> inputs[] = {input};
  const std::span<float> outputs[] = {output};
  std::vector<double> times;
  for (int i = 0; i <= runs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    GPEN_TRY(session->Run(inputs, outputs));
    const std::chrono::duration<double, std::milli> elapsed =
        std::chrono::steady_clock::now() - start;
    if (i > 0) times.push_back(elapsed.count());
  }
  std::ranges::sort(times);
  return times;
}

[[noreturn]] void RunChild(int pipe_end, const nn::Manifest& manifest, const fs::path& path,
                           int threads, bool arena, int runs) {
  Report report;
  const auto times = TimeRuns(manifest, path, threads, arena, runs);
  if (times) {
    report.good = true;
    report.median_ms = (*times)[times->size() / 2];
    report.best_ms = times->front();
  } else {
    report.code = times.error().code();
    const std::string& message = times.error().message();
    std::memcpy(report.message.data(), message.data(),
                std::min(message.size(), report.message.size() - 1));
  }
  const ssize_t written = ::write(pipe_end, &report, sizeof report);
  ::_exit(written == sizeof report ? 0 : 1);
}

}  // namespace

Result<ModelTiming> TimeModel(const nn::Manifest& manifest, const fs::path& path, int threads,
                              bool arena, int runs) {
  std::array<int, 2> ends = {};
  if (::pipe(ends.data()) != 0) return Error(ErrorCode::kInternal, "cannot make a pipe");
  const pid_t child = ::fork();
  if (child < 0) {
    ::close(ends[0]);
    ::close(ends[1]);
    return Error(ErrorCode::kOutOfMemory, "cannot start a process to measure in");
  }
  if (child == 0) {
    ::close(ends[0]);
    RunChild(ends[1], manifest, path, threads, arena, runs);
  }
  ::close(ends[1]);
  Report report;
  ssize_t got = 0;
  do {
    got = ::read(ends[0], &report, sizeof report);
  } while (got < 0 && errno == EINTR);
  ::close(ends[0]);
  int status = 0;
  struct rusage usage = {};
  while (::wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  if (got != sizeof report) {
    return Error(
        ErrorCode::kOutOfMemory,
        fmt::format("measuring {} was stopped by the system, most likely for lack of memory",
                    manifest.name));
  }
  if (!report.good) return Error(report.code, report.message.data());
  return ModelTiming{report.median_ms, report.best_ms, std::int64_t{usage.ru_maxrss} * 1024};
}

}  // namespace gpen::app
