// Times and peak memory of the pipeline's steps on given photos, and of the network alone.
//
//   restore_bench [--instructions NAME] [--enlarge N] [--clean N] [--repair N] PHOTO...
//
// A table: the median of each step over the runs, in milliseconds. --instructions limits our
// kernels, not the libraries, to a set of vector instructions, such as SSE4. What is done to whole
// photos is also told as a multiple of the network's time for a face, for each megapixel.
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

struct WholePhotoSteps {
  int enlarge = 1;
  int clean = 0;
  int repair = 0;

  void SetIn(gpen::restore::RestoreOptions* options) const {
    using gpen::restore::Enlargement;
    options->enlarge = enlarge == 4   ? Enlargement::k4
                       : enlarge == 2 ? Enlargement::k2
                                      : Enlargement::k1;
    options->clean = clean;
    options->repair = repair;
  }
};

void BenchPhoto(const std::filesystem::path& path, int threads, const WholePhotoSteps& steps) {
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
  steps.SetIn(&request.options);
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
  const double megapixels = 1e-6 * report.width * report.height;
  const auto in_faces = [&](double milliseconds) {
    return milliseconds / megapixels / (network / report.restored_faces());
  };
  const double repair = median(&StepTimes::repair_ms);
  const double photo = median(&StepTimes::photo_ms);
  const double ours = median(&StepTimes::detect_ms) + median(&StepTimes::align_ms) +
                      median(&StepTimes::identity_ms) + median(&StepTimes::blend_ms);
  fmt::print(
      "| {} {}x{} | {} | {} | {:.0f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.0f} | "
      "{:.1f} | {:.0f} | {:.0f} | {:.0f} | {:.0f} | {:.1f} | {:.1f} |\n",
      path.filename().string(), report.width, report.height, report.restored_faces(), threads,
      median(&StepTimes::decode_ms), median(&StepTimes::detect_ms), median(&StepTimes::align_ms),
      network, median(&StepTimes::identity_ms), median(&StepTimes::blend_ms),
      median(&StepTimes::encode_ms), ours / network, first_ms,
      static_cast<double>(gpen::PeakResidentBytes()) / (1 << 20), repair, photo, in_faces(repair),
      in_faces(photo));
}

}  // namespace

int main(int argc, char** argv) {
  std::string instructions;
  std::vector<std::string> photos;
  WholePhotoSteps steps;
  CLI::App app("Times and peak memory of the pipeline's steps");
  app.add_option("--instructions", instructions, "Set of vector instructions; else the best")
      ->check(CLI::IsMember(gpen::kernels::InstructionSets()));
  app.add_option("--enlarge", steps.enlarge, "Times as large")->check(CLI::IsMember({1, 2, 4}));
  app.add_option("--clean", steps.clean, "Percent")->check(CLI::Range(0, 100));
  app.add_option("--repair", steps.repair, "Percent")->check(CLI::Range(0, 100));
  app.add_option("photos", photos, "Photos")->required();
  CLI11_PARSE(app, argc, argv);
  gpen::kernels::UseInstructionSet(instructions);
  fmt::print(
      "| photo | faces | threads | decode | detect | align | network | identity | blend | encode "
      "| all but codec and network / network | cold first picture | peak MB | repair | clean or "
      "enlarge "
      "| faces a megapixel: repair | clean or enlarge |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (const auto& photo : photos) {
    for (const int threads : {1, 2}) {
      InOwnProcess([&] { BenchPhoto(photo, threads, steps); });
    }
  }
  return 0;
}
