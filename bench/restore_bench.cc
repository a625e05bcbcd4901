// Times and peak memory of the pipeline's steps on given photos, and of the network alone.
//
//   restore_bench [--instructions NAME] PHOTO...
//
// A table: the median of each step over the runs, in milliseconds. --instructions limits our
// kernels, not the libraries, to a set of vector instructions, such as SSE4.
//
// Each photo runs in a process of its own, so that its peak memory is its own. See bench/README.md.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "base/file.h"
#include "base/source_folder.h"
#include "kernels/instructions.h"
#include "restore/photo_restorer.h"

namespace {

using gpen::restore::StepTimes;
using Clock = std::chrono::steady_clock;

constexpr int kRuns = 7;

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

void InOwnProcess(const std::function<void()>& work) {
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    std::fflush(stdout);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
}

void BenchPhoto(const std::filesystem::path& path, int threads) {
  const auto start = Clock::now();
  gpen::restore::RestorerOptions options;
  options.models_folder = gpen::SourceFolder() / "models";
  options.threads = threads;
  const auto restorer = gpen::restore::PhotoRestorer::Create(options);
  const auto bytes = gpen::ReadFile(path, std::int64_t{1} << 30);
  if (!restorer || !bytes) {
    fmt::print("{}: {}\n", path.string(), (restorer ? bytes.error() : restorer.error()).message());
    return;
  }
  gpen::restore::RestoreRequest request;
  request.name = path.string();
  request.file = *bytes;
  double first_ms = 0;
  std::vector<StepTimes> runs;
  gpen::restore::PhotoReport report;
  for (int i = 0; i < kRuns; ++i) {
    auto restored = (*restorer)->Restore(request);
    if (!restored) return void(fmt::print("{}: {}\n", path.string(), restored.error().message()));
    if (i == 0) first_ms = MillisecondsSince(start);
    runs.push_back(restored->report.times);
    report = std::move(restored->report);
  }
  const auto median = [&](double StepTimes::*step) {
    std::vector<double> values;
    for (const auto& run : runs) values.push_back(run.*step);
    return Median(std::move(values));
  };
  const double network = median(&StepTimes::network_ms);
  const double ours = median(&StepTimes::detect_ms) + median(&StepTimes::align_ms) +
                      median(&StepTimes::identity_ms) + median(&StepTimes::blend_ms);
  fmt::print(
      "| {} {}x{} | {} | {} | {:.0f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.0f} | "
      "{:.1f} | {:.0f} | {:.0f} |\n",
      path.filename().string(), report.width, report.height, report.restored_faces(), threads,
      median(&StepTimes::decode_ms), median(&StepTimes::detect_ms), median(&StepTimes::align_ms),
      network, median(&StepTimes::identity_ms), median(&StepTimes::blend_ms),
      median(&StepTimes::encode_ms), ours / network, first_ms,
      static_cast<double>(gpen::PeakResidentBytes()) / (1 << 20));
}

}  // namespace

int main(int argc, char** argv) {
  std::string instructions;
  std::vector<std::string> photos;
  CLI::App app("Times and peak memory of the pipeline's steps");
  app.add_option("--instructions", instructions, "Set of vector instructions; else the best")
      ->check(CLI::IsMember(gpen::kernels::InstructionSets()));
  app.add_option("photos", photos, "Photos")->required();
  CLI11_PARSE(app, argc, argv);
  gpen::kernels::UseInstructionSet(instructions);
  fmt::print(
      "| photo | faces | threads | decode | detect | align | network | identity | blend | encode "
      "| all but codec and network / network | cold first picture | peak MB |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (const auto& photo : photos) {
    for (const int threads : {1, 2}) {
      InOwnProcess([&] { BenchPhoto(photo, threads); });
    }
  }
  return 0;
}
